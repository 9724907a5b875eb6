package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.IstioConfig;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A filter chain of a listener: which connections it takes, and what it does with them. Immutable. */
public final class FilterChain {
    private static final String HTTP = "envoy.filters.network.http_connection_manager";
    private static final String TCP = "envoy.filters.network.tcp_proxy";

    // The lists that istioctl gives a name. Source: istioctl, pkg/writer/envoy/configdump/listener.go.
    private static final List<String> HTTP_TLS =
            List.of("http/1.0", "http/1.1", "h2c", "istio-http/1.0", "istio-http/1.1", "istio-h2");
    private static final List<String> ISTIO_HTTP_PLAIN =
            List.of("istio", "istio-http/1.0", "istio-http/1.1", "istio-h2");
    private static final List<String> TCP_TLS = List.of("istio-peer-exchange", "istio");
    private static final List<String> HTTP_PLAIN = List.of("http/1.0", "http/1.1", "h2c");

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

    /** Its {@code filter_chain_match}; missing where it takes everything. */
    public Json match() {
        return raw.at("filter_chain_match");
    }

    /** Its network filters, in order. */
    public List<Json> filters() {
        return raw.at("filters").items();
    }

    /** The HTTP connection manager's configuration, where it has one. */
    public Optional<Json> httpConnectionManager() {
        return filter(HTTP, "HttpConnectionManager");
    }

    /** The TCP proxy's configuration, where it has one. */
    public Optional<Json> tcpProxy() {
        return filter(TCP, "TcpProxy");
    }

    private Optional<Json> filter(String name, String type) {
        for (Json filter : filters()) {
            if (filter.at("name").text("").equals(name)
                    || filter.at("typed_config", "@type").text("").endsWith("." + type)) {
                return Optional.of(filter.at("typed_config"));
            }
        }
        return Optional.empty();
    }

    /** Whether it speaks HTTP. */
    public boolean isHttp() {
        return httpConnectionManager().isPresent();
    }

    /** The route configuration that it asks for by name, where it does. */
    public Optional<String> routeConfigName() {
        return httpConnectionManager()
                .flatMap(manager -> manager.at("rds", "route_config_name").text());
    }

    /** The route configuration that is written into it, where one is. */
    public Optional<RouteConfiguration> inlineRouteConfig() {
        return httpConnectionManager()
                .map(manager -> manager.at("route_config"))
                .filter(Json::exists)
                .map(config -> new RouteConfiguration(new Entry("", config, ResourceState.STATIC, Json.MISSING)));
    }

    /** The clusters that it passes connections to as they are: one, or several with weights. */
    public List<String> tcpClusters() {
        List<String> clusters = new ArrayList<>();
        tcpProxy().ifPresent(proxy -> {
            proxy.at("cluster").text().ifPresent(clusters::add);
            for (Json weighted : proxy.at("weighted_clusters", "clusters").items()) {
                weighted.at("name").text().ifPresent(clusters::add);
            }
        });
        return List.copyOf(clusters);
    }

    /** The TLS settings with which it ends TLS ({@code DownstreamTlsContext}), where it does. */
    public Optional<Json> tls() {
        Json config = raw.at("transport_socket", "typed_config");
        return config.at("@type").text("").endsWith(".DownstreamTlsContext")
                        || raw.at("transport_socket", "name").text("").equals("envoy.transport_sockets.tls")
                ? Optional.of(config)
                : Optional.empty();
    }

    /** The names of the secrets that it needs. */
    public List<String> secrets() {
        List<String> names = new ArrayList<>();
        tls().map(config -> config.at("common_tls_context")).ifPresent(context -> {
            for (Json secret : context.at("tls_certificate_sds_secret_configs").items()) {
                secret.at("name").text().ifPresent(names::add);
            }
            context.at("validation_context_sds_secret_config", "name").text().ifPresent(names::add);
            context.at("combined_validation_context", "validation_context_sds_secret_config", "name")
                    .text()
                    .ifPresent(names::add);
        });
        return List.copyOf(names);
    }

    /** What it takes, as istioctl writes it: {@code SNI: a.example.com; Trans: tls}, or {@code ALL}. */
    public String matchText() {
        Json match = match();
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
        for (Json filter : filters()) {
            Json config = filter.at("typed_config");
            if (filter.at("name").text("").equals(HTTP)) {
                if (config.at("route_config").exists()) {
                    return inlineDestination(config.at("route_config"));
                }
                return config.at("rds", "route_config_name")
                        .text()
                        .map(name -> "Route: " + name)
                        .orElse("HTTP");
            }
            if (filter.at("name").text("").equals(TCP) && !config.toString().contains("BlackHoleCluster")) {
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
