package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as Envoy holds it when it looks for a route, and when its filters decide. Not for use by several threads.
 */
public final class RoutedRequest {
    private final Headers headers;
    private final String path;
    private final boolean clientCertificate;
    private final Json metadata;
    private String withoutParameters = "";
    private String variedPath = "";
    private @Nullable List<Paths.Variation> variations;

    /**
     * A request.
     *
     * @param clientCertificate whether the client showed a certificate
     * @param metadata what filters found out, by their names; missing where nothing is known
     */
    public RoutedRequest(Headers headers, boolean clientCertificate, Json metadata) {
        this.headers = headers;
        this.path = Paths.plain(headers.path());
        this.clientCertificate = clientCertificate;
        this.metadata = metadata;
    }

    /** Its headers, the pseudo headers among them. */
    public Headers headers() {
        return headers;
    }

    /** Its path without query and fragment. */
    public String path() {
        return path;
    }

    /** The same without {@code ;…} in the segments. */
    public String pathWithoutParameters() {
        if (withoutParameters.isEmpty()) {
            withoutParameters = path.indexOf(';') < 0 ? path : Paths.withoutParameters(path);
        }
        return withoutParameters;
    }

    /** Paths that may have been meant, kept for the next route that explains why it did not take the request. */
    List<Paths.Variation> variations(String asked) {
        List<Paths.Variation> known = variations;
        if (known == null || !variedPath.equals(asked)) {
            known = Paths.variations(asked);
            variedPath = asked;
            variations = known;
        }
        return known;
    }

    /** Whether the client showed a certificate. */
    public boolean clientCertificate() {
        return clientCertificate;
    }

    /** What filters found out (dynamic metadata), by the filters' names. */
    public Json metadata() {
        return metadata;
    }
}
