package dev.meshdx.testkit.internal.mesh;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the builder was told. Mutable; used by one thread. */
public final class MeshSpec {
    /** The version of a control plane that names none. */
    public static final String DEFAULT_VERSION = "1.27.1";

    /** The mesh's root namespace. */
    public static final String ROOT_NAMESPACE = "istio-system";

    public final Map<String, NamespaceSpec> namespaces = new LinkedHashMap<>();
    public final List<IstiodSpec> istiods = new ArrayList<>();
    public final List<Map<String, Object>> objects = new ArrayList<>();
    public final List<Map<String, Object>> changes = new ArrayList<>();
    public final List<RequestSpec> requests = new ArrayList<>();
    public Clock clock = Clock.systemUTC();
    public long seed = 1;
    public boolean registryOnly;
    public String trustDomain = "cluster.local";
    public String clusterId = "Kubernetes";
}
