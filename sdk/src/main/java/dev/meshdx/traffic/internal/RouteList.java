package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteMatch.PathKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a virtual host, of which the first that takes a request counts. Envoy asks one after the other; this asks only
 * those whose path can fit, in the same order: exact paths and prefixes are looked up, expressions and templates by the letters
 * with which they begin. Where many have the same path, they are told apart by the value that they want of a header. Immutable.
 */
public final class RouteList {
    /** Below so many, asking each is quicker. */
    private static final int WORTH_AN_INDEX = 12;

    private final CompiledRoute[] routes;
    private final List<String> runtimeKeys;
    private final @Nullable Index index;

    RouteList(List<Route> routes, boolean ignoresParameters, Regexes regexes) {
        this.routes = new CompiledRoute[routes.size()];
        for (int i = 0; i < this.routes.length; i++) {
            this.routes[i] = new CompiledRoute(routes.get(i), i, ignoresParameters, regexes);
        }
        List<String> keys = new ArrayList<>();
        for (Route route : routes) {
            String key =
                    route.match().raw().at("runtime_fraction", "runtime_key").text("");
            if (!key.isEmpty()) {
                keys.add(key);
            }
        }
        this.runtimeKeys = List.copyOf(keys);
        // Parameters make two paths of one, and the index knows one.
        this.index = this.routes.length < WORTH_AN_INDEX || ignoresParameters ? null : new Index(this.routes);
    }

    /** The keys under which shares of requests can be set at run time. */
    public List<String> runtimeKeys() {
        return runtimeKeys;
    }

    /** All, in order. */
    public List<CompiledRoute> all() {
        return List.of(routes);
    }

    /** The first route at or after a position that takes the request; null for none. */
    public @Nullable CompiledRoute first(RoutedRequest request, int from) {
        if (index != null && !request.headers().isConnect()) {
            return index.first(request, from);
        }
        for (int i = from; i < routes.length; i++) {
            if (routes[i].takes(request)) {
                return routes[i];
            }
        }
        return null;
    }

    /** Routes with one path: by the value that most of them want of a header, and the rest. */
    private static final class Group {
        private final int[] rest;
        private final String header;
        private final Map<String, int[]> byValue;

        Group(List<Integer> positions, CompiledRoute[] routes) {
            this.header = positions.size() < WORTH_AN_INDEX ? "" : header(positions, routes);
            if (header.isEmpty()) {
                this.rest = frozen(positions);
                this.byValue = Map.of();
                return;
            }
            List<Integer> others = new ArrayList<>();
            Map<String, List<Integer>> values = new HashMap<>();
            for (int at : positions) {
                String value = routes[at].wantedOf(header);
                (value == null ? others : values.computeIfAbsent(value, any -> new ArrayList<>())).add(at);
            }
            this.rest = frozen(others);
            this.byValue = new HashMap<>();
            values.forEach((value, list) -> byValue.put(value, frozen(list)));
        }

        /** The header of which most want one value; empty where none does. */
        private static String header(List<Integer> positions, CompiledRoute[] routes) {
            Map<String, Integer> counts = new LinkedHashMap<>();
            positions.forEach(at -> routes[at].headersWanted().forEach(name -> counts.merge(name, 1, Integer::sum)));
            return counts.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .map(Map.Entry::getKey)
                    .orElse("");
        }

        private static int[] frozen(List<Integer> positions) {
            int[] frozen = new int[positions.size()];
            for (int i = 0; i < frozen.length; i++) {
                frozen[i] = positions.get(i);
            }
            return frozen;
        }

        void collect(Headers headers, Candidates candidates) {
            candidates.add(rest);
            if (!byValue.isEmpty()) {
                for (String value : headers.all(header)) {
                    candidates.add(byValue.get(value));
                }
            }
        }
    }

    /** Positions of routes by what their paths begin with, or are. */
    private static final class Index {
        private final CompiledRoute[] routes;
        private final Map<String, Group> exact;
        private final Map<String, Group> exactAnyCase;
        private final Prefixes prefixes;
        private final Prefixes prefixesAnyCase;

        Index(CompiledRoute[] routes) {
            this.routes = routes;
            Map<String, List<Integer>> same = new HashMap<>();
            Map<String, List<Integer>> sameAnyCase = new HashMap<>();
            Map<String, List<Integer>> begins = new HashMap<>();
            Map<String, List<Integer>> beginsAnyCase = new HashMap<>();
            for (CompiledRoute route : routes) {
                PathCondition path = route.path();
                PathKind kind = path.kind();
                if (kind == PathKind.CONNECT || kind == PathKind.UNKNOWN) {
                    continue; // none but CONNECT is for them
                }
                boolean isExact = kind == PathKind.EXACT;
                Map<String, List<Integer>> into =
                        isExact ? (path.folds() ? sameAnyCase : same) : (path.folds() ? beginsAnyCase : begins);
                String key = kind == PathKind.REGEX || kind == PathKind.TEMPLATE
                        ? LiteralPrefix.of(path.wanted(), kind == PathKind.TEMPLATE)
                        : path.wanted();
                into.computeIfAbsent(key, any -> new ArrayList<>()).add(route.position());
            }
            this.exact = groups(same);
            this.exactAnyCase = groups(sameAnyCase);
            this.prefixes = new Prefixes(groups(begins));
            this.prefixesAnyCase = new Prefixes(groups(beginsAnyCase));
        }

        private Map<String, Group> groups(Map<String, List<Integer>> lists) {
            Map<String, Group> groups = new HashMap<>();
            lists.forEach((key, positions) -> groups.put(key, new Group(positions, routes)));
            return groups;
        }

        @Nullable
        CompiledRoute first(RoutedRequest request, int from) {
            String path = request.path();
            Headers headers = request.headers();
            Candidates candidates = new Candidates(from);
            collect(exact, prefixes, path, headers, candidates);
            if (!exactAnyCase.isEmpty() || !prefixesAnyCase.isEmpty()) {
                collect(exactAnyCase, prefixesAnyCase, path.toLowerCase(Locale.ROOT), headers, candidates);
            }
            for (int at = candidates.next(); at >= 0; at = candidates.next()) {
                if (routes[at].takes(request)) {
                    return routes[at];
                }
            }
            return null;
        }

        private static void collect(
                Map<String, Group> exact, Prefixes prefixes, String path, Headers headers, Candidates candidates) {
            Group same = exact.get(path);
            if (same != null) {
                same.collect(headers, candidates);
            }
            prefixes.collect(path, headers, candidates);
        }
    }

    /** Texts with which a path may begin. */
    private static final class Prefixes {
        private final Map<String, Group> groups;
        private final int[] lengths;

        Prefixes(Map<String, Group> groups) {
            this.groups = groups;
            this.lengths = groups.keySet().stream()
                    .mapToInt(String::length)
                    .distinct()
                    .sorted()
                    .toArray();
        }

        boolean isEmpty() {
            return groups.isEmpty();
        }

        void collect(String path, Headers headers, Candidates candidates) {
            for (int length : lengths) {
                if (length > path.length()) {
                    return;
                }
                Group group = groups.get(path.substring(0, length));
                if (group != null) {
                    group.collect(headers, candidates);
                }
            }
        }
    }

    /** Several ascending lists, gone through as one, from a position on. */
    private static final class Candidates {
        private final int from;
        private int[][] lists = new int[8][];
        private int[] at = new int[8];
        private int count;

        Candidates(int from) {
            this.from = from;
        }

        void add(int @Nullable [] positions) {
            if (positions == null || positions.length == 0) {
                return;
            }
            if (count == lists.length) {
                lists = Arrays.copyOf(lists, count * 2);
                at = Arrays.copyOf(at, count * 2);
            }
            int start = from == 0 ? 0 : Arrays.binarySearch(positions, from);
            at[count] = start < 0 ? -start - 1 : start;
            lists[count++] = positions;
        }

        /** The smallest position that is left; -1 for none. One that stands in two lists comes twice. */
        int next() {
            int best = -1;
            int from = -1;
            for (int i = 0; i < count; i++) {
                if (at[i] < lists[i].length && (best < 0 || lists[i][at[i]] < best)) {
                    best = lists[i][at[i]];
                    from = i;
                }
            }
            if (from >= 0) {
                at[from]++;
            }
            return best;
        }
    }
}
