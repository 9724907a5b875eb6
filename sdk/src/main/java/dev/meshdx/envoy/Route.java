package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.IstioConfig;
import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A route of a virtual host: which requests it takes, and what happens to them. Immutable. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code Route}.
 */
public final class Route {
    /** JShell shows no more than this. */
    private static final int LINE = 900;

    private final Json raw;

    Route(Json raw) {
        this.raw = raw;
    }

    /** Its name; empty where it has none. */
    public String name() {
        return raw.at("name").text("");
    }

    /** Which requests it takes. */
    public RouteMatch match() {
        return new RouteMatch(raw.at("match"));
    }

    /** The path that it takes, as istioctl writes it: {@code /api*}, {@code /exact}, {@code regex /a/.*}. */
    public String matchText() {
        return matchText(raw.at("match"));
    }

    static String matchText(Json match) {
        if (!match.at("prefix").text("").isEmpty()) {
            return match.at("prefix").text("") + "*";
        }
        if (match.at("path_separated_prefix").exists()) {
            return "PathPrefix:" + match.at("path_separated_prefix").text("");
        }
        if (match.at("path").exists()) {
            return match.at("path").text("");
        }
        if (match.at("safe_regex").exists()) {
            return "regex " + match.at("safe_regex", "regex").text("");
        }
        return "";
    }

    /** Everything that a request must have, in one line, for people. */
    public String requirements() {
        return match().toString();
    }

    /** What happens to the requests. */
    public RouteAction action() {
        if (raw.at("route").exists()) {
            return new RouteAction.Forward(raw.at("route"));
        }
        if (raw.at("redirect").exists()) {
            return new RouteAction.Redirect(raw.at("redirect"));
        }
        if (raw.at("direct_response").exists()) {
            return new RouteAction.DirectResponse(raw.at("direct_response"));
        }
        for (String other : List.of("non_forwarding_action", "filter_action")) {
            if (raw.at(other).exists()) {
                return new RouteAction.Other(other, raw.at(other));
            }
        }
        return new RouteAction.Other("", Json.MISSING);
    }

    /** The action, where requests are passed on. */
    public Optional<RouteAction.Forward> forward() {
        return action() instanceof RouteAction.Forward forward ? Optional.of(forward) : Optional.empty();
    }

    /** The action, where clients are told to ask elsewhere. */
    public Optional<RouteAction.Redirect> redirect() {
        return action() instanceof RouteAction.Redirect redirect ? Optional.of(redirect) : Optional.empty();
    }

    /** The action, where the proxy answers itself. */
    public Optional<RouteAction.DirectResponse> directResponse() {
        return action() instanceof RouteAction.DirectResponse answer ? Optional.of(answer) : Optional.empty();
    }

    /** What is changed in the headers of its requests. */
    public HeaderChanges requestHeaders() {
        return HeaderChanges.request(raw);
    }

    /** What is changed in the headers of its responses. */
    public HeaderChanges responseHeaders() {
        return HeaderChanges.response(raw);
    }

    /** The name that traces give the request, such as {@code reviews.production.svc.cluster.local:9080/*}. */
    public Optional<String> operation() {
        return ProtoValues.text(raw.at("decorator", "operation"));
    }

    /** What filters do differently for its requests. */
    public List<HttpFilter> filterOverrides() {
        return HttpFilter.overrides(raw);
    }

    /** The faults that are made for its requests; empty where only those of virtual host and filter chain count. */
    public Optional<FaultInjection> fault() {
        return filterOverrides().stream()
                .map(HttpFilter::fault)
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Its CORS policy; empty where the virtual host's counts. */
    public Optional<Cors> cors() {
        return cors(filterOverrides(), raw.at("route", "cors"));
    }

    static Optional<Cors> cors(List<HttpFilter> overrides, Json older) {
        return overrides.stream()
                .map(HttpFilter::cors)
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> older.isObject() ? Optional.of(new Cors(older)) : Optional.empty());
    }

    /** The clusters that it may send to: one, or several with weights (those with weight 0 left out). */
    public List<String> clusters() {
        return forward().map(RouteAction.Forward::clusters).orElse(List.of());
    }

    /** The Istio resource behind it, usually a VirtualService. */
    public Optional<ResourceRef> configuredBy() {
        return IstioConfig.of(raw.at("metadata"));
    }

    String configuredByCell() {
        return IstioConfig.cell(raw.at("metadata"));
    }

    /** The whole route as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /**
     * One line: {@code default: prefix /api/ (case-insensitive), header x-canary=true -> reviews.shop:9080 v2 90%, v1 10%;
     * timeout 3s, 2 retries on 5xx}.
     */
    @Override
    public String toString() {
        RouteAction action = action();
        List<String> extras = new ArrayList<>();
        String does;
        if (action instanceof RouteAction.Forward forward) {
            does = forward.destination();
            extras.addAll(forward.extras());
        } else {
            does = action.toString();
        }
        fault().filter(FaultInjection::isActive).ifPresent(fault -> extras.add(fault.toString()));
        cors().ifPresent(cors -> extras.add("CORS"));
        for (HttpFilter filter : filterOverrides()) {
            if (filter.fault().isEmpty() && filter.cors().isEmpty()) {
                extras.add(filter.kind() + (filter.isDisabled() ? " off" : " differs"));
            }
        }
        String text = (name().isEmpty() ? "" : name() + ": ") + requirements() + " -> " + does
                + (extras.isEmpty() ? "" : "; " + String.join(", ", extras));
        return ProtoValues.shorten(text, LINE);
    }
}
