package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.envoy.internal.TypedConfig;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a filter does, in a line. Filters that are not known, or that have nothing to say, have an empty summary. Source:
 * Envoy, {@code api/envoy/extensions/filters}; Istio, {@code pilot/pkg/xds/filters}.
 */
final class FilterSummaries {
    private static final int SHOWN = 3;
    private static final int CODE = 60;

    private FilterSummaries() {}

    static String http(String kind, TypedConfig config) {
        Json fields = config.fields();
        return switch (kind) {
            case "jwt_authn" -> jwt(fields);
            case "rbac" -> new Rbac(fields.at("rbac").exists() ? fields.at("rbac") : fields).toString();
            case "ext_authz" -> extAuthz(fields);
            case "fault" -> new FaultInjection(fields).isActive() ? new FaultInjection(fields).toString() : "";
            case "cors" -> fields.at("allow_origin_string_match").exists() ? new Cors(fields).toString() : "";
            case "lua" -> lua(fields);
            case "ratelimit", "rate_limit" -> rateLimit(fields);
            case "local_ratelimit" -> localRateLimit(fields);
            case "grpc_stats" -> fields.at("emit_filter_state").bool(false) ? "message counts for access logs" : "";
            case "grpc_web" -> "translates gRPC-Web";
            case "alpn" -> "offers Istio's ALPN upstream";
            case "peer_metadata" -> peerMetadata(fields);
            case "compressor" ->
                fields.at("compressor_library", "typed_config", "@type")
                        .text()
                        .map(type -> TypedConfig.of(fields.at("compressor_library", "typed_config"))
                                .message())
                        .orElse("");
            case "oauth2" -> oauth(fields.at("config").exists() ? fields.at("config") : fields);
            case "ext_proc" ->
                service(fields.at("grpc_service"))
                        + (fields.at("failure_mode_allow").bool(false) ? ", fails open" : ", fails closed");
            case "buffer" ->
                disabled(fields)
                        .orElse("at most "
                                + ProtoValues.count(
                                        fields.at("max_request_bytes").exists()
                                                ? fields.at("max_request_bytes")
                                                : fields.at("buffer", "max_request_bytes"),
                                        0)
                                + " bytes");
            case "stateful_session" ->
                disabled(fields)
                        .orElse(fields.at("session_state", "name")
                                .text(fields.at("stateful_session", "session_state", "name")
                                        .text("")));
            case "health_check" -> fields.at("pass_through_mode").bool(false) ? "passes through" : "answers itself";
            default -> common(kind, fields);
        };
    }

    static String network(String kind, TypedConfig config) {
        Json fields = config.fields();
        return switch (kind) {
            case "http_connection_manager" -> new HttpConnectionManager(fields).summary();
            case "tcp_proxy" -> new TcpProxy(fields).summary();
            case "rbac" -> new Rbac(fields).toString();
            case "metadataexchange", "metadata_exchange" ->
                "exchanges workload metadata by ALPN " + fields.at("protocol").text("");
            case "peer_metadata", "network_peer_metadata" -> "finds the peer's workload metadata";
            case "ratelimit", "rate_limit" -> rateLimit(fields);
            case "local_ratelimit" -> RateLimits.bucket(fields.at("token_bucket"));
            case "connection_limit" -> "at most " + fields.at("max_connections").number(0) + " connections";
            case "ext_authz" -> extAuthz(fields);
            case "sni_cluster" -> "the cluster is the server name";
            case "redis_proxy" -> redis(fields);
            case "mongo_proxy", "mysql_proxy", "postgres_proxy", "zookeeper_proxy", "kafka_broker" ->
                "counts " + fields.at("stat_prefix").text("without a prefix");
            case "direct_response" -> "answers and closes";
            case "echo" -> "sends back what it gets";
            default -> common(kind, fields);
        };
    }

    private static String common(String kind, Json fields) {
        return switch (kind) {
            case "wasm" -> wasm(fields.at("config"));
            case "stats" ->
                "Istio's metrics"
                        + ProtoValues.text(fields.at("reporter"))
                                .map(reporter -> " as " + reporter)
                                .orElse("");
            case "set_filter_state" -> setFilterState(fields);
            default -> "";
        };
    }

    static String listener(String kind, TypedConfig config) {
        Json fields = config.fields();
        return switch (kind) {
            case "tls_inspector" -> "reads server name and ALPN";
            case "http_inspector" -> "finds out whether it is HTTP";
            case "original_dst" -> "restores the original destination";
            case "original_src" ->
                "keeps the client's address"
                        + (fields.at("mark").number(0) == 0
                                ? ""
                                : ", mark " + fields.at("mark").number(0));
            case "proxy_protocol" ->
                "reads the PROXY header"
                        + (fields.at("allow_requests_without_proxy_protocol").bool(false) ? " where there is one" : "");
            case "local_ratelimit" -> RateLimits.bucket(fields.at("token_bucket"));
            default -> common(kind, fields);
        };
    }

    private static Optional<String> disabled(Json fields) {
        return fields.at("disabled").bool(false) ? Optional.of("switched off") : Optional.empty();
    }

    private static String jwt(Json fields) {
        if (fields.at("disabled").bool(false)) {
            return "switched off";
        }
        List<String> providers = new ArrayList<>();
        fields.at("providers")
                .forEachField((name, provider) -> providers.add(name + " (issuer "
                        + provider.at("issuer").text("any") + ", keys "
                        + (provider.at("remote_jwks").exists()
                                ? "from "
                                        + provider.at("remote_jwks", "http_uri", "uri")
                                                .text(provider.at("remote_jwks", "http_uri", "cluster")
                                                        .text("?"))
                                : "inline")
                        + ")"));
        List<String> rules = new ArrayList<>();
        for (Json rule : fields.at("rules").items()) {
            String requires = rule.at("requires").exists()
                    ? requirement(rule.at("requires"))
                    : rule.at("requirement_name").text("nothing");
            rules.add(new RouteMatch(rule.at("match")).pathText() + " wants " + requires);
        }
        fields.at("requirement_name").text().ifPresent(name -> rules.add("wants " + name));
        if (providers.isEmpty() && rules.isEmpty()) {
            return "no providers";
        }
        return (providers.isEmpty() ? "" : "providers " + ProtoValues.some(providers, SHOWN) + "; ")
                + (rules.isEmpty() ? "no rules" : ProtoValues.some(rules, SHOWN));
    }

    /** Source: Envoy, {@code extensions/filters/http/jwt_authn/v3/config.proto}, {@code JwtRequirement}. */
    private static String requirement(Json requirement) {
        for (String several : List.of("requires_any", "requires_all")) {
            if (requirement.at(several).exists()) {
                List<String> parts = new ArrayList<>();
                requirement.at(several, "requirements").items().forEach(part -> parts.add(requirement(part)));
                return String.join(several.equals("requires_any") ? " or " : " and ", parts);
            }
        }
        if (requirement.at("allow_missing").exists()) {
            return "no token";
        }
        if (requirement.at("allow_missing_or_failed").exists()) {
            return "anything";
        }
        return requirement
                .at("provider_name")
                .text(requirement.at("provider_and_audiences", "provider_name").text("nothing"));
    }

    private static String extAuthz(Json fields) {
        if (fields.at("disabled").bool(false)) {
            return "switched off";
        }
        if (fields.at("check_settings").exists()) {
            return "with settings for the check";
        }
        Json http = fields.at("http_service", "server_uri");
        String asks = http.exists()
                ? http.at("uri").text("") + " in " + http.at("cluster").text("?")
                : service(fields.at("grpc_service"));
        Optional<String> timeout = ProtoValues.duration(
                        http.exists() ? http.at("timeout") : fields.at("grpc_service", "timeout"))
                .map(ProtoValues::text);
        // Istio guards the filter with the result of an RBAC filter in front of it: it is asked for CUSTOM policies
        // only.
        boolean custom = fields.at("filter_enabled_metadata").exists();
        return "asks " + asks
                + timeout.map(text -> " within " + text).orElse("")
                + (fields.at("failure_mode_allow").bool(false) ? ", fails open" : ", fails closed")
                + (custom ? ", for CUSTOM policies" : "");
    }

    private static String service(Json grpc) {
        return grpc.at("envoy_grpc", "cluster_name")
                .text(grpc.at("google_grpc", "target_uri").text("?"));
    }

    private static String lua(Json fields) {
        if (fields.at("disabled").bool(false)) {
            return "switched off";
        }
        String code = fields.at("default_source_code", "inline_string")
                .text(fields.at("inline_code")
                        .text(fields.at("source_code", "inline_string").text("")));
        if (!code.isEmpty()) {
            return "code of " + code.lines().count() + " lines: " + ProtoValues.shorten(code.strip(), CODE);
        }
        return fields.at("default_source_code", "filename")
                .text(fields.at("name").text(""));
    }

    private static String wasm(Json plugin) {
        Json code = plugin.at("vm_config", "code");
        String from = code.at("remote", "http_uri", "uri")
                .text(code.at("local", "filename").text(code.at("local").exists() ? "inline" : ""));
        boolean open = plugin.at("fail_open").bool(false)
                || plugin.at("failure_policy").text("").equals("FAIL_OPEN");
        return plugin.at("name").text(plugin.at("root_id").text("plugin"))
                + (from.isEmpty() ? "" : " from " + from)
                + (open ? ", fails open" : ", fails closed");
    }

    private static String rateLimit(Json fields) {
        List<String> parts = new ArrayList<>();
        ProtoValues.text(fields.at("domain")).ifPresent(domain -> parts.add("domain " + domain));
        Json grpc = fields.at("rate_limit_service", "grpc_service");
        if (grpc.exists()) {
            parts.add("asks " + service(grpc));
            parts.add(fields.at("failure_mode_deny").bool(false) ? "fails closed" : "fails open");
        }
        RateLimits.descriptors(fields.at("rate_limits")).forEach(parts::add);
        return String.join(", ", parts);
    }

    /** The shares are 0 where they are not set. Source: Envoy, {@code local_ratelimit/v3/local_rate_limit.proto}. */
    private static String localRateLimit(Json fields) {
        String bucket = RateLimits.bucket(fields.at("token_bucket"));
        if (bucket.isEmpty()) {
            return "no bucket";
        }
        double enabled = ProtoValues.percent(fields.at("filter_enabled"), 0);
        double enforced = ProtoValues.percent(fields.at("filter_enforced"), 0);
        List<String> parts = new ArrayList<>();
        parts.add(bucket);
        int descriptors = fields.at("descriptors").size();
        if (descriptors > 0) {
            parts.add(descriptors + " descriptors");
        }
        if (enabled < 100) {
            parts.add("looks at " + ProtoValues.percentText(enabled) + " of requests");
        }
        if (enforced < 100) {
            parts.add("enforced for " + ProtoValues.percentText(enforced));
        }
        String status = fields.at("status", "code").text("");
        if (!status.isEmpty()) {
            parts.add("answers " + status);
        }
        return String.join(", ", parts);
    }

    private static String peerMetadata(Json fields) {
        List<String> parts = new ArrayList<>();
        for (String field : fields.names()) {
            List<String> methods = new ArrayList<>();
            fields.at(field).items().forEach(method -> methods.addAll(method.names()));
            if (!methods.isEmpty()) {
                parts.add((field + " by " + String.join(", ", methods)).replace('_', ' '));
            }
        }
        return String.join("; ", parts);
    }

    private static String oauth(Json config) {
        return "signs in at " + config.at("authorization_endpoint").text("?") + ", tokens from "
                + config.at("token_endpoint", "uri")
                        .text(config.at("token_endpoint", "cluster").text("?"));
    }

    private static String redis(Json fields) {
        List<String> clusters = new ArrayList<>();
        fields.at("prefix_routes", "catch_all_route", "cluster").text().ifPresent(clusters::add);
        fields.at("prefix_routes", "routes")
                .items()
                .forEach(route -> clusters.add(
                        route.at("prefix").text("") + "* " + route.at("cluster").text("")));
        fields.at("cluster").text().ifPresent(clusters::add);
        return clusters.isEmpty() ? "" : "to " + ProtoValues.some(clusters, SHOWN);
    }

    private static String setFilterState(Json fields) {
        List<String> keys = new ArrayList<>();
        for (String when :
                List.of("on_accept", "on_new_connection", "on_downstream_tls_handshake", "on_request_headers")) {
            fields.at(when)
                    .items()
                    .forEach(value -> keys.add(
                            value.at("object_key").text(value.at("factory_key").text(""))));
        }
        return "sets " + ProtoValues.some(keys, SHOWN);
    }
}
