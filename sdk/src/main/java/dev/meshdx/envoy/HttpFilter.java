package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.envoy.internal.TypedConfig;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An HTTP filter of a connection manager, or what a route, a virtual host or a weighted cluster has a filter do instead.
 * Immutable. Source: Envoy,
 * {@code extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto}, {@code HttpFilter};
 * {@code config/route/v3/route_components.proto}, {@code typed_per_filter_config}.
 */
public final class HttpFilter {
    private final String name;
    private final Json raw;
    private final Json config;

    private HttpFilter(String name, Json raw, Json config) {
        this.name = name;
        this.raw = raw;
        this.config = config;
    }

    /** Those of a connection manager, in order. */
    static List<HttpFilter> all(Json filters) {
        List<HttpFilter> all = new ArrayList<>();
        for (Json filter : filters.items()) {
            Json config = filter.at("typed_config").exists() ? filter.at("typed_config") : filter.at("config");
            all.add(new HttpFilter(filter.at("name").text(""), filter, config));
        }
        return List.copyOf(all);
    }

    /** Those that a route, a virtual host, a weighted cluster or a route configuration has instead. */
    static List<HttpFilter> overrides(Json owner) {
        Json configs = owner.at("typed_per_filter_config").exists()
                ? owner.at("typed_per_filter_config")
                : owner.at("per_filter_config");
        List<HttpFilter> all = new ArrayList<>();
        configs.forEachField((name, config) -> all.add(new HttpFilter(name, config, config)));
        return List.copyOf(all);
    }

    /** The extension's name: {@code envoy.filters.http.router}, {@code istio.alpn}; whoever writes the filter may choose it. */
    public String name() {
        return name;
    }

    /** The type of its configuration, out of its wrapper; empty where it is sent separately or of an old form. */
    public String typeUrl() {
        return TypedConfig.of(config).typeUrl();
    }

    /** What it is, in Envoy's short term, whatever its name: {@code router}, {@code jwt_authn}, {@code rbac}, {@code lua} … */
    public String kind() {
        List<String> types = discoveryTypes();
        return types.size() == 1
                ? new TypedConfig(types.get(0), Json.MISSING, false).kind(name)
                : TypedConfig.of(config).kind(name);
    }

    /** Whether it is switched off, unless a route switches it on; of a route's: whether the route switches it off. */
    public boolean isDisabled() {
        TypedConfig typed = TypedConfig.of(config);
        if (raw.at("disabled").bool(false) || typed.disabled()) {
            return true;
        }
        String message = typed.message();
        if (message.equals("RBACPerRoute")) {
            return !typed.fields().at("rbac").exists();
        }
        return (message.endsWith("PerRoute") || message.equals("PerRouteConfig"))
                && typed.fields().at("disabled").bool(false);
    }

    /** Whether a proxy that does not know it goes on without. */
    public boolean isOptional() {
        return raw.at("is_optional").bool(false);
    }

    /** Whether its configuration is sent separately, under its name (ECDS). */
    public boolean isDiscovered() {
        return raw.at("config_discovery").exists();
    }

    /** The types that a configuration that is sent separately may have. */
    public List<String> discoveryTypes() {
        return raw.at("config_discovery", "type_urls").texts().stream()
                .map(url -> url.substring(url.lastIndexOf('/') + 1))
                .toList();
    }

    /** Whether there is a configuration for the time until one is sent; without it, requests wait or are answered with 500. */
    public boolean hasDefaultConfiguration() {
        return raw.at("config_discovery", "default_config").exists();
    }

    /** The faults that it makes, where it is the fault filter. */
    public Optional<FaultInjection> fault() {
        return kind().equals("fault") ? Optional.of(new FaultInjection(fields())) : Optional.empty();
    }

    /** The CORS policy, where it is one; the filter of a connection manager has none, routes have. */
    public Optional<Cors> cors() {
        return kind().equals("cors") && fields().size() > 1 ? Optional.of(new Cors(fields())) : Optional.empty();
    }

    /** Its authorization rules, where it is an RBAC filter. */
    public Optional<Rbac> rbac() {
        if (!kind().equals("rbac")) {
            return Optional.empty();
        }
        Json fields = fields();
        return Optional.of(new Rbac(fields.at("rbac").exists() ? fields.at("rbac") : fields));
    }

    /** Its configuration's fields, out of their wrapper. */
    public Json fields() {
        return TypedConfig.of(config).fields();
    }

    /** What it does, in a line; empty for filters that are not known or have nothing to say. */
    public String summary() {
        if (isDiscovered()) {
            return "sent separately (ECDS)" + (discoveryTypes().isEmpty() ? "" : ", of type " + types())
                    + (hasDefaultConfiguration() ? "" : ", no default");
        }
        return isDisabled() ? "switched off" : FilterSummaries.http(kind(), TypedConfig.of(config));
    }

    private String types() {
        return ProtoValues.some(discoveryTypes(), 2);
    }

    /** The whole filter as Envoy prints it; of a route's, its configuration. */
    public Json raw() {
        return raw;
    }

    /** {@code envoy.filters.http.rbac: DENY shop/deny-admin}. */
    @Override
    public String toString() {
        String summary = summary();
        return name + (summary.isEmpty() ? "" : ": " + summary);
    }
}
