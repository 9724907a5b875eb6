package dev.meshdx.configuration.internal;

import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds resources by labels without looking at all of them. */
public final class LabelIndex {
    private record Key(String namespace, String label, String value) {}

    private final Map<Key, List<Resource>> byLabel = new HashMap<>();
    private final Map<String, List<Resource>> byNamespace;
    private final List<Resource> all;

    public LabelIndex(List<Resource> all, Map<String, List<Resource>> byNamespace) {
        this.all = all;
        this.byNamespace = byNamespace;
        byNamespace.forEach((namespace, resources) -> {
            for (Resource resource : resources) {
                resource.labels().forEach((label, value) -> {
                    add(new Key(namespace, label, value), resource);
                    add(new Key("", label, value), resource);
                });
            }
        });
    }

    private void add(Key key, Resource resource) {
        byLabel.computeIfAbsent(key, unused -> new ArrayList<>()).add(resource);
    }

    public List<Resource> matching(Map<String, String> selector, String namespace) {
        List<Resource> candidates = candidates(selector, namespace);
        return selector.isEmpty() || candidates.isEmpty()
                ? candidates
                : candidates.stream()
                        .filter(resource -> Selectors.matchesMap(selector, resource.labels()))
                        .toList();
    }

    /** Whether there is one. */
    public boolean anyMatching(Map<String, String> selector, String namespace) {
        for (Resource resource : candidates(selector, namespace)) {
            if (Selectors.matchesMap(selector, resource.labels())) {
                return true;
            }
        }
        return false;
    }

    /** Those with the rarest of the labels. */
    private List<Resource> candidates(Map<String, String> selector, String namespace) {
        if (selector.isEmpty()) {
            return namespace.isEmpty() ? all : byNamespace.getOrDefault(namespace, List.of());
        }
        List<Resource> fewest = null;
        for (Map.Entry<String, String> pair : selector.entrySet()) {
            List<Resource> candidates =
                    byLabel.getOrDefault(new Key(namespace, pair.getKey(), pair.getValue()), List.of());
            if (fewest == null || candidates.size() < fewest.size()) {
                fewest = candidates;
            }
        }
        return fewest == null ? List.of() : fewest;
    }
}
