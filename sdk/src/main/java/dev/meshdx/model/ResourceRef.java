package dev.meshdx.model;

/**
 * The name of one Kubernetes resource.
 *
 * @param cluster name of the cluster; empty where only one is looked at
 * @param kind such as {@code VirtualService}
 * @param namespace empty for cluster-wide kinds and where a manifest names none
 * @param name the resource's own name
 */
public record ResourceRef(String cluster, String kind, String namespace, String name)
        implements Comparable<ResourceRef> {
    /** A resource of the one cluster that is looked at. */
    public static ResourceRef of(String kind, String namespace, String name) {
        return new ResourceRef("", kind, namespace, name);
    }

    /** {@code namespace/name}, or the name alone for cluster-wide kinds. */
    public String qualifiedName() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }

    @Override
    public int compareTo(ResourceRef other) {
        int order = cluster.compareTo(other.cluster);
        order = order != 0 ? order : namespace.compareTo(other.namespace);
        order = order != 0 ? order : kind.compareTo(other.kind);
        return order != 0 ? order : name.compareTo(other.name);
    }

    /** As operators write it: {@code VirtualService production/reviews}. */
    @Override
    public String toString() {
        return (cluster.isEmpty() ? "" : cluster + ": ") + kind + " " + qualifiedName();
    }
}
