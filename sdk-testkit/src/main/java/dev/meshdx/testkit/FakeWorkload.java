package dev.meshdx.testkit;

import dev.meshdx.testkit.internal.mesh.WorkloadSpec;
import java.time.Duration;

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
