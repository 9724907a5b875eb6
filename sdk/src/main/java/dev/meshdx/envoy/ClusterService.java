package dev.meshdx.envoy;

/**
 * A service that a cluster stands for, as istiod names it in the cluster's metadata.
 *
 * @param host its host, such as {@code reviews.production.svc.cluster.local}
 * @param name its name
 * @param namespace its namespace
 */
public record ClusterService(String host, String name, String namespace) {
    @Override
    public String toString() {
        return host;
    }
}
