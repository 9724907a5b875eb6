package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.DownstreamTls;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.HttpConnectionManager;
import dev.meshdx.envoy.HttpFilter;
import dev.meshdx.envoy.NetworkFilter;
import dev.meshdx.model.Json;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A filter chain made ready for many connections. Immutable. */
public final class CompiledChain {
    private final FilterChain view;
    private final ChainMatch match;
    private final @Nullable DownstreamTls tls;
    private final Json manager;
    private final @Nullable String routeConfigName;
    private final @Nullable RouteTable inlineRoutes;
    private final List<HttpFilter> httpFilters;
    private final List<NetworkFilter> filters;
    private final boolean offersIstioProtocols;

    CompiledChain(FilterChain view, Regexes regexes) {
        this.view = view;
        this.match = new ChainMatch(view.match().raw());
        this.tls = view.tls().orElse(null);
        Optional<HttpConnectionManager> http = view.httpConnectionManager();
        this.manager = http.map(HttpConnectionManager::raw).orElse(Json.MISSING);
        this.routeConfigName =
                http.flatMap(HttpConnectionManager::routeConfigName).orElse(null);
        this.inlineRoutes = http.flatMap(HttpConnectionManager::inlineRouteConfig)
                .map(config -> new RouteTable(config, regexes))
                .orElse(null);
        this.httpFilters = http.map(HttpConnectionManager::httpFilters).orElse(List.of());
        this.filters = view.filters();
        this.offersIstioProtocols =
                httpFilters.stream().anyMatch(filter -> filter.name().equals("istio.alpn") && !filter.isDisabled());
    }

    /** The filter chain. */
    public FilterChain view() {
        return view;
    }

    /** The port that it is for; -1 for any. */
    public int port() {
        return match.port();
    }

    ChainMatch match() {
        return match;
    }

    /** The settings with which it ends TLS; null where it does not. */
    public @Nullable DownstreamTls tls() {
        return tls;
    }

    /** The settings of its HTTP connection manager; missing where it has none. */
    public Json manager() {
        return manager;
    }

    /** The route configuration that it asks for by name; null where it does not. */
    public @Nullable String routeConfigName() {
        return routeConfigName;
    }

    /** The route configuration that is written into it; null where none is. */
    public @Nullable RouteTable inlineRoutes() {
        return inlineRoutes;
    }

    /** Its HTTP filters, in order. */
    public List<HttpFilter> httpFilters() {
        return httpFilters;
    }

    /** Whether Istio's filter chooses the application protocols that are offered to the upstream. */
    public boolean offersIstioProtocols() {
        return offersIstioProtocols;
    }

    /** Its network filters, in order. */
    public List<NetworkFilter> filters() {
        return filters;
    }
}
