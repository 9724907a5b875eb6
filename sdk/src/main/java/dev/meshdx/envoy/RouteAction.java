package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What happens to the requests that a route takes. Immutable. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code Route.action}.
 */
public sealed interface RouteAction {
    /** The action as Envoy prints it. */
    Json raw();

    /** It is passed on to a cluster. */
    final class Forward implements RouteAction {
        private static final Duration TIMEOUT = Duration.ofSeconds(15);

        private final Json raw;

        Forward(Json raw) {
            this.raw = raw;
        }

        /** The one cluster, where it is one. */
        public Optional<String> cluster() {
            return ProtoValues.text(raw.at("cluster"));
        }

        /** The clusters that are chosen from by weight, those with weight 0 too; empty where there is one cluster. */
        public List<WeightedCluster> weightedClusters() {
            return WeightedCluster.all(raw.at("weighted_clusters"));
        }

        /** The header whose number chooses among them instead of chance, where one does. */
        public Optional<String> weightHeader() {
            return ProtoValues.text(raw.at("weighted_clusters", "header_name"));
        }

        /** The header of the request that names the cluster, where one does. */
        public Optional<String> clusterHeader() {
            return ProtoValues.text(raw.at("cluster_header"));
        }

        /** The extension that chooses the cluster, where one does. */
        public Optional<String> clusterSpecifier() {
            return ProtoValues.text(raw.at("cluster_specifier_plugin"))
                    .or(() -> ProtoValues.text(raw.at("inline_cluster_specifier_plugin", "extension", "name")));
        }

        /** The clusters that a request can get to: one, or several by weight, those with weight 0 left out. */
        public List<String> clusters() {
            List<String> clusters = new ArrayList<>();
            raw.at("cluster").text().ifPresent(clusters::add);
            for (Json weighted : raw.at("weighted_clusters", "clusters").items()) {
                if (weighted.at("weight").number(0) > 0) {
                    weighted.at("name").text().ifPresent(clusters::add);
                }
            }
            return List.copyOf(clusters);
        }

        /** The status where the proxy does not have the cluster: 503 where nothing else is set. */
        public int clusterNotFoundStatus() {
            return switch (raw.at("cluster_not_found_response_code").text("")) {
                case "NOT_FOUND" -> 404;
                case "INTERNAL_SERVER_ERROR" -> 500;
                default -> 503;
            };
        }

        /** What the matched prefix or path is replaced by. */
        public Optional<String> prefixRewrite() {
            return ProtoValues.text(raw.at("prefix_rewrite"));
        }

        /** The RE2 expression whose matches in the path are replaced, and by what. */
        public Optional<RegexRewrite> regexRewrite() {
            return RegexRewrite.of(raw.at("regex_rewrite"));
        }

        /** The template by which the path is written anew. */
        public Optional<String> templateRewrite() {
            return ProtoValues.text(raw.at("path_rewrite_policy", "typed_config", "path_template_rewrite"));
        }

        /** How the host is rewritten, for people: {@code a.example.com}, {@code the endpoint's name}; empty where it is not. */
        public String hostRewrite() {
            Optional<String> literal =
                    ProtoValues.text(raw.at("host_rewrite_literal")).or(() -> ProtoValues.text(raw.at("host_rewrite")));
            if (literal.isPresent()) {
                return literal.get();
            }
            if (isAutoHostRewrite()) {
                return "the endpoint's name";
            }
            Optional<String> header = ProtoValues.text(raw.at("host_rewrite_header"))
                    .or(() -> ProtoValues.text(raw.at("auto_host_rewrite_header")));
            if (header.isPresent()) {
                return "header " + header.get();
            }
            return RegexRewrite.of(raw.at("host_rewrite_path_regex"))
                    .map(rewrite -> "path " + rewrite)
                    .orElse("");
        }

        /** The host that upstreams get instead of the request's, where one is written. */
        public Optional<String> hostRewriteLiteral() {
            return ProtoValues.text(raw.at("host_rewrite_literal")).or(() -> ProtoValues.text(raw.at("host_rewrite")));
        }

        /** Whether the host becomes the DNS name of the endpoint. */
        public boolean isAutoHostRewrite() {
            return raw.at("auto_host_rewrite").bool(false);
        }

        /** How long the whole exchange may take, retries included; 15 s where nothing is set, zero for no limit. */
        public Duration timeout() {
            return ProtoValues.duration(raw.at("timeout")).orElse(TIMEOUT);
        }

        /** How long it may be silent; empty where the connection manager's {@code stream_idle_timeout} holds, zero for no limit. */
        public Optional<Duration> idleTimeout() {
            return ProtoValues.duration(raw.at("idle_timeout"));
        }

        /** How long a stream may last at all; empty where nothing is set, zero for no limit. */
        public Optional<Duration> maxStreamDuration() {
            return ProtoValues.duration(raw.at("max_stream_duration", "max_stream_duration"));
        }

        /** Up to what a client's {@code grpc-timeout} counts; empty where it does not, zero for no limit. */
        public Optional<Duration> grpcTimeoutMax() {
            return ProtoValues.duration(raw.at("max_stream_duration", "grpc_timeout_header_max"))
                    .or(() -> ProtoValues.duration(raw.at("max_grpc_timeout")));
        }

        /** When it is tried again; empty where the virtual host's policy holds, or none. */
        public Optional<RetryPolicy> retryPolicy() {
            return RetryPolicy.of(raw.at("retry_policy"));
        }

        /** Where copies of requests go. */
        public List<Mirror> mirrors() {
            List<Mirror> mirrors = new ArrayList<>();
            for (Json policy : raw.at("request_mirror_policies").items()) {
                mirrors.add(Mirror.of(policy));
            }
            if (raw.at("request_mirror_policy").exists()) {
                mirrors.add(Mirror.of(raw.at("request_mirror_policy")));
            }
            return List.copyOf(mirrors);
        }

        /** What an endpoint is chosen by, where hashing chooses: {@code header x-user}, {@code cookie session 30m}. */
        public List<String> hashPolicies() {
            return raw.at("hash_policy").items().stream().map(Forward::hash).toList();
        }

        private static String hash(Json policy) {
            String text;
            if (policy.at("header").exists()) {
                text = "header " + policy.at("header", "header_name").text("");
            } else if (policy.at("cookie").exists()) {
                text = "cookie " + policy.at("cookie", "name").text("")
                        + ProtoValues.duration(policy.at("cookie", "ttl"))
                                .map(ttl -> " " + ProtoValues.text(ttl))
                                .orElse("");
            } else if (policy.at("connection_properties").exists()) {
                text = "source IP";
            } else if (policy.at("query_parameter").exists()) {
                text = "query parameter " + policy.at("query_parameter", "name").text("");
            } else if (policy.at("filter_state").exists()) {
                text = "filter state " + policy.at("filter_state", "key").text("");
            } else {
                text = policy.names().isEmpty() ? "nothing" : policy.names().get(0);
            }
            return policy.at("terminal").bool(false) ? text + " (then no other)" : text;
        }

        /** What a rate limit service is asked about: each the descriptor's entries. */
        public List<String> rateLimits() {
            return RateLimits.descriptors(raw.at("rate_limits"));
        }

        /** What clients may change to; a protocol that is not here is up to the connection manager. */
        public List<Upgrade> upgrades() {
            return Upgrade.all(raw.at("upgrade_configs"));
        }

        @Override
        public Json raw() {
            return raw;
        }

        /** {@code outbound|9080|v2|reviews… 90%, … 10%; timeout 3s, 2 retries on 5xx}. */
        @Override
        public String toString() {
            List<String> extras = extras();
            return destination() + (extras.isEmpty() ? "" : "; " + String.join(", ", extras));
        }

        String destination() {
            List<WeightedCluster> weighted = weightedClusters();
            if (!weighted.isEmpty()) {
                return weighted(weighted)
                        + weightHeader().map(header -> " by header " + header).orElse("");
            }
            return cluster()
                    .map(name -> shortName(name, ""))
                    .or(() -> clusterHeader().map(header -> "the cluster in header " + header))
                    .or(() -> clusterSpecifier().map(plugin -> "the cluster of " + plugin))
                    .orElse("no cluster");
        }

        /** {@code reviews.production:9080 v2 90%, v1 10%}: a service's name only where it changes. */
        private static String weighted(List<WeightedCluster> clusters) {
            List<String> parts = new ArrayList<>();
            String before = "";
            for (WeightedCluster cluster : clusters) {
                String name = cluster.clusterHeader().isEmpty()
                        ? shortName(cluster.cluster(), before)
                        : "the cluster in header " + cluster.clusterHeader();
                parts.add(name + " " + ProtoValues.percentText(cluster.share()));
                before = service(cluster.cluster());
            }
            return ProtoValues.some(parts, 6);
        }

        private static String service(String cluster) {
            ClusterName name = ClusterName.parse(cluster);
            if (!name.isStructured()) {
                return "";
            }
            String host = name.host().endsWith(".svc.cluster.local")
                    ? name.host().substring(0, name.host().length() - ".svc.cluster.local".length())
                    : name.host();
            // Inbound clusters of sidecars have no host, only the port of the application.
            return host.isEmpty() ? "inbound port " + name.port() : host + ":" + name.port();
        }

        private static String shortName(String cluster, String before) {
            String service = service(cluster);
            if (service.isEmpty()) {
                return cluster;
            }
            String subset = ClusterName.parse(cluster).subset();
            if (service.equals(before) && !subset.isEmpty()) {
                return subset;
            }
            return subset.isEmpty() ? service : service + " " + subset;
        }

        /** Everything but the destination, briefly. */
        List<String> extras() {
            List<String> extras = new ArrayList<>();
            prefixRewrite().ifPresent(to -> extras.add("prefix becomes " + to));
            regexRewrite().ifPresent(rewrite -> extras.add("path " + rewrite));
            templateRewrite().ifPresent(to -> extras.add("path becomes " + to));
            if (!hostRewrite().isEmpty()) {
                extras.add("host becomes " + hostRewrite());
            }
            if (!raw.at("timeout").exists()) {
                extras.add("timeout 15s (Envoy's default)");
            } else if (!timeout().isZero()) {
                extras.add("timeout " + ProtoValues.text(timeout()));
            }
            idleTimeout()
                    .filter(timeout -> !timeout.isZero())
                    .ifPresent(timeout -> extras.add("idle timeout " + ProtoValues.text(timeout)));
            maxStreamDuration()
                    .filter(limit -> !limit.isZero())
                    .ifPresent(limit -> extras.add("at most " + ProtoValues.text(limit)));
            retryPolicy()
                    .filter(policy -> policy.retries() > 0 && !policy.retryOn().isEmpty())
                    .ifPresent(policy -> extras.add(policy.toString()));
            mirrors().forEach(mirror -> extras.add("mirrored to " + mirror));
            hashPolicies().forEach(policy -> extras.add("hashed by " + policy));
            rateLimits().forEach(limit -> extras.add("rate limit " + limit));
            upgrades().forEach(upgrade -> extras.add("upgrade " + upgrade));
            return List.copyOf(extras);
        }
    }

    /**
     * Copies of requests that go elsewhere; their responses are dropped.
     *
     * @param cluster where they go; empty where a header names it
     * @param clusterHeader the header that names it; empty where the cluster is written
     * @param percent the share of requests that are copied, in percent; 100 where nothing is set
     */
    record Mirror(String cluster, String clusterHeader, double percent) {
        static Mirror of(Json policy) {
            return new Mirror(
                    policy.at("cluster").text(""),
                    policy.at("cluster_header").text(""),
                    policy.at("runtime_fraction").exists()
                            ? ProtoValues.percent(policy.at("runtime_fraction", "default_value"), 0)
                            : 100);
        }

        /** {@code reviews.production:9080 v3 10%}. */
        @Override
        public String toString() {
            String where =
                    clusterHeader.isEmpty() ? Forward.shortName(cluster, "") : "the cluster in header " + clusterHeader;
            return where + " " + ProtoValues.percentText(percent);
        }
    }

    /**
     * Replacement by a regular expression. Source: Envoy, {@code type/matcher/v3/regex.proto},
     * {@code RegexMatchAndSubstitute}.
     *
     * @param pattern the RE2 expression
     * @param substitution what its matches are replaced by; {@code \1} stands for its first group
     */
    record RegexRewrite(String pattern, String substitution) {
        static Optional<RegexRewrite> of(Json raw) {
            return raw.exists()
                    ? Optional.of(new RegexRewrite(
                            ProtoValues.regex(raw.at("pattern")),
                            raw.at("substitution").text("")))
                    : Optional.empty();
        }

        /** {@code ^/v1/(.*) becomes /\1}. */
        @Override
        public String toString() {
            return pattern + " becomes " + substitution;
        }
    }

    /** The client is told to ask elsewhere. */
    final class Redirect implements RouteAction {
        private final Json raw;

        Redirect(Json raw) {
            this.raw = raw;
        }

        /** The status, 301 where nothing is set. */
        public int status() {
            return switch (raw.at("response_code").text("")) {
                case "FOUND" -> 302;
                case "SEE_OTHER" -> 303;
                case "TEMPORARY_REDIRECT" -> 307;
                case "PERMANENT_REDIRECT" -> 308;
                default -> 301;
            };
        }

        /** The scheme to ask with; empty where it stays. */
        public Optional<String> scheme() {
            return raw.at("https_redirect").bool(false)
                    ? Optional.of("https")
                    : ProtoValues.text(raw.at("scheme_redirect"));
        }

        /** The host to ask; empty where it stays. */
        public Optional<String> host() {
            return ProtoValues.text(raw.at("host_redirect"));
        }

        /** The port to ask; empty where it stays. */
        public Optional<Integer> port() {
            int port = ProtoValues.count(raw.at("port_redirect"), 0);
            return port == 0 ? Optional.empty() : Optional.of(port);
        }

        /** The path to ask for, whole, perhaps with a query; empty where it stays or only a part changes. */
        public Optional<String> path() {
            return ProtoValues.text(raw.at("path_redirect"));
        }

        /** What the matched prefix or path is replaced by. */
        public Optional<String> prefixRewrite() {
            return ProtoValues.text(raw.at("prefix_rewrite"));
        }

        /** The RE2 expression whose matches in the path are replaced, and by what. */
        public Optional<RegexRewrite> regexRewrite() {
            return RegexRewrite.of(raw.at("regex_rewrite"));
        }

        /** Whether the query is left out. */
        public boolean stripsQuery() {
            return raw.at("strip_query").bool(false);
        }

        @Override
        public Json raw() {
            return raw;
        }

        /** {@code redirect 301 to https://…:8443/new}. */
        @Override
        public String toString() {
            StringBuilder to = new StringBuilder();
            scheme().ifPresent(scheme -> to.append(scheme).append("://"));
            if (host().isPresent() || port().isPresent() || !to.isEmpty()) {
                to.append(host().orElse("(same host)"));
            }
            port().ifPresent(port -> to.append(':').append(port));
            path().ifPresent(to::append);
            prefixRewrite().ifPresent(prefix -> to.append(", prefix becomes ").append(prefix));
            regexRewrite().ifPresent(rewrite -> to.append(", path ").append(rewrite));
            if (stripsQuery()) {
                to.append(", without the query");
            }
            String text = to.toString();
            return "redirect " + status() + (text.isEmpty() || text.startsWith(",") ? text : " to " + text);
        }
    }

    /** The proxy answers itself. */
    final class DirectResponse implements RouteAction {
        private static final int SHOWN = 40;

        private final Json raw;

        DirectResponse(Json raw) {
            this.raw = raw;
        }

        /** The status; 200 where it cannot be read. */
        public int status() {
            return ProtoValues.count(raw.at("status"), 200);
        }

        /** The body, where it is a text; binary ones as Envoy prints them, in base64. */
        public Optional<String> body() {
            return raw.at("body", "inline_string")
                    .text()
                    .or(() -> raw.at("body", "inline_bytes").text());
        }

        /** The file that the body is read from, where it is. */
        public Optional<String> bodyFile() {
            return ProtoValues.text(raw.at("body", "filename"));
        }

        @Override
        public Json raw() {
            return raw;
        }

        /** {@code answer 503 "upstream is closed"}. */
        @Override
        public String toString() {
            return "answer " + status()
                    + body().map(body -> " \"" + ProtoValues.shorten(body, SHOWN) + "\"")
                            .or(() -> bodyFile().map(file -> " with " + file))
                            .orElse("");
        }
    }

    /** Something else: the request is not for routing ({@code non_forwarding_action}), a filter acts, or nothing is known. */
    final class Other implements RouteAction {
        private final String name;
        private final Json raw;

        Other(String name, Json raw) {
            this.name = name;
            this.raw = raw;
        }

        /** The field that says what: {@code non_forwarding_action}, {@code filter_action}; empty for none. */
        public String name() {
            return name;
        }

        @Override
        public Json raw() {
            return raw;
        }

        /** {@code non forwarding action}, {@code no action}. */
        @Override
        public String toString() {
            return name.isEmpty() ? "no action" : name.replace('_', ' ');
        }
    }
}
