package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.IstioConfig;
import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A filter chain of a listener: which connections it takes, and what it does with them. Immutable. Source: Envoy,
 * {@code config/listener/v3/listener_components.proto}, {@code FilterChain}.
 */
public final class FilterChain {
    // The lists that istioctl gives a name. Source: istioctl, pkg/writer/envoy/configdump/listener.go.
    private static final List<String> HTTP_TLS =
            List.of("http/1.0", "http/1.1", "h2c", "istio-http/1.0", "istio-http/1.1", "istio-h2");
    private static final List<String> ISTIO_HTTP_PLAIN =
            List.of("istio", "istio-http/1.0", "istio-http/1.1", "istio-h2");
    private static final List<String> TCP_TLS = List.of("istio-peer-exchange", "istio");
    private static final List<String> HTTP_PLAIN = List.of("http/1.0", "http/1.1", "h2c");

    private static final int DEEPEST = 8;

    private final Json raw;
    private final boolean isDefault;

    FilterChain(Json raw, boolean isDefault) {
        this.raw = raw;
        this.isDefault = isDefault;
    }

    /** Its name; empty where it has none. */
    public String name() {
        return raw.at("name").text("");
    }

    /** Whether it takes what no other chain takes ({@code default_filter_chain}). */
    public boolean isDefault() {
        return isDefault;
    }

    /** Which connections it takes ({@code filter_chain_match}); where a matcher tree chooses, it says nothing. */
    public FilterChainMatch match() {
        return new FilterChainMatch(raw.at("filter_chain_match"));
    }

    /** Its network filters, in order. */
    public List<NetworkFilter> filters() {
        return NetworkFilter.all(raw.at("filters"));
    }

    /** The HTTP connection manager, where it has one. */
    public Optional<HttpConnectionManager> httpConnectionManager() {
        return filters().stream()
                .flatMap(filter -> filter.httpConnectionManager().stream())
                .findFirst();
    }

    /** The TCP proxy, where it has one. */
    public Optional<TcpProxy> tcpProxy() {
        return filters().stream().flatMap(filter -> filter.tcpProxy().stream()).findFirst();
    }

    /** Whether it speaks HTTP. */
    public boolean isHttp() {
        return httpConnectionManager().isPresent();
    }

    /** The route configuration that it asks for by name, where it does. */
    public Optional<String> routeConfigName() {
        return httpConnectionManager().flatMap(HttpConnectionManager::routeConfigName);
    }

    /** The route configuration that is written into it, where one is. */
    public Optional<RouteConfiguration> inlineRouteConfig() {
        return httpConnectionManager().flatMap(HttpConnectionManager::inlineRouteConfig);
    }

    /** The clusters that it passes connections to as they are: one, or several with weights. */
    public List<String> tcpClusters() {
        return tcpProxy().map(TcpProxy::clusters).orElse(List.of());
    }

    /** The settings with which it ends TLS (over QUIC too), where it does. */
    public Optional<DownstreamTls> tls() {
        Json socket = raw.at("transport_socket");
        // Sockets that count or copy bytes stand around the one for TLS.
        for (int i = 0; i < DEEPEST && socket.exists(); i++) {
            Json config = socket.at("typed_config");
            String type = config.at("@type").text("");
            if (type.endsWith(".DownstreamTlsContext")
                    || socket.at("name").text("").equals("envoy.transport_sockets.tls")) {
                return Optional.of(new DownstreamTls(config));
            }
            if (type.endsWith(".QuicDownstreamTransport")) {
                return Optional.of(new DownstreamTls(config.at("downstream_tls_context")));
            }
            socket = config.at("transport_socket");
        }
        // Before transport sockets.
        return raw.at("tls_context").exists()
                ? Optional.of(new DownstreamTls(raw.at("tls_context")))
                : Optional.empty();
    }

    /** What it does about TLS: ends it, passes it on, or has nothing to do with it. */
    public DownstreamTls.Mode tlsMode() {
        return tls().map(DownstreamTls::mode)
                .orElse(
                        match().transportProtocol().equals("tls")
                                        || !match().serverNames().isEmpty()
                                ? DownstreamTls.Mode.PASSTHROUGH
                                : DownstreamTls.Mode.NONE);
    }

    /** Within which time the handshake has to be over; empty for no limit. */
    public Optional<Duration> handshakeTimeout() {
        return ProtoValues.duration(raw.at("transport_socket_connect_timeout")).filter(timeout -> !timeout.isZero());
    }

    /** The names of the secrets that it needs. */
    public List<String> secrets() {
        return tls().map(DownstreamTls::secrets).orElse(List.of());
    }

    /** What it takes, as istioctl writes it: {@code SNI: a.example.com; Trans: tls}, or {@code ALL}. */
    public String matchText() {
        Json match = raw.at("filter_chain_match");
        List<String> parts = new ArrayList<>();
        if (match.at("server_names").size() > 0) {
            parts.add("SNI: " + String.join(",", match.at("server_names").texts()));
        }
        match.at("transport_protocol")
                .text()
                .filter(text -> !text.isEmpty())
                .ifPresent(text -> parts.add("Trans: " + text));
        List<String> protocols = match.at("application_protocols").texts();
        if (!protocols.isEmpty()) {
            parts.add("App: " + protocols(protocols));
        }
        String port = match.at("destination_port").exists()
                ? ":" + match.at("destination_port").number(0)
                : "";
        List<String> ranges = new ArrayList<>();
        for (Json range : match.at("prefix_ranges").items()) {
            ranges.add(range.at("address_prefix").text("") + "/"
                    + range.at("prefix_len").number(0));
        }
        if (!ranges.isEmpty()) {
            parts.add("Addr: " + String.join(",", ranges) + port);
        } else if (!port.isEmpty()) {
            parts.add("Addr: *" + port);
        }
        return parts.isEmpty() ? "ALL" : String.join("; ", parts);
    }

    private static String protocols(List<String> protocols) {
        if (protocols.equals(HTTP_TLS)) {
            return "HTTP TLS";
        }
        if (protocols.equals(ISTIO_HTTP_PLAIN)) {
            return "Istio HTTP Plain";
        }
        if (protocols.equals(TCP_TLS)) {
            return "TCP TLS";
        }
        return protocols.equals(HTTP_PLAIN) ? "HTTP" : String.join(",", protocols);
    }

    /** Where it sends what it takes, as istioctl writes it: {@code Route: 9080}, {@code Cluster: outbound|…}. */
    public String destinationText() {
        for (NetworkFilter filter : filters()) {
            Json config = filter.config();
            if (filter.isNamedAsHttp()) {
                if (config.at("route_config").exists()) {
                    return inlineDestination(config.at("route_config"));
                }
                return config.at("rds", "route_config_name")
                        .text()
                        .map(name -> "Route: " + name)
                        .orElse("HTTP");
            }
            if (filter.isNamedAsTcp() && !config.toString().contains("BlackHoleCluster")) {
                return cluster(config.at("cluster").text(""));
            }
        }
        return "Non-HTTP/Non-TCP";
    }

    private static String cluster(String name) {
        return name.contains("Cluster") ? name : ("Cluster: " + name).stripTrailing();
    }

    private static String inlineDestination(Json config) {
        List<String> parts = new ArrayList<>();
        List<Json> hosts = config.at("virtual_hosts").items();
        for (Json host : hosts) {
            List<String> domains = host.at("domains").texts();
            List<Json> routes = host.at("routes").items();
            if (hosts.size() == 1
                    && domains.equals(List.of("*"))
                    && routes.size() == 1
                    && routes.get(0).at("match", "prefix").text("").equals("/")
                    && !routes.get(0).at("route", "cluster").text("").isEmpty()) {
                return cluster(routes.get(0).at("route", "cluster").text(""));
            }
            List<String> matches = routes.stream()
                    .map(route -> Route.matchText(route.at("match")))
                    .toList();
            parts.add(
                    (domains.equals(List.of("*")) ? "" : String.join("/", domains) + " ") + String.join(", ", matches));
        }
        return ("Inline Route: " + String.join("; ", parts)).stripTrailing();
    }

    /** The resource that shaped it: a VirtualService with rules for TCP or TLS. */
    public Optional<ResourceRef> configuredBy() {
        return IstioConfig.of(raw.at("metadata"));
    }

    /** The whole chain as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One line. */
    @Override
    public String toString() {
        return (name().isEmpty() ? "filter chain" : name()) + ": " + matchText() + " -> " + destinationText();
    }
}
