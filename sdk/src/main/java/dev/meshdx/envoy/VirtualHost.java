package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.util.List;
import java.util.Optional;

/**
 * A virtual host of a route configuration: its domains, and their routes. Immutable. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code VirtualHost}.
 */
public final class VirtualHost {
    private final Json raw;
    private final List<Route> routes;

    VirtualHost(Json raw) {
        this.raw = raw;
        this.routes = raw.at("routes").items().stream().map(Route::new).toList();
    }

    /** Its name, such as {@code reviews.production.svc.cluster.local:9080}. */
    public String name() {
        return raw.at("name").text("");
    }

    /** The hosts that it serves. */
    public List<String> domains() {
        return raw.at("domains").texts();
    }

    /** Its routes; the first that matches counts. */
    public List<Route> routes() {
        return routes;
    }

    /** Whether plain HTTP is answered with a redirect to HTTPS: {@code NONE}, {@code EXTERNAL_ONLY} or {@code ALL}. */
    public String requireTls() {
        return ProtoValues.enumText(raw.at("require_tls"), "NONE");
    }

    /** When its requests are tried again, unless a route says otherwise. */
    public Optional<RetryPolicy> retryPolicy() {
        return RetryPolicy.of(raw.at("retry_policy"));
    }

    /** What is changed in the headers of its requests, after what routes change. */
    public HeaderChanges requestHeaders() {
        return HeaderChanges.request(raw);
    }

    /** What is changed in the headers of its responses. */
    public HeaderChanges responseHeaders() {
        return HeaderChanges.response(raw);
    }

    /** Whether upstreams learn from {@code x-envoy-attempt-count} which try it is. */
    public boolean includesRequestAttemptCount() {
        return raw.at("include_request_attempt_count").bool(false);
    }

    /** Its CORS policy, unless a route has another. */
    public Optional<Cors> cors() {
        return Route.cors(filterOverrides(), raw.at("cors"));
    }

    /** What a rate limit service is asked about, unless a route says otherwise: each the descriptor's entries. */
    public List<String> rateLimits() {
        return RateLimits.descriptors(raw.at("rate_limits"));
    }

    /** What filters do differently for its requests, unless a route says otherwise. */
    public List<HttpFilter> filterOverrides() {
        return HttpFilter.overrides(raw);
    }

    /** Whether its routes are chosen by a matcher tree, which {@link #raw()} has. */
    public boolean usesMatcher() {
        return raw.at("matcher").exists();
    }

    /** The whole virtual host as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One line. */
    @Override
    public String toString() {
        return name() + " [" + ProtoValues.some(domains(), 4) + "] "
                + (usesMatcher() ? "routes by matcher" : routes.size() + (routes.size() == 1 ? " route" : " routes"))
                + (requireTls().equals("NONE") ? "" : ", requires TLS");
    }
}
