package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.Listener;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which filter chain takes a connection: a sieve of nine levels, each of which keeps the chains with the most specific key,
 * and never goes back. Source: Envoy, {@code config/listener/v3/listener_components.proto}, {@code FilterChainMatch}, and
 * {@code source/common/listener_manager/filter_chain_manager_impl.cc}.
 */
public final class FilterChains {
    /**
     * The chain, and how it was found.
     *
     * @param because what decided; where no chain was found, the level at which the last ones fell out
     */
    public record Choice(Optional<FilterChain> chain, String because) {}

    private FilterChains() {}

    /** Chooses. */
    public static Choice choose(Listener listener, Connection connection) {
        List<FilterChain> left = listener.filterChains();
        List<String> because = new ArrayList<>();
        String lost = "";
        for (Level level : LEVELS) {
            List<FilterChain> kept = level.keep(left, connection);
            if (kept.isEmpty()) {
                lost = level.name + " " + level.value(connection);
                left = kept;
                break;
            }
            if (kept.size() < left.size()) {
                because.add(level.name + " " + level.value(connection));
            }
            left = kept;
        }
        if (left.isEmpty()) {
            String why = lost.isEmpty() ? "the listener has no other chain" : "no chain is for " + lost;
            return new Choice(listener.defaultFilterChain(), why);
        }
        FilterChain chain = left.get(0);
        String takes = chain.matchText().equals("ALL") ? "it takes everything" : "it takes " + chain.matchText();
        return new Choice(Optional.of(chain), because.isEmpty() ? takes : takes + "; by " + String.join(", ", because));
    }

    /** The levels at which a chain does not fit a connection, each with what the chain wants and what came. */
    public static List<String> failures(FilterChain chain, Connection connection) {
        List<String> failures = new ArrayList<>();
        for (Level level : LEVELS) {
            if (level.rank(chain.match().raw(), connection) < 0) {
                failures.add(level.name + " is " + level.value(connection));
            }
        }
        return failures;
    }

    /** One level: the chains whose key is the best that the connection satisfies. */
    private abstract static class Level {
        private final String name;

        Level(String name) {
            this.name = name;
        }

        /** How specific the chain's best key for this connection is; 0 for no key, -1 for keys that all do not fit. */
        abstract int rank(Json match, Connection connection);

        abstract String value(Connection connection);

        List<FilterChain> keep(List<FilterChain> chains, Connection connection) {
            int best = chains.stream()
                    .mapToInt(chain -> rank(chain.match().raw(), connection))
                    .max()
                    .orElse(-1);
            return best < 0
                    ? List.of()
                    : chains.stream()
                            .filter(chain -> rank(chain.match().raw(), connection) == best)
                            .toList();
        }
    }

    private static int ranges(Json ranges, String address) {
        if (ranges.size() == 0) {
            return 0;
        }
        return ranges.items().stream()
                .filter(range -> Addresses.contains(
                        range.at("address_prefix").text(""),
                        (int) range.at("prefix_len").number(0),
                        address))
                .map(range -> (int) range.at("prefix_len").number(0))
                .max(Comparator.naturalOrder())
                .orElse(-1);
    }

    private static Level level(
            String name,
            java.util.function.ToIntBiFunction<Json, Connection> rank,
            java.util.function.Function<Connection, String> value) {
        return new Level(name) {
            @Override
            int rank(Json match, Connection connection) {
                return rank.applyAsInt(match, connection);
            }

            @Override
            String value(Connection connection) {
                return value.apply(connection);
            }
        };
    }

    private static final List<Level> LEVELS = List.of(
            level(
                    "port",
                    (match, connection) -> {
                        Json port = match.at("destination_port");
                        return port.exists() ? (port.number(0) == connection.port() ? 1 : -1) : 0;
                    },
                    connection -> String.valueOf(connection.port())),
            level(
                    "address",
                    (match, connection) -> ranges(match.at("prefix_ranges"), connection.destination()),
                    connection -> connection.destination().isEmpty() ? "(unknown)" : connection.destination()),
            level(
                    "server name",
                    FilterChains::serverName,
                    connection -> connection.serverName().isEmpty() ? "(none)" : connection.serverName()),
            level(
                    "transport protocol",
                    (match, connection) -> {
                        String wanted = match.at("transport_protocol").text("");
                        return wanted.isEmpty() ? 0 : wanted.equals(connection.transport()) ? 1 : -1;
                    },
                    Connection::transport),
            level(
                    "application protocol",
                    FilterChains::applicationProtocol,
                    connection -> connection.applicationProtocols().isEmpty()
                            ? "(none)"
                            : String.join(",", connection.applicationProtocols())),
            level(
                    "direct source",
                    (match, connection) -> ranges(match.at("direct_source_prefix_ranges"), connection.directSource()),
                    Connection::directSource),
            level(
                    "source type",
                    (match, connection) -> switch (match.at("source_type").text("ANY")) {
                        case "SAME_IP_OR_LOOPBACK" -> isLocal(connection) ? 1 : -1;
                        case "EXTERNAL" -> isLocal(connection) ? -1 : 1;
                        default -> 0;
                    },
                    connection -> isLocal(connection) ? "local" : "external"),
            level(
                    "source",
                    (match, connection) -> ranges(match.at("source_prefix_ranges"), connection.source()),
                    Connection::source),
            level(
                    "source port",
                    (match, connection) -> {
                        Json ports = match.at("source_ports");
                        Predicate<Json> same = port -> port.number(0) == connection.sourcePort();
                        return ports.size() == 0 ? 0 : ports.items().stream().anyMatch(same) ? 1 : -1;
                    },
                    connection -> String.valueOf(connection.sourcePort())));

    private static boolean isLocal(Connection connection) {
        return connection.source().equals("127.0.0.1")
                || connection.source().equals("::1")
                || (!connection.source().isEmpty() && Addresses.same(connection.source(), connection.destination()));
    }

    private static int serverName(Json match, Connection connection) {
        List<String> names = match.at("server_names").texts();
        if (names.isEmpty()) {
            return 0;
        }
        String asked = connection.serverName().toLowerCase(Locale.ROOT);
        int best = -1;
        for (String configured : names) {
            String name = configured.toLowerCase(Locale.ROOT);
            if (!asked.isEmpty() && name.equals(asked)) {
                best = Math.max(best, 10_000);
            } else if (name.startsWith("*.")
                    && asked.endsWith(name.substring(1))
                    && asked.length() > name.length() - 1) {
                best = Math.max(best, name.length());
            }
        }
        return best;
    }

    private static int applicationProtocol(Json match, Connection connection) {
        List<String> wanted = match.at("application_protocols").texts();
        if (wanted.isEmpty()) {
            return 0;
        }
        List<String> offered = connection.applicationProtocols();
        for (int i = 0; i < offered.size(); i++) {
            if (wanted.contains(offered.get(i))) {
                // The client's first choice that any chain has decides.
                return 1_000 - i;
            }
        }
        return -1;
    }
}
