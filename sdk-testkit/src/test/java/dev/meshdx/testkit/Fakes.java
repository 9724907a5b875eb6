package dev.meshdx.testkit;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ClusterState;
import java.time.Instant;
import java.util.List;

/** Ways to look into a fake cluster. */
final class Fakes {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private Fakes() {}

    /** The pods of a workload. */
    static List<Resource> pods(ClusterState state, String namespace, String workload) {
        return state.list(ResourceKind.POD, namespace).stream()
                .filter(pod -> pod.name().matches(workload + "-[a-z0-9]+-[a-z0-9]+"))
                .toList();
    }

    /** The first pod of a workload. */
    static Resource pod(ClusterState state, String namespace, String workload) {
        return pods(state, namespace, workload).get(0);
    }

    /** What a pod answers on a path. */
    static Json json(ClusterState state, Resource pod, int port, String path) {
        return Json.parse(text(state, pod, port, path));
    }

    /** What a pod answers on a path. */
    static String text(ClusterState state, Resource pod, int port, String path) {
        return state.page(pod.namespace(), pod.name(), port, path)
                .orElseThrow(() -> new AssertionError(pod + " has no page " + path + " on port " + port))
                .body()
                .utf8();
    }

    /** The log of a pod's proxy. */
    static String log(ClusterState state, Resource pod) {
        return state.log(pod.namespace(), pod.name(), "istio-proxy", false).orElse("");
    }

    /** A section of a pod's configuration. */
    static Json section(ClusterState state, Resource pod, String type) {
        return json(state, pod, 15000, "/config_dump?include_eds").at("configs").items().stream()
                .filter(config -> config.at("@type").text("").endsWith("." + type))
                .findFirst()
                .orElse(Json.MISSING);
    }

    /** A route configuration of a pod. */
    static Json routes(ClusterState state, Resource pod, String name) {
        return section(state, pod, "RoutesConfigDump").at("dynamic_route_configs").items().stream()
                .map(config -> config.at("route_config"))
                .filter(config -> config.at("name").text("").equals(name))
                .findFirst()
                .orElse(Json.MISSING);
    }

    /** A virtual host of a route configuration. */
    static Json virtualHost(Json routes, String name) {
        return routes.at("virtual_hosts").items().stream()
                .filter(host -> host.at("name").text("").equals(name))
                .findFirst()
                .orElse(Json.MISSING);
    }

    /** A cluster of a pod. */
    static Json cluster(ClusterState state, Resource pod, String name) {
        return section(state, pod, "ClustersConfigDump").at("dynamic_active_clusters").items().stream()
                .map(config -> config.at("cluster"))
                .filter(cluster -> cluster.at("name").text("").equals(name))
                .findFirst()
                .orElse(Json.MISSING);
    }

    /** A listener of a pod. */
    static Json listener(ClusterState state, Resource pod, String name) {
        return section(state, pod, "ListenersConfigDump").at("dynamic_listeners").items().stream()
                .map(config -> config.at("active_state", "listener"))
                .filter(listener -> listener.at("name").text("").equals(name))
                .findFirst()
                .orElse(Json.MISSING);
    }
}
