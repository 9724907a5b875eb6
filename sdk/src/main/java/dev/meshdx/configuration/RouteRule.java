package dev.meshdx.configuration;

import dev.meshdx.configuration.internal.Durations;
import dev.meshdx.configuration.internal.Matches;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A rule of a VirtualService. Source: Istio, "Virtual Service", HTTPRoute, TLSRoute, TCPRoute.
 *
 * @param protocol {@code http}, {@code tls} or {@code tcp}
 * @param path where it stands: {@code spec.http[0]}
 * @param raw the rule
 */
public record RouteRule(String protocol, String path, Json raw) {
    /** Its name; empty where it has none. */
    public String name() {
        return raw.at("name").text("");
    }

    /** What it asks of a request, one sentence an alternative; empty where it takes everything. */
    public List<String> matches() {
        return raw.at("match").items().stream().map(Matches::text).toList();
    }

    /** Where it sends requests, with the weights; empty for a redirect, a direct response or a delegate. */
    public List<RouteDestination> destinations() {
        return destinations(raw.at("route").items());
    }

    /** Where it sends copies. */
    public List<RouteDestination> mirrors() {
        List<Json> mirrors = new ArrayList<>(raw.at("mirrors").items());
        if (raw.at("mirror").exists()) {
            mirrors.add(Json.object("destination", raw.at("mirror")));
        }
        return destinations(mirrors);
    }

    private static List<RouteDestination> destinations(List<Json> written) {
        return written.stream()
                .map(route -> new RouteDestination(
                        route.at("destination", "host").text(""),
                        route.at("destination", "subset").text(""),
                        (int) route.at("destination", "port", "number").number(0),
                        (int) route.at("weight").number(written.size() == 1 ? 100 : 0)))
                .toList();
    }

    /** How long the whole request may take; empty where nothing is said, which means without limit. */
    public Optional<Duration> timeout() {
        return Durations.parse(raw.at("timeout").text(""));
    }

    /** How often a request is tried again; Istio's default is 2 where nothing is said. */
    public int retries() {
        return (int) raw.at("retries", "attempts").number(raw.at("retries").exists() ? 0 : 2);
    }

    /** Whether it answers by itself: a redirect or a direct response. */
    public boolean answersItself() {
        return raw.at("redirect").exists() || raw.at("directResponse").exists();
    }

    /** Whether it delays or aborts requests on purpose. */
    public boolean injectsFaults() {
        return raw.at("fault").exists();
    }

    /** One line. */
    @Override
    public String toString() {
        return path + ": " + (matches().isEmpty() ? "everything" : String.join(" or ", matches())) + " to "
                + (answersItself() ? "an answer of its own" : destinations());
    }
}
