package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A host of a cluster, as the proxy sees it. Immutable. */
public final class Endpoint {
    private final String cluster;
    private final Json raw;
    private final Json locality;
    private final boolean status;
    private final int priority;

    private Endpoint(String cluster, Json raw, Json locality, boolean status, int priority) {
        this.cluster = cluster;
        this.raw = raw;
        this.locality = locality;
        this.status = status;
        this.priority = priority;
    }

    /** The hosts of a {@code ClusterLoadAssignment}, or of a cluster in {@code /clusters}. */
    static List<Endpoint> of(Entry entry) {
        Json cluster = entry.resource();
        List<Endpoint> endpoints = new ArrayList<>();
        String name = cluster.at("cluster_name").text(cluster.at("name").text(""));
        for (Json group : cluster.at("endpoints").items()) {
            int priority = (int) group.at("priority").number(0);
            for (Json endpoint : group.at("lb_endpoints").items()) {
                endpoints.add(ofAssignment(name, endpoint, group.at("locality"), priority));
            }
        }
        for (Json host : cluster.at("host_statuses").items()) {
            endpoints.add(ofStatus(name, host));
        }
        return endpoints;
    }

    /** A {@code host_statuses} entry of {@code /clusters}. */
    static Endpoint ofStatus(String cluster, Json host) {
        return new Endpoint(cluster, host, host.at("locality"), true, (int)
                host.at("priority").number(0));
    }

    /** An {@code lb_endpoints} entry of a {@code ClusterLoadAssignment}. */
    static Endpoint ofAssignment(String cluster, Json endpoint, Json locality, int priority) {
        return new Endpoint(cluster, endpoint, locality, false, priority);
    }

    /** The cluster's whole name. */
    public String cluster() {
        return cluster;
    }

    private Json place() {
        return status ? raw.at("address") : raw.at("endpoint", "address");
    }

    /** IP address, path of a socket, or {@code envoy://listener} for an endpoint inside the proxy. */
    public String address() {
        Json place = place();
        if (place.at("envoy_internal_address").exists()) {
            Json internal = place.at("envoy_internal_address");
            return "envoy://" + internal.at("server_listener_name").text("") + "/"
                    + internal.at("endpoint_id").text("");
        }
        return place.at("socket_address", "address")
                .text(place.at("pipe", "path").text(""));
    }

    /** The port; 0 where it has none. */
    public int port() {
        return (int) place().at("socket_address", "port_value").number(0);
    }

    /** {@code IP:port}, {@code unix://path} (from {@code /clusters}) or {@code envoy://listener/endpoint}. */
    public String target() {
        return target(place(), status);
    }

    private static String target(Json place, boolean status) {
        if (place.at("socket_address").exists()) {
            Json socket = place.at("socket_address");
            return socket.at("address").text("") + ":" + socket.at("port_value").number(0);
        }
        if (place.at("pipe").exists()) {
            return (status ? "unix://" : "") + place.at("pipe", "path").text("");
        }
        if (place.at("envoy_internal_address").exists()) {
            Json internal = place.at("envoy_internal_address");
            return "envoy://" + internal.at("server_listener_name").text("") + "/"
                    + internal.at("endpoint_id").text("");
        }
        return status ? "unknown" : "";
    }

    /** All addresses of a host that has several, the main one first. */
    public List<String> targets() {
        List<String> targets = new ArrayList<>();
        targets.add(target());
        for (Json more : raw.at("endpoint", "additional_addresses").items()) {
            targets.add(target(more.at("address"), status));
        }
        return List.copyOf(targets);
    }

    /**
     * The health that the control plane gave it: {@code HEALTHY}, {@code UNHEALTHY}, {@code DRAINING}, {@code TIMEOUT},
     * {@code DEGRADED}, {@code UNKNOWN} (which counts as healthy).
     */
    public String healthStatus() {
        return status
                ? raw.at("health_status", "eds_health_status").text("UNKNOWN")
                : raw.at("health_status").text("UNKNOWN");
    }

    /** Whether outlier detection has ejected it. Only {@code /clusters} tells. */
    public boolean isEjected() {
        return flag("failed_outlier_check");
    }

    private boolean flag(String name) {
        return status && raw.at("health_status", name).bool(false);
    }

    /**
     * Why it gets no requests, in the words of {@code /clusters}; empty where it gets them. Source: Envoy,
     * {@code clusters.proto}, {@code HostHealthStatus}.
     */
    public List<String> failures() {
        List<String> failures = new ArrayList<>();
        for (String flag : List.of(
                "failed_outlier_check",
                "failed_active_health_check",
                "active_hc_timeout",
                "pending_active_hc",
                "pending_dynamic_removal",
                "excluded_via_immediate_hc_fail")) {
            if (flag(flag)) {
                failures.add(flag);
            }
        }
        String health = healthStatus();
        if (health.equals("UNHEALTHY") || health.equals("TIMEOUT") || health.equals("DRAINING")) {
            failures.add((status ? "eds_health_status " : "health_status ") + health);
        }
        return List.copyOf(failures);
    }

    /** Whether requests may be sent to it. */
    public boolean isUsable() {
        return failures().isEmpty();
    }

    /** Its host name, for clusters that are resolved by DNS. */
    public Optional<String> hostname() {
        return (status ? raw.at("hostname") : raw.at("endpoint", "hostname"))
                .text()
                .filter(text -> !text.isEmpty());
    }

    /** {@code region/zone/subzone}, as far as known; empty where it is not. */
    public String locality() {
        List<String> parts = new ArrayList<>();
        for (String name : List.of("region", "zone", "sub_zone")) {
            String part = locality.at(name).text("");
            if (part.isEmpty()) {
                break;
            }
            parts.add(part);
        }
        return String.join("/", parts);
    }

    /** 0 is used first, higher ones when it has too few healthy hosts. */
    public int priority() {
        return priority;
    }

    /** Its weight. */
    public long weight() {
        return status
                ? raw.at("weight").number(1)
                : raw.at("load_balancing_weight").number(1);
    }

    /** A counter or gauge of {@code /clusters}: {@code cx_connect_fail}, {@code rq_error}…; 0 where it has none. */
    public long stat(String name) {
        for (Json stat : raw.at("stats").items()) {
            if (stat.at("name").text("").equals(name)) {
                return stat.at("value").number(0);
            }
        }
        return 0;
    }

    boolean isStatus() {
        return status;
    }

    /** The whole entry as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One line. */
    @Override
    public String toString() {
        return target() + " " + healthStatus() + (isEjected() ? " EJECTED" : "") + " " + cluster;
    }
}
