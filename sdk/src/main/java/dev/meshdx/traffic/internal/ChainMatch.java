package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;
import dev.meshdx.traffic.NearMiss.Reason;
import java.util.List;
import java.util.Locale;

/** What a filter chain takes ({@code filter_chain_match}), made ready for many connections. Immutable. */
final class ChainMatch {
    /** The levels at which Envoy asks, in its order. */
    enum Level {
        PORT("port", Reason.PORT),
        ADDRESS("address", Reason.ADDRESS),
        SERVER_NAME("server name", Reason.SERVER_NAME),
        TRANSPORT("transport protocol", Reason.TRANSPORT_PROTOCOL),
        APPLICATION("application protocol", Reason.APPLICATION_PROTOCOL),
        DIRECT_SOURCE("direct source", Reason.SOURCE),
        SOURCE_TYPE("source type", Reason.SOURCE),
        SOURCE("source", Reason.SOURCE),
        SOURCE_PORT("source port", Reason.SOURCE);

        private final String text;
        private final Reason reason;

        Level(String text, Reason reason) {
            this.text = text;
            this.reason = reason;
        }

        private static String known(String text, String otherwise) {
            return text.isEmpty() ? otherwise : text;
        }

        Reason reason() {
            return reason;
        }

        String value(Connection connection) {
            return switch (this) {
                case PORT -> String.valueOf(connection.port());
                case ADDRESS -> known(connection.destination(), "(unknown)");
                case SERVER_NAME -> known(connection.serverName(), "(none)");
                case TRANSPORT -> connection.transport();
                case APPLICATION -> known(String.join(",", connection.applicationProtocols()), "(none)");
                case DIRECT_SOURCE -> connection.directSource();
                case SOURCE_TYPE -> connection.isLocal() ? "local" : "external";
                case SOURCE -> connection.source();
                case SOURCE_PORT -> String.valueOf(connection.sourcePort());
            };
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private final int port;
    private final List<AddressRange> addresses;
    private final List<String> serverNames;
    private final String transport;
    private final List<String> protocols;
    private final List<AddressRange> directSources;
    private final String sourceType;
    private final List<AddressRange> sources;
    private final List<Json> sourcePorts;

    ChainMatch(Json match) {
        this.port = match.at("destination_port").exists()
                ? (int) match.at("destination_port").number(0)
                : -1;
        this.addresses = AddressRange.all(match.at("prefix_ranges"));
        this.serverNames = match.at("server_names").texts().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
        this.transport = match.at("transport_protocol").text("");
        this.protocols = match.at("application_protocols").texts();
        this.directSources = AddressRange.all(match.at("direct_source_prefix_ranges"));
        this.sourceType = match.at("source_type").text("ANY");
        this.sources = AddressRange.all(match.at("source_prefix_ranges"));
        this.sourcePorts = match.at("source_ports").items();
    }

    /** The port that it wants; -1 for any. */
    int port() {
        return port;
    }

    /** How specific the best key for this connection is; 0 where it asks nothing, -1 where it wants something else. */
    int rank(Level level, Connection connection) {
        return switch (level) {
            case PORT -> port < 0 ? 0 : port == connection.port() ? 1 : -1;
            case ADDRESS -> ranges(addresses, connection.destinationBytes());
            case SERVER_NAME -> serverName(connection.lowerServerName());
            case TRANSPORT -> transport.isEmpty() ? 0 : transport.equals(connection.transport()) ? 1 : -1;
            case APPLICATION -> applicationProtocol(connection.applicationProtocols());
            case DIRECT_SOURCE -> ranges(directSources, connection.directSourceBytes());
            case SOURCE_TYPE ->
                switch (sourceType) {
                    case "SAME_IP_OR_LOOPBACK" -> connection.isLocal() ? 1 : -1;
                    case "EXTERNAL" -> connection.isLocal() ? -1 : 1;
                    default -> 0;
                };
            case SOURCE -> ranges(sources, connection.sourceBytes());
            case SOURCE_PORT -> sourcePort(connection.sourcePort());
        };
    }

    private int sourcePort(int came) {
        for (Json wanted : sourcePorts) {
            if (wanted.number(0) == came) {
                return 1;
            }
        }
        return sourcePorts.isEmpty() ? 0 : -1;
    }

    private static int ranges(List<AddressRange> ranges, byte[] address) {
        if (ranges.isEmpty()) {
            return 0;
        }
        int best = -1;
        for (AddressRange range : ranges) {
            if (range.length() > best && range.holds(address)) {
                best = range.length();
            }
        }
        return best;
    }

    private int serverName(String asked) {
        if (serverNames.isEmpty()) {
            return 0;
        }
        int best = -1;
        for (String name : serverNames) {
            if (!asked.isEmpty() && name.equals(asked)) {
                return 10_000;
            }
            if (name.startsWith("*.") && asked.length() > name.length() - 1 && asked.endsWith(name.substring(1))) {
                best = Math.max(best, name.length());
            }
        }
        return best;
    }

    private int applicationProtocol(List<String> offered) {
        if (protocols.isEmpty()) {
            return 0;
        }
        for (int i = 0; i < offered.size(); i++) {
            if (protocols.contains(offered.get(i))) {
                // The client's first choice that any chain has decides.
                return 1_000 - i;
            }
        }
        return -1;
    }
}
