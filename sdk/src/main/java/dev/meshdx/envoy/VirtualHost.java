package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import java.util.List;

/** A virtual host of a route configuration: its domains, and their routes. Immutable. */
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

    /** The whole virtual host as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One line. */
    @Override
    public String toString() {
        return name() + " " + domains() + " " + routes.size() + " routes";
    }
}
