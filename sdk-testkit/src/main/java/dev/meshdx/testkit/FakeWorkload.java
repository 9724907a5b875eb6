package dev.meshdx.testkit;

import dev.meshdx.testkit.internal.mesh.WorkloadSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import okio.ByteString;

/**
 * A workload of a fake mesh under construction: what it is, and what is wrong with it. By default it has one ready replica, the
 * label {@code app=NAME} and a service account of its own, and gets a sidecar where its namespace is injected. Used by one
 * thread.
 */
public final class FakeWorkload {
    private final WorkloadSpec spec;

    FakeWorkload(WorkloadSpec spec) {
        this.spec = spec;
    }

    /** The label {@code app}, where it differs from the workload's name. */
    public FakeWorkload app(String app) {
        return label("app", app);
    }

    /** The label {@code version}. */
    public FakeWorkload version(String version) {
        return label("version", version);
    }

    /** A label of the pods. */
    public FakeWorkload label(String name, String value) {
        spec.labels.put(name, value);
        return this;
    }

    /** An annotation of the pods. */
    public FakeWorkload annotation(String name, String value) {
        spec.annotations.put(name, value);
        return this;
    }

    /** The service account, where it is not named like the workload. */
    public FakeWorkload serviceAccount(String name) {
        spec.serviceAccount = name;
        return this;
    }

    /** A port on which the application listens. */
    public FakeWorkload port(String name, int port) {
        spec.ports.add(new WorkloadSpec.Port(name, port));
        return this;
    }

    /** How many pods. */
    public FakeWorkload replicas(int replicas) {
        if (replicas < 0) {
            throw new IllegalArgumentException("A workload cannot have " + replicas + " replicas");
        }
        spec.replicas = replicas;
        return this;
    }

    /** With a sidecar, whatever its namespace says. */
    public FakeWorkload sidecar() {
        spec.sidecar = true;
        return this;
    }

    /** With a sidecar that is an init container with {@code restartPolicy: Always}. Source: Kubernetes, "Sidecar Containers". */
    public FakeWorkload nativeSidecar() {
        spec.sidecar = true;
        spec.nativeSidecar = true;
        return this;
    }

    /** Without a sidecar, whatever its namespace says. */
    public FakeWorkload noSidecar() {
        spec.sidecar = false;
        return this;
    }

    /** A gateway: its pods run a proxy and nothing else, and carry the label {@code istio=NAME} unless it is set. */
    public FakeWorkload gateway() {
        spec.gateway = true;
        spec.sidecar = true;
        spec.labels.putIfAbsent("istio", spec.name);
        return this;
    }

    /** The proxies run another version than the control plane. */
    public FakeWorkload proxyVersion(String version) {
        spec.proxyVersion = version;
        return this;
    }

    /** The application's readiness probe fails: the pods have no part in their services. */
    public FakeWorkload notReady() {
        spec.notReady = true;
        return this;
    }

    /** The application does not start: its container waits for this reason, such as {@code CrashLoopBackOff}. */
    public FakeWorkload down(String reason) {
        spec.waiting = reason;
        spec.notReady = true;
        return this;
    }

    /** The application is ready but does not listen on its ports. */
    public FakeWorkload portClosed() {
        spec.portClosed = true;
        return this;
    }

    /** The proxies' certificates expired this long ago and were not renewed. */
    public FakeWorkload certificateExpired(Duration ago) {
        spec.certificateExpired = ago;
        return this;
    }

    /** The proxies hold certificate and root of another CA than the rest of the mesh. */
    public FakeWorkload otherRoot() {
        spec.otherRoot = true;
        return this;
    }

    /**
     * The proxies lost istiod without istiod noticing: they keep what they had, and do not acknowledge what was pushed since
     * (see {@link FakeMeshBuilder#change}).
     */
    public FakeWorkload stale() {
        spec.stale = true;
        return this;
    }

    /** The proxies reject the last push of listeners and keep the old ones. The reason is Envoy's text. */
    public FakeWorkload rejectsListeners(String reason) {
        spec.rejected = reason;
        return this;
    }

    /**
     * The proxies refuse an update of one listener and keep the old one, if they had one.
     *
     * @param listener such as {@code 0.0.0.0_9080} or {@code virtualInbound}
     * @param reason Envoy's text
     */
    public FakeWorkload rejectsListener(String listener, String reason) {
        spec.rejectedListeners.put(listener, reason);
        return this;
    }

    /**
     * The proxies refuse an update of one cluster and keep the old one. As with a real Envoy the config dump shows nothing of
     * it; the statistics, the log of the proxy, and istiod do.
     *
     * @param cluster such as {@code outbound|9080||reviews.production.svc.cluster.local}
     * @param reason Envoy's text
     */
    public FakeWorkload rejectsCluster(String cluster, String reason) {
        spec.rejectedClusters.put(cluster, reason);
        return this;
    }

    /** A cluster or listener of the proxies, by name, still waits for something that it needs, and is not in use. */
    public FakeWorkload warming(String clusterOrListener) {
        spec.warming.add(clusterOrListener);
        return this;
    }

    /** A listener of the proxies, by name, was changed a moment ago; connections of the old one are still being ended. */
    public FakeWorkload draining(String listener) {
        spec.draining.add(listener);
        return this;
    }

    /**
     * Outlier detection of the proxies took the endpoints of a workload out.
     *
     * @param workload namespace and workload, such as {@code production/reviews-v2}
     */
    public FakeWorkload ejects(String workload) {
        spec.ejected.add(workload);
        return this;
    }

    /**
     * The proxies answer {@code /config_dump} with a recorded dump, whose parameters they honour as Envoy does; their other
     * pages stay what they were. The file is read each time it is asked for.
     */
    public FakeWorkload withConfigDump(Path file) {
        spec.configDump = () -> {
            try {
                return ByteString.of(Files.readAllBytes(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        return this;
    }

    /** As {@link #withConfigDump(Path)}, with the text of a dump. */
    public FakeWorkload withConfigDump(String json) {
        ByteString bytes = ByteString.encodeUtf8(json);
        spec.configDump = () -> bytes;
        return this;
    }

    /** Envoy's admin port refuses connections; traffic flows. */
    public FakeWorkload adminPortClosed() {
        spec.adminClosed = true;
        return this;
    }

    /** The proxies were killed for memory this often, and run again. */
    public FakeWorkload proxyRestarts(int restarts) {
        spec.proxyRestarts = restarts;
        return this;
    }
}
