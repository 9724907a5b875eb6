package dev.meshdx.envoy;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.error.MeshException;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.util.function.Supplier;

/**
 * The Envoy of one pod. Navigating does no I/O; each question asks the proxy's admin interface through a tunnel, and reads
 * only. Safe for use by several threads.
 *
 * <p>All questions but {@link #endpoints()} cost one {@code /config_dump?include_eds}, which Envoy builds on its main thread:
 * on a large mesh ask once for {@link #configDump()} and look at that.
 *
 * <p>Every question throws a {@link MeshException} if the proxy cannot be asked: the pod does not exist or runs no Envoy, the
 * port does not answer, or the caller may not forward ports.
 */
@CheckReturnValue
public final class EnvoyProxy {
    private final Supplier<Session> sessions;
    private final String namespace;
    private final String pod;

    /** A proxy; users get it from a pod of the mesh. */
    @Internal
    public EnvoyProxy(Supplier<Session> sessions, String namespace, String pod) {
        this.sessions = sessions;
        this.namespace = namespace;
        this.pod = pod;
    }

    /** Everything that the proxy received. */
    public ConfigDump configDump() {
        return ConfigDump.read(sessions.get(), namespace, pod);
    }

    /** Its clusters: those in use, those that wait, those that were refused. */
    public Clusters clusters() {
        return configDump().clusters();
    }

    /** Its listeners. */
    public Listeners listeners() {
        return configDump().listeners();
    }

    /** Its route configurations. */
    public Routes routes() {
        return configDump().routes();
    }

    /** The hosts of its clusters with their health, from {@code /clusters?format=json}. */
    public Endpoints endpoints() {
        return endpoints(sessions.get(), namespace, pod);
    }

    /**
     * The hosts of a proxy's clusters, read once a session.
     *
     * @throws MeshException if the proxy cannot be asked
     */
    @Internal
    public static Endpoints endpoints(Session session, String namespace, String pod) {
        return session.fetch(statusRequest(namespace, pod), ConfigDump::parse).endpoints();
    }

    static PodRequest statusRequest(String namespace, String pod) {
        return PodRequest.envoy(namespace, pod, "/clusters?format=json");
    }

    /** Its secrets, judged at the time of the recording or now. */
    public Secrets secrets() {
        Session session = sessions.get();
        return ConfigDump.read(session, namespace, pod).secrets(session.now());
    }

    /** What it was started with. */
    public Bootstrap bootstrap() {
        return configDump().bootstrap();
    }

    /** The filters that were delivered to it by themselves. */
    public Extensions extensions() {
        return configDump().extensions();
    }

    /**
     * What a resource turned into here, and where that is nothing, why: {@code exportTo}, a Sidecar, the list of gateways,
     * the protocol of a port and so on. Costs one config dump, and a list of each kind that can stand in the way.
     *
     * @param kind any kind of Istio, a Service, or a kind of the Gateway API
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such resource, and nothing here came from it
     */
    public GeneratedConfiguration generatedFrom(ResourceKind kind, String namespace, String name) {
        return GeneratedReader.read(sessions.get(), ResourceRef.of("Pod", this.namespace, pod), kind, namespace, name);
    }

    /** Which proxy it is. */
    @Override
    public String toString() {
        return "proxy of " + namespace + "/" + pod;
    }
}
