package dev.meshdx.testkit.internal.mesh;

import org.jspecify.annotations.Nullable;

/** A control plane as the builder was told. Mutable; used by one thread. */
public final class IstiodSpec {
    public String version = MeshSpec.DEFAULT_VERSION;
    public String revision = "default";
    public int replicas = 1;
    public @Nullable String down;
    public String metrics = "";
    public String memoryLimit = "";

    /** The Deployment's and the Service's name. Source: Istio, "Canary Upgrades": revisions other than default carry a suffix. */
    public String name() {
        return revision.equals("default") ? "istiod" : "istiod-" + revision;
    }
}
