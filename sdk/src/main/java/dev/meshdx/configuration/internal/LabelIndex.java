package dev.meshdx.configuration.internal;

import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Finds what has labels without looking at all of it. An empty selector, which means everything, is the caller's business.
 *
 * @param <T> what has labels
 */
public final class LabelIndex<T> {
    private record Key(String namespace, String label, String value) {}

    private final Map<Key, List<T>> byLabel = new HashMap<>();
    private final Function<? super T, Map<String, String>> labels;

    /** Begins with nothing. */
    public LabelIndex(Function<? super T, Map<String, String>> labels) {
        this.labels = labels;
    }

    /** Adds one; those added earlier are found first. */
    public void add(String namespace, T item) {
        labels.apply(item).forEach((label, value) -> {
            byLabel.computeIfAbsent(new Key(namespace, label, value), any -> new ArrayList<>())
                    .add(item);
            byLabel.computeIfAbsent(new Key("", label, value), any -> new ArrayList<>())
                    .add(item);
        });
    }

    /** Those whose labels hold all pairs; an empty namespace stands for all. */
    public List<T> matching(Map<String, String> selector, String namespace) {
        return candidates(selector, namespace).stream()
                .filter(item -> Selectors.matchesMap(selector, labels.apply(item)))
                .toList();
    }

    /** Whether there is one. */
    public boolean anyMatching(Map<String, String> selector, String namespace) {
        for (T item : candidates(selector, namespace)) {
            if (Selectors.matchesMap(selector, labels.apply(item))) {
                return true;
            }
        }
        return false;
    }

    /** Those with the rarest of the labels. */
    private List<T> candidates(Map<String, String> selector, String namespace) {
        List<T> fewest = null;
        for (Map.Entry<String, String> pair : selector.entrySet()) {
            List<T> candidates = byLabel.getOrDefault(new Key(namespace, pair.getKey(), pair.getValue()), List.of());
            if (fewest == null || candidates.size() < fewest.size()) {
                fewest = candidates;
            }
        }
        return fewest == null ? List.of() : fewest;
    }
}
