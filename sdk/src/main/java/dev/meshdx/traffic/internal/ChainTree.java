package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.TextMatch;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The matcher tree by which a listener chooses a filter chain, as that of a waypoint does. Source: xds,
 * {@code xds/type/matcher/v3/matcher.proto}, {@code ip.proto}, {@code domain.proto}; Envoy,
 * {@code extensions/matching/common_inputs/network/v3/network_inputs.proto}. Immutable.
 */
final class ChainTree {
    /**
     * What came of it.
     *
     * @param chain the name of the chain; empty where the tree ends in nothing, or in something that is not known here
     */
    record Result(String chain, String because) {}

    private final Json matcher;
    private final Regexes regexes;

    ChainTree(Json matcher, Regexes regexes) {
        this.matcher = matcher;
        this.regexes = regexes;
    }

    Result choose(Connection connection) {
        List<String> way = new ArrayList<>();
        String chain = matcher(matcher, connection, way);
        return new Result(chain == null ? "" : chain, way.isEmpty() ? "nothing in it fits" : String.join(", ", way));
    }

    /** The name of the chain; null where nothing fits, so that the tree above goes on with what it has for that. */
    private @Nullable String matcher(Json matcher, Connection connection, List<String> way) {
        String found = null;
        Json tree = matcher.at("matcher_tree");
        if (tree.exists()) {
            found = tree(tree, connection, way);
        } else {
            for (Json item : matcher.at("matcher_list", "matchers").items()) {
                if (found == null && holds(item.at("predicate"), connection)) {
                    found = onMatch(item.at("on_match"), connection, way);
                }
            }
        }
        if (found == null && matcher.at("on_no_match").exists()) {
            way.add("otherwise");
            found = onMatch(matcher.at("on_no_match"), connection, way);
        }
        return found;
    }

    private @Nullable String tree(Json tree, Connection connection, List<String> way) {
        String input = input(tree.at("input"));
        String value = value(input, connection);
        if (tree.at("exact_match_map").exists()) {
            Json match = tree.at("exact_match_map", "map").at(value);
            return match.exists() ? step(match, connection, way, input + " " + value) : null;
        }
        if (tree.at("prefix_match_map").exists()) {
            Json map = tree.at("prefix_match_map", "map");
            List<String> fitting = map.names().stream()
                    .filter(value::startsWith)
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .toList();
            for (String prefix : fitting) {
                String found = step(map.at(prefix), connection, way, input + " " + value);
                if (found != null) {
                    return found;
                }
            }
            return null;
        }
        Json custom = tree.at("custom_match", "typed_config");
        String type = custom.at("@type").text("");
        if (type.endsWith("IPMatcher")) {
            return ranges(custom, connection, way, input, value);
        }
        if (type.endsWith("ServerNameMatcher") || type.endsWith("DomainMatcher")) {
            return names(custom, connection, way, value);
        }
        way.add("a matcher that is not known here: " + type.substring(type.lastIndexOf('.') + 1));
        return "";
    }

    private record Range(Json onMatch, int length) {}

    /** The longest prefix counts; where its branch leads nowhere, the next shorter one. */
    private @Nullable String ranges(Json custom, Connection connection, List<String> way, String input, String value) {
        byte[] address = Addresses.bytes(value).orElse(new byte[0]);
        List<Range> fitting = new ArrayList<>();
        for (Json item : custom.at("range_matchers").items()) {
            for (AddressRange one : AddressRange.all(item.at("ranges"))) {
                if (one.holds(address)) {
                    fitting.add(new Range(item.at("on_match"), one.length()));
                }
            }
        }
        fitting.sort(Comparator.comparingInt(Range::length).reversed());
        for (Range range : fitting) {
            String found = step(range.onMatch(), connection, way, input + " " + value);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Exact names before wildcards, the longest first, before the bare star; without a name nothing fits. */
    private @Nullable String names(Json custom, Connection connection, List<String> way, String value) {
        Json best = Json.MISSING;
        int longest = -1;
        for (Json item : custom.at("domain_matchers").items()) {
            for (String domain : item.at("domains").texts()) {
                boolean star = domain.startsWith("*");
                boolean fits = star
                        ? domain.length() == 1 || value.endsWith(domain.substring(1))
                        : value.equals(domain.toLowerCase(Locale.ROOT));
                int length = star ? domain.length() : 10_000;
                if (fits && length > longest) {
                    best = item.at("on_match");
                    longest = length;
                }
            }
        }
        return longest < 0 || value.isEmpty() ? null : step(best, connection, way, "server name " + value);
    }

    private @Nullable String step(Json onMatch, Connection connection, List<String> way, String because) {
        way.add(because);
        return onMatch(onMatch, connection, way);
    }

    private @Nullable String onMatch(Json onMatch, Connection connection, List<String> way) {
        if (onMatch.at("matcher").exists()) {
            return matcher(onMatch.at("matcher"), connection, way);
        }
        Json action = onMatch.at("action");
        return action.at("typed_config", "value").text(action.at("name").text(""));
    }

    private boolean holds(Json predicate, Connection connection) {
        Json single = predicate.at("single_predicate");
        if (single.exists()) {
            String value = value(input(single.at("input")), connection);
            return single.at("value_match").exists()
                    && TextMatcher.of(TextMatch.of(single.at("value_match")), regexes)
                            .matches(value);
        }
        if (predicate.at("or_matcher").exists()) {
            return predicate.at("or_matcher", "predicate").items().stream().anyMatch(one -> holds(one, connection));
        }
        if (predicate.at("and_matcher").exists()) {
            return predicate.at("and_matcher", "predicate").items().stream().allMatch(one -> holds(one, connection));
        }
        return predicate.at("not_matcher").exists() && !holds(predicate.at("not_matcher"), connection);
    }

    /** What is looked at, in a word. */
    private static String input(Json input) {
        String type = input.at("typed_config", "@type").text(input.at("name").text(""));
        return switch (type.substring(type.lastIndexOf('.') + 1)) {
            case "DestinationPortInput", "port" -> "port";
            case "DestinationIPInput", "ip" -> "address";
            case "SourceIPInput" -> "source";
            case "DirectSourceIPInput" -> "direct source";
            case "SourcePortInput" -> "source port";
            case "ServerNameInput" -> "server name";
            case "TransportProtocolInput" -> "transport protocol";
            case "ApplicationProtocolInput" -> "application protocol";
            default -> type;
        };
    }

    private static String value(String input, Connection connection) {
        return switch (input) {
            case "port" -> String.valueOf(connection.port());
            case "address" -> connection.destination();
            case "source" -> connection.source();
            case "direct source" -> connection.directSource();
            case "source port" -> String.valueOf(connection.sourcePort());
            case "server name" -> connection.lowerServerName();
            case "transport protocol" -> connection.transport();
            case "application protocol" ->
                // Source: Envoy, network_inputs.proto: each in quotes, with commas.
                String.join(
                        ",",
                        connection.applicationProtocols().stream()
                                .map(one -> "'" + one + "'")
                                .toList());
            default -> "";
        };
    }
}
