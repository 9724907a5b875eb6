package dev.meshdx.analysis.internal.checks.schema;

import com.google.re2j.PatternSyntaxException;
import dev.meshdx.analysis.internal.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.Map;
import java.util.Set;

/**
 * What an EnvoyFilter must look like, but for the patches themselves: what Envoy makes of them, Envoy says. Source:
 * istio/istio, {@code validation/envoyfilter}.
 */
public final class EnvoyFilterSchemaCheck extends SchemaCheck {
    private static final Set<String> OF_LISTENERS = Set.of("LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER");
    private static final Set<String> OF_ROUTES = Set.of("ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE");

    /** The only filter that has filters of its own, by its name and by its old one. */
    private static final Set<String> CONNECTION_MANAGER =
            Set.of("envoy.filters.network.http_connection_manager", "envoy.http_connection_manager");

    /** Names that filters had before 2020, and those of today. Source: Envoy, "Extension names", version history 1.14. */
    private static final Map<String, String> OLD_NAMES = Map.ofEntries(
            Map.entry("envoy.buffer", "envoy.filters.http.buffer"),
            Map.entry("envoy.cors", "envoy.filters.http.cors"),
            Map.entry("envoy.csrf", "envoy.filters.http.csrf"),
            Map.entry("envoy.ext_authz", "envoy.filters.http.ext_authz"),
            Map.entry("envoy.fault", "envoy.filters.http.fault"),
            Map.entry("envoy.grpc_http1_bridge", "envoy.filters.http.grpc_http1_bridge"),
            Map.entry("envoy.grpc_json_transcoder", "envoy.filters.http.grpc_json_transcoder"),
            Map.entry("envoy.grpc_web", "envoy.filters.http.grpc_web"),
            Map.entry("envoy.gzip", "envoy.filters.http.gzip"),
            Map.entry("envoy.health_check", "envoy.filters.http.health_check"),
            Map.entry("envoy.http_connection_manager", "envoy.filters.network.http_connection_manager"),
            Map.entry("envoy.lua", "envoy.filters.http.lua"),
            Map.entry("envoy.mongo_proxy", "envoy.filters.network.mongo_proxy"),
            Map.entry("envoy.ratelimit", "envoy.filters.network.ratelimit"),
            Map.entry("envoy.rate_limit", "envoy.filters.http.ratelimit"),
            Map.entry("envoy.redis_proxy", "envoy.filters.network.redis_proxy"),
            Map.entry("envoy.router", "envoy.filters.http.router"),
            Map.entry("envoy.squash", "envoy.filters.http.squash"),
            Map.entry("envoy.tcp_proxy", "envoy.filters.network.tcp_proxy"));

    public EnvoyFilterSchemaCheck() {
        super(ResourceKind.ENVOY_FILTER, "EnvoyFilter");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        if (!Values.checkSelector(spec.at("workloadSelector", "labels"), problems)) {
            return;
        }
        problems.warn(
                spec,
                "an EnvoyFilter reaches into configuration that changes with the versions of Istio and Envoy; look at it"
                        + " again with every upgrade");
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
        if (version.text().length() > 1024) {
            problems.warn(version, "the proxyVersion is longer than 1024 characters");
        }
        if (applyTo.equals("INVALID") || applyTo.equals("0")) {
            problems.error(item.at("applyTo"), "a patch must say with applyTo what it applies to");
        } else if (!patch.exists()) {
            problems.error(patch, "an item of configPatches must have a patch");
        } else if (operation.equals("INVALID") || operation.equals("0")) {
            problems.error(patch.at("operation"), "a patch must have an operation");
        } else if (!operation.equals("REMOVE") && !patch.at("value").exists()) {
            problems.error(patch.at("value"), "a patch with operation " + operation + " must have a value");
        } else if (!isExpression(version.text())) {
            problems.error(version, "the proxyVersion \"" + version.text() + "\" is not a valid RE2 expression");
        } else if (OF_LISTENERS.contains(applyTo)) {
            checkListenerMatch(applyTo, match, problems);
        } else if (OF_ROUTES.contains(applyTo)) {
            requireMatch(applyTo, match, "routeConfiguration", problems);
        } else if (applyTo.equals("CLUSTER")) {
            requireMatch(applyTo, match, "cluster", problems);
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
    private static boolean requireMatch(String applyTo, Field match, String wanted, Problems problems) {
        for (String other : Set.of("listener", "routeConfiguration", "cluster", "waypoint")) {
            if (!other.equals(wanted) && match.at(other).exists()) {
                problems.error(match.at(other), "a patch of a " + applyTo + " needs a match of kind " + wanted);
                return false;
            }
        }
        return match.at(wanted).exists();
    }

    private static void checkListenerMatch(String applyTo, Field match, Problems problems) {
        if (!requireMatch(applyTo, match, "listener", problems)) {
            return;
        }
        Field filter = match.at("listener", "filterChain", "filter");
        Field inner = filter.at("subFilter");
        if (!filter.exists()) {
            return;
        }
        if (applyTo.equals("LISTENER") || applyTo.equals("FILTER_CHAIN")) {
            problems.warn(filter, "a match of a filter has no effect on a patch of a " + applyTo);
        }
        checkName(filter.at("name"), problems);
        checkName(inner.at("name"), problems);
        if (filter.at("name").text().isEmpty()) {
            problems.error(filter.at("name"), "a match of a filter must have a name");
        } else if (inner.exists() && !applyTo.equals("HTTP_FILTER")) {
            problems.error(inner, "a subFilter goes with applyTo HTTP_FILTER only");
        } else if (inner.exists()
                && !CONNECTION_MANAGER.contains(filter.at("name").text())) {
            problems.error(
                    filter.at("name"),
                    "a subFilter needs the filter envoy.filters.network.http_connection_manager around it");
        } else if (inner.exists() && inner.at("name").text().isEmpty()) {
            problems.error(inner.at("name"), "a match of a subFilter must have a name");
        }
    }

    private static void checkName(Field name, Problems problems) {
        String current = OLD_NAMES.get(name.text());
        if (current != null) {
            problems.warn(name, "the filter name \"" + name.text() + "\" is an old one; write \"" + current + "\"");
        }
    }
}
