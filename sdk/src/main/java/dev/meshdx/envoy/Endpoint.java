package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** A host of a cluster, as the proxy sees it. Immutable. */
public final class Endpoint {
    private final String cluster;
    private final Json raw;
    private final Json locality;
    private final boolean status;
    private final int priority;
    private final long localityWeight;

    private Endpoint(String cluster, Json raw, Json locality, boolean status, int priority, long localityWeight) {
        this.cluster = cluster;
        this.raw = raw;
        this.locality = locality;
        this.status = status;
        this.priority = priority;
        this.localityWeight = localityWeight;
    }

    /** The hosts of a {@code ClusterLoadAssignment}, or of a cluster in {@code /clusters}. */
    static List<Endpoint> of(Entry entry) {
        Json cluster = entry.resource();
        String name = cluster.at("cluster_name").text(cluster.at("name").text(""));
        List<Endpoint> endpoints = new ArrayList<>(ofAssignment(name, cluster));
        for (Json host : cluster.at("host_statuses").items()) {
            endpoints.add(ofStatus(name, host));
        }
        return endpoints;
    }

    /** A {@code host_statuses} entry of {@code /clusters}. */
    static Endpoint ofStatus(String cluster, Json host) {
        return new Endpoint(
                cluster, host, host.at("locality"), true, (int) ProtoValues.uint32(host.at("priority"), 0), 0);
    }

    /** An {@code lb_endpoints} entry of a group of a {@code ClusterLoadAssignment}, with what the group says of all. */
    static Endpoint ofAssignment(String cluster, Json endpoint, Json group) {
        return new Endpoint(
                cluster,
                endpoint,
                group.at("locality"),
                false,
                (int) ProtoValues.uint32(group.at("priority"), 0),
                ProtoValues.uint32(group.at("load_balancing_weight"), 0));
    }

    /** All hosts of a {@code ClusterLoadAssignment}. */
    static List<Endpoint> ofAssignment(String cluster, Json assignment) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (Json group : assignment.at("endpoints").items()) {
            for (Json endpoint : group.at("lb_endpoints").items()) {
                endpoints.add(ofAssignment(cluster, endpoint, group));
            }
        }
        return endpoints;
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
        return has(HealthFlag.FAILED_OUTLIER_CHECK);
    }

    /** What the proxy itself found out about its health, in a fixed order. Only {@code /clusters} tells. */
    public Set<HealthFlag> healthFlags() {
        Set<HealthFlag> flags = EnumSet.noneOf(HealthFlag.class);
        for (HealthFlag flag : HealthFlag.values()) {
            if (has(flag)) {
                flags.add(flag);
            }
        }
        return Collections.unmodifiableSet(flags);
    }

    private boolean has(HealthFlag flag) {
        return status && raw.at("health_status", flag.field()).bool(false);
    }

    /**
     * Why it gets no requests, in the words of {@code /clusters}; empty where it gets them. Source: Envoy,
     * {@code clusters.proto}, {@code HostHealthStatus}.
     */
    public List<String> failures() {
        List<String> failures = new ArrayList<>();
        for (HealthFlag flag : HealthFlag.values()) {
            if (flag.isFailure() && has(flag)) {
                failures.add(flag.field());
            }
        }
        String health = healthStatus();
        if (health.equals("UNHEALTHY") || health.equals("TIMEOUT") || health.equals("DRAINING")) {
            failures.add((status ? "eds_health_status " : "health_status ") + health);
        }
        return List.copyOf(failures);
    }

    /** Whether it only gets requests where there are too few healthy hosts. */
    public boolean isDegraded() {
        return isUsable()
                && (healthStatus().equals("DEGRADED")
                        || has(HealthFlag.FAILED_ACTIVE_DEGRADED_CHECK)
                        || has(HealthFlag.DEGRADED_OUTLIER_DETECTION));
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
        return localityParts().toString();
    }

    /** Where it is, taken apart. */
    public Locality localityParts() {
        return new Locality(
                locality.at("region").text(""),
                locality.at("zone").text(""),
                locality.at("sub_zone").text(""));
    }

    /**
     * The weight of its locality among those of its priority; it counts only where {@link LoadBalancing#isLocalityWeighted()}.
     * Empty where it has none, and in {@code /clusters}, which does not show it.
     */
    public OptionalLong localityWeight() {
        return localityWeight == 0 ? OptionalLong.empty() : OptionalLong.of(localityWeight);
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

    /** Connections that are open now; 0 where it was not read from {@code /clusters}, as for all of these. */
    public long activeConnections() {
        return stat("cx_active");
    }

    /** Connections that did not come about, since the proxy knows the host. */
    public long failedConnections() {
        return stat("cx_connect_fail");
    }

    /** Connections that were begun. */
    public long totalConnections() {
        return stat("cx_total");
    }

    /** Requests that are under way now. */
    public long activeRequests() {
        return stat("rq_active");
    }

    /** Requests that failed: an answer with 5xx, a reset. */
    public long failedRequests() {
        return stat("rq_error");
    }

    /** Requests that were answered without 5xx. */
    public long successfulRequests() {
        return stat("rq_success");
    }

    /** Requests that were not answered in time. */
    public long timedOutRequests() {
        return stat("rq_timeout");
    }

    /** All requests. */
    public long totalRequests() {
        return stat("rq_total");
    }

    /**
     * The percentage of requests that succeeded in the last interval of outlier detection, which also has to have had enough
     * of them; mostly empty.
     */
    public OptionalDouble successRate() {
        double rate = raw.at("success_rate", "value").decimal(-1);
        return rate < 0 ? OptionalDouble.empty() : OptionalDouble.of(rate);
    }

    /** A part of its {@code filter_metadata}. {@code /clusters} shows none. */
    Json metadata(String filter) {
        return raw.at("metadata", "filter_metadata", filter);
    }

    /** The workload that it belongs to, where istiod says so. */
    public Optional<EndpointWorkload> workload() {
        return metadata("istio", "workload").text().map(EndpointWorkload::parse);
    }

    private Json metadata(String filter, String key) {
        return metadata(filter).at(key);
    }

    /** {@code istio} where it is known to take mutual TLS; empty where the proxy sends plain text under auto mTLS. */
    public Optional<String> tlsMode() {
        return metadata("envoy.transport_socket_match", "tlsMode").text();
    }

    /** Whether it is reached through an HBONE tunnel. */
    public boolean isTunnelled() {
        return metadata("envoy.transport_socket_match", "tunnel").text("").equals("http")
                || place().at("envoy_internal_address").exists();
    }

    /** For an endpoint behind a listener inside the proxy: the host that it really stands for, as {@code IP:port}. */
    public Optional<String> tunnelTarget() {
        return metadata("envoy.filters.listener.original_dst", "local")
                .text()
                .or(() -> place().at("envoy_internal_address", "endpoint_id").text())
                .filter(target -> !target.isEmpty());
    }

    /** The waypoint through which the tunnel leads, as {@code IP:port}, where it leads through one. */
    public Optional<String> waypoint() {
        return metadata("envoy.filters.listener.original_dst", "waypoint").text();
    }

    /** Whether it is the gateway of another network, behind which the workloads are. */
    public boolean isNetworkGateway() {
        return workload().map(EndpointWorkload::isRemote).orElse(false);
    }

    /** Whether it is from {@code /clusters}, with what the proxy found out about it, and not what the control plane sent. */
    public boolean isObserved() {
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
