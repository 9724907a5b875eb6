package dev.meshdx.testkit.internal.istiod;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.Page;
import dev.meshdx.testkit.internal.mesh.Authority;
import dev.meshdx.testkit.internal.mesh.Doc;
import dev.meshdx.testkit.internal.mesh.Times;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's {@code /config_dump} with its parameters {@code include_eds}, {@code resource}, {@code mask} and {@code name_regex}.
 * Source: Envoy, "Administration interface".
 */
final class ConfigDump {
    private static final String ADMIN = "type.googleapis.com/envoy.admin.v3.";

    /** The lists that {@code resource} may ask for, and the type of their elements. */
    private static final Map<String, String> ELEMENTS = elements();

    private final Proxy proxy;

    ConfigDump(Proxy proxy) {
        this.proxy = proxy;
    }

    private static Map<String, String> elements() {
        Map<String, String> types = new LinkedHashMap<>();
        types.put("static_clusters", "ClustersConfigDump.StaticCluster");
        types.put("dynamic_active_clusters", "ClustersConfigDump.DynamicCluster");
        types.put("dynamic_warming_clusters", "ClustersConfigDump.DynamicCluster");
        types.put("static_endpoint_configs", "EndpointsConfigDump.StaticEndpointConfig");
        types.put("dynamic_endpoint_configs", "EndpointsConfigDump.DynamicEndpointConfig");
        types.put("static_listeners", "ListenersConfigDump.StaticListener");
        types.put("dynamic_listeners", "ListenersConfigDump.DynamicListener");
        types.put("static_route_configs", "RoutesConfigDump.StaticRouteConfig");
        types.put("dynamic_route_configs", "RoutesConfigDump.DynamicRouteConfig");
        types.put("static_secrets", "SecretsConfigDump.StaticSecret");
        types.put("dynamic_active_secrets", "SecretsConfigDump.DynamicSecret");
        types.put("dynamic_warming_secrets", "SecretsConfigDump.DynamicSecret");
        return types;
    }

    Page page() {
        return Page.json(() -> Doc.json(map("configs", configs(false)))).withQuery(this::answer);
    }

    private Page answer(String query) {
        Map<String, String> parameters = parameters(query);
        List<Object> configs = configs(parameters.containsKey("include_eds"));
        Pattern name;
        try {
            name = Pattern.compile(parameters.getOrDefault("name_regex", ".*"));
        } catch (PatternSyntaxException e) {
            return Page.error(400, "Error while parsing name_regex from " + parameters.get("name_regex") + "\n");
        }
        String resource = parameters.getOrDefault("resource", "");
        String mask = parameters.getOrDefault("mask", "");
        List<Object> result = new ArrayList<>();
        if (!resource.isEmpty()) {
            if (!ELEMENTS.containsKey(resource)) {
                return Page.error(404, resource + " not found in config dump\n");
            }
            for (Object config : configs) {
                for (Object element : items(config, resource)) {
                    if (name.matcher(name(element)).matches()) {
                        Map<String, Object> typed = map("@type", ADMIN + ELEMENTS.get(resource));
                        typed.putAll(masked(asMap(element), mask));
                        result.add(typed);
                    }
                }
            }
        } else {
            for (Object config : configs) {
                Map<String, Object> filtered = named(asMap(config), name);
                if (mask.isEmpty()) {
                    result.add(filtered);
                } else if (hasFields(filtered, mask)) {
                    Map<String, Object> typed = map("@type", filtered.get("@type"));
                    typed.putAll(masked(filtered, mask));
                    result.add(typed);
                }
            }
            if (!mask.isEmpty() && result.isEmpty()) {
                return Page.error(400, "FieldMask paths {" + mask + "} could not be successfully used.\n");
            }
        }
        return Page.json(Doc.json(map("configs", result)));
    }

    static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String part : query.split("&")) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            String value = equals < 0 ? "" : part.substring(equals + 1);
            parameters.put(name, URLDecoder.decode(value, StandardCharsets.UTF_8));
        }
        return parameters;
    }

    private static Map<String, Object> named(Map<String, Object> config, Pattern name) {
        if (name.pattern().equals(".*")) {
            return config;
        }
        Map<String, Object> filtered = new LinkedHashMap<>(config);
        for (String field : ELEMENTS.keySet()) {
            if (filtered.containsKey(field)) {
                filtered.put(
                        field,
                        items(config, field).stream()
                                .filter(element -> name.matcher(name(element)).matches())
                                .toList());
            }
        }
        return filtered;
    }

    private static boolean hasFields(Map<String, Object> config, String mask) {
        Set<String> fields = new LinkedHashSet<>();
        for (String path : mask.split(",")) {
            fields.add(path.contains(".") ? path.substring(0, path.indexOf('.')) : path);
        }
        return config.keySet().containsAll(fields);
    }

    private static Map<String, Object> masked(Map<String, Object> value, String mask) {
        if (mask.isEmpty()) {
            return value;
        }
        Map<String, Object> result = new LinkedHashMap<>();
        Map<String, List<String>> below = new LinkedHashMap<>();
        for (String path : mask.split(",")) {
            int dot = path.indexOf('.');
            below.computeIfAbsent(dot < 0 ? path : path.substring(0, dot), key -> new ArrayList<>())
                    .add(dot < 0 ? "" : path.substring(dot + 1));
        }
        below.forEach((field, rest) -> {
            Object found = value.get(field);
            if (found != null) {
                result.put(field, rest.contains("") ? found : trimmed(found, String.join(",", rest)));
            }
        });
        return result;
    }

    private static Object trimmed(Object value, String mask) {
        if (value instanceof List<?> list) {
            List<Object> items = new ArrayList<>();
            list.forEach(item -> items.add(trimmed(item, mask)));
            return items;
        }
        return value instanceof Map ? masked(asMap(value), mask) : value;
    }

    @SuppressWarnings("unchecked") // documents are maps with text keys
    private static Map<String, Object> asMap(Object value) {
        return (Map<String, Object>) value;
    }

    private static List<?> items(Object config, String field) {
        return asMap(config).get(field) instanceof List<?> list ? list : List.of();
    }

    private static String name(Object element) {
        Json json = Json.of(element);
        for (String inner : List.of("cluster", "listener", "route_config", "secret")) {
            if (json.at(inner, "name").exists()) {
                return json.at(inner, "name").text("");
            }
        }
        return json.at("name").text(json.at("endpoint_config", "cluster_name").text(""));
    }

    // The dump

    private List<Object> configs(boolean withEndpoints) {
        List<Object> configs = new ArrayList<>();
        String started = Times.millis(proxy.cluster().times().started());
        configs.add(dump("Bootstrap", "bootstrap", Bootstrap.of(proxy), "last_updated", started));
        configs.add(clusters(started));
        if (withEndpoints) {
            configs.add(endpoints());
        }
        configs.add(listeners(started));
        configs.add(dump("ScopedRoutes"));
        configs.add(routes(started));
        configs.add(secrets());
        return configs;
    }

    private static Map<String, Object> dump(String kind, @Nullable Object... fields) {
        Map<String, Object> dump = map("@type", ADMIN + kind + "ConfigDump");
        dump.putAll(map(fields));
        return dump;
    }

    private Object clusters(String started) {
        String updated = proxy.updated(Xds.CDS);
        List<Object> dynamic = new ArrayList<>();
        for (Map<String, Object> cluster : proxy.clusters()) {
            dynamic.add(map("cluster", cluster, "last_updated", updated));
        }
        List<Object> fixed = new ArrayList<>();
        for (Object cluster : Bootstrap.staticClusters()) {
            fixed.add(map("cluster", withType(Xds.CDS, cluster), "last_updated", started));
        }
        return dump(
                "Clusters",
                "version_info",
                proxy.ackedVersion(Xds.CDS),
                "static_clusters",
                fixed,
                "dynamic_active_clusters",
                dynamic);
    }

    private static Map<String, Object> withType(String type, Object object) {
        Map<String, Object> typed = map("@type", type);
        typed.putAll(asMap(object));
        return typed;
    }

    private Object endpoints() {
        List<Object> fixed = new ArrayList<>();
        for (Object cluster : Bootstrap.staticClusters()) {
            Json assignment = Json.of(cluster).at("load_assignment");
            Json endpoint =
                    assignment.at("endpoints").at(0).at("lb_endpoints").at(0).at("endpoint");
            fixed.add(map(
                    "endpoint_config",
                    Clusters.assignment(
                            assignment.at("cluster_name").text(""),
                            list(map(
                                    "locality",
                                    map(),
                                    "lb_endpoints",
                                    list(map(
                                            "endpoint",
                                            map("address", endpoint.at("address"), "health_check_config", map()),
                                            "health_status",
                                            "HEALTHY",
                                            "load_balancing_weight",
                                            1)))))));
        }
        List<Object> dynamic = new ArrayList<>();
        for (Map<String, Object> cluster : Clusters.fixed(proxy.workload().gateway())) {
            dynamic.add(map("endpoint_config", Clusters.assignment(String.valueOf(cluster.get("name")), List.of())));
        }
        for (int port : proxy.inboundPorts()) {
            String name = Clusters.inboundName(port);
            String ip = proxy.workload().ip();
            dynamic.add(map(
                    "endpoint_config",
                    Clusters.assignment(
                            name,
                            list(map(
                                    "locality",
                                    map(),
                                    "lb_endpoints",
                                    list(map(
                                            "endpoint",
                                            map(
                                                    "address",
                                                    Xds.address(ip, port),
                                                    "health_check_config",
                                                    map(),
                                                    "hostname",
                                                    name + ip + ":" + port),
                                            "health_status",
                                            "HEALTHY",
                                            "load_balancing_weight",
                                            1)))))));
        }
        proxy.assignments().values().forEach(assignment -> dynamic.add(map("endpoint_config", assignment)));
        return dump("Endpoints", "static_endpoint_configs", fixed, "dynamic_endpoint_configs", dynamic);
    }

    private Object listeners(String started) {
        String updated = proxy.updated(Xds.LDS);
        String reason = proxy.hints().rejected;
        List<Object> dynamic = new ArrayList<>();
        for (Map<String, Object> listener : proxy.listeners()) {
            String name = String.valueOf(listener.get("name"));
            Map<String, Object> error = reason != null && name.equals(proxy.refusedListener())
                    ? map(
                            "failed_configuration",
                            listener,
                            "last_update_attempt",
                            Times.millis(proxy.sentAt(proxy.sentVersion()).plusMillis(40)),
                            "details",
                            reason)
                    : null;
            dynamic.add(map(
                    "name",
                    name,
                    "active_state",
                    map("listener", listener, "last_updated", updated),
                    "error_state",
                    error));
        }
        List<Object> fixed = new ArrayList<>();
        for (Object listener : Bootstrap.staticListeners()) {
            fixed.add(map("listener", withType(Xds.LDS, listener), "last_updated", started));
        }
        return dump(
                "Listeners",
                "version_info",
                proxy.ackedVersion(Xds.LDS),
                "static_listeners",
                fixed,
                "dynamic_listeners",
                dynamic);
    }

    private Object routes(String started) {
        List<Object> fixed = new ArrayList<>();
        fixed.add(map(
                "route_config",
                withType(Xds.RDS, Bootstrap.backend("/healthz/ready", "agent")),
                "last_updated",
                started));
        fixed.add(map(
                "route_config",
                withType(Xds.RDS, Bootstrap.backend("/stats/prometheus", "prometheus_stats")),
                "last_updated",
                started));
        String updated = proxy.updated(Xds.LDS);
        for (Map<String, Object> listener : proxy.listeners()) {
            for (Object chain : items(listener, "filter_chains")) {
                for (Object filter : items(chain, "filters")) {
                    if (asMap(filter).get("typed_config") instanceof Map<?, ?> config
                            && config.get("route_config") instanceof Map<?, ?> inline) {
                        fixed.add(map("route_config", withType(Xds.RDS, inline), "last_updated", updated));
                    }
                }
            }
        }
        String routesUpdated = proxy.updated(Xds.RDS);
        List<Object> dynamic = new ArrayList<>();
        proxy.routes()
                .values()
                .forEach(route -> dynamic.add(map("route_config", route, "last_updated", routesUpdated)));
        return dump("Routes", "static_route_configs", fixed, "dynamic_route_configs", Doc.unlessEmpty(dynamic));
    }

    private Object secrets() {
        String type = "envoy.extensions.transport_sockets.tls.v3.Secret";
        Times times = proxy.cluster().times();
        String version = Times.seconds(times.started());
        String updated = Times.millis(times.started().plusMillis(690));
        List<Object> active = new ArrayList<>();
        active.add(map(
                "name",
                "default",
                "version_info",
                version + "/1",
                "last_updated",
                updated,
                "secret",
                Xds.typed(
                        type,
                        "name",
                        "default",
                        "tls_certificate",
                        map(
                                "certificate_chain",
                                map(
                                        "inline_bytes",
                                        Authority.base64(proxy.certificate().pem())),
                                "private_key",
                                map("inline_bytes", Authority.base64("[redacted]"))))));
        active.add(map(
                "name",
                "ROOTCA",
                "version_info",
                version + "/2",
                "last_updated",
                updated,
                "secret",
                Xds.typed(
                        type,
                        "name",
                        "ROOTCA",
                        "validation_context",
                        map(
                                "trusted_ca",
                                map(
                                        "inline_bytes",
                                        Authority.base64(
                                                proxy.authority().root().pem()))))));
        List<Object> warming = new ArrayList<>();
        for (String name : credentials()) {
            Optional<Resource> secret = proxy.cluster()
                    .state()
                    .find(ResourceKind.SECRET, proxy.workload().namespace(), name);
            String full = "kubernetes://" + name;
            if (secret.isPresent()) {
                active.add(map(
                        "name",
                        full,
                        "version_info",
                        version + "/3",
                        "last_updated",
                        updated,
                        "secret",
                        Xds.typed(
                                type,
                                "name",
                                full,
                                "tls_certificate",
                                map(
                                        "certificate_chain",
                                        map(
                                                "inline_bytes",
                                                secret.get()
                                                        .raw()
                                                        .at("data", "tls.crt")
                                                        .text("")),
                                        "private_key",
                                        map("inline_bytes", Authority.base64("[redacted]"))))));
            } else {
                warming.add(map(
                        "name",
                        full,
                        "version_info",
                        "uninitialized",
                        "last_updated",
                        updated,
                        "secret",
                        Xds.typed(type, "name", full)));
            }
        }
        return dump("Secrets", "dynamic_active_secrets", active, "dynamic_warming_secrets", Doc.unlessEmpty(warming));
    }

    private Set<String> credentials() {
        Set<String> names = new LinkedHashSet<>();
        if (proxy.workload().gateway()) {
            for (GatewayServer server : GatewayServer.of(proxy.registry(), proxy.workload())) {
                server.server().at("tls", "credentialName").text().ifPresent(names::add);
            }
        }
        return names;
    }
}
