package dev.meshdx.envoy;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.admin.AdminReader;
import dev.meshdx.envoy.admin.InitDump;
import dev.meshdx.envoy.admin.ListenersStatus;
import dev.meshdx.envoy.admin.LoadedCertificates;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.Memory;
import dev.meshdx.envoy.admin.ServerInfo;
import dev.meshdx.envoy.admin.Stats;
import dev.meshdx.error.MeshException;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * The Envoy of one pod. Navigating does no I/O; each question asks the proxy's admin interface through a tunnel, and reads
 * only. Safe for use by several threads.
 *
 * <p>A question about one section asks for this section ({@code ?mask=}) when its result is wanted, and for the names that its
 * filters leave ({@code &name_regex=}): {@code clusters().toService("reviews.production").all()} sends a few clusters, not all.
 * Envoy builds these answers on its main thread, so this spares the proxy too. For several questions about one moment ask once
 * for {@link #configDump()} and look at that.
 *
 * <p>Results throw a {@link MeshException} if the proxy cannot be asked: the pod does not exist or runs no Envoy, the port does
 * not answer, or the caller may not forward ports.
 */
@CheckReturnValue
public final class EnvoyProxy implements EnvoyConfiguration {
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

    private Dump dump() {
        return new ProxyDump(sessions, namespace, pod, false);
    }

    /** Everything that the proxy received, its endpoints too, as of now. Costs one {@code /config_dump?include_eds}. */
    public ConfigDump configDump() {
        return ConfigDump.read(sessions.get(), namespace, pod);
    }

    @Override
    public Clusters clusters() {
        return new Clusters(dump());
    }

    @Override
    public Listeners listeners() {
        return new Listeners(dump());
    }

    @Override
    public Routes routes() {
        return new Routes(dump());
    }

    /** The hosts of its clusters with their health, from {@code /clusters?format=json}. */
    @Override
    public Endpoints endpoints() {
        return new Endpoints(new ProxyDump(sessions, namespace, pod, true));
    }

    /**
     * The hosts of its clusters as the control plane sent them (EDS), with locality, priority and metadata. What the proxy
     * found out about their health is in {@link #endpoints()}.
     */
    public Endpoints assignedEndpoints() {
        return new Endpoints(dump());
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
        return new Secrets(dump(), sessions.get().now());
    }

    @Override
    public Secrets secrets(Instant at) {
        return new Secrets(dump(), at);
    }

    /** What it was started with. Asks at once. */
    @Override
    public Bootstrap bootstrap() {
        return ConfigDump.bootstrap(dump());
    }

    @Override
    public Extensions extensions() {
        return new Extensions(dump());
    }

    private AdminReader admin() {
        return new AdminReader(sessions.get(), namespace, pod);
    }

    /** All of its statistics, from {@code /stats}; with a filter it costs the proxy less. */
    public Stats stats() {
        return admin().stats("", false);
    }

    /** Those of its statistics whose name an expression (RE2) is found in: {@code outbound\|9080\|}. */
    public Stats stats(String filter) {
        return admin().stats(filter, false);
    }

    /** As {@link #stats(String)}, without those that were never written. */
    public Stats usedStats(String filter) {
        return admin().stats(filter, true);
    }

    /** How much each part of it writes into its log, from {@code /logging}; nothing is changed. */
    public LogLevels logLevels() {
        return admin().logLevels();
    }

    /** Which Envoy runs, since when, and with which options, from {@code /server_info}. */
    public ServerInfo serverInfo() {
        return admin().serverInfo();
    }

    /** Its memory, from {@code /memory}. */
    public Memory memory() {
        return admin().memory();
    }

    /** The certificates that it has loaded, from {@code /certs}, judged at the time of the recording or now. */
    public LoadedCertificates certificates() {
        return certificates(sessions.get(), namespace, pod);
    }

    /** The certificates that a proxy has loaded, read once a session. */
    @Internal
    public static LoadedCertificates certificates(Session session, String namespace, String pod) {
        return new AdminReader(session, namespace, pod).certificates();
    }

    /** The listeners with the addresses that they are really bound to, from {@code /listeners}. */
    public ListenersStatus listenersStatus() {
        return listenersStatus(sessions.get(), namespace, pod);
    }

    /** The listeners of a proxy's process, read once a session. */
    @Internal
    public static ListenersStatus listenersStatus(Session session, String namespace, String pod) {
        return new AdminReader(session, namespace, pod).listenersStatus();
    }

    /** What its start still waits for, from {@code /init_dump}. */
    public InitDump initDump() {
        return admin().initDump();
    }

    /** Which proxy it is. */
    @Override
    public String toString() {
        return "proxy of " + namespace + "/" + pod;
    }
}
