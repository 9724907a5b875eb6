package dev.meshdx.analysis.internal.checks.schema;

import com.google.re2j.PatternSyntaxException;
import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an EnvoyFilter must look like, but for the patches themselves: what Envoy makes of them, Envoy says. Source:
 * istio/istio, {@code validation/envoyfilter}.
 */
public final class EnvoyFilterSchemaCheck extends SchemaCheck {
    private static final Set<String> OF_LISTENERS = Set.of("LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER");
    private static final Set<String> OF_ROUTES = Set.of("ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE");

    /** What is configured by a name and a {@code typed_config}. */
    private static final Set<String> EXTENSIONS =
            Set.of("NETWORK_FILTER", "HTTP_FILTER", "LISTENER_FILTER", "EXTENSION_CONFIG");

    /** The only filter that has filters of its own, by its name and by its old one. */
    private static final Set<String> CONNECTION_MANAGER =
            Set.of("envoy.filters.network.http_connection_manager", "envoy.http_connection_manager");

    /** Source: Envoy docs, "Well known extension names", those that were deprecated with version 1.14. */
    private static final Set<String> OLD_NAMES = Set.of(
            "envoy.buffer",
            "envoy.client_ssl_auth",
            "envoy.cors",
            "envoy.csrf",
            "envoy.echo",
            "envoy.ext_authz",
            "envoy.fault",
            "envoy.grpc_http1_bridge",
            "envoy.grpc_json_transcoder",
            "envoy.grpc_web",
            "envoy.gzip",
            "envoy.health_check",
            "envoy.http_connection_manager",
            "envoy.http_dynamo_filter",
            "envoy.ip_tagging",
            "envoy.listener.http_inspector",
            "envoy.listener.original_dst",
            "envoy.listener.original_src",
            "envoy.listener.proxy_protocol",
            "envoy.listener.tls_inspector",
            "envoy.lua",
            "envoy.mongo_proxy",
            "envoy.rate_limit",
            "envoy.ratelimit",
            "envoy.redis_proxy",
            "envoy.router",
            "envoy.squash",
            "envoy.tcp_proxy");

    /**
     * The fields of the messages that patches change; those of clusters, listeners and bootstraps are too many. Source: Envoy
     * docs, API v3, {@code config/route/v3}, {@code config/listener/v3}, {@code config/core/v3/extension.proto} and
     * {@code HttpFilter} of {@code http_connection_manager.proto}.
     */
    private static final Map<String, Set<String>> FIELDS = Map.of(
            "HTTP_FILTER",
            Set.of("name", "typed_config", "config_discovery", "is_optional", "disabled"),
            "NETWORK_FILTER",
            Set.of("name", "typed_config", "config_discovery"),
            "LISTENER_FILTER",
            Set.of("name", "typed_config", "config_discovery", "filter_disabled"),
            "EXTENSION_CONFIG",
            Set.of("name", "typed_config"),
            "FILTER_CHAIN",
            Set.of(
                    "name",
                    "filter_chain_match",
                    "filters",
                    "use_proxy_proto",
                    "metadata",
                    "transport_socket",
                    "transport_socket_connect_timeout",
                    "on_demand_configuration"),
            "ROUTE_CONFIGURATION",
            Set.of(
                    "name",
                    "virtual_hosts",
                    "vhds",
                    "internal_only_headers",
                    "response_headers_to_add",
                    "response_headers_to_remove",
                    "request_headers_to_add",
                    "request_headers_to_remove",
                    "most_specific_header_mutations_wins",
                    "validate_clusters",
                    "max_direct_response_body_size_bytes",
                    "cluster_specifier_plugins",
                    "request_mirror_policies",
                    "ignore_port_in_host_matching",
                    "ignore_path_parameters_in_path_matching",
                    "typed_per_filter_config",
                    "metadata"),
            "VIRTUAL_HOST",
            Set.of(
                    "name",
                    "domains",
                    "routes",
                    "matcher",
                    "require_tls",
                    "virtual_clusters",
                    "rate_limits",
                    "request_headers_to_add",
                    "request_headers_to_remove",
                    "response_headers_to_add",
                    "response_headers_to_remove",
                    "cors",
                    "typed_per_filter_config",
                    "include_request_attempt_count",
                    "include_attempt_count_in_response",
                    "retry_policy",
                    "retry_policy_typed_config",
                    "hedge_policy",
                    "include_is_timeout_retry_header",
                    "per_request_buffer_limit_bytes",
                    "request_body_buffer_limit",
                    "request_mirror_policies",
                    "metadata"),
            "HTTP_ROUTE",
            Set.of(
                    "name",
                    "match",
                    "route",
                    "redirect",
                    "direct_response",
                    "filter_action",
                    "non_forwarding_action",
                    "metadata",
                    "decorator",
                    "typed_per_filter_config",
                    "request_headers_to_add",
                    "request_headers_to_remove",
                    "response_headers_to_add",
                    "response_headers_to_remove",
                    "tracing",
                    "per_request_buffer_limit_bytes",
                    "request_body_buffer_limit",
                    "stat_prefix"));

    public EnvoyFilterSchemaCheck() {
        super(ResourceKind.ENVOY_FILTER, "EnvoyFilter");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        if (!Values.checkSelector(spec.at("workloadSelector", "labels"), problems)) {
            return;
        }
        problems.warn(
                spec, "an EnvoyFilter changes what Istio generates; the next release may generate something else");
        Values.adviseLabels(spec.at("workloadSelector"), "labels", problems);
        for (Field patch : spec.at("configPatches").items()) {
            if (patch.value().isNull()) {
                problems.error(patch, "an item of configPatches is empty");
            } else if (!patch.at("match", "context").text().equals("WAYPOINT")) {
                checkPatch(patch, problems);
            }
        }
    }

    /** Stops at the first problem, as upstream does. */
    private static void checkPatch(Field item, Problems problems) {
        String applyTo = item.at("applyTo").value().text("INVALID");
        Field patch = item.at("patch");
        String operation = patch.at("operation").value().text("INVALID");
        Field version = item.at("match", "proxy", "proxyVersion");
        Field match = item.at("match");
        boolean readable = !applyTo.equals("INVALID") && patch.exists() && !operation.equals("INVALID");
        problems.advise(
                !readable || version.text().length() <= 1024,
                version,
                "a proxyVersion of more than 1024 characters costs every proxy time");
        if (applyTo.equals("INVALID") || applyTo.equals("0")) {
            problems.error(item.at("applyTo"), "a patch must say with applyTo what it applies to");
        } else if (!patch.exists()) {
            problems.error(patch, "an item of configPatches must have a patch");
        } else if (operation.equals("INVALID") || operation.equals("0")) {
            problems.error(patch.at("operation"), "a patch must have an operation");
        } else if (!operation.equals("REMOVE") && !patch.at("value").exists()) {
            problems.error(patch.at("value"), "a patch must have a value unless its operation is REMOVE");
        } else if (!isExpression(version.text())) {
            problems.error(version, "the proxyVersion \"" + version.text() + "\" is not a valid RE2 expression");
        } else if (OF_LISTENERS.contains(applyTo)) {
            Problems own = new Problems();
            checkListenerMatch(applyTo, match, own);
            problems.addAll(own);
            if (own.isEmpty()) {
                adviseFields(applyTo, patch.at("value"), problems);
            }
        } else {
            if (OF_ROUTES.contains(applyTo)) {
                requireMatch(match, "routeConfiguration", problems);
            } else if (applyTo.equals("CLUSTER")) {
                requireMatch(match, "cluster", problems);
            }
            adviseFields(applyTo, patch.at("value"), problems);
        }
    }

    /** The first field that a patch gives to a message which has none of that name; Istio drops it. */
    private static void adviseFields(String applyTo, Field value, Problems problems) {
        Set<String> known = FIELDS.get(applyTo);
        for (String name : new TreeSet<>(value.value().names())) {
            String snake = name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
            if (known == null ? !snake.equals("typed_config") : known.contains(snake)) {
                continue;
            }
            problems.warn(
                    value.at(name), "what " + applyTo + " patches has no field \"" + name + "\", so it is dropped");
            return;
        }
        adviseConfig(applyTo, value, problems);
    }

    /** Extensions whose configuration is missing: names alone mean nothing to Envoy. */
    private static void adviseConfig(String applyTo, Field value, Problems problems) {
        List<Field> extensions = EXTENSIONS.contains(applyTo)
                ? List.of(value)
                : applyTo.equals("FILTER_CHAIN") ? value.at("filters").items() : List.of();
        List<Field> without = extensions.stream()
                .filter(extension ->
                        extension.value().isObject() && extension.value().size() > 0)
                .filter(extension ->
                        List.of("typed_config", "typedConfig", "config_discovery", "configDiscovery").stream()
                                .noneMatch(name -> extension.at(name).exists()))
                .toList();
        if (!without.isEmpty()) {
            problems.warn(
                    without.get(0).at("name"),
                    "a filter by its name alone is not found by Envoy; it needs typed_config: "
                            + String.join(
                                    ", ",
                                    without.stream()
                                            .map(extension ->
                                                    extension.at("name").value().text("no name"))
                                            .toList()));
        }
    }

    private static boolean isExpression(String text) {
        try {
            var unused = com.google.re2j.Pattern.compile(text);
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    /** Whether there is a match of the right kind. */
    private static boolean requireMatch(Field match, String wanted, Problems problems) {
        for (String other : Set.of("listener", "routeConfiguration", "cluster", "waypoint")) {
            if (!other.equals(wanted) && match.at(other).exists()) {
                problems.error(
                        match.at(other), "what is patched needs a match of kind " + wanted + ", not another one");
                return false;
            }
        }
        return match.at(wanted).exists();
    }

    private static void checkListenerMatch(String applyTo, Field match, Problems problems) {
        if (!requireMatch(match, "listener", problems)) {
            return;
        }
        Field filter = match.at("listener", "filterChain", "filter");
        Field inner = filter.at("subFilter");
        if (!filter.exists()) {
            return;
        }
        problems.advise(
                !applyTo.equals("LISTENER") && !applyTo.equals("FILTER_CHAIN"),
                filter.at("name"),
                "a match of a filter has no effect with applyTo " + applyTo);
        if (filter.at("name").text().isEmpty()) {
            problems.error(filter.at("name"), "a match of a filter must have a name");
            return;
        }
        adviseName(filter.at("name"), problems);
        if (inner.exists() && !applyTo.equals("HTTP_FILTER")) {
            problems.error(inner, "a subFilter goes with applyTo HTTP_FILTER only");
        } else if (inner.exists()
                && !CONNECTION_MANAGER.contains(filter.at("name").text())) {
            problems.error(
                    filter.at("name"),
                    "a subFilter needs the filter envoy.filters.network.http_connection_manager around it");
        } else if (inner.exists() && inner.at("name").text().isEmpty()) {
            problems.error(inner.at("name"), "a match of a subFilter must have a name");
        } else if (inner.exists()) {
            adviseName(inner.at("name"), problems);
        }
    }

    private static void adviseName(Field name, Problems problems) {
        problems.advise(
                !OLD_NAMES.contains(name.text()),
                name,
                "\"" + name.text() + "\" is the old name of a filter; write the one that begins with envoy.filters");
    }
}
