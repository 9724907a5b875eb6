package dev.meshdx.testkit.internal.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.testing.Shared;
import dev.meshdx.testkit.internal.ClusterState;
import dev.meshdx.testkit.internal.Documents;
import dev.meshdx.testkit.internal.mesh.Doc;
import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The rows of a proxy's configuration, as Istio's own control plane makes them for a small mesh, against those of the small
 * istiod: headless services, TLS by server name, protocols that are found out, a Sidecar, and a gateway for TCP and TLS.
 */
class GeneratedMeshTest {
    private static final String SHOP = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: orders-routing, namespace: shop}
            spec:
              hosts: [orders]
              http:
              - name: canary
                match:
                - headers: {x-canary: {exact: "yes"}}
                - uri: {prefix: /v2/}
                route: [{destination: {host: orders, subset: v2}}]
              - match: [{uri: {exact: /healthz}}]
                directResponse: {status: 200}
              - match: [{uri: {regex: "/items/[0-9]+"}}]
                route: [{destination: {host: orders, subset: v1}}]
              - match: [{uri: {prefix: /old}}]
                redirect: {uri: /new}
              - route:
                - {destination: {host: orders, subset: v1}, weight: 90}
                - {destination: {host: orders, subset: v2}, weight: 10}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: orders, namespace: shop}
            spec:
              host: orders
              trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}
              subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: ledger-mtls, namespace: backoffice}
            spec: {host: ledger.backoffice.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: pay-api, namespace: shop}
            spec:
              hosts: [api.pay.example.com]
              location: MESH_EXTERNAL
              resolution: DNS
              ports: [{name: tls, number: 443, protocol: TLS}, {name: http, number: 80, protocol: HTTP}]
            ---
            apiVersion: networking.istio.io/v1
            kind: Sidecar
            metadata: {name: frontend, namespace: shop}
            spec: {workloadSelector: {labels: {app: frontend}}, egress: [{hosts: ["./*"]}]}
            """;

    private static final String EDGE = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: istio-system}
            spec:
              selector: {app: istio-ingressgateway}
              servers:
              - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}
              - port: {number: 443, name: https, protocol: HTTPS}
                hosts: [api.example.com, www.example.com]
                tls: {mode: SIMPLE, credentialName: web-cert}
              - port: {number: 443, name: https-mtls, protocol: HTTPS}
                hosts: [partners.example.com]
                tls: {mode: MUTUAL, credentialName: partner-cert}
              - {port: {number: 31400, name: tcp, protocol: TCP}, hosts: ["*"]}
              - {port: {number: 15443, name: tls, protocol: TLS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: partners, namespace: apps}
            spec:
              hosts: [partners.example.com]
              gateways: [istio-system/edge]
              http: [{match: [{uri: {regex: "/partners/.*"}}], route: [{destination: {host: store, port: {number: 8003}}}]}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: raw, namespace: apps}
            spec:
              hosts: ["*"]
              gateways: [istio-system/edge]
              tcp: [{match: [{port: 31400}], route: [{destination: {host: news, port: {number: 8000}}}]}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: db, namespace: apps}
            spec:
              hosts: [db.example.com]
              gateways: [istio-system/edge]
              tls:
              - match: [{port: 15443, sniHosts: [db.example.com]}]
                route: [{destination: {host: mail, port: {number: 8001}}}]
            """;

    private static String virtualService(String app, String host, int port) {
        return """
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %1$s, namespace: apps}
                spec:
                  hosts: [%2$s]
                  gateways: [istio-system/edge]
                  http:
                  - match: [{uri: {prefix: /%1$s}}, {uri: {exact: /%1$s.txt}}]
                    route: [{destination: {host: %1$s, port: {number: %3$d}}}]
                """.formatted(app, host, port);
    }

    private static String pod(String namespace, String app, String version, String ip) {
        return """
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: %2$s-%4$s, namespace: %1$s, labels: {app: %2$s, version: %3$s}}
                spec: {containers: [%5$s{name: istio-proxy}]}
                status: {podIP: %4$s, phase: Running}
                """.formatted(namespace, app, version, ip, app.contains("gateway") ? "" : "{name: app}, ");
    }

    /** A service with its endpoints. Ports are like {@code http:80:8080}: name, port, the pods' port. */
    private static String service(String namespace, String name, String address, List<String> ips, String... ports) {
        List<String> own = new ArrayList<>();
        List<String> slice = new ArrayList<>();
        for (String port : ports) {
            String[] parts = port.split(":");
            own.add("{name: %s, port: %s, targetPort: %s}".formatted(parts[0], parts[1], parts[2]));
            slice.add("{name: %s, port: %s}".formatted(parts[0], parts[2]));
        }
        List<String> endpoints = ips.stream()
                .map(ip -> "{addresses: [%s], conditions: {ready: true}}".formatted(ip))
                .toList();
        return """
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %2$s, namespace: %1$s}
                spec: {clusterIP: %3$s, selector: {app: %2$s}, ports: %4$s}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: %2$s-1, namespace: %1$s, labels: {kubernetes.io/service-name: %2$s}}
                addressType: IPv4
                ports: %5$s
                endpoints: %6$s
                """.formatted(namespace, name, address, own, slice, endpoints);
    }

    private static ClusterState state(String yaml) {
        ClusterState state = new ClusterState();
        Documents.put(state, Documents.read(yaml));
        return state;
    }

    private static ClusterState shop() {
        StringBuilder yaml = new StringBuilder(SHOP);
        List.of("10.44.0.41", "10.44.0.42").forEach(ip -> yaml.append(pod("shop", "orders", "v1", ip)));
        List.of("10.44.0.46", "10.44.0.47").forEach(ip -> yaml.append(pod("shop", "orders", "v2", ip)));
        List.of("10.44.0.1", "10.44.0.2").forEach(ip -> yaml.append(pod("shop", "frontend", "v1", ip)));
        return state(yaml.append(service(
                        "shop", "cart", "10.96.1.11", List.of("10.44.0.21"), "http:8080:8080", "grpc:9090:9090"))
                .append(service("shop", "frontend", "10.96.1.10", List.of("10.44.0.1", "10.44.0.2"), "http:80:8080"))
                .append(service("shop", "inventory", "10.96.1.14", List.of("10.44.0.81"), "main:8081:8081"))
                .append(service(
                        "shop", "kafka", "None", List.of("10.44.0.151", "10.44.0.152", "10.44.0.153"), "tcp:9092:9092"))
                .append(service("backoffice", "ledger", "10.96.2.10", List.of("10.44.0.171"), "http:80:8080"))
                .append(service("backoffice", "mailer", "10.96.2.11", List.of("10.44.0.176"), "http:80:8080"))
                .append(service("shop", "mysql", "10.96.1.13", List.of("10.44.0.61"), "tcp-mysql:3306:3306"))
                .append(service(
                        "shop",
                        "orders",
                        "10.96.1.12",
                        List.of("10.44.0.41", "10.44.0.42", "10.44.0.46", "10.44.0.47"),
                        "http:8080:8080",
                        "grpc:9100:9100"))
                .append(service(
                        "shop", "search", "10.96.1.15", List.of("10.44.0.101"), "https:443:8443", "http:8082:8082"))
                .toString());
    }

    private static ClusterState edge() {
        StringBuilder yaml = new StringBuilder(EDGE)
                .append(virtualService("news", "www.example.com", 8000))
                .append(virtualService("maps", "www.example.com", 8002))
                .append(virtualService("mail", "api.example.com", 8001))
                .append(virtualService("store", "api.example.com", 8003))
                .append(pod("istio-system", "istio-ingressgateway", "v1", "10.44.9.9"))
                .append(service(
                        "istio-system",
                        "istio-ingressgateway",
                        "10.96.9.9",
                        List.of("10.44.9.9"),
                        "status-port:15021:15021",
                        "http2:80:8080",
                        "https:443:8443",
                        "tcp:31400:31400",
                        "tls:15443:15443"));
        Map<String, Integer> apps = Map.of("news", 1, "mail", 7, "maps", 13, "store", 19);
        Map<String, Integer> ports = Map.of("news", 8000, "mail", 8001, "maps", 8002, "store", 8003);
        apps.forEach((app, first) -> yaml.append(service(
                "apps",
                app,
                "10.96.3." + first,
                List.of("10.44.0." + first, "10.44.0." + (first + 1)),
                "http:" + ports.get(app) + ":8080")));
        return state(yaml.toString());
    }

    /** The recorded dump, with the names of proto fields: one of them is written in camel case. */
    private static Json recorded(String name) throws IOException {
        Path file = Shared.folder("conformance/proxy-config/input").resolve(name + ".json");
        return Json.parse(Doc.json(snake(Doc.plain(Json.parse(Files.readString(file))))));
    }

    private static Object snake(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> renamed = new TreeMap<>();
            map.forEach((name, field) -> renamed.put(
                    String.valueOf(name).replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(java.util.Locale.ROOT),
                    snake(field)));
            return renamed;
        }
        return value instanceof List<?> list
                ? list.stream().map(GeneratedMeshTest::snake).toList()
                : value;
    }

    private static List<Json> elements(Json dump, String list, String... inner) {
        return dump.at("configs").items().stream()
                .flatMap(config -> config.at(list).items().stream())
                .map(element -> element.at(inner))
                .toList();
    }

    private static List<Json> made(Iterable<Map<String, Object>> values) {
        List<Json> made = new ArrayList<>();
        values.forEach(value -> made.add(Json.of(value)));
        return made;
    }

    private static List<String> clusters(List<Json> clusters) {
        TreeSet<String> rows = new TreeSet<>();
        for (Json cluster : clusters) {
            Json istio = cluster.at("metadata", "filter_metadata", "istio");
            rows.add(cluster.at("name").text("") + " " + cluster.at("type").text("STATIC") + " "
                    + istio.at("config").text("-") + " " + istio.at("subset").text("-"));
        }
        return List.copyOf(rows);
    }

    private static List<String> listeners(List<Json> listeners) {
        TreeSet<String> rows = new TreeSet<>();
        for (Json listener : listeners) {
            Json address = listener.at("address", "socket_address");
            String start =
                    listener.at("name").text("") + " " + address.at("address").text("") + ":"
                            + address.at("port_value").text("") + " ";
            List<Json> chains = new ArrayList<>(listener.at("filter_chains").items());
            chains.add(listener.at("default_filter_chain"));
            for (Json chain : chains) {
                Json match = chain.at("filter_chain_match");
                List<Json> filters = chain.at("filters").items();
                Json last = filters.isEmpty()
                        ? Json.MISSING
                        : filters.get(filters.size() - 1).at("typed_config");
                rows.add(start + match.at("destination_port").text("")
                        + match.at("transport_protocol").text("")
                        + match.at("server_names").texts()
                        + match.at("application_protocols").texts()
                        + " " + last.at("cluster").text("")
                        + last.at("rds", "route_config_name").text("")
                        + last.at("route_config", "name").text("") + " "
                        + chain.at("name").text(""));
            }
        }
        return List.copyOf(rows);
    }

    private static List<String> routes(List<Json> routes) {
        TreeSet<String> rows = new TreeSet<>();
        for (Json configuration : routes) {
            for (Json host : configuration.at("virtual_hosts").items()) {
                String start = configuration.at("name").text("") + " "
                        + host.at("name").text("") + " " + host.at("domains").texts();
                int order = 0;
                for (Json route : host.at("routes").items()) {
                    rows.add(start + " " + order++ + " " + route.at("name").text("-") + " "
                            + route.at("match", "prefix").text("")
                            + route.at("match", "path").text("") + " "
                            + route.at("route", "cluster").text("")
                            + route.at("metadata", "filter_metadata", "istio", "config")
                                    .text(""));
                }
            }
        }
        return List.copyOf(rows);
    }

    private static List<String> endpoints(List<Json> assignments) {
        TreeSet<String> rows = new TreeSet<>();
        for (Json assignment : assignments) {
            for (Json group : assignment.at("endpoints").items()) {
                for (Json host : group.at("lb_endpoints").items()) {
                    Json address = host.at("endpoint", "address", "socket_address");
                    rows.add(assignment.at("cluster_name").text("") + " "
                            + address.at("address").text("") + ":"
                            + address.at("port_value").text("") + " "
                            + host.at("health_status").text(""));
                }
            }
        }
        return List.copyOf(rows);
    }

    private static Workload pod(Registry registry, String app) {
        return registry.workloads().stream()
                .filter(workload -> workload.labels().getOrDefault("app", "").equals(app))
                .findFirst()
                .orElseThrow();
    }

    private static void compare(String recording, ClusterState state, String app) throws IOException {
        Json real = recorded(recording);
        Registry registry = Registry.read(state, Instant.MAX);
        Push push = new Push(registry, new MeshSpec());
        Workload proxy = pod(registry, app);
        assertThat(clusters(made(push.clusters(proxy))))
                .isEqualTo(clusters(elements(real, "dynamic_active_clusters", "cluster")));
        assertThat(listeners(made(push.listeners(proxy))))
                .isEqualTo(listeners(elements(real, "dynamic_listeners", "active_state", "listener")));
        assertThat(routes(made(push.routes(proxy).values())))
                .isEqualTo(routes(elements(real, "dynamic_route_configs", "route_config")));
        List<Json> assignments = made(push.assignments(proxy).values()).stream()
                // What DNS finds is not in these dumps.
                .filter(assignment -> !assignment.at("cluster_name").text("").contains("example.com"))
                .toList();
        assertThat(endpoints(assignments))
                .isEqualTo(endpoints(elements(real, "dynamic_endpoint_configs", "endpoint_config")));
    }

    @Test
    void should_translate_for_a_sidecar() throws IOException {
        compare("shop-orders", shop(), "orders");
    }

    @Test
    void should_restrict_a_sidecar() throws IOException {
        compare("shop-frontend-restricted", shop(), "frontend");
    }

    @Test
    void should_translate_for_a_gateway() throws IOException {
        compare("ingress-wide", edge(), "istio-ingressgateway");
    }
}
