package dev.meshdx.envoy.origin;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the proxy itself did with a resource of any kind: refused it, does not use it yet, or never heard of it. */
final class ProxyStateObstacles {
    private final ObstacleContext context;
    private final ConfigDump dump;
    private final ProxyFacts proxy;
    private final Resource resource;
    private final ResourceRef ref;
    private final List<GeneratedObject> objects;

    ProxyStateObstacles(ObstacleContext context) {
        this.context = context;
        this.dump = context.dump;
        this.proxy = context.proxy;
        this.resource = context.resource;
        this.ref = context.ref;
        this.objects = context.objects;
    }

    /** What came from it, or would hold it, and is not in use. */
    void notInUse() {
        for (GeneratedObject object : objects) {
            if (object.state() == ResourceState.WARMING) {
                context.add(
                        Obstacle.Type.WARMING,
                        "The proxy does not use " + object.type() + " " + object.name()
                                + " yet: something that it needs has not come.",
                        proxy.pod(),
                        "",
                        Json.MISSING);
            } else if (object.type() != GeneratedObject.Type.ENDPOINT) {
                object.error()
                        .ifPresent(error -> rejected(
                                object.type() == GeneratedObject.Type.ROUTE
                                                || object.type() == GeneratedObject.Type.VIRTUAL_HOST
                                        ? "route configuration " + object.in().replaceFirst(" > .*", "")
                                        : object.type() == GeneratedObject.Type.FILTER_CHAIN
                                                ? "listener " + object.in()
                                                : object.type() + " " + object.name(),
                                error));
            }
        }
        if (!context.madeNothing()) {
            return;
        }
        for (Listener listener : dump.listeners()) {
            if (context.listening().contains(listener.port())) {
                listener.error().ifPresent(error -> rejected("listener " + listener.name(), error));
                if (listener.state() == ResourceState.WARMING) {
                    context.add(
                            Obstacle.Type.WARMING,
                            "The proxy does not use listener " + listener.name()
                                    + " yet: something that it needs has not come.",
                            proxy.pod(),
                            "",
                            Json.MISSING);
                }
            }
        }
        for (RouteConfiguration config : dump.routes()) {
            if (context.listening().stream()
                    .anyMatch(port -> config.name().equals(String.valueOf(port))
                            || config.name().equals("http." + port)
                            || config.name().endsWith(":" + port))) {
                config.error().ifPresent(error -> rejected("route configuration " + config.name(), error));
            }
        }
    }

    private void rejected(String what, String error) {
        context.add(
                Obstacle.Type.REJECTED,
                "The proxy refused " + what + " and goes on with what it had: " + error.strip(),
                proxy.pod(),
                "",
                Json.MISSING);
    }

    /** Where nothing else explains it, anything that was refused may. */
    void refused() {
        Stream.of(
                        dump.clusters().stream().map(it ->
                                new String[] {"cluster " + it.name(), it.error().orElse("")}),
                        dump.listeners().stream().map(it -> new String[] {
                            "listener " + it.name(), it.error().orElse("")
                        }),
                        dump.routes().stream().map(it -> new String[] {
                            "route configuration " + it.name(), it.error().orElse("")
                        }))
                .flatMap(all -> all)
                .filter(pair -> !pair[1].isEmpty())
                .findFirst()
                .ifPresent(pair -> rejected(pair[0], pair[1]));
    }

    void stale() {
        Optional<Instant> newest = Stream.of(
                        dump.clusters().stream().map(Cluster::lastUpdated),
                        dump.listeners().stream().map(Listener::lastUpdated),
                        dump.routes().stream().map(RouteConfiguration::lastUpdated))
                .flatMap(all -> all)
                .flatMap(Optional::stream)
                .max(Instant::compareTo);
        Instant changed = resource.changedAt().orElse(Instant.MIN);
        if (newest.isPresent() && changed.isAfter(newest.get())) {
            context.add(
                    Obstacle.Type.STALE,
                    ref + " was last changed at " + changed + ", after everything that the proxy has (" + newest.get()
                            + "): it has not heard of it.",
                    "metadata",
                    Json.MISSING);
        }
    }
}
