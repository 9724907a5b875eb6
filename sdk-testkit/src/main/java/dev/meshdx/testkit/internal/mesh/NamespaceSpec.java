package dev.meshdx.testkit.internal.mesh;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A namespace as the builder was told. Mutable; used by one thread. */
public final class NamespaceSpec {
    public final String name;
    public final Map<String, String> labels = new LinkedHashMap<>();
    public final Map<String, WorkloadSpec> workloads = new LinkedHashMap<>();
    public final Map<String, ServiceSpec> services = new LinkedHashMap<>();
    public @Nullable String mtls;

    /** An empty namespace. */
    public NamespaceSpec(String name) {
        this.name = name;
    }
}
