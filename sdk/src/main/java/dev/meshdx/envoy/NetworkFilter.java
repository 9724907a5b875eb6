package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.TypedConfig;
import dev.meshdx.model.Json;
import java.util.List;
import java.util.Optional;

/**
 * A network filter of a filter chain. Immutable. Source: Envoy, {@code config/listener/v3/listener_components.proto},
 * {@code Filter}.
 */
public final class NetworkFilter {
    private final Json raw;

    private NetworkFilter(Json raw) {
        this.raw = raw;
    }

    static List<NetworkFilter> all(Json filters) {
        return filters.items().stream().map(NetworkFilter::new).toList();
    }

    /** As istioctl looks, at names only; before Envoy 1.14 they had no {@code filters.network}. */
    boolean isNamedAsHttp() {
        return name().equals("envoy.filters.network.http_connection_manager")
                || name().equals("envoy.http_connection_manager");
    }

    /** As {@link #isNamedAsHttp}. */
    boolean isNamedAsTcp() {
        return name().equals("envoy.filters.network.tcp_proxy") || name().equals("envoy.tcp_proxy");
    }

    /** As it stands there, wrapper and all. */
    Json config() {
        return raw.at("typed_config").exists() ? raw.at("typed_config") : raw.at("config");
    }

    /** The extension's name: {@code envoy.filters.network.tcp_proxy}, {@code istio.stats}. */
    public String name() {
        return raw.at("name").text("");
    }

    /** The type of its configuration, out of its wrapper; empty where it is sent separately or of an old form. */
    public String typeUrl() {
        return TypedConfig.of(config()).typeUrl();
    }

    /** What it is, in Envoy's short term: {@code http_connection_manager}, {@code tcp_proxy}, {@code rbac} … */
    public String kind() {
        return TypedConfig.of(config()).kind(name());
    }

    /** Whether its configuration is sent separately, under its name (ECDS). */
    public boolean isDiscovered() {
        return raw.at("config_discovery").exists();
    }

    /** The connection manager, where it is one. */
    public Optional<HttpConnectionManager> httpConnectionManager() {
        return kind().equals("http_connection_manager")
                ? Optional.of(new HttpConnectionManager(fields()))
                : Optional.empty();
    }

    /** The TCP proxy, where it is one. */
    public Optional<TcpProxy> tcpProxy() {
        return kind().equals("tcp_proxy") ? Optional.of(new TcpProxy(fields())) : Optional.empty();
    }

    /** Its authorization rules, where it is an RBAC filter. */
    public Optional<Rbac> rbac() {
        return kind().equals("rbac") ? Optional.of(new Rbac(fields())) : Optional.empty();
    }

    /** Its configuration's fields, out of their wrapper. */
    public Json fields() {
        return TypedConfig.of(config()).fields();
    }

    /** What it does, in a line; empty for filters that are not known or have nothing to say. */
    public String summary() {
        return isDiscovered() ? "sent separately (ECDS)" : FilterSummaries.network(kind(), TypedConfig.of(config()));
    }

    /** The whole filter as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** {@code envoy.filters.network.tcp_proxy: PassthroughCluster}. */
    @Override
    public String toString() {
        String summary = summary();
        return name() + (summary.isEmpty() ? "" : ": " + summary);
    }
}
