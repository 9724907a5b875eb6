package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a filter chain speaks HTTP: codec, routes, HTTP filters, limits. Immutable. Source: Envoy,
 * {@code extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto}.
 */
public final class HttpConnectionManager {
    private static final Duration STREAM_IDLE = Duration.ofMinutes(5);
    private static final Duration IDLE = Duration.ofHours(1);
    private static final int MAX_HEADERS_KB = 60;

    private final Json raw;

    HttpConnectionManager(Json raw) {
        this.raw = raw;
    }

    /** {@code AUTO} (by what comes), {@code HTTP1}, {@code HTTP2}, {@code HTTP3}. */
    public String codec() {
        return ProtoValues.enumText(raw.at("codec_type"), "AUTO");
    }

    /** The route configuration that it asks for by name, where it does. */
    public Optional<String> routeConfigName() {
        return raw.at("rds", "route_config_name").text();
    }

    /** The route configuration that is written into it, where one is. */
    public Optional<RouteConfiguration> inlineRouteConfig() {
        Json config = raw.at("route_config");
        return config.exists()
                ? Optional.of(new RouteConfiguration(new Entry("", config, ResourceState.STATIC, Json.MISSING)))
                : Optional.empty();
    }

    /** The name of its scoped routes (the request chooses the route configuration), where it has some. */
    public Optional<String> scopedRoutesName() {
        return raw.at("scoped_routes").exists()
                ? Optional.of(raw.at("scoped_routes", "name").text(""))
                : Optional.empty();
    }

    /** Its HTTP filters, in order. */
    public List<HttpFilter> httpFilters() {
        return HttpFilter.all(raw.at("http_filters"));
    }

    /** Whether paths are normalised (RFC 3986) before anything looks at them; not where nothing is set. */
    public boolean normalizesPath() {
        return raw.at("normalize_path").bool(false);
    }

    /** Whether repeated slashes become one. */
    public boolean mergesSlashes() {
        return raw.at("merge_slashes").bool(false);
    }

    /** What happens to {@code %2F} and {@code %5C}: {@code KEEP_UNCHANGED}, the default, {@code REJECT_REQUEST}, {@code UNESCAPE_AND_REDIRECT}, {@code UNESCAPE_AND_FORWARD}. */
    public String escapedSlashesAction() {
        String action = raw.at("path_with_escaped_slashes_action").text("IMPLEMENTATION_SPECIFIC_DEFAULT");
        return action.equals("IMPLEMENTATION_SPECIFIC_DEFAULT") ? "KEEP_UNCHANGED" : action;
    }

    /** What happens to {@code x-forwarded-client-cert}: {@code SANITIZE}, the default, {@code FORWARD_ONLY}, {@code APPEND_FORWARD}, {@code SANITIZE_SET}, {@code ALWAYS_FORWARD_ONLY}. */
    public String forwardClientCertDetails() {
        return ProtoValues.enumText(raw.at("forward_client_cert_details"), "SANITIZE");
    }

    /** Whether the client's address is that of the connection, and {@code x-forwarded-for} is written, as at the edge. */
    public boolean usesRemoteAddress() {
        return raw.at("use_remote_address").bool(false);
    }

    /** How many proxies before this one are believed about the client's address; 0 where nothing is set. */
    public int xffTrustedHops() {
        return ProtoValues.count(raw.at("xff_num_trusted_hops"), 0);
    }

    /** How long a request may be silent; 5 min where nothing is set, zero for no limit. */
    public Duration streamIdleTimeout() {
        return ProtoValues.duration(raw.at("stream_idle_timeout")).orElse(STREAM_IDLE);
    }

    /** Within which time a request has to have come whole; zero, the default, for no limit. */
    public Duration requestTimeout() {
        return ProtoValues.duration(raw.at("request_timeout")).orElse(Duration.ZERO);
    }

    /** Within which time a request's headers have to have come; zero, the default, for no limit. */
    public Duration requestHeadersTimeout() {
        return ProtoValues.duration(raw.at("request_headers_timeout")).orElse(Duration.ZERO);
    }

    /** How long a connection may be without a request; 1 h where nothing is set, zero for no limit. */
    public Duration idleTimeout() {
        return ProtoValues.duration(raw.at("common_http_protocol_options", "idle_timeout"))
                .orElse(IDLE);
    }

    /** How long a connection may last; empty for no limit. */
    public Optional<Duration> maxConnectionDuration() {
        return ProtoValues.duration(raw.at("common_http_protocol_options", "max_connection_duration"));
    }

    /** The largest size of a request's headers together, in KiB; 60 where nothing is set. Beyond it: 431. */
    public int maxRequestHeadersKb() {
        return ProtoValues.count(raw.at("max_request_headers_kb"), MAX_HEADERS_KB);
    }

    /** What stands in the {@code server} header of responses; {@code envoy} where nothing is set. */
    public String serverName() {
        return ProtoValues.text(raw.at("server_name")).orElse("envoy");
    }

    /** Whether it is written: {@code OVERWRITE}, the default, {@code APPEND_IF_ABSENT}, {@code PASS_THROUGH}. */
    public String serverHeaderTransformation() {
        return ProtoValues.enumText(raw.at("server_header_transformation"), "OVERWRITE");
    }

    /** What clients may change to, where the route says nothing: {@code websocket}, {@code CONNECT}. */
    public List<Upgrade> upgrades() {
        return Upgrade.all(raw.at("upgrade_configs"));
    }

    /** The share of requests, in percent, for which a trace is begun; empty where tracing is off. */
    public Optional<Double> tracingSampling() {
        Json tracing = raw.at("tracing");
        return tracing.exists()
                ? Optional.of(Math.min(
                        ProtoValues.percent(tracing.at("random_sampling"), 100),
                        ProtoValues.percent(tracing.at("overall_sampling"), 100)))
                : Optional.empty();
    }

    /** Its access logs. */
    public List<AccessLogger> accessLoggers() {
        return AccessLogger.all(raw.at("access_log"));
    }

    /** Whether any port is cut off the host before it is matched and forwarded. */
    public boolean stripsAnyHostPort() {
        return raw.at("strip_any_host_port").bool(false);
    }

    /** Whether the listener's own port is cut off the host. */
    public boolean stripsMatchingHostPort() {
        return raw.at("strip_matching_host_port").bool(false);
    }

    /** Whether HTTP/1.0 is answered; else 426. */
    public boolean acceptsHttp10() {
        return raw.at("http_protocol_options", "accept_http_10").bool(false);
    }

    /** The prefix of its statistics. */
    public String statPrefix() {
        return raw.at("stat_prefix").text("");
    }

    /** The whole configuration as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    String summary() {
        String routes = routeConfigName()
                .map(name -> "routes " + name)
                .or(() -> scopedRoutesName().map(name -> "scoped routes " + name))
                .orElseGet(() -> raw.at("route_config").exists()
                        ? ("inline routes " + raw.at("route_config", "name").text("")).strip()
                        : "no routes");
        List<String> kinds = new ArrayList<>();
        httpFilters().forEach(filter -> kinds.add(filter.kind()));
        return routes + (kinds.isEmpty() ? "" : "; " + String.join(", ", kinds));
    }

    /** {@code HTTP (AUTO), routes 9080; peer_metadata, rbac, router; upgrades websocket}. */
    @Override
    public String toString() {
        return "HTTP (" + codec() + "), " + summary()
                + (upgrades().isEmpty()
                        ? ""
                        : "; upgrades "
                                + String.join(
                                        ", ",
                                        upgrades().stream()
                                                .map(Upgrade::toString)
                                                .toList()));
    }
}
