package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteMatch.PathKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a virtual host, of which the first that takes a request counts. Envoy asks one after the other; this asks only
 * those whose path can fit, in the same order: exact paths and prefixes are looked up, expressions and templates by the letters
 * with which they begin. Immutable.
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

    /** Positions of routes by what their paths begin with, or are. */
    private static final class Index {
        private final CompiledRoute[] routes;
        private final Map<String, int[]> exact;
        private final Map<String, int[]> exactAnyCase;
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
            this.exact = frozen(same);
            this.exactAnyCase = frozen(sameAnyCase);
            this.prefixes = new Prefixes(frozen(begins));
            this.prefixesAnyCase = new Prefixes(frozen(beginsAnyCase));
        }

        private static Map<String, int[]> frozen(Map<String, List<Integer>> lists) {
            Map<String, int[]> frozen = new HashMap<>();
            lists.forEach((key, positions) -> frozen.put(
                    key, positions.stream().mapToInt(Integer::intValue).toArray()));
            return frozen;
        }

        @Nullable
        CompiledRoute first(RoutedRequest request, int from) {
            String path = request.path();
            Candidates candidates = new Candidates();
            candidates.add(exact.get(path));
            prefixes.collect(path, candidates);
            if (!exactAnyCase.isEmpty() || !prefixesAnyCase.isEmpty()) {
                String folded = path.toLowerCase(Locale.ROOT);
                candidates.add(exactAnyCase.get(folded));
                prefixesAnyCase.collect(folded, candidates);
            }
            for (int at = candidates.next(); at >= 0; at = candidates.next()) {
                if (at >= from && routes[at].takes(request)) {
                    return routes[at];
                }
            }
            return null;
        }
    }

    /** Texts with which a path may begin. */
    private static final class Prefixes {
        private final Map<String, int[]> positions;
        private final int[] lengths;

        Prefixes(Map<String, int[]> positions) {
            this.positions = positions;
            this.lengths = positions.keySet().stream()
                    .mapToInt(String::length)
                    .distinct()
                    .sorted()
                    .toArray();
        }

        boolean isEmpty() {
            return positions.isEmpty();
        }

        void collect(String path, Candidates candidates) {
            for (int length : lengths) {
                if (length > path.length()) {
                    return;
                }
                candidates.add(positions.get(path.substring(0, length)));
            }
        }
    }

    /** Several ascending lists, gone through as one. */
    private static final class Candidates {
        private int[][] lists = new int[8][];
        private int[] at = new int[8];
        private int count;

        void add(int @Nullable [] positions) {
            if (positions == null) {
                return;
            }
            if (count == lists.length) {
                lists = java.util.Arrays.copyOf(lists, count * 2);
                at = java.util.Arrays.copyOf(at, count * 2);
            }
            lists[count++] = positions;
        }

        /** The smallest position that is left; -1 for none. A position stands in one list only. */
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
