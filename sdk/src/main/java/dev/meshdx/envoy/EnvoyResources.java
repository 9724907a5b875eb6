package dev.meshdx.envoy;

import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.model.internal.TextTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Resources of one kind that a proxy holds. Immutable and in a fixed order; filters return a new collection of the same type
 * and are exact. Safe for use by several threads.
 *
 * @param <T> the kind of resource
 * @param <S> the collection itself
 */
public abstract sealed class EnvoyResources<T, S extends EnvoyResources<T, S>> implements Iterable<T>
        permits Clusters, Endpoints, Extensions, Listeners, Routes, Secrets {
    private final List<T> all;
    private final Trail trail;

    /** Where a collection came from: what could not be read, and what the filters so far asked for. */
    record Trail(List<Inconclusive> gaps, List<String> filters, List<String> nearest) {
        static Trail of(List<Inconclusive> gaps) {
            return new Trail(List.copyOf(gaps), List.of(), List.of());
        }
    }

    EnvoyResources(List<T> all, Trail trail) {
        this.all = List.copyOf(all);
        this.trail = trail;
    }

    abstract S with(List<T> some, Trail trail);

    abstract String what();

    abstract List<String> header();

    abstract List<String> line(T element);

    /** As istioctl's default table: one map a row, the column names in camelCase, then {@code state} and {@code error}. */
    public abstract List<Map<String, String>> rows();

    /** All of them, in a fixed order. */
    public final List<T> all() {
        return all;
    }

    /** How many there are. */
    public final int size() {
        return all.size();
    }

    /** Whether there is none. */
    public final boolean isEmpty() {
        return all.isEmpty();
    }

    /** The first, where there is one. */
    public final Optional<T> first() {
        return all.stream().findFirst();
    }

    /** A stream over them. */
    public final Stream<T> stream() {
        return all.stream();
    }

    @Override
    public final Iterator<T> iterator() {
        return all.iterator();
    }

    /** What could not be read: the section is missing, the document is cut off. */
    public final List<Inconclusive> gaps() {
        return trail.gaps;
    }

    /** Names like the one that a filter asked for and did not find, nearest first. */
    public final List<String> nearest() {
        return trail.nearest;
    }

    /** Those that satisfy a condition. */
    public final S filter(Predicate<? super T> condition) {
        return narrow("a condition", condition, "", List.of());
    }

    final S narrow(String filter, Predicate<? super T> condition, String wanted, Collection<String> candidates) {
        List<T> found = new ArrayList<>();
        for (T element : all) {
            if (condition.test(element)) {
                found.add(element);
            }
        }
        List<String> filters = new ArrayList<>(trail.filters);
        filters.add(filter);
        List<String> nearest = trail.nearest;
        if (found.isEmpty() && !all.isEmpty() && !candidates.isEmpty()) {
            nearest = near(wanted, new LinkedHashSet<>(candidates));
        }
        return with(found, new Trail(trail.gaps, List.copyOf(filters), nearest));
    }

    private static List<String> near(String wanted, Collection<String> candidates) {
        LinkedHashSet<String> near = new LinkedHashSet<>(Nearest.to(wanted, candidates));
        // A first label in common is a better hint than none: reviews.production for reviews.prod.
        String label = wanted.split("[.:|]", 2)[0];
        for (String candidate : candidates) {
            if (near.size() < 3 && !label.isEmpty() && candidate.startsWith(label)) {
                near.add(candidate);
            }
        }
        return List.copyOf(near);
    }

    static Map<String, String> row(String... namesAndValues) {
        Map<String, String> row = new LinkedHashMap<>();
        for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
            row.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return java.util.Collections.unmodifiableMap(row);
    }

    /** A table of as many as fit on a screen; where there is none, what was asked for and what is like it. */
    @Override
    public final String toString() {
        if (!all.isEmpty()) {
            TextTable table = new TextTable(header());
            all.forEach(element -> table.row(line(element)));
            return table.summary("", what());
        }
        String asked = trail.filters.isEmpty() ? "" : " with " + String.join(", ", trail.filters);
        String near = trail.nearest.isEmpty() ? "" : "; nearest: " + String.join(", ", trail.nearest);
        String gap = trail.gaps.isEmpty() ? "" : " (" + trail.gaps.get(0).message() + ")";
        return "no " + what() + asked + near + gap;
    }
}
