package dev.meshdx.testkit;

import dev.meshdx.testkit.internal.mesh.IstiodSpec;

/** A control plane of a fake mesh under construction. Used by one thread. */
public final class FakeIstiod {
    private final IstiodSpec spec;

    FakeIstiod(IstiodSpec spec) {
        this.spec = spec;
    }

    /** Its version, which its proxies run too. */
    public FakeIstiod version(String version) {
        spec.version = version;
        return this;
    }

    /** Its revision. */
    public FakeIstiod revision(String revision) {
        spec.revision = revision;
        return this;
    }

    /** How many pods. */
    public FakeIstiod replicas(int replicas) {
        spec.replicas = replicas;
        return this;
    }

    /**
     * It does not run: the container of its pods waits for this reason, such as {@code CrashLoopBackOff}. It went away ten
     * minutes ago; the proxies keep the configuration that they had.
     */
    public FakeIstiod down(String reason) {
        spec.down = reason;
        return this;
    }

    /**
     * Adds lines to what its pods answer to {@code /metrics}, in Prometheus' text format; a metric that stands there already
     * counts twice.
     */
    public FakeIstiod metrics(String lines) {
        spec.metrics += lines.endsWith("\n") ? lines : lines + "\n";
        return this;
    }

    /** The memory limit of its containers, such as {@code 2Gi}; they have none without. */
    public FakeIstiod memoryLimit(String quantity) {
        spec.memoryLimit = quantity;
        return this;
    }
}
