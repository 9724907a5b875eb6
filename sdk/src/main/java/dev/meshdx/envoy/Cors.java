package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which pages of other origins may call (CORS). Immutable. Source: Envoy,
 * {@code extensions/filters/http/cors/v3/cors.proto}, {@code CorsPolicy}.
 */
public final class Cors {
    private final Json raw;

    Cors(Json raw) {
        this.raw = raw;
    }

    /** The origins that are allowed. */
    public List<TextMatch> allowOrigins() {
        List<TextMatch> origins = new ArrayList<>();
        raw.at("allow_origin_string_match").items().forEach(origin -> origins.add(TextMatch.of(origin)));
        raw.at("allow_origin")
                .texts()
                .forEach(origin -> origins.add(new TextMatch(TextMatch.Kind.EXACT, origin, false)));
        raw.at("allow_origin_regex")
                .texts()
                .forEach(origin -> origins.add(new TextMatch(TextMatch.Kind.REGEX, origin, false)));
        return List.copyOf(origins);
    }

    /** The methods that are allowed, as {@code access-control-allow-methods} lists them. */
    public List<String> allowMethods() {
        return list("allow_methods");
    }

    /** The request headers that are allowed. */
    public List<String> allowHeaders() {
        return list("allow_headers");
    }

    /** The response headers that the page may see. */
    public List<String> exposeHeaders() {
        return list("expose_headers");
    }

    private List<String> list(String field) {
        List<String> names = new ArrayList<>();
        for (String name : raw.at(field).text("").split(",", -1)) {
            if (!name.isBlank()) {
                names.add(name.strip());
            }
        }
        return List.copyOf(names);
    }

    /** How long a browser may remember the answer; empty where nothing is set. */
    public Optional<Duration> maxAge() {
        long seconds = raw.at("max_age").number(-1);
        return seconds < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
    }

    /** Whether cookies and other credentials may be sent; empty where nothing is set. */
    public Optional<Boolean> allowCredentials() {
        return raw.at("allow_credentials").exists()
                ? Optional.of(raw.at("allow_credentials").bool(false))
                : Optional.empty();
    }

    /** The share of requests, in percent, for which it is in force; 100 where nothing is set. */
    public double enabledPercent() {
        return raw.at("filter_enabled").exists() ? ProtoValues.percent(raw.at("filter_enabled"), 100) : 100;
    }

    /** The whole policy as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** {@code origins https://shop.example.com; methods GET,POST}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        parts.add("origins "
                + ProtoValues.some(
                        allowOrigins().stream().map(TextMatch::toString).toList(), 3));
        if (!allowMethods().isEmpty()) {
            parts.add("methods " + String.join(",", allowMethods()));
        }
        if (allowCredentials().orElse(false)) {
            parts.add("with credentials");
        }
        if (enabledPercent() < 100) {
            parts.add("for " + ProtoValues.percentText(enabledPercent()));
        }
        return String.join("; ", parts);
    }
}
