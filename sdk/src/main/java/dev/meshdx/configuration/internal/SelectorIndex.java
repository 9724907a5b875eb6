package dev.meshdx.configuration.internal;

import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds what selects given labels without trying every selector: each is filed under one of its pairs.
 *
 * @param <T> what has a selector
 */
public final class SelectorIndex<T> {
    private record Key(String label, String value) {}

    private record Entry<T>(int order, Map<String, String> selector, T value) {}

    private final Map<Key, List<Entry<T>>> byPair = new HashMap<>();
    private final List<Entry<T>> wide = new ArrayList<>();
    private int size;

    /** Adds one; those added earlier are found first. An empty selector selects everything. */
    public void add(Map<String, String> selector, T value) {
        Entry<T> entry = new Entry<>(size++, selector, value);
        if (selector.isEmpty()) {
            wide.add(entry);
            return;
        }
        Map.Entry<String, String> first = new TreeMap<>(selector).firstEntry();
        byPair.computeIfAbsent(new Key(first.getKey(), first.getValue()), any -> new ArrayList<>())
                .add(entry);
    }

    /** The first that selects these labels. */
    public Optional<T> first(Map<String, String> labels) {
        Entry<T> best = wide.isEmpty() ? null : wide.get(0);
        for (Map.Entry<String, String> pair : labels.entrySet()) {
            for (Entry<T> entry : byPair.getOrDefault(new Key(pair.getKey(), pair.getValue()), List.of())) {
                if (best != null && best.order < entry.order) {
                    break;
                }
                if (Selectors.matchesMap(entry.selector, labels)) {
                    best = entry;
                    break;
                }
            }
        }
        return best == null ? Optional.empty() : Optional.of(best.value);
    }

    /** All that select these labels, in the order in which they were added. */
    public List<T> all(Map<String, String> labels) {
        List<Entry<T>> found = new ArrayList<>(wide);
        labels.forEach((label, value) -> byPair.getOrDefault(new Key(label, value), List.of()).stream()
                .filter(entry -> Selectors.matchesMap(entry.selector, labels))
                .forEach(found::add));
        return found.stream()
                .sorted(Comparator.comparingInt(Entry::order))
                .map(Entry::value)
                .toList();
    }
}
