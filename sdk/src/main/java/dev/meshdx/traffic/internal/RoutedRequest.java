package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;

/**
 * A request as Envoy holds it when it looks for a route, and when its filters decide. Not for use by several threads.
 */
public final class RoutedRequest {
    private final Headers headers;
    private final String path;
    private final boolean clientCertificate;
    private final Json metadata;
    private String withoutParameters = "";

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

    /** Whether the client showed a certificate. */
    public boolean clientCertificate() {
        return clientCertificate;
    }

    /** What filters found out (dynamic metadata), by the filters' names. */
    public Json metadata() {
        return metadata;
    }
}
