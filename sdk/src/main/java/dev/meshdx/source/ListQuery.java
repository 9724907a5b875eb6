package dev.meshdx.source;

import dev.meshdx.model.ResourceKind;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which resources are wanted.
 *
 * @param kind their kind
 * @param namespace their namespace; empty for all namespaces
 * @param labels labels that they must have; empty for all
 */
public record ListQuery(ResourceKind kind, String namespace, Map<String, String> labels) {
    /** Copies the labels, sorted, so that equal questions are equal. */
    public ListQuery {
        labels = java.util.Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /** All resources of a kind, in all namespaces. */
    public static ListQuery all(ResourceKind kind) {
        return new ListQuery(kind, "", Map.of());
    }

    /** The resources of a kind in one namespace. */
    public static ListQuery in(ResourceKind kind, String namespace) {
        return new ListQuery(kind, namespace, Map.of());
    }

    /** Only those with these labels. */
    public ListQuery labelled(Map<String, String> labels) {
        return new ListQuery(kind, namespace, labels);
    }

    /** For messages: {@code pods in production}. */
    @Override
    public String toString() {
        return kind.qualifiedPlural()
                + (namespace.isEmpty() ? "" : " in " + namespace)
                + (labels.isEmpty() ? "" : " with " + labels);
    }
}
