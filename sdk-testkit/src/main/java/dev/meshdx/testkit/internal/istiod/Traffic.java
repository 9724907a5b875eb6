package dev.meshdx.testkit.internal.istiod;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.internal.mesh.Authority;
import dev.meshdx.testkit.internal.mesh.Cluster;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Registry.Endpoint;
import dev.meshdx.testkit.internal.mesh.Registry.Service;
import dev.meshdx.testkit.internal.mesh.RequestSpec;
import dev.meshdx.testkit.internal.mesh.Workload;
import dev.meshdx.testkit.internal.mesh.WorkloadSpec;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends the scripted requests through the proxies' configuration and writes down what the proxies would have logged and counted.
 * The texts are those of Envoy. Used by one thread.
 */
final class Traffic {
    private static final String VERIFY =
            "TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:";
    private static final String EXPIRED = VERIFY
            + "verify_cert_failed:_X509_verify_cert:_certificate_verification_error_at_depth_0:"
            + "_certificate_has_expired:TLS_error_end";
    private static final String UNKNOWN_ROOT = VERIFY
            + "verify_cert_failed:_X509_verify_cert:_certificate_verification_error_at_depth_1:"
            + "_self_signed_certificate_in_certificate_chain:TLS_error_end";
    private static final String NOT_TLS =
            "TLS_error:|268435703:SSL_routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end";
    private static final String REFUSED = "delayed_connect_error:_Connection_refused";

    /** Where clients outside of the mesh come from. Source: RFC 5737, an address for documentation. */
    private static final String OUTSIDE = "203.0.113.7";

    /** Bytes of Envoy's own answers. */
    private static final int CONNECTION_FAILURE_BODY = 121;

    private static final int TERMINATION_BODY = 95;
    private static final int NO_UPSTREAM_BODY = 19;

    private final Cluster cluster;
    private final Registry registry;
    private final Map<String, Proxy> proxies;
    private final Logs logs;
    private final Map<String, Counters> counters = new LinkedHashMap<>();
    private final Map<String, Integer> turns = new HashMap<>();
    private final Map<Proxy, View> views = new HashMap<>();
    private final Duration step;
    private Instant now;
    private int sent;

    /** A proxy's configuration, made once. */
    private static final class View {
        final Map<String, Json> clusters = new LinkedHashMap<>();
        final Map<String, Json> listeners = new LinkedHashMap<>();
        final Map<String, Map<String, Object>> routes;
        final Map<String, Map<String, Object>> assignments;

        View(Proxy proxy) {
            proxy.clusters().forEach(each -> clusters.put(String.valueOf(each.get("name")), Json.of(each)));
            proxy.listeners().forEach(each -> listeners.put(String.valueOf(each.get("name")), Json.of(each)));
            routes = proxy.routes();
            assignments = proxy.assignments();
        }
    }

    Traffic(Cluster cluster, Registry registry, Map<String, Proxy> proxies, Logs logs) {
        this.cluster = cluster;
        this.registry = registry;
        this.proxies = proxies;
        this.logs = logs;
        int requests = cluster.spec().requests.stream()
                .mapToInt(request -> request.times)
                .sum();
        this.step = Duration.ofMillis(Math.max(1, Math.min(1370, 290_000 / Math.max(1, requests))));
        this.now = cluster.times().traffic();
    }

    /** What a proxy counted. */
    Counters counters(Proxy proxy) {
        return counters.computeIfAbsent(proxy.workload().id(), id -> new Counters());
    }

    void send(RequestSpec spec) {
        URI url = URI.create(spec.url);
        boolean https = "https".equals(url.getScheme());
        if (url.getHost() == null || (!https && !"http".equals(url.getScheme()))) {
            throw new IllegalArgumentException("Not an HTTP URL with a host: " + spec.url);
        }
        int defaultPort = https ? 443 : 80;
        int port = url.getPort() < 0 ? defaultPort : url.getPort();
        String authority =
                spec.headers.getOrDefault("host", port == defaultPort ? url.getHost() : url.getHost() + ":" + port);
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        if (url.getRawQuery() != null) {
            path += "?" + url.getRawQuery();
        }
        Routing.Request request = new Routing.Request(spec.method, path, authority, spec.headers);
        for (int i = 0; i < spec.times; i++) {
            send(spec, request, url.getHost(), port, https);
            now = now.plus(step);
            sent++;
        }
    }

    private void send(RequestSpec spec, Routing.Request request, String host, int port, boolean https) {
        List<Workload> clients = registry.workloads().stream()
                .filter(workload -> (workload.namespace() + "/" + workload.workloadName()).equals(spec.from))
                .toList();
        if (clients.isEmpty()) {
            throw new IllegalArgumentException(
                    "No pod can send requests: there is no workload " + spec.from + ", or it has no replicas");
        }
        Workload client = clients.get(turn("client " + spec.from) % clients.size());
        Proxy proxy = proxies.get(client.id());
        AccessLog log = new AccessLog(now);
        log.request = request.method() + " " + request.path() + (https ? " HTTP/2" : " HTTP/1.1");
        log.agent = request.headers().getOrDefault("user-agent", "curl/8.5.0");
        log.id = cluster.names().uid("request", String.valueOf(sent));
        log.authority = request.authority();
        log.duration = 1;
        if (proxy == null) {
            withoutProxy(client, host, port, log, spec.answer);
        } else if (client.gateway()) {
            throughGateway(proxy, request, host, port, https, log, spec.answer);
        } else {
            throughSidecar(proxy, request, host, port, log, spec.answer);
        }
    }

    private int turn(String what) {
        return turns.merge(what, 1, Integer::sum) - 1;
    }

    private int ephemeral(String what) {
        return 32768 + cluster.names().number(28000, what, String.valueOf(sent));
    }

    // From where it is sent

    private void withoutProxy(Workload client, String host, int port, AccessLog log, int answer) {
        Optional<Service> service = resolve(host, client.namespace());
        List<Endpoint> endpoints = service.map(found -> found.endpoints().getOrDefault(port, List.of()))
                .orElse(List.of());
        if (!endpoints.isEmpty()) {
            Endpoint endpoint = endpoints.get(turn("kube-proxy " + host) % endpoints.size());
            Server server = server(endpoint.ip());
            String from = client.ip() + ":" + ephemeral("client");
            receive(server, endpoint.port(), null, List.of(), "-", from, log, answer);
        }
    }

    private void throughSidecar(
            Proxy proxy, Routing.Request request, String host, int port, AccessLog log, int answer) {
        Optional<Service> service = resolve(host, proxy.workload().namespace());
        String address = service.map(Traffic::address)
                .orElse(
                        host.matches("[0-9.]+")
                                ? host
                                : "203.0.113." + (10 + cluster.names().number(200, "dns", host)));
        log.downstreamLocal = address + ":" + port;
        log.downstreamRemote = proxy.workload().ip() + ":" + ephemeral("downstream");
        View view = view(proxy);
        Json listener = view.listeners.getOrDefault(
                address + "_" + port, view.listeners.getOrDefault("0.0.0.0_" + port, Json.MISSING));
        if (!listener.exists()) {
            listener = view.listeners.getOrDefault("virtualOutbound", Json.MISSING);
        }
        Optional<Json> chain = Routing.filterChain(listener, port, false, List.of("http/1.1"));
        Json filter = chain.orElse(Json.MISSING).at("filters").at(0).at("typed_config");
        if (filter.at("rds").exists()) {
            route(proxy, view, filter.at("rds", "route_config_name").text(""), request, log, answer);
        } else {
            opaque(proxy, filter.at("cluster").text(""), address + ":" + port, log);
        }
        logs.access(proxy, log);
    }

    private void throughGateway(
            Proxy proxy, Routing.Request request, String host, int port, boolean https, AccessLog log, int answer) {
        View view = view(proxy);
        for (GatewayServer server : GatewayServer.of(proxy.registry(), proxy.workload())) {
            if (server.port() == port && server.https() == https) {
                log.downstreamLocal = proxy.workload().ip() + ":" + server.target();
                log.downstreamRemote = OUTSIDE + ":" + ephemeral("downstream");
                log.forwardedFor = OUTSIDE;
                log.serverName = https ? host : "-";
                route(proxy, view, server.routeName(), request, log, answer);
                logs.access(proxy, log);
                return;
            }
        }
    }

    /** Bytes for a cluster, unseen. */
    private void opaque(Proxy proxy, String name, String destination, AccessLog log) {
        log.request = "- - -";
        log.id = "-";
        log.authority = "-";
        log.agent = "-";
        log.cluster = name;
        if (name.equals("BlackHoleCluster")) {
            log.outcome(0, "UH", "-", 0);
        } else {
            log.upstreamHost = destination;
            log.upstreamLocal = proxy.workload().ip() + ":" + ephemeral("upstream");
            log.outcome(0, "-", "-", 512);
        }
    }

    private Optional<Service> resolve(String host, String namespace) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        for (String suffix :
                List.of("", ".svc.cluster.local", ".cluster.local", "." + namespace + ".svc.cluster.local")) {
            Optional<Service> service = registry.service(name + suffix);
            if (service.isPresent()) {
                return service;
            }
        }
        return registry.services().stream()
                .filter(service -> service.address().equals(host))
                .findFirst();
    }

    private static String address(Service service) {
        if (!service.address().isEmpty()) {
            return service.address();
        }
        return service.endpoints().values().stream()
                .flatMap(List::stream)
                .map(Endpoint::ip)
                .findFirst()
                .orElse("203.0.113.10");
    }

    private View view(Proxy proxy) {
        return views.computeIfAbsent(proxy, View::new);
    }

    // What the client's proxy does

    private void route(Proxy proxy, View view, String routeName, Routing.Request request, AccessLog log, int answer) {
        Map<String, Object> configuration = view.routes.get(routeName);
        Optional<Json> virtualHost = configuration == null
                ? Optional.empty()
                : Routing.virtualHost(Json.of(configuration), request.authority());
        Optional<Json> route = virtualHost.flatMap(found -> Routing.route(found, request));
        if (route.isEmpty()) {
            log.outcome(404, "NR", "route_not_found", 0);
            log.duration = 0;
            return;
        }
        String routeLabel = route.get().at("name").text("-");
        log.route = routeLabel;
        if (route.get().at("direct_response").exists()) {
            int status = (int) route.get().at("direct_response", "status").number(200);
            log.outcome(
                    status,
                    "-",
                    "direct_response",
                    route.get()
                            .at("direct_response", "body", "inline_string")
                            .text("")
                            .length());
            return;
        }
        if (route.get().at("redirect").exists()) {
            log.outcome(redirectCode(route.get().at("redirect")), "-", "direct_response", 0);
            return;
        }
        Json action = route.get().at("route");
        String name = Routing.cluster(action, turn("weights " + proxy.workload().id() + routeLabel));
        Json target = view.clusters.getOrDefault(name, Json.MISSING);
        if (!target.exists()) {
            log.outcome(503, "NC", "cluster_not_found", 0);
            log.duration = 0;
            return;
        }
        log.cluster = name;
        Json fault = route.get().at("typed_per_filter_config", "envoy.filters.http.fault");
        if (fault.at("abort").exists()) {
            log.outcome((int) fault.at("abort", "http_status").number(500), "FI", "fault_filter_abort", 18);
            return;
        }
        if (name.equals("PassthroughCluster")) {
            log.upstreamHost = log.downstreamLocal;
            log.upstreamLocal = proxy.workload().ip() + ":" + ephemeral("upstream");
            log.outcome(answer, "-", "via_upstream", 128);
            return;
        }
        forward(proxy, view, target, action, log, answer);
        if (fault.at("delay").exists() && log.flags.equals("-")) {
            log.flags = "DI";
            log.duration += 1000;
        }
    }

    private static int redirectCode(Json redirect) {
        return switch (redirect.at("response_code").text("")) {
            case "FOUND" -> 302;
            case "SEE_OTHER" -> 303;
            case "TEMPORARY_REDIRECT" -> 307;
            case "PERMANENT_REDIRECT" -> 308;
            default -> 301;
        };
    }

    private void forward(Proxy proxy, View view, Json target, Json action, AccessLog log, int answer) {
        String name = target.at("name").text("");
        List<Json> hosts = new ArrayList<>();
        Map<String, Object> assignment = view.assignments.get(name);
        if (assignment != null) {
            for (Json group : Json.of(assignment).at("endpoints").items()) {
                hosts.addAll(group.at("lb_endpoints").items());
            }
        }
        if (hosts.isEmpty()) {
            log.outcome(503, "UH", "no_healthy_upstream", NO_UPSTREAM_BODY);
            log.duration = 0;
            return;
        }
        Json host = hosts.get(turn("hosts " + proxy.workload().id() + name) % hosts.size());
        String ip = host.at("endpoint", "address", "socket_address", "address").text("");
        int port = (int)
                host.at("endpoint", "address", "socket_address", "port_value").number(0);
        String address = ip + ":" + port;
        log.upstreamHost = address;
        Json tls = socket(target, host);
        Server server = server(ip);
        String refusal = refusal(proxy, server, port, tls);
        boolean retries = action.at("retry_policy", "retry_on").text("").contains("connect-failure");
        if (refusal != null) {
            int attempts =
                    retries ? 1 + (int) action.at("retry_policy", "num_retries").number(2) : 1;
            for (int i = 0; i < attempts; i++) {
                counters(proxy).notConnected(name, address);
            }
            log.outcome(
                    503,
                    retries ? "URX,UF" : "UF",
                    "upstream_reset_before_response_started{remote_connection_failure|" + refusal + "}",
                    CONNECTION_FAILURE_BODY);
            log.transportFailure = refusal;
            log.duration = 40;
            return;
        }
        String local = proxy.workload().ip() + ":" + ephemeral("upstream");
        log.upstreamLocal = local;
        List<String> protocols =
                tls.at("typed_config", "common_tls_context", "alpn_protocols").texts();
        String serverName = tls.exists() ? tls.at("typed_config", "sni").text("-") : "-";
        int status = receive(server, port, tls.exists() ? proxy : null, protocols, serverName, local, log, answer);
        if (status == 0) {
            counters(proxy).broken(name, address);
            log.outcome(503, "UC", "upstream_reset_before_response_started{connection_termination}", TERMINATION_BODY);
            log.duration = 2;
            return;
        }
        counters(proxy).answered(name, address, status);
        boolean retried = status == 503
                && action.at("retry_policy", "retriable_status_codes").texts().contains("503");
        log.outcome(status, retried ? "URX" : "-", "via_upstream", status == 503 ? CONNECTION_FAILURE_BODY : 58);
        log.upstreamTime = "3";
        log.duration = 4;
    }

    /** The TLS that a cluster uses towards a host; missing for plain text. */
    private static Json socket(Json target, Json host) {
        if (target.at("transport_socket").exists()) {
            return target.at("transport_socket");
        }
        Json labels = host.at("metadata", "filter_metadata", "envoy.transport_socket_match");
        for (Json match : target.at("transport_socket_matches").items()) {
            if (labels.textMap()
                    .entrySet()
                    .containsAll(match.at("match").textMap().entrySet())) {
                boolean tls = match.at("transport_socket", "name").text("").equals("envoy.transport_sockets.tls");
                return tls ? match.at("transport_socket") : Json.MISSING;
            }
        }
        return Json.MISSING;
    }

    /** Why the client's proxy gets no connection; null if it gets one. */
    private @Nullable String refusal(Proxy client, @Nullable Server server, int port, Json tls) {
        if (server == null) {
            return REFUSED;
        }
        if (server.proxy == null) {
            return server.closed() ? REFUSED : tls.exists() ? NOT_TLS : null;
        }
        if (!tls.exists()) {
            return null;
        }
        List<String> protocols =
                tls.at("typed_config", "common_tls_context", "alpn_protocols").texts();
        Json chain = chain(server.proxy, port, true, protocols).orElse(Json.MISSING);
        if (!chain.at("transport_socket").exists()) {
            return chain.exists() ? NOT_TLS : null;
        }
        Authority.Issued certificate = server.proxy.certificate();
        if (server.proxy.authority() != client.authority()) {
            return UNKNOWN_ROOT;
        }
        if (certificate.to().isBefore(cluster.times().now())) {
            return EXPIRED;
        }
        List<String> expected = new ArrayList<>();
        tls.at(
                        "typed_config",
                        "common_tls_context",
                        "combined_validation_context",
                        "default_validation_context",
                        "match_subject_alt_names")
                .items()
                .forEach(name -> name.at("exact").text().ifPresent(expected::add));
        if (!expected.isEmpty() && !expected.contains(certificate.identity())) {
            return VERIFY + "verify_cert_failed:_verify_SAN_list:_SAN_matcher,_certificate_SANs_are_["
                    + certificate.identity() + "]:TLS_error_end";
        }
        return null;
    }

    // What the server's side does

    private record Server(Workload workload, @Nullable Proxy proxy, WorkloadSpec hints) {
        boolean closed() {
            return hints.portClosed || hints.waiting != null;
        }
    }

    private @Nullable Server server(String ip) {
        return registry.workload(ip)
                .map(workload -> new Server(
                        workload,
                        proxies.get(workload.id()),
                        cluster.workload(workload.namespace(), workload.name())
                                .orElseGet(() -> new WorkloadSpec(workload.name()))))
                .orElse(null);
    }

    private Optional<Json> chain(Proxy proxy, int port, boolean tls, List<String> protocols) {
        Json listener = view(proxy).listeners.getOrDefault("virtualInbound", Json.MISSING);
        return Routing.filterChain(listener, port, tls, protocols);
    }

    /**
     * A connection arrives at a pod.
     *
     * @param client the proxy that speaks TLS; null for plain text
     * @return the status that goes back; 0 if the connection is closed without one
     */
    private int receive(
            @Nullable Server server,
            int port,
            @Nullable Proxy client,
            List<String> protocols,
            String serverName,
            String from,
            AccessLog request,
            int answer) {
        if (server == null) {
            return 0;
        }
        if (server.proxy == null) {
            return server.closed() ? 0 : answer;
        }
        String address = server.workload.ip() + ":" + port;
        AccessLog log = new AccessLog(now.plusMillis(1));
        log.downstreamLocal = address;
        log.downstreamRemote = from;
        Optional<Json> chain =
                chain(server.proxy, port, client != null, client == null ? List.of("http/1.1") : protocols);
        if (chain.isEmpty()) {
            log.serverName = serverName;
            log.outcome(0, "NR", "filter_chain_not_found", 0);
            logs.access(server.proxy, log);
            return 0;
        }
        if (client != null && refuses(server.proxy, client)) {
            return 0; // a handshake that fails on the server leaves no line in its log
        }
        log.serverName = serverName;
        log.cluster = Clusters.inboundName(port);
        log.upstreamHost = address;
        log.duration = 2;
        Json filter = chain.get().at("filters").at(0).at("typed_config");
        if (!filter.at("route_config").exists()) {
            log.cluster = filter.at("cluster").text("");
            log.upstreamLocal = "127.0.0.6:" + ephemeral("inbound");
            log.outcome(0, server.closed() ? "UF" : "-", "-", 512);
            logs.access(server.proxy, log);
            return server.closed() ? 0 : answer;
        }
        log.cluster = filter.at("route_config", "virtual_hosts")
                .at(0)
                .at("routes")
                .at(0)
                .at("route", "cluster")
                .text("");
        log.request = request.request;
        log.agent = request.agent;
        log.id = request.id;
        log.authority = request.authority;
        log.forwardedFor = request.forwardedFor;
        log.route = "default";
        if (server.closed()) {
            log.outcome(
                    503,
                    "URX,UF",
                    "upstream_reset_before_response_started{remote_connection_failure|" + REFUSED + "}",
                    CONNECTION_FAILURE_BODY);
            log.transportFailure = REFUSED;
            counters(server.proxy).notConnected(log.cluster, address);
            logs.access(server.proxy, log);
            return 503;
        }
        log.upstreamLocal = "127.0.0.6:" + ephemeral("inbound");
        log.upstreamTime = "1";
        log.outcome(answer, "-", "via_upstream", 58);
        counters(server.proxy).answered(log.cluster, address, answer);
        logs.access(server.proxy, log);
        return answer;
    }

    private boolean refuses(Proxy server, Proxy client) {
        return server.authority() != client.authority()
                || client.certificate().to().isBefore(cluster.times().now());
    }
}
