package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The filter that passes connections on as they are. Immutable. Source: Envoy,
 * {@code extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto}.
 */
public final class TcpProxy {
    private static final Duration IDLE = Duration.ofHours(1);

    private final Json raw;

    TcpProxy(Json raw) {
        this.raw = raw;
    }

    /** The one cluster, where it is one. */
    public Optional<String> cluster() {
        return ProtoValues.text(raw.at("cluster"));
    }

    /** The clusters that are chosen from by weight; empty where there is one cluster. */
    public List<WeightedCluster> weightedClusters() {
        return WeightedCluster.all(raw.at("weighted_clusters"));
    }

    /** All clusters: the one, or those with weights. */
    public List<String> clusters() {
        List<String> clusters = new ArrayList<>();
        raw.at("cluster").text().ifPresent(clusters::add);
        for (Json weighted : raw.at("weighted_clusters", "clusters").items()) {
            weighted.at("name").text().ifPresent(clusters::add);
        }
        return List.copyOf(clusters);
    }

    /** How long a connection may be silent on both sides; 1 h where nothing is set, zero for no limit. */
    public Duration idleTimeout() {
        return ProtoValues.duration(raw.at("idle_timeout")).orElse(IDLE);
    }

    /** How long a connection may last; empty for no limit. */
    public Optional<Duration> maxConnectionDuration() {
        return ProtoValues.duration(raw.at("max_downstream_connection_duration"));
    }

    /** How often a connection to the cluster is tried; 1 where nothing is set. */
    public int maxConnectAttempts() {
        return ProtoValues.count(raw.at("max_connect_attempts"), 1);
    }

    /** The host that is named where connections go through a {@code CONNECT} tunnel; empty where they do not. */
    public Optional<String> tunnelHost() {
        return ProtoValues.text(raw.at("tunneling_config", "hostname"));
    }

    /** What an endpoint is chosen by, where hashing chooses: {@code source IP}. */
    public List<String> hashPolicies() {
        List<String> policies = new ArrayList<>();
        for (Json policy : raw.at("hash_policy").items()) {
            policies.add(
                    policy.at("source_ip").exists()
                            ? "source IP"
                            : policy.at("filter_state").exists()
                                    ? "filter state "
                                            + policy.at("filter_state", "key").text("")
                                    : "nothing");
        }
        return List.copyOf(policies);
    }

    /** Its access logs. */
    public List<AccessLogger> accessLoggers() {
        return AccessLogger.all(raw.at("access_log"));
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
        List<String> parts = new ArrayList<>();
        parts.add(cluster().orElseGet(() -> {
            List<String> weighted =
                    weightedClusters().stream().map(WeightedCluster::toString).toList();
            return weighted.isEmpty() ? "no cluster" : ProtoValues.some(weighted, 4);
        }));
        tunnelHost().ifPresent(host -> parts.add("through a tunnel to " + host));
        if (raw.at("idle_timeout").exists()) {
            parts.add(idleTimeout().isZero() ? "no idle timeout" : "idle timeout " + ProtoValues.text(idleTimeout()));
        }
        hashPolicies().forEach(policy -> parts.add("hashed by " + policy));
        return String.join(", ", parts);
    }

    /** {@code TCP proxy to outbound|8080||orders.shop.svc.cluster.local}. */
    @Override
    public String toString() {
        return "TCP proxy to " + summary();
    }
}
