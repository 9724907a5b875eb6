package dev.meshdx.testkit.internal.istiod;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

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
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Listeners, as istiod sends them by LDS. Source: Istio, "Protocol Selection" and "Understanding TLS Configuration"; the form
 * is that of dumps.
 */
final class Listeners {
    private static final List<Object> HTTP_ALPN = list("http/1.1", "h2c");
    private static final List<Object> ISTIO_HTTP_ALPN = list("istio-http/1.0", "istio-http/1.1", "istio-h2");
    private static final List<Object> ISTIO_TCP_ALPN = list("istio-peer-exchange", "istio");
    private static final List<Object> ISTIO_ALPN =
            list("istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2");

    private final Registry registry;
    private final MeshSpec mesh;

    Listeners(Registry registry, MeshSpec mesh) {
        this.registry = registry;
        this.mesh = mesh;
    }

    /** A port on which a proxy receives for its application. */
    record Inbound(int target, Port port, Service service, List<Service> services) {}

    /** All listeners of a proxy. */
    List<Map<String, Object>> of(Workload proxy) {
        if (proxy.gateway()) {
            return ofGateway(proxy);
        }
        Map<String, Map<String, Object>> outbound = new LinkedHashMap<>();
        for (Service service : registry.services()) {
            for (Port port : service.ports()) {
                outbound(proxy, service, port, outbound);
            }
        }
        List<Map<String, Object>> listeners = new ArrayList<>(outbound.values());
        listeners.add(virtualOutbound());
        listeners.add(virtualInbound(proxy));
        return listeners;
    }

    // Outbound

    private void outbound(Workload proxy, Service service, Port port, Map<String, Map<String, Object>> listeners) {
        if (port.protocol().http()) {
            String name = "0.0.0.0_" + port.number();
            listeners.computeIfAbsent(
                    name,
                    key -> httpListener(
                            name, "0.0.0.0", port.number(), String.valueOf(port.number()), proxy, otherwise()));
            return;
        }
        if (service.headless() && port.protocol() != Protocol.AUTO) {
            perPod(proxy, service, port, listeners);
            return;
        }
        if (port.protocol() == Protocol.TLS && service.address().isEmpty()) {
            byServerName(service, port, listeners);
            return;
        }
        String address = service.address().isEmpty() ? "0.0.0.0" : service.address();
        String name = address + "_" + port.number();
        String cluster = Upstream.name(port.number(), "", service.host());
        if (listeners.containsKey(name)) {
            return; // the first one keeps the address
        }
        if (port.protocol() == Protocol.AUTO && !service.address().isEmpty()) {
            listeners.put(
                    name,
                    httpListener(
                            name,
                            address,
                            port.number(),
                            service.host() + ":" + port.number(),
                            proxy,
                            map(
                                    "filters",
                                    list(Xds.tcpProxy(cluster, true)),
                                    "transport_socket_connect_timeout",
                                    "15s")));
            return;
        }
        listeners.put(name, tcpListener(name, address, port.number(), cluster));
    }

    /** Clients of a headless service ask for the addresses of its pods, so each has a listener; a pod's own has none. */
    private static void perPod(Workload proxy, Service service, Port port, Map<String, Map<String, Object>> listeners) {
        String cluster = Upstream.name(port.number(), "", service.host());
        for (Registry.Endpoint endpoint : service.endpoints().getOrDefault(port.number(), List.of())) {
            String name = endpoint.ip() + "_" + port.number();
            if (!endpoint.ip().equals(proxy.ip())) {
                listeners.putIfAbsent(name, tcpListener(name, endpoint.ip(), port.number(), cluster));
            }
        }
    }

    private static Map<String, Object> tcpListener(String name, String address, int port, String cluster) {
        return map(
                "@type",
                Xds.LDS,
                "name",
                name,
                "address",
                Xds.address(address, port),
                "filter_chains",
                list(map("filters", list(Xds.tcpProxy(cluster, true)), "transport_socket_connect_timeout", "15s")),
                "listener_filters_timeout",
                "0s",
                "traffic_direction",
                "OUTBOUND",
                "continue_on_listener_filters_timeout",
                true,
                "bind_to_port",
                false);
    }

    /** Hosts without an address share a port; the server's name tells them apart. */
    private void byServerName(Service service, Port port, Map<String, Map<String, Object>> listeners) {
        String name = "0.0.0.0_" + port.number();
        List<Object> chains = new ArrayList<>();
        Map<String, Object> known = listeners.get(name);
        if (known != null) {
            if (!(known.get("filter_chains") instanceof List<?> others)
                    || !known.toString().contains("server_names")) {
                return; // something else has the port
            }
            chains.addAll(others);
        }
        chains.add(map(
                "filter_chain_match",
                map("server_names", list(service.host())),
                "filters",
                list(Xds.tcpProxy(Upstream.name(port.number(), "", service.host()), true)),
                "transport_socket_connect_timeout",
                "15s"));
        listeners.put(
                name,
                map(
                        "@type",
                        Xds.LDS,
                        "name",
                        name,
                        "address",
                        Xds.address("0.0.0.0", port.number()),
                        "filter_chains",
                        chains,
                        "listener_filters",
                        list(Xds.inspector("tls_inspector", "TlsInspector", null, true)),
                        "listener_filters_timeout",
                        "0s",
                        "traffic_direction",
                        "OUTBOUND",
                        "continue_on_listener_filters_timeout",
                        true,
                        "default_filter_chain",
                        otherwise(),
                        "bind_to_port",
                        false));
    }

    /** What no service claims. */
    private Map<String, Object> otherwise() {
        return map(
                "filter_chain_match",
                map(),
                "filters",
                list(Xds.tcpProxy(registry.registryOnly(mesh) ? "BlackHoleCluster" : "PassthroughCluster", true)),
                "name",
                "PassthroughFilterChain");
    }

    private Map<String, Object> httpListener(
            String name, String address, int port, String routes, Workload proxy, Map<String, Object> otherwise) {
        return map(
                "@type",
                Xds.LDS,
                "name",
                name,
                "address",
                Xds.address(address, port),
                "filter_chains",
                list(map(
                        "filter_chain_match",
                        map("transport_protocol", "raw_buffer", "application_protocols", HTTP_ALPN),
                        "filters",
                        list(Xds.outboundHttp("outbound_" + name + ";", routes, proxy, mesh)),
                        "transport_socket_connect_timeout",
                        "15s")),
                "listener_filters",
                list(Xds.inspector("http_inspector", "HttpInspector", null, false)),
                "listener_filters_timeout",
                "0s",
                "traffic_direction",
                "OUTBOUND",
                "continue_on_listener_filters_timeout",
                true,
                "default_filter_chain",
                otherwise,
                "bind_to_port",
                false);
    }

    private Map<String, Object> virtualOutbound() {
        return map(
                "@type",
                Xds.LDS,
                "name",
                "virtualOutbound",
                "address",
                Xds.address("0.0.0.0", 15001),
                "filter_chains",
                list(
                        map(
                                "filter_chain_match",
                                map("destination_port", 15001),
                                "filters",
                                list(Xds.tcpProxy("BlackHoleCluster", false)),
                                "name",
                                "virtualOutbound-blackhole"),
                        map(
                                "filters",
                                list(Xds.tcpProxy(
                                        registry.registryOnly(mesh) ? "BlackHoleCluster" : "PassthroughCluster", true)),
                                "name",
                                "virtualOutbound-catchall-tcp")),
                "use_original_dst",
                true,
                "traffic_direction",
                "OUTBOUND",
                "access_log",
                Xds.LISTENER_LOG,
                "max_connections_to_accept_per_socket_event",
                1);
    }

    // Inbound

    /** The ports on which services send to a proxy, by target port. */
    Map<Integer, Inbound> inbound(Workload proxy) {
        Map<Integer, Inbound> ports = new TreeMap<>();
        for (Service service : registry.whole().services()) {
            if (!service.all().contains(proxy)) {
                continue;
            }
            for (Port port : service.ports()) {
                int target = target(service, port, proxy);
                Inbound known = ports.get(target);
                if (known == null) {
                    ports.put(target, new Inbound(target, port, service, List.of(service)));
                } else {
                    List<Service> both = new ArrayList<>(known.services());
                    both.add(service);
                    ports.put(target, new Inbound(target, known.port(), known.service(), both));
                }
            }
        }
        return ports;
    }

    /** The endpoints are only the ready pods, but all share the target port, unless it is named. */
    private static int target(Service service, Port port, Workload proxy) {
        return service.endpoints().getOrDefault(port.number(), List.of()).stream()
                .filter(endpoint -> proxy.equals(endpoint.workload()))
                .mapToInt(Registry.Endpoint::port)
                .findFirst()
                .orElseGet(() -> service.target(port.number()));
    }

    private Map<String, Object> virtualInbound(Workload proxy) {
        Map<Integer, Inbound> ports = inbound(proxy);
        String mode = registry.peerAuthentication(proxy.namespace(), proxy.labels(), 0);
        List<Object> chains = new ArrayList<>();
        chains.add(map(
                "filter_chain_match",
                map("destination_port", 15006),
                "filters",
                list(Xds.tcpProxy("BlackHoleCluster", false)),
                "name",
                "virtualInbound-blackhole"));
        String passthrough = "InboundPassthroughCluster";
        Object anyHttp = Xds.inboundHttp(passthrough + ";", Routes.inbound(passthrough, 0, ""), proxy, mesh);
        Object anyTcp = Xds.tcpProxy(passthrough, true);
        chains.addAll(sniffed(null, mode, anyHttp, anyTcp, "virtualInbound-catchall-http", "virtualInbound"));
        List<Object> skipHttp = new ArrayList<>();
        for (Inbound inbound : ports.values()) {
            String name = "0.0.0.0_" + inbound.target();
            String cluster = Clusters.inboundName(inbound.target());
            String portMode = registry.peerAuthentication(proxy.namespace(), proxy.labels(), inbound.target());
            Object http = Xds.inboundHttp(
                    "inbound_" + name + ";",
                    Routes.inbound(
                            cluster, inbound.port().number(), inbound.service().host()),
                    proxy,
                    mesh);
            Object tcp = Xds.tcpProxy(cluster, true);
            if (inbound.port().protocol() == Protocol.AUTO) {
                chains.addAll(sniffed(inbound.target(), portMode, http, tcp, name, name));
            } else if (inbound.port().protocol().http()) {
                chains.addAll(http(inbound.target(), portMode, http, name));
                skipHttp.add(range(inbound.target()));
            } else {
                chains.addAll(tcp(inbound.target(), portMode, tcp, name));
                skipHttp.add(range(inbound.target()));
            }
        }
        List<Object> filters = new ArrayList<>();
        filters.add(Xds.inspector("original_dst", "OriginalDst", null, false));
        if (!mode.equals("DISABLE") || !ports.isEmpty()) {
            filters.add(Xds.inspector("tls_inspector", "TlsInspector", range(15006), true));
        }
        if (!mode.equals("STRICT")) {
            skipHttp.add(range(15006));
            filters.add(Xds.inspector(
                    "http_inspector",
                    "HttpInspector",
                    skipHttp.size() == 1 ? skipHttp.get(0) : map("or_match", map("rules", skipHttp)),
                    false));
        }
        return map(
                "@type",
                Xds.LDS,
                "name",
                "virtualInbound",
                "address",
                Xds.address("0.0.0.0", 15006),
                "filter_chains",
                chains,
                "listener_filters",
                filters,
                "listener_filters_timeout",
                "0s",
                "traffic_direction",
                "INBOUND",
                "continue_on_listener_filters_timeout",
                true,
                "access_log",
                Xds.LISTENER_LOG,
                "max_connections_to_accept_per_socket_event",
                1);
    }

    private static Map<String, Object> range(int port) {
        return map("destination_port_range", map("start", port, "end", port + 1));
    }

    private List<Object> http(int port, String mode, Object http, String name) {
        return switch (mode) {
            case "STRICT" -> list(chain(port, "tls", null, http, true, name));
            case "DISABLE" -> list(chain(port, null, null, http, false, name));
            default ->
                list(
                        chain(port, "tls", ISTIO_ALPN, http, true, name),
                        chain(port, "raw_buffer", null, http, false, name));
        };
    }

    private List<Object> tcp(@Nullable Integer port, String mode, Object tcp, String name) {
        return switch (mode) {
            case "STRICT" -> list(chain(port, "tls", null, tcp, true, name));
            case "DISABLE" -> list(chain(port, null, null, tcp, false, name));
            default ->
                list(
                        chain(port, "tls", ISTIO_TCP_ALPN, tcp, true, name),
                        chain(port, "raw_buffer", null, tcp, false, name),
                        chain(port, "tls", null, tcp, false, name));
        };
    }

    private List<Object> sniffed(
            @Nullable Integer port, String mode, Object http, Object tcp, String httpName, String tcpName) {
        List<Object> chains = new ArrayList<>();
        if (!mode.equals("DISABLE")) {
            chains.add(chain(port, "tls", ISTIO_HTTP_ALPN, http, true, httpName));
        }
        if (!mode.equals("STRICT")) {
            chains.add(chain(port, "raw_buffer", HTTP_ALPN, http, false, httpName));
        }
        chains.addAll(tcp(port, mode, tcp, tcpName));
        return chains;
    }

    private Map<String, Object> chain(
            @Nullable Integer port,
            @Nullable String transport,
            @Nullable List<Object> protocols,
            Object filter,
            boolean tls,
            String name) {
        Map<String, Object> match =
                map("destination_port", port, "transport_protocol", transport, "application_protocols", protocols);
        return map(
                "filter_chain_match",
                Doc.unlessEmpty(match),
                "filters",
                list(filter),
                "transport_socket",
                tls ? Xds.serverTls(mesh.trustDomain) : null,
                "name",
                name);
    }

    // Gateways

    private List<Map<String, Object>> ofGateway(Workload proxy) {
        Map<Integer, List<Object>> chains = new TreeMap<>();
        Map<Integer, Boolean> secure = new TreeMap<>();
        for (GatewayServer server : GatewayServer.of(registry, proxy)) {
            String name = "0.0.0.0_" + server.target();
            List<Object> known = chains.computeIfAbsent(server.target(), port -> new ArrayList<>());
            secure.put(server.target(), server.https());
            if (!server.https() && !known.isEmpty()) {
                continue; // plain servers of a port share one route configuration
            }
            Object http = Xds.outboundHttp("outbound_" + name + ";", server.routeName(), proxy, mesh);
            List<Object> hosts = new ArrayList<>(server.hosts());
            known.add(map(
                    "filter_chain_match",
                    server.https() && !hosts.contains("*") ? map("server_names", hosts) : null,
                    "filters",
                    list(http),
                    "transport_socket",
                    server.https() ? gatewayTls(server) : null,
                    "transport_socket_connect_timeout",
                    "15s"));
        }
        Routes routes = new Routes(registry, mesh);
        for (GatewayServer server : GatewayServer.opaque(registry, proxy)) {
            for (Routes.Forward forward : routes.forwards(server, proxy)) {
                secure.merge(server.target(), server.tls(), Boolean::logicalOr);
                chains.computeIfAbsent(server.target(), port -> new ArrayList<>())
                        .add(map(
                                "filter_chain_match",
                                forward.serverNames().isEmpty() ? null : map("server_names", forward.serverNames()),
                                "filters",
                                list(Xds.tcpProxy(forward.clusters())),
                                "transport_socket",
                                server.tls() && !server.passthrough() ? gatewayTls(server) : null,
                                "transport_socket_connect_timeout",
                                "15s"));
            }
        }
        List<Map<String, Object>> listeners = new ArrayList<>();
        chains.forEach((port, found) -> listeners.add(map(
                "@type",
                Xds.LDS,
                "name",
                "0.0.0.0_" + port,
                "address",
                Xds.address("0.0.0.0", port),
                "filter_chains",
                found,
                "listener_filters",
                Boolean.TRUE.equals(secure.get(port))
                        ? list(Xds.inspector("tls_inspector", "TlsInspector", null, true))
                        : null,
                "traffic_direction",
                "OUTBOUND",
                "access_log",
                Xds.LISTENER_LOG,
                "max_connections_to_accept_per_socket_event",
                1)));
        return listeners;
    }

    private static Map<String, Object> gatewayTls(GatewayServer server) {
        return map(
                "name",
                "envoy.transport_sockets.tls",
                "typed_config",
                Xds.typed(
                        "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                        "common_tls_context",
                        map(
                                "alpn_protocols",
                                list("h2", "http/1.1"),
                                "tls_certificate_sds_secret_configs",
                                list(map(
                                        "name",
                                        "kubernetes://"
                                                + server.server()
                                                        .at("tls", "credentialName")
                                                        .text(""),
                                        "sds_config",
                                        map("ads", map(), "resource_api_version", "V3"))),
                                "combined_validation_context",
                                server.mutual()
                                        ? map(
                                                "default_validation_context",
                                                map(),
                                                "validation_context_sds_secret_config",
                                                map(
                                                        "name",
                                                        "kubernetes://"
                                                                + server.server()
                                                                        .at("tls", "credentialName")
                                                                        .text("")
                                                                + "-cacert",
                                                        "sds_config",
                                                        map("ads", map(), "resource_api_version", "V3")))
                                        : null),
                        "require_client_certificate",
                        server.mutual()));
    }
}
