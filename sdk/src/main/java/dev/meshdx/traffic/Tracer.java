package dev.meshdx.traffic;

import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.source.Session;

/**
 * Says which way a request goes through a proxy, from the proxy's configuration, as Envoy itself would decide. Pure: no I/O,
 * no clock. Safe for use by several threads.
 */
public final class Tracer {
    private Tracer() {}

    /** Traces a request through a proxy's configuration. */
    public static Trace trace(ConfigDump dump, HttpRequest request) {
        return new Walk(dump, request).run();
    }

    /**
     * Asks a proxy for its configuration, once a session, and traces a request through it.
     *
     * @throws dev.meshdx.error.MeshException if the proxy cannot be asked
     */
    @Internal
    public static Trace trace(Session session, String namespace, String pod, HttpRequest request) {
        ConfigDump dump = ConfigDump.read(session, namespace, pod);
        if (!dump.isWholeForRouting()) {
            // Half of the routes would give a wrong answer, not half of one.
            throw new MeshProtocolException("The configuration of " + namespace + "/" + pod + " is not complete: "
                    + dump.problem().map(Inconclusive::message).orElse("it has no listeners."));
        }
        return trace(dump, request);
    }
}
