package dev.meshdx.envoy;

import java.util.List;

/**
 * One way through the matcher tree by which a listener chooses a filter chain (waypoints do).
 *
 * @param conditions what has to hold, from the root on: {@code ip=10.96.0.7/32}, {@code port=8000}; {@code UNMATCHED} stands
 *     for what nothing before takes, and a matcher that this version does not know is named
 * @param filterChain the name of the chain; empty where the tree cannot be followed to its end
 */
public record MatcherBranch(List<String> conditions, String filterChain) {
    /** Copies the list. */
    public MatcherBranch {
        conditions = List.copyOf(conditions);
    }

    /** The conditions in one text: {@code ip=10.96.0.7/32->port=8000}. */
    public String match() {
        return String.join("->", conditions);
    }

    /** {@code ip=10.96.0.7/32->port=8000 -> inbound-vip|8000||…}. */
    @Override
    public String toString() {
        return match() + " -> " + (filterChain.isEmpty() ? "?" : filterChain);
    }
}
