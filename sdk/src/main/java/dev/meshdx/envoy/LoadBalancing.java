package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a proxy chooses among the hosts of a cluster. Source: Envoy, {@code config/cluster/v3/cluster.proto}: {@code lb_policy},
 * its {@code …_lb_config}, {@code load_balancing_policy}, {@code common_lb_config}. Immutable.
 */
public final class LoadBalancing {
    /** Source: Envoy, "Panic threshold". */
    static final double DEFAULT_PANIC_THRESHOLD = 50;

    private final Json cluster;

    LoadBalancing(Json cluster) {
        this.cluster = cluster;
    }

    /**
     * {@code ROUND_ROBIN} (the default), {@code LEAST_REQUEST} (Istio's default), {@code RANDOM}, {@code RING_HASH},
     * {@code MAGLEV}, {@code CLUSTER_PROVIDED}; for a policy that is an extension its name, see {@link #extensions()}.
     */
    public String policy() {
        List<String> extensions = extensions();
        return extensions.isEmpty() ? cluster.at("lb_policy").text("ROUND_ROBIN") : extensions.get(0);
    }

    /** The extensions of {@code load_balancing_policy}: the first that the proxy knows decides; usually there is none. */
    public List<String> extensions() {
        List<String> names = new ArrayList<>();
        for (Json policy : policies()) {
            names.add(policy.at("typed_extension_config", "name")
                    .text(policy.at("name").text("")));
        }
        return List.copyOf(names);
    }

    private List<Json> policies() {
        return cluster.at("load_balancing_policy", "policies").items();
    }

    /** Whether the same key goes to the same host: ring hash and Maglev. */
    public boolean isConsistentHash() {
        String policy = policy();
        return policy.equals("RING_HASH")
                || policy.equals("MAGLEV")
                || policy.endsWith(".ring_hash")
                || policy.endsWith(".maglev");
    }

    /** The setting of the policy in use, under its old name or as the extension's. */
    private Json settings(String old) {
        Json own = cluster.at(old);
        return own.exists() || policies().isEmpty()
                ? own
                : policies().get(0).at("typed_extension_config", "typed_config");
    }

    /** How many points a ring has at least, for a ring hash; 1024 by default. */
    public OptionalLong minimumRingSize() {
        boolean ring = policy().equals("RING_HASH") || policy().endsWith(".ring_hash");
        return ring
                ? OptionalLong.of(
                        ProtoValues.uint32(settings("ring_hash_lb_config").at("minimum_ring_size"), 1024))
                : OptionalLong.empty();
    }

    /** How many entries the table has, for Maglev; 65537 by default. */
    public OptionalLong tableSize() {
        boolean maglev = policy().equals("MAGLEV") || policy().endsWith(".maglev");
        return maglev
                ? OptionalLong.of(
                        ProtoValues.uint32(settings("maglev_lb_config").at("table_size"), 65537))
                : OptionalLong.empty();
    }

    /** Of how many hosts drawn by lot the one with the fewest requests is taken, for least request; 2 by default. */
    public OptionalLong choiceCount() {
        boolean least = policy().equals("LEAST_REQUEST") || policy().endsWith(".least_request");
        return least
                ? OptionalLong.of(
                        ProtoValues.uint32(settings("least_request_lb_config").at("choice_count"), 2))
                : OptionalLong.empty();
    }

    /** Whether the weights of localities decide first ({@code localityLbSetting.distribute}). */
    public boolean isLocalityWeighted() {
        if (cluster.at("common_lb_config", "locality_weighted_lb_config").exists()) {
            return true;
        }
        for (Json policy : policies()) {
            Json extension = policy.at("typed_extension_config");
            if (extension.at("name").text("").endsWith(".wrr_locality")
                    || extension
                            .at("typed_config", "locality_lb_config", "locality_weighted_lb_config")
                            .exists()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Below how many percent of usable hosts of a priority all of its hosts get requests, healthy or not; 50 by default, and
     * 0 for never, as Istio writes it.
     */
    public double panicThreshold() {
        return ProtoValues.percent(cluster.at("common_lb_config", "healthy_panic_threshold"), DEFAULT_PANIC_THRESHOLD);
    }

    /** For how long a new host gets less than its share, where it does ({@code warmup}). */
    public Optional<Duration> slowStartWindow() {
        for (String settings : List.of("least_request_lb_config", "round_robin_lb_config")) {
            Optional<Duration> window =
                    ProtoValues.duration(settings(settings).at("slow_start_config", "slow_start_window"));
            if (window.isPresent()) {
                return window;
            }
        }
        return Optional.empty();
    }

    /** How long changes of hosts are collected before they count; 1 s by default. */
    public Duration updateMergeWindow() {
        return ProtoValues.duration(cluster.at("common_lb_config", "update_merge_window"), Duration.ofSeconds(1));
    }

    /** {@code common_lb_config} as Envoy prints it; missing where the cluster has none. */
    public Json common() {
        return cluster.at("common_lb_config");
    }

    /** The policy's own settings as Envoy prints them; missing where it has none. */
    public Json raw() {
        return switch (policy()) {
            case "LEAST_REQUEST" -> cluster.at("least_request_lb_config");
            case "RING_HASH" -> cluster.at("ring_hash_lb_config");
            case "MAGLEV" -> cluster.at("maglev_lb_config");
            case "ROUND_ROBIN" -> cluster.at("round_robin_lb_config");
            case "CLUSTER_PROVIDED" -> cluster.at("original_dst_lb_config");
            default -> cluster.at("load_balancing_policy");
        };
    }

    /** One line. */
    @Override
    public String toString() {
        return policy() + (isLocalityWeighted() ? ", locality weighted" : "") + ", panic threshold "
                + ProtoValues.text(panicThreshold()) + " %"
                + slowStartWindow()
                        .map(window -> ", slow start " + ProtoValues.text(window))
                        .orElse("");
    }
}
