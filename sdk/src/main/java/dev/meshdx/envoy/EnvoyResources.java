package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.Row;
import dev.meshdx.error.MeshException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.model.internal.Projection;
import dev.meshdx.model.internal.TextTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Resources of one kind that a proxy holds, in the order in which it prints them. Filters give a new collection of the same type
 * and are exact.
 *
 * <p>Nothing is read before the first result is asked for, so that only what the filters leave has to be sent and kept: a live
 * proxy is asked for this section alone and, where a filter is about names, for these names; a file is gone through once. Then
 * {@link #all()} and everything that hands out elements remembers them. {@link #rows()} and {@link #forEach} remember nothing:
 * they take one element at a time, whatever the size of the document. Of a configuration that is in memory already
 * ({@link ConfigDump#parse}) nothing has to be read.
 *
 * <p>Results throw what reading throws: a {@link dev.meshdx.error.MeshException} where the proxy or the file cannot be read.
 * Immutable in what it shows, and safe for use by several threads.
 *
 * @param <T> the kind of resource
 * @param <S> the collection itself
 */
public abstract sealed class EnvoyResources<T, S extends EnvoyResources<T, S>> implements Iterable<T>
        permits Clusters, Endpoints, Extensions, Listeners, Routes, Secrets {
    private static final int MAX_CANDIDATES = 100_000;

    private final Query<T> query;
    private @Nullable Answer<T> answer;
    private @Nullable List<String> nearest;
    private @Nullable List<Inconclusive> gaps;

    /**
     * What is looked for.
     *
     * @param dump where
     * @param section in which part
     * @param view makes elements of an entry
     * @param columns the fields that {@link #rows()} shows
     * @param filters what has to be true of the elements
     */
    record Query<T>(
            Dump dump,
            Section section,
            Function<Entry, List<T>> view,
            Projection columns,
            List<Filter<? super T>> filters) {
        Query<T> and(Filter<? super T> filter) {
            List<Filter<? super T>> more = new ArrayList<>(filters);
            more.add(filter);
            return new Query<>(dump, section, view, columns, List.copyOf(more));
        }

        /** The names that can pass the filters, and maybe some more. */
        NameFilter names() {
            NameFilter names = NameFilter.ALL;
            for (Filter<? super T> filter : filters) {
                names = names.and(filter.names());
            }
            return names;
        }

        /** What the columns and the filters need. */
        Projection summary() {
            Projection all = columns;
            for (Filter<? super T> filter : filters) {
                all = all.and(filter.needs());
            }
            return all;
        }

        private boolean passes(T element) {
            return filters.stream().allMatch(filter -> filter.test().test(element));
        }
    }

    /**
     * A condition.
     *
     * @param text for messages
     * @param test decides
     * @param needs the fields that it looks at
     * @param names those that every element that passes has
     * @param wanted what was asked for; empty where nothing can be like it
     * @param candidates what an element has in its place
     */
    record Filter<T>(
            String text,
            Predicate<? super T> test,
            Projection needs,
            NameFilter names,
            String wanted,
            Function<? super T, Stream<String>> candidates) {
        Filter(String text, Predicate<? super T> test, Projection needs) {
            this(text, test, needs, NameFilter.ALL, "", element -> Stream.of());
        }
    }

    private record Answer<T>(List<T> found, List<Inconclusive> gaps) {}

    EnvoyResources(Query<T> query) {
        this.query = query;
    }

    abstract S with(Query<T> query);

    abstract String what();

    abstract List<String> header();

    abstract List<String> line(T element);

    /** The order of the rows. */
    abstract Comparator<Map<String, String>> order();

    abstract Json raw(T element);

    abstract void rows(T element, Consumer<Map<String, String>> rows);

    /** The order in which elements are shown, where it is not the document's. */
    List<T> ordered(List<T> elements) {
        return elements;
    }

    final Query<T> query() {
        return query;
    }

    private synchronized Answer<T> answer() {
        if (answer == null) {
            NameFilter names = query.names();
            List<T> found = new ArrayList<>();
            Dump.Outcome outcome = read(Projection.WHOLE, names, found::add);
            if (found.isEmpty() && names.expression() != null) {
                // Nothing of that name, or a proxy that reads expressions otherwise: all names tell which.
                Candidates candidates = new Candidates();
                outcome = read(Projection.WHOLE, candidates, found::add);
                nearest = candidates.nearest();
            }
            gaps = outcome.gaps(query.section);
            answer = new Answer<>(List.copyOf(ordered(found)), gaps);
        }
        return answer;
    }

    private Dump.Outcome read(Projection fields, NameFilter names, Consumer<T> elements) {
        return query.dump.read(query.section, fields, names, entry -> {
            for (T element : query.view.apply(entry)) {
                if (query.passes(element)) {
                    elements.accept(element);
                }
            }
        });
    }

    private Dump.Outcome read(Projection fields, Candidates candidates, Consumer<T> elements) {
        return query.dump.read(query.section, fields, NameFilter.ALL, entry -> {
            for (T element : query.view.apply(entry)) {
                if (candidates.offer(element) == query.filters.size()) {
                    elements.accept(element);
                }
            }
        });
    }

    /** What the filters saw, one set for each: what the first one without a match saw is what is like its text. */
    private final class Candidates {
        private final List<LinkedHashSet<String>> seen = new ArrayList<>();
        private int most;

        /** How many filters the element passes, one after the other. */
        int offer(T element) {
            int passed = 0;
            while (passed < query.filters.size()) {
                Filter<? super T> filter = query.filters.get(passed);
                while (seen.size() <= passed) {
                    seen.add(new LinkedHashSet<>());
                }
                LinkedHashSet<String> names = seen.get(passed);
                if (names.size() < MAX_CANDIDATES) {
                    filter.candidates().apply(element).forEach(names::add);
                }
                if (!filter.test().test(element)) {
                    break;
                }
                passed++;
            }
            most = Math.max(most, passed);
            return passed;
        }

        List<String> nearest() {
            return most >= query.filters.size() || most >= seen.size()
                    ? List.of()
                    : near(query.filters.get(most).wanted(), seen.get(most));
        }
    }

    /** Remembers everything from now on. */
    final void load() {
        answer();
    }

    /**
     * As istioctl's default table: one map a row, the column names in camelCase, then {@code state} and {@code error}, and
     * {@code rejectedVersion} where Envoy refused one. Sorted as there; Envoy itself prints in an order that changes from one
     * run to the next.
     */
    public List<Map<String, String>> rows() {
        List<Map<String, String>> rows = new ArrayList<>();
        Answer<T> known = known();
        if (known != null) {
            known.found.forEach(element -> rows(element, rows::add));
            return sorted(rows);
        }
        Consumer<T> add = element -> rows(element, rows::add);
        NameFilter names = query.names();
        Dump.Outcome outcome = read(query.summary(), names, add);
        if (rows.isEmpty() && names.expression() != null) {
            outcome = read(query.summary(), names.unasked(), add);
        }
        learn(outcome);
        return sorted(rows);
    }

    private List<Map<String, String>> sorted(List<Map<String, String>> rows) {
        rows.sort(order());
        return Collections.unmodifiableList(rows);
    }

    /** By these columns, one after the other; numbers by their value. */
    static Comparator<Map<String, String>> by(String... columns) {
        return (a, b) -> {
            for (String column : columns) {
                int order = compare(a.getOrDefault(column, ""), b.getOrDefault(column, ""));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        };
    }

    /** Numbers first. */
    private static int compare(String a, String b) {
        boolean number = isNumber(a);
        if (number != isNumber(b)) {
            return number ? -1 : 1;
        }
        return number && a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.charAt(0) != '0' && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private synchronized void learn(Dump.Outcome outcome) {
        gaps = outcome.gaps(query.section);
    }

    private synchronized @Nullable Answer<T> known() {
        return answer;
    }

    /** All of them. */
    public final List<T> all() {
        return answer().found;
    }

    /** How many there are. */
    public final int size() {
        return all().size();
    }

    /** Whether there is none. */
    public final boolean isEmpty() {
        return all().isEmpty();
    }

    /** The first, where there is one. */
    public final Optional<T> first() {
        return all().stream().findFirst();
    }

    /** A stream over them. */
    public final Stream<T> stream() {
        return all().stream();
    }

    @Override
    public final Iterator<T> iterator() {
        return all().iterator();
    }

    /** Calls back for each of them, whole, and keeps none: for documents that do not fit into the memory. */
    @Override
    public final void forEach(Consumer<? super T> action) {
        Objects.requireNonNull(action, "action");
        Answer<T> known = known();
        if (known != null) {
            known.found.forEach(action);
            return;
        }
        NameFilter names = query.names();
        int[] count = {0};
        Consumer<T> counted = element -> {
            count[0]++;
            action.accept(element);
        };
        Dump.Outcome outcome = read(Projection.WHOLE, names, counted);
        if (count[0] == 0 && names.expression() != null) {
            outcome = read(Projection.WHOLE, names.unasked(), counted);
        }
        learn(outcome);
    }

    /** Calls back with each as Envoy prints it, and keeps none. */
    public final void forEachRaw(Consumer<? super Json> action) {
        Objects.requireNonNull(action, "action");
        forEach(element -> action.accept(raw(element)));
    }

    /** What could not be read: the section is missing, the document is cut off. */
    public final synchronized List<Inconclusive> gaps() {
        return gaps == null ? answer().gaps : gaps;
    }

    /** Names like the one that a filter asked for and did not find, nearest first. */
    public final synchronized List<String> nearest() {
        if (query.filters.isEmpty() || !answer().found.isEmpty()) {
            return List.of();
        }
        if (nearest == null) {
            Candidates candidates = new Candidates();
            Projection fields = query.summary();
            read(fields, candidates, element -> {});
            nearest = candidates.nearest();
        }
        return nearest;
    }

    /** Those that satisfy a condition. */
    public final S filter(Predicate<? super T> condition) {
        Objects.requireNonNull(condition, "condition");
        return narrow(new Filter<>("a condition", condition, Projection.WHOLE));
    }

    final S narrow(Filter<? super T> filter) {
        Query<T> narrower = query.and(filter);
        S some = with(narrower);
        Answer<T> known = known();
        if (known != null) {
            // What is in memory already is not read again.
            List<T> found = new ArrayList<>();
            for (T element : known.found) {
                if (filter.test().test(element)) {
                    found.add(element);
                }
            }
            ((EnvoyResources<T, S>) some).know(new Answer<>(List.copyOf(found), known.gaps));
        }
        return some;
    }

    private synchronized void know(Answer<T> known) {
        this.answer = known;
        this.gaps = known.gaps;
    }

    /** The same elements, where they are known. */
    final void knowAs(EnvoyResources<T, S> other) {
        Answer<T> known = other.known();
        if (known != null) {
            know(known);
        }
    }

    private static List<String> near(String wanted, Collection<String> candidates) {
        if (wanted.isEmpty()) {
            return List.of();
        }
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
        return Row.of(namesAndValues);
    }

    /** A row that ends with what became of the resource; the version that Envoy refused only where it did. */
    static Map<String, String> row(
            ResourceState state, Optional<String> error, Optional<String> rejectedVersion, String... namesAndValues) {
        int more = rejectedVersion.isPresent() ? 6 : 4;
        String[] all = Arrays.copyOf(namesAndValues, namesAndValues.length + more);
        int at = namesAndValues.length;
        all[at++] = "state";
        all[at++] = state.toString();
        all[at++] = "error";
        all[at++] = error.orElse("");
        if (rejectedVersion.isPresent()) {
            all[at++] = "rejectedVersion";
            all[at] = rejectedVersion.get();
        }
        return Row.of(all);
    }

    /**
     * A table of as many as fit on a screen; where there is none, what was asked for and what is like it; where they cannot be
     * read, why.
     */
    @Override
    public final String toString() {
        List<T> found;
        try {
            found = all();
        } catch (MeshException e) {
            return "the " + what() + " cannot be read: " + e.getMessage();
        }
        if (!found.isEmpty()) {
            TextTable table = new TextTable(header());
            found.forEach(element -> table.row(line(element)));
            return table.summary("", what());
        }
        String asked = query.filters.isEmpty()
                ? ""
                : " with "
                        + String.join(
                                ", ", query.filters.stream().map(Filter::text).toList());
        String near = nearest().isEmpty() ? "" : "; nearest: " + String.join(", ", nearest());
        String gap = gaps().isEmpty() ? "" : " (" + gaps().get(0).message() + ")";
        return "no " + what() + asked + near + gap;
    }
}
