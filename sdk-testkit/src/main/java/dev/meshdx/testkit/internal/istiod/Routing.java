package dev.meshdx.testkit.internal.istiod;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which way Envoy sends, decided on its own configuration, for the configuration that {@link Routes} and {@link Listeners}
 * make. Source: Envoy, "HTTP routing", config.route.v3.RouteMatch and config.listener.v3.FilterChainMatch.
 */
final class Routing {
    private Routing() {}

    /**
     * A request.
     *
     * @param method method
     * @param path path with query
     * @param authority authority with port, as the client sent it
     * @param headers other headers, names in lower case
     */
    record Request(String method, String path, String authority, Map<String, String> headers) {
        String withoutQuery() {
            int query = path.indexOf('?');
            return query < 0 ? path : path.substring(0, query);
        }

        Map<String, String> parameters() {
            Map<String, String> parameters = new LinkedHashMap<>();
            int query = path.indexOf('?');
            if (query >= 0) {
                for (String part : path.substring(query + 1).split("&")) {
                    int equals = part.indexOf('=');
                    parameters.putIfAbsent(
                            equals < 0 ? part : part.substring(0, equals),
                            equals < 0 ? "" : part.substring(equals + 1));
                }
            }
            return parameters;
        }
    }

    /** The virtual host of a route configuration: exact domain, longest suffix, longest prefix, then any. */
    static Optional<Json> virtualHost(Json configuration, String authority) {
        int port = authority.lastIndexOf(':');
        String host = (port < 0 ? authority : authority.substring(0, port)).toLowerCase(Locale.ROOT);
        Json best = Json.MISSING;
        int bestRank = -1;
        for (Json virtualHost : configuration.at("virtual_hosts").items()) {
            for (String domain : virtualHost.at("domains").texts()) {
                int rank = rank(domain.toLowerCase(Locale.ROOT), host);
                if (rank > bestRank) {
                    best = virtualHost;
                    bestRank = rank;
                }
            }
        }
        return bestRank < 0 ? Optional.empty() : Optional.of(best);
    }

    private static int rank(String domain, String host) {
        if (domain.equals(host)) {
            return 30_000;
        }
        if (domain.equals("*")) {
            return 0;
        }
        if (domain.startsWith("*") && host.length() >= domain.length() && host.endsWith(domain.substring(1))) {
            return 20_000 + domain.length();
        }
        if (domain.endsWith("*")
                && host.length() >= domain.length()
                && host.startsWith(domain.substring(0, domain.length() - 1))) {
            return 10_000 + domain.length();
        }
        return -1;
    }

    /** The first route of a virtual host that matches. */
    static Optional<Json> route(Json virtualHost, Request request) {
        return virtualHost.at("routes").items().stream()
                .filter(route -> matches(route.at("match"), request))
                .findFirst();
    }

    private static boolean matches(Json match, Request request) {
        String path = request.withoutQuery();
        boolean caseSensitive = match.at("case_sensitive").bool(true);
        String compared = caseSensitive ? path : path.toLowerCase(Locale.ROOT);
        boolean pathMatches;
        if (match.at("path").exists()) {
            pathMatches = compared.equals(cased(match.at("path"), caseSensitive));
        } else if (match.at("safe_regex").exists()) {
            pathMatches = Pattern.matches(match.at("safe_regex", "regex").text(""), path);
        } else {
            pathMatches = compared.startsWith(cased(match.at("prefix"), caseSensitive));
        }
        return pathMatches
                && match.at("headers").items().stream().allMatch(matcher -> holds(matcher, header(matcher, request)))
                && match.at("query_parameters").items().stream()
                        .allMatch(matcher -> holds(
                                matcher,
                                request.parameters().get(matcher.at("name").text(""))));
    }

    private static String cased(Json text, boolean caseSensitive) {
        return caseSensitive ? text.text("") : text.text("").toLowerCase(Locale.ROOT);
    }

    private static @Nullable String header(Json matcher, Request request) {
        String name = matcher.at("name").text("");
        return switch (name) {
            case ":method" -> request.method();
            case ":authority" -> request.authority();
            case ":path" -> request.path();
            case ":scheme" -> "http";
            default -> request.headers().get(name);
        };
    }

    private static boolean holds(Json matcher, @Nullable String value) {
        boolean invert = matcher.at("invert_match").bool(false);
        String text =
                value == null && matcher.at("treat_missing_header_as_empty").bool(false) ? "" : value;
        if (matcher.at("present_match").exists()) {
            return (text != null) != invert;
        }
        if (text == null) {
            return false;
        }
        Json expected = matcher.at("string_match");
        boolean holds;
        if (expected.at("exact").exists()) {
            holds = text.equals(expected.at("exact").text(""));
        } else if (expected.at("prefix").exists()) {
            holds = text.startsWith(expected.at("prefix").text(""));
        } else {
            holds = Pattern.matches(expected.at("safe_regex", "regex").text(""), text);
        }
        return holds != invert;
    }

    /** The cluster of a route's action; weighted ones are taken in turn, by their weights. */
    static String cluster(Json action, int turn) {
        if (action.at("cluster").exists()) {
            return action.at("cluster").text("");
        }
        List<Json> clusters = action.at("weighted_clusters", "clusters").items();
        long total = clusters.stream()
                .mapToLong(cluster -> cluster.at("weight").number(0))
                .sum();
        // Steps of the golden ratio spread few requests evenly over the weights.
        long point = total == 0 ? 0 : (long) (turn * 0.618_033_988_75 % 1 * total);
        for (Json cluster : clusters) {
            point -= cluster.at("weight").number(0);
            if (point < 0) {
                return cluster.at("name").text("");
            }
        }
        return clusters.isEmpty() ? "" : clusters.get(0).at("name").text("");
    }

    /**
     * The filter chain of a listener for a connection: by port, then transport, then application protocol; each step keeps the
     * most specific chains and never goes back.
     */
    static Optional<Json> filterChain(Json listener, int port, boolean tls, List<String> protocols) {
        List<Json> chains = listener.at("filter_chains").items();
        chains = narrow(
                chains,
                "destination_port",
                match -> match.at("destination_port").number(0) == port);
        String transport = tls ? "tls" : "raw_buffer";
        chains = narrow(
                chains,
                "transport_protocol",
                match -> match.at("transport_protocol").text("").equals(transport));
        chains = narrow(
                chains,
                "application_protocols",
                match -> match.at("application_protocols").texts().stream().anyMatch(protocols::contains));
        return chains.stream()
                .findFirst()
                .or(() -> Optional.of(listener.at("default_filter_chain")).filter(Json::exists));
    }

    private static List<Json> narrow(List<Json> chains, String field, java.util.function.Predicate<Json> criterion) {
        List<Json> specific = new ArrayList<>();
        List<Json> open = new ArrayList<>();
        for (Json chain : chains) {
            Json match = chain.at("filter_chain_match");
            if (!match.at(field).exists()) {
                open.add(chain);
            } else if (criterion.test(match)) {
                specific.add(chain);
            }
        }
        return specific.isEmpty() ? open : specific;
    }
}
