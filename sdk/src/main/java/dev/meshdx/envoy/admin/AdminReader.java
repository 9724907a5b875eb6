package dev.meshdx.envoy.admin;

import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.internal.AdminPage;
import dev.meshdx.error.MeshException;
import dev.meshdx.source.BodyReader;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.io.BufferedInputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Asks a proxy for the smaller pages of its admin interface, each once a session, and nothing that changes anything.
 *
 * <p>All throw a {@link MeshException} if the proxy cannot be asked or has no such page.
 */
@Internal
public final class AdminReader {
    private final Session session;
    private final String namespace;
    private final String pod;

    /** The pages of one proxy. */
    public AdminReader(Session session, String namespace, String pod) {
        this.session = session;
        this.namespace = namespace;
        this.pod = pod;
    }

    private <T> T get(String path, BodyReader<T> reader) {
        return session.fetch(PodRequest.envoy(namespace, pod, path), reader);
    }

    /** Statistics by name; of all, or of those that were ever written. */
    public Stats stats(String filter, boolean usedOnly) {
        Stats.pattern(filter);
        String query = (usedOnly ? "&usedonly" : "")
                + (filter.isEmpty()
                        ? ""
                        : "&filter="
                                + URLEncoder.encode(filter, StandardCharsets.UTF_8)
                                        .replace("+", "%20"));
        Optional<Stats> json = get("/stats?format=json" + query, body -> {
            BufferedInputStream in = AdminPage.buffered(body);
            return AdminPage.form(in) == AdminPage.Form.HTML ? Optional.empty() : Optional.of(Stats.parse(in, filter));
        });
        // A web page instead of JSON: perhaps the text is to be had.
        return json.orElseGet(() -> get("/stats" + query.replaceFirst("&", "?"), body -> Stats.parse(body, filter)));
    }

    /** The log levels. */
    public LogLevels logLevels() {
        // Without a parameter it changes nothing; Envoy insists on POST all the same.
        return session.fetch(
                new PodRequest(namespace, pod, PodRequest.ENVOY_ADMIN, "POST", "/logging"), LogLevels::parse);
    }

    /** The process. */
    public ServerInfo serverInfo() {
        return get("/server_info", ServerInfo::parse);
    }

    /** Its memory. */
    public Memory memory() {
        return get("/memory", Memory::parse);
    }

    /** The certificates that it loaded. */
    public LoadedCertificates certificates() {
        return get("/certs", body -> LoadedCertificates.parse(body, session.now()));
    }

    /** What its listeners are bound to. */
    public ListenersStatus listenersStatus() {
        return get("/listeners?format=json", ListenersStatus::parse);
    }

    /** What its start waits for. */
    public InitDump initDump() {
        return get("/init_dump", InitDump::parse);
    }
}
