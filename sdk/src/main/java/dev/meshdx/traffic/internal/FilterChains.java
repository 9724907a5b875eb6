package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.Listener;
import dev.meshdx.traffic.internal.ChainMatch.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which filter chain of a listener takes a connection: a sieve of nine levels, each of which keeps the chains with the most
 * specific key, and never goes back; or a matcher tree. Source: Envoy, {@code config/listener/v3/listener_components.proto},
 * {@code FilterChainMatch}, and {@code source/common/listener_manager/filter_chain_manager_impl.cc}. Immutable.
 */
public final class FilterChains {
    /**
     * The chain, and how it was found.
     *
     * @param chain null where none takes the connection
     * @param because what decided; where no chain was found, the level at which the last ones fell out
     */
    public record Choice(@Nullable CompiledChain chain, String because) {}

    /** A chain that keeps a connection away by one property. */
    public record Failure(CompiledChain chain, Level level, String text) {
        /** The kind of difference. */
        public dev.meshdx.traffic.NearMiss.Reason reason() {
            return level.reason();
        }
    }

    private static final Level[] LEVELS = Level.values();

    private final List<CompiledChain> chains = new ArrayList<>();
    private final Map<Integer, List<CompiledChain>> byPort = new HashMap<>();
    private final List<CompiledChain> portless = new ArrayList<>();
    private final @Nullable CompiledChain fallback;
    private final @Nullable ChainTree tree;

    /** Makes the chains of a listener ready. */
    public FilterChains(Listener listener, Regexes regexes) {
        listener.filterChains().forEach(chain -> chains.add(new CompiledChain(chain, regexes)));
        for (CompiledChain chain : chains) {
            int port = chain.match().port();
            if (port < 0) {
                portless.add(chain);
            } else {
                byPort.computeIfAbsent(port, any -> new ArrayList<>()).add(chain);
            }
        }
        this.fallback = listener.defaultFilterChain()
                .map(chain -> new CompiledChain(chain, regexes))
                .orElse(null);
        this.tree = listener.raw().at("filter_chain_matcher").exists()
                ? new ChainTree(listener.raw().at("filter_chain_matcher"), regexes)
                : null;
    }

    /** All but the default one. */
    public List<CompiledChain> all() {
        return chains;
    }

    /** Chooses. */
    public Choice choose(Connection connection) {
        if (tree != null) {
            return byTree(tree, connection);
        }
        List<CompiledChain> left = byPort.getOrDefault(connection.port(), portless);
        List<String> because = new ArrayList<>(3);
        if (left.size() < chains.size() && !left.isEmpty()) {
            because.add(Level.PORT.toString());
        }
        @Nullable Level lost = left.isEmpty() && !chains.isEmpty() ? Level.PORT : null;
        for (int i = 1; i < LEVELS.length && lost == null; i++) {
            Level level = LEVELS[i];
            List<CompiledChain> kept = keep(left, level, connection);
            if (kept.isEmpty()) {
                lost = left.isEmpty() ? null : level;
            } else if (kept.size() < left.size()) {
                because.add(level.toString());
            }
            left = kept;
        }
        if (left.isEmpty()) {
            String why = lost == null ? "the listener has no other chain" : "no chain is for " + text(lost, connection);
            return new Choice(fallback, why);
        }
        return new Choice(left.get(0), String.join(",", because));
    }

    private static String text(Level level, Connection connection) {
        return level + " " + level.value(connection);
    }

    /** Why a chain was taken, in words. */
    public static String explain(Choice choice, Connection connection) {
        CompiledChain chain = choice.chain();
        if (chain == null || chain.view().isDefault() || choice.because().startsWith("the matcher")) {
            return choice.because();
        }
        String match = chain.view().matchText();
        String takes = match.equals("ALL") ? "it takes everything" : "it takes " + match;
        List<String> by = new ArrayList<>();
        for (Level level : LEVELS) {
            if (List.of(choice.because().split(",")).contains(level.toString())) {
                by.add(text(level, connection));
            }
        }
        return by.isEmpty() ? takes : takes + "; by " + String.join(", ", by);
    }

    private Choice byTree(ChainTree tree, Connection connection) {
        ChainTree.Result result = tree.choose(connection);
        for (CompiledChain chain : chains) {
            if (chain.view().name().equals(result.chain())) {
                return new Choice(chain, "the matcher: " + result.because());
            }
        }
        return result.chain().isEmpty()
                ? new Choice(fallback, "the matcher names no chain: " + result.because())
                : new Choice(null, "the matcher names chain " + result.chain() + ", which there is not");
    }

    private static List<CompiledChain> keep(List<CompiledChain> chains, Level level, Connection connection) {
        int best = -1;
        boolean alike = true;
        for (int i = 0; i < chains.size(); i++) {
            int rank = chains.get(i).match().rank(level, connection);
            alike &= i == 0 || rank == best;
            best = Math.max(best, rank);
        }
        if (best < 0) {
            return List.of();
        }
        if (alike) {
            return chains;
        }
        List<CompiledChain> kept = new ArrayList<>();
        for (CompiledChain chain : chains) {
            if (chain.match().rank(level, connection) == best) {
                kept.add(chain);
            }
        }
        return kept;
    }

    /** The properties that keep a connection away from a chain, each with what came. */
    public static List<Failure> failures(CompiledChain chain, Connection connection) {
        List<Failure> failures = new ArrayList<>();
        for (Level level : LEVELS) {
            if (chain.match().rank(level, connection) < 0) {
                failures.add(new Failure(chain, level, level + " is " + level.value(connection)));
            }
        }
        return failures;
    }
}
