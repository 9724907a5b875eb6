package dev.meshdx.envoy;

/**
 * The workload that an endpoint belongs to: what istiod writes as {@code name;namespace;canonical name;revision;cluster}. Of
 * the gateway of another network only the cluster is known. Source: Istio, {@code pilot/pkg/networking/util/util.go},
 * {@code AppendLbEndpointMetadata}.
 *
 * @param name of the workload, such as its Deployment
 * @param namespace its namespace
 * @param canonicalName its service in the telemetry
 * @param canonicalRevision its version in the telemetry; empty where it has none
 * @param cluster the Kubernetes cluster
 */
public record EndpointWorkload(
        String name, String namespace, String canonicalName, String canonicalRevision, String cluster) {
    static EndpointWorkload parse(String text) {
        String[] parts = text.split(";", -1);
        return new EndpointWorkload(part(parts, 0), part(parts, 1), part(parts, 2), part(parts, 3), part(parts, 4));
    }

    private static String part(String[] parts, int at) {
        return at < parts.length ? parts[at] : "";
    }

    /** Whether only its cluster is known: the endpoint is the gateway of another network. */
    public boolean isRemote() {
        return name.isEmpty() && namespace.isEmpty() && !cluster.isEmpty();
    }

    @Override
    public String toString() {
        return isRemote() ? "somewhere in cluster " + cluster : namespace + "/" + name;
    }
}
