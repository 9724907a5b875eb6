package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.envoy.internal.TypedConfig;
import dev.meshdx.model.Json;
import java.util.List;

/**
 * A listener filter: it looks at a connection before a filter chain is chosen. Immutable. Source: Envoy,
 * {@code config/listener/v3/listener_components.proto}, {@code ListenerFilter}.
 */
public final class ListenerFilter {
    private static final int PORTS = 6;

    private final Json raw;

    private ListenerFilter(Json raw) {
        this.raw = raw;
    }

    static List<ListenerFilter> all(Json filters) {
        return filters.items().stream().map(ListenerFilter::new).toList();
    }

    private TypedConfig config() {
        return TypedConfig.of(raw.at("typed_config").exists() ? raw.at("typed_config") : raw.at("config"));
    }

    /** The extension's name, such as {@code envoy.filters.listener.tls_inspector}. */
    public String name() {
        return raw.at("name").text("");
    }

    /** What it is: {@code tls_inspector}, {@code http_inspector}, {@code original_dst}, {@code proxy_protocol} … */
    public String kind() {
        return config().kind(name());
    }

    /**
     * Whether it leaves connections to a port alone; Istio switches the inspectors off where no filter chain asks for what they
     * find. Source: Envoy, {@code ListenerFilterChainMatchPredicate}.
     */
    public boolean isDisabledFor(int port) {
        return holds(raw.at("filter_disabled"), port);
    }

    private static boolean holds(Json predicate, int port) {
        if (predicate.at("destination_port_range").exists()) {
            Json range = predicate.at("destination_port_range");
            return port >= range.at("start").number(0) && port < range.at("end").number(0);
        }
        if (predicate.at("or_match").exists()) {
            return predicate.at("or_match", "rules").items().stream().anyMatch(rule -> holds(rule, port));
        }
        if (predicate.at("and_match").exists()) {
            return predicate.at("and_match", "rules").items().stream().allMatch(rule -> holds(rule, port));
        }
        if (predicate.at("not_match").exists()) {
            return !holds(predicate.at("not_match"), port);
        }
        return predicate.at("any_match").bool(false);
    }

    /** What it does, in a line; empty for filters that are not known. */
    public String summary() {
        return FilterSummaries.listener(kind(), config());
    }

    /** The whole filter as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** {@code tls_inspector: reads server name and ALPN, but not on port 15006}. */
    @Override
    public String toString() {
        String summary = summary();
        String off = raw.at("filter_disabled").exists()
                ? ", but not on " + ProtoValues.some(ports(raw.at("filter_disabled")), PORTS)
                : "";
        return name() + (summary.isEmpty() ? "" : ": " + summary) + off;
    }

    private static List<String> ports(Json predicate) {
        Json range = predicate.at("destination_port_range");
        if (range.exists()) {
            long start = range.at("start").number(0);
            long end = range.at("end").number(0) - 1;
            return List.of("port " + start + (end > start ? "-" + end : ""));
        }
        if (predicate.at("or_match").exists()) {
            return predicate.at("or_match", "rules").items().stream()
                    .flatMap(rule -> ports(rule).stream())
                    .toList();
        }
        return List.of(predicate.at("any_match").bool(false) ? "any port" : "some ports");
    }
}
