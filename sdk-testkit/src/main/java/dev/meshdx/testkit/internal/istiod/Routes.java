package dev.meshdx.testkit.internal.istiod;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.mesh.Doc;
import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Registry.Port;
import dev.meshdx.testkit.internal.mesh.Registry.Protocol;
import dev.meshdx.testkit.internal.mesh.Registry.Service;
import dev.meshdx.testkit.internal.mesh.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Route configurations, as istiod sends them by RDS. Source: Istio, "Virtual Service" and "Traffic Management"; the form is
 * that of dumps.
 */
final class Routes {
    private static final String DEFAULT_RETRY_ON =
            "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";

    private final Registry registry;
    private final MeshSpec mesh;

    Routes(Registry registry, MeshSpec mesh) {
        this.registry = registry;
        this.mesh = mesh;
    }

    /** The route configurations of a sidecar by name. */
    Map<String, Map<String, Object>> outbound(Workload client) {
        Map<String, Map<String, Object>> configurations = new TreeMap<>();
        Set<Integer> ports = new TreeSet<>();
        for (Service service : registry.services()) {
            for (Port port : service.ports()) {
                if (port.protocol().http()) {
                    ports.add(port.number());
                } else if (port.protocol() == Protocol.AUTO
                        && !service.address().isEmpty()) {
                    String name = service.host() + ":" + port.number();
                    configurations.put(
                            name,
                            configuration(
                                    name, list(virtualHost(name, list("*"), serviceRoutes(client, service, port)))));
                }
            }
        }
        for (int port : ports) {
            configurations.put(String.valueOf(port), shared(client, port));
        }
        return configurations;
    }

    /** The route configuration of all HTTP services of a port. */
    private Map<String, Object> shared(Workload client, int port) {
        Map<String, Map<String, Object>> virtualHosts = new TreeMap<>();
        for (Service service : registry.services()) {
            Optional<Port> atPort =
                    service.port(port).filter(found -> found.protocol().http());
            if (atPort.isPresent()) {
                String name = service.host() + ":" + port;
                virtualHosts.put(
                        name,
                        virtualHost(name, domains(service, client), serviceRoutes(client, service, atPort.get())));
            }
        }
        if (port == 80) {
            for (Resource virtualService : virtualServices(client)) {
                for (String host : hosts(virtualService)) {
                    String name = host + ":80";
                    if (!virtualHosts.containsKey(name)) {
                        virtualHosts.put(
                                name,
                                virtualHost(name, list(host), routes(virtualService, client, "mesh", port, true)));
                    }
                }
            }
        }
        List<Object> all = new ArrayList<>(virtualHosts.values());
        all.add(catchAll());
        return configuration(String.valueOf(port), all);
    }

    private Map<String, Object> catchAll() {
        return registry.registryOnly(mesh)
                ? virtualHost(
                        "block_all",
                        list("*"),
                        list(map(
                                "match",
                                map("prefix", "/"),
                                "direct_response",
                                map("status", 502),
                                "name",
                                "block_all")))
                : virtualHost(
                        "allow_any",
                        list("*"),
                        list(map(
                                "match",
                                map("prefix", "/"),
                                "route",
                                map("cluster", "PassthroughCluster", "timeout", "0s", "max_grpc_timeout", "0s"),
                                "name",
                                "allow_any")));
    }

    private static Map<String, Object> configuration(String name, List<Object> virtualHosts) {
        return map(
                "@type",
                Xds.RDS,
                "name",
                name,
                "virtual_hosts",
                virtualHosts,
                "validate_clusters",
                false,
                "max_direct_response_body_size_bytes",
                1048576,
                "ignore_port_in_host_matching",
                true);
    }

    private static Map<String, Object> virtualHost(String name, List<Object> domains, @Nullable List<Object> routes) {
        return map(
                "name",
                name,
                "domains",
                domains,
                "routes",
                routes == null || routes.isEmpty() ? null : routes,
                "include_request_attempt_count",
                true);
    }

    /** The names under which a client may address a service: shorter ones from its own namespace. */
    private static List<Object> domains(Service service, Workload client) {
        if (service.entry()) {
            return list(
                    service.host(),
                    service.host().startsWith("*") ? null : service.host() + ".",
                    service.address().isEmpty() ? null : service.address());
        }
        String name = service.name();
        String withNamespace = name + "." + service.namespace();
        List<Object> domains = list(service.host(), service.host() + ".");
        if (service.namespace().equals(client.namespace())) {
            domains.addAll(list(name, withNamespace + ".svc", withNamespace));
        } else {
            domains.addAll(list(withNamespace, withNamespace + ".svc"));
        }
        if (service.headless()) {
            domains.addAll(list("*." + service.host(), "*." + withNamespace + ".svc", "*." + withNamespace));
        }
        if (!service.address().isEmpty()) {
            domains.add(service.address());
        }
        for (String alias : service.aliases()) {
            String[] parts = alias.split("\\.");
            domains.addAll(list(alias, alias + "."));
            if (parts[1].equals(client.namespace())) {
                domains.add(parts[0]);
            }
            domains.addAll(list(parts[0] + "." + parts[1] + ".svc", parts[0] + "." + parts[1]));
        }
        return domains;
    }

    private List<Object> serviceRoutes(Workload client, Service service, Port port) {
        for (Resource virtualService : virtualServices(client)) {
            if (hosts(virtualService).stream().anyMatch(host -> Registry.covers(host, service.host()))) {
                return routes(virtualService, client, "mesh", port.number(), true);
            }
        }
        Map<String, Object> action = map("cluster", Upstream.name(port.number(), "", service.host()), "timeout", "0s");
        action.put("retry_policy", retryPolicy(Json.MISSING));
        action.put("max_grpc_timeout", "0s");
        return list(map(
                "match",
                map("prefix", "/"),
                "route",
                action,
                "decorator",
                map("operation", service.host() + ":" + port.number() + "/*"),
                "name",
                "default"));
    }

    /** The virtual services that count for a client in the mesh, the oldest first. */
    private List<Resource> virtualServices(Workload client) {
        return registry.list(ResourceKind.VIRTUAL_SERVICE).stream()
                .filter(virtualService -> Registry.visible(virtualService, client.namespace()))
                .filter(virtualService -> gateways(virtualService).contains("mesh"))
                .toList();
    }

    private static List<String> gateways(Resource virtualService) {
        List<String> gateways = virtualService.spec().at("gateways").texts();
        return gateways.isEmpty() ? List.of("mesh") : gateways;
    }

    private static List<String> hosts(Resource virtualService) {
        return virtualService.spec().at("hosts").texts().stream()
                .map(host -> Registry.qualify(host, virtualService.namespace()))
                .toList();
    }

    // One virtual service

    private List<Object> routes(
            Resource virtualService, Workload client, String gateway, int listenerPort, boolean inMesh) {
        List<Object> routes = new ArrayList<>();
        for (Json http : virtualService.spec().at("http").items()) {
            List<Json> matches = http.at("match").items();
            if (matches.isEmpty()) {
                routes.add(route(virtualService, http, Json.MISSING, listenerPort, inMesh));
            }
            for (Json match : matches) {
                if (applies(match, virtualService, client, gateway, listenerPort)) {
                    routes.add(route(virtualService, http, match, listenerPort, inMesh));
                }
            }
        }
        return routes;
    }

    /** Conditions on the client are settled when the configuration is built: elsewhere the route does not appear. */
    private static boolean applies(
            Json match, Resource virtualService, Workload client, String gateway, int listenerPort) {
        List<String> gateways = match.at("gateways").texts();
        return (gateways.isEmpty() || gateways.contains(gateway))
                && (!match.at("port").exists() || match.at("port").number(0) == listenerPort)
                && (!match.at("sourceNamespace").exists()
                        || match.at("sourceNamespace").text("").equals(client.namespace()))
                && client.labels()
                        .entrySet()
                        .containsAll(match.at("sourceLabels").textMap().entrySet())
                && !virtualService.name().isEmpty();
    }

    private Map<String, Object> route(
            Resource virtualService, Json http, Json match, int listenerPort, boolean inMesh) {
        Map<String, Object> route = map("match", match(match));
        Json destinations = http.at("route");
        String operation = path(match);
        if (http.at("redirect").exists()) {
            route.put("redirect", redirect(http.at("redirect")));
        } else if (http.at("directResponse").exists()) {
            Json answer = http.at("directResponse");
            route.put(
                    "direct_response",
                    map(
                            "status",
                            answer.at("status").number(200),
                            "body",
                            answer.at("body", "string").exists()
                                    ? map(
                                            "inline_string",
                                            answer.at("body", "string").text(""))
                                    : null));
        } else {
            route.put("route", action(virtualService, http, listenerPort, inMesh));
        }
        route.put(
                "metadata",
                map(
                        "filter_metadata",
                        map("istio", map("config", Registry.configPath(virtualService, "virtual-service")))));
        String target = destinations.size() == 1
                ? Registry.qualify(destinations.at(0).at("destination", "host").text(""), virtualService.namespace())
                        + ":"
                        + port(destinations.at(0).at("destination"), virtualService, listenerPort, inMesh)
                : virtualService.spec().at("hosts").at(0).text("") + ":" + listenerPort;
        route.put("decorator", map("operation", target + operation));
        headers(http.at("headers", "request"), "request", route);
        headers(http.at("headers", "response"), "response", route);
        if (http.at("fault").exists()) {
            route.put(
                    "typed_per_filter_config",
                    map(
                            "envoy.filters.http.fault",
                            Xds.typed(
                                    "envoy.extensions.filters.http.fault.v3.HTTPFault",
                                    "abort",
                                    abort(http.at("fault", "abort")),
                                    "delay",
                                    delay(http.at("fault", "delay")))));
        }
        String name = http.at("name").text("");
        String matchName = match.at("name").text("");
        if (!name.isEmpty()) {
            route.put("name", matchName.isEmpty() ? name : name + "." + matchName);
        }
        return route;
    }

    private Map<String, Object> action(Resource virtualService, Json http, int listenerPort, boolean inMesh) {
        List<Json> weighted = http.at("route").items().stream()
                .filter(destination ->
                        http.at("route").size() == 1 || destination.at("weight").number(0) > 0)
                .toList();
        Map<String, Object> action = map();
        if (weighted.size() == 1) {
            action.put("cluster", cluster(weighted.get(0).at("destination"), virtualService, listenerPort, inMesh));
        } else {
            List<Object> clusters = new ArrayList<>();
            for (Json destination : weighted) {
                clusters.add(map(
                        "name",
                        cluster(destination.at("destination"), virtualService, listenerPort, inMesh),
                        "weight",
                        destination.at("weight").number(0)));
            }
            action.put("weighted_clusters", map("clusters", clusters));
        }
        String timeout = http.at("timeout").text().map(Durations::envoy).orElse("0s");
        action.put("timeout", timeout);
        Json retries = http.at("retries");
        if (!retries.exists() || retries.at("attempts").number(2) > 0) {
            action.put("retry_policy", retryPolicy(retries));
        }
        rewrite(http.at("rewrite"), action);
        List<Object> mirrors = new ArrayList<>();
        if (http.at("mirror").exists()) {
            double percent = http.at("mirrorPercentage", "value").decimal(100);
            mirrors.add(mirror(http.at("mirror"), percent, virtualService, listenerPort, inMesh));
        }
        for (Json mirror : http.at("mirrors").items()) {
            double percent = mirror.at("percentage", "value").decimal(100);
            mirrors.add(mirror(mirror.at("destination"), percent, virtualService, listenerPort, inMesh));
        }
        if (!mirrors.isEmpty()) {
            action.put("request_mirror_policies", mirrors);
        }
        action.put("max_grpc_timeout", timeout);
        return action;
    }

    private Map<String, Object> mirror(
            Json destination, double percent, Resource virtualService, int listenerPort, boolean inMesh) {
        return map(
                "cluster",
                cluster(destination, virtualService, listenerPort, inMesh),
                "runtime_fraction",
                map("default_value", fraction(percent)),
                "trace_sampled",
                false);
    }

    private static Map<String, Object> fraction(double percent) {
        return map("numerator", Math.round(percent * 10_000), "denominator", "MILLION");
    }

    private static @Nullable Object abort(Json abort) {
        return abort.exists()
                ? map(
                        "http_status",
                        abort.at("httpStatus").number(500),
                        "percentage",
                        fraction(abort.at("percentage", "value").decimal(100)))
                : null;
    }

    private static @Nullable Object delay(Json delay) {
        return delay.exists()
                ? map(
                        "fixed_delay",
                        Durations.envoy(delay.at("fixedDelay").text("0s")),
                        "percentage",
                        fraction(delay.at("percentage", "value").decimal(100)))
                : null;
    }

    private static void rewrite(Json rewrite, Map<String, Object> action) {
        if (rewrite.at("uri").exists()) {
            action.put("prefix_rewrite", rewrite.at("uri").text(""));
        }
        Json regex = rewrite.at("uriRegexRewrite");
        if (regex.exists()) {
            action.put(
                    "regex_rewrite",
                    map(
                            "pattern",
                            map("regex", regex.at("match").text("")),
                            "substitution",
                            regex.at("rewrite").text("")));
        }
        if (rewrite.at("authority").exists()) {
            action.put("host_rewrite_literal", rewrite.at("authority").text(""));
        }
    }

    private static Map<String, Object> redirect(Json redirect) {
        String code = switch ((int) redirect.at("redirectCode").number(301)) {
            case 302 -> "FOUND";
            case 303 -> "SEE_OTHER";
            case 307 -> "TEMPORARY_REDIRECT";
            case 308 -> "PERMANENT_REDIRECT";
            default -> "";
        };
        return map(
                "path_redirect",
                redirect.at("uri").text().orElse(null),
                "host_redirect",
                redirect.at("authority").text().orElse(null),
                "response_code",
                Doc.unlessEmpty(code),
                "scheme_redirect",
                redirect.at("scheme").text().orElse(null),
                "port_redirect",
                redirect.at("port").exists() ? redirect.at("port").number(0) : null);
    }

    private static void headers(Json operations, String side, Map<String, Object> route) {
        List<Object> added = new ArrayList<>();
        operations
                .at("set")
                .textMap()
                .forEach((name, value) -> added.add(map(
                        "header", map("key", name, "value", value), "append_action", "OVERWRITE_IF_EXISTS_OR_ADD")));
        operations
                .at("add")
                .textMap()
                .forEach((name, value) -> added.add(map("header", map("key", name, "value", value))));
        if (!added.isEmpty()) {
            route.put(side + "_headers_to_add", added);
        }
        List<String> removed = operations.at("remove").texts();
        if (!removed.isEmpty()) {
            route.put(side + "_headers_to_remove", new ArrayList<Object>(removed));
        }
    }

    /** Source: Istio, "Virtual Service", HTTPRetry: numbers in {@code retryOn} are status codes. */
    private static Map<String, Object> retryPolicy(Json retries) {
        List<Object> codes = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        for (String condition : retries.at("retryOn").text(DEFAULT_RETRY_ON).split(",")) {
            String trimmed = condition.trim();
            if (trimmed.matches("[0-9]+")) {
                codes.add(Integer.parseInt(trimmed));
            } else if (!trimmed.isEmpty()) {
                conditions.add(trimmed);
            }
        }
        if (!codes.isEmpty() && !conditions.contains("retriable-status-codes")) {
            conditions.add("retriable-status-codes");
        }
        return map(
                "retry_on",
                String.join(",", conditions),
                "num_retries",
                retries.at("attempts").number(2),
                "per_try_timeout",
                retries.at("perTryTimeout").text().map(Durations::envoy).orElse(null),
                "retry_host_predicate",
                list(Xds.filter(
                        "envoy.retry_host_predicates.previous_hosts",
                        "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate")),
                "host_selection_retry_max_attempts",
                "5",
                "retriable_status_codes",
                Doc.unlessEmpty(codes));
    }

    /** Known or not: a destination that does not exist becomes the name of a cluster that does not exist. */
    private String cluster(Json destination, Resource virtualService, int listenerPort, boolean inMesh) {
        return Upstream.name(
                port(destination, virtualService, listenerPort, inMesh),
                destination.at("subset").text(""),
                Registry.qualify(destination.at("host").text(""), virtualService.namespace()));
    }

    /**
     * The port of a destination that names none: its service's only one, else the listener's. A sidecar's routes know only the
     * services that have the listener's port.
     */
    private int port(Json destination, Resource virtualService, int listenerPort, boolean inMesh) {
        if (destination.at("port", "number").exists()) {
            return (int) destination.at("port", "number").number(listenerPort);
        }
        String host = Registry.qualify(destination.at("host").text(""), virtualService.namespace());
        return registry.service(host)
                .filter(service -> !inMesh || service.port(listenerPort).isPresent())
                .filter(service -> inMesh || service.ports().size() == 1)
                .map(service -> inMesh ? listenerPort : service.ports().get(0).number())
                .orElse(listenerPort);
    }

    // Matches

    private static Map<String, Object> match(Json match) {
        Json uri = match.at("uri");
        Map<String, Object> result = map();
        if (uri.at("exact").exists()) {
            result.put("path", uri.at("exact").text(""));
        } else if (uri.at("regex").exists()) {
            result.put("safe_regex", map("regex", uri.at("regex").text("")));
        } else {
            result.put("prefix", uri.at("prefix").text("/"));
        }
        if (!match.exists()) {
            return result;
        }
        result.put("case_sensitive", !match.at("ignoreUriCase").bool(false));
        Map<String, Map<String, Object>> headers = new TreeMap<>();
        match.at("headers").forEachField((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            headers.put(lower, header(lower, value));
        });
        for (String pseudo : List.of("method", "authority", "scheme")) {
            if (match.at(pseudo).exists()) {
                headers.put(":" + pseudo, header(":" + pseudo, match.at(pseudo)));
            }
        }
        List<Object> matchers = new ArrayList<>(headers.values());
        match.at("withoutHeaders").forEachField((name, value) -> {
            Map<String, Object> matcher = header(name.toLowerCase(Locale.ROOT), value);
            matcher.put("invert_match", true);
            if (!matcher.containsKey("present_match")) {
                matcher.put("treat_missing_header_as_empty", true);
            }
            matchers.add(matcher);
        });
        if (!matchers.isEmpty()) {
            result.put("headers", matchers);
        }
        List<Object> parameters = new ArrayList<>();
        match.at("queryParams").forEachField((name, value) -> parameters.add(header(name, value)));
        if (!parameters.isEmpty()) {
            result.put("query_parameters", parameters);
        }
        return result;
    }

    private static Map<String, Object> header(String name, Json value) {
        Map<String, Object> text = map();
        if (value.at("exact").exists()) {
            text.put("exact", value.at("exact").text(""));
        } else if (value.at("prefix").exists()) {
            text.put("prefix", value.at("prefix").text(""));
        } else if (value.at("regex").exists() && !value.at("regex").text("").equals("*")) {
            text.put("safe_regex", map("regex", value.at("regex").text("")));
        } else {
            return map("name", name, "present_match", true);
        }
        return map("name", name, "string_match", text);
    }

    private static String path(Json match) {
        Json uri = match.at("uri");
        if (uri.at("exact").exists()) {
            return uri.at("exact").text("");
        }
        return uri.at("regex").exists()
                ? uri.at("regex").text("")
                : uri.at("prefix").text("/") + "*";
    }

    // Inbound, gateways

    /** The routes of a port of a proxy towards its application. */
    static Map<String, Object> inbound(String cluster, int port, String service) {
        return map(
                "name",
                cluster,
                "virtual_hosts",
                list(map(
                        "name",
                        "inbound|http|" + port,
                        "domains",
                        list("*"),
                        "routes",
                        list(map(
                                "match",
                                map("prefix", "/"),
                                "route",
                                map(
                                        "cluster",
                                        cluster,
                                        "timeout",
                                        "0s",
                                        "retry_policy",
                                        map("retry_on", "reset-before-request", "num_retries", 2),
                                        "max_stream_duration",
                                        map("max_stream_duration", "0s", "grpc_timeout_header_max", "0s")),
                                "decorator",
                                map("operation", service + ":" + port + "/*"),
                                "name",
                                "default")))),
                "validate_clusters",
                false);
    }

    /**
     * Where connections go.
     *
     * @param serverNames for which names; empty for all
     * @param clusters clusters and their weights
     */
    record Forward(List<Object> serverNames, Map<String, Long> clusters) {}

    /** Where a gateway's server sends connections: by {@code tls} routes where TLS is passed on, else by {@code tcp} ones. */
    List<Forward> forwards(GatewayServer server, Workload proxy) {
        List<Forward> forwards = new ArrayList<>();
        for (Resource virtualService : registry.list(ResourceKind.VIRTUAL_SERVICE)) {
            if (!bound(virtualService, server)
                    || hosts(virtualService).stream()
                            .noneMatch(host -> server.common(host, virtualService.namespace())
                                    .isPresent())) {
                continue;
            }
            for (Json route : virtualService
                    .spec()
                    .at(server.passthrough() ? "tls" : "tcp")
                    .items()) {
                Map<String, Long> clusters = new LinkedHashMap<>();
                for (Json destination : route.at("route").items()) {
                    clusters.put(
                            cluster(destination.at("destination"), virtualService, server.port(), false),
                            destination.at("weight").number(0));
                }
                List<Json> matches = route.at("match").items();
                for (Json match : matches.isEmpty() ? List.of(Json.MISSING) : matches) {
                    boolean here = match.at("port").number(server.port()) == server.port()
                            && proxy.labels()
                                    .entrySet()
                                    .containsAll(
                                            match.at("sourceLabels").textMap().entrySet());
                    if (here && !clusters.isEmpty()) {
                        List<Object> names =
                                new ArrayList<>(match.at("sniHosts").texts());
                        if (server.tls()
                                && !server.passthrough()
                                && !server.hosts().contains("*")) {
                            names.addAll(server.hosts());
                        }
                        forwards.add(new Forward(names.contains("*") ? List.of() : names, clusters));
                    }
                }
            }
        }
        return forwards;
    }

    private static boolean bound(Resource virtualService, GatewayServer server) {
        return gateways(virtualService).stream()
                .map(gateway -> gateway.contains("/") ? gateway : virtualService.namespace() + "/" + gateway)
                .anyMatch(gateway -> gateway.equals(
                        server.gateway().namespace() + "/" + server.gateway().name()));
    }

    /** The route configurations of a gateway by name. */
    Map<String, Map<String, Object>> ofGateway(Workload proxy) {
        Map<String, Map<String, Map<String, Object>>> virtualHosts = new LinkedHashMap<>();
        Map<String, Integer> ports = new LinkedHashMap<>();
        for (GatewayServer server : GatewayServer.of(registry, proxy)) {
            Map<String, Map<String, Object>> hosts =
                    virtualHosts.computeIfAbsent(server.routeName(), name -> new TreeMap<>());
            ports.put(server.routeName(), server.port());
            for (Resource virtualService : registry.list(ResourceKind.VIRTUAL_SERVICE)) {
                String bound =
                        server.gateway().namespace() + "/" + server.gateway().name();
                if (!bound(virtualService, server)) {
                    continue;
                }
                for (String host : hosts(virtualService)) {
                    Optional<String> common = server.common(host, virtualService.namespace());
                    if (common.isPresent()) {
                        String name = common.get() + ":" + server.port();
                        List<Object> routes = routes(virtualService, proxy, bound, server.port(), false);
                        Map<String, Object> known = hosts.get(name);
                        if (known == null) {
                            hosts.put(name, virtualHost(name, list(common.get()), routes));
                        } else {
                            List<Object> both = Doc.plainItems(Json.of(known).at("routes"));
                            both.addAll(routes);
                            known.put("routes", both);
                        }
                    }
                }
            }
        }
        Map<String, Map<String, Object>> configurations = new LinkedHashMap<>();
        virtualHosts.forEach((name, hosts) -> {
            List<Object> all = new ArrayList<>(hosts.values());
            if (all.isEmpty()) {
                all.add(virtualHost("blackhole:" + ports.get(name), list("*"), null));
            }
            configurations.put(name, configuration(name, all));
        });
        return configurations;
    }
}
