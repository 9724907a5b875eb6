package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.internal.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which hosts of one cluster get requests: grouped by priority and locality, what share each priority gets, and whether the
 * proxy has given up on health because too few hosts are left (panic).
 *
 * <p>Calculated as Envoy does: a priority is as available as 140 % of its share of healthy hosts, what is missing goes to the
 * next one; a priority with fewer usable hosts than the panic threshold sends to all of its hosts, unless the priorities
 * together are wholly available. An {@code overprovisioning_factor} other than 140 is not taken into account; Istio sets
 * none. From {@code /clusters} the health is what the proxy found out; from a config dump it is what the control plane said,
 * without ejections. Source: Envoy, "Priority levels", "Panic threshold", {@code load_balancer_impl.cc}. Immutable.
 */
public final class EndpointAvailability {
    private static final int OVERPROVISIONING = 140;

    private final String cluster;
    private final double panicThreshold;
    private final List<EndpointGroup> groups;
    private final Map<Integer, Level> levels;

    /** What counts of one priority. */
    private static final class Level {
        private int hosts;
        private int healthy;
        private int degraded;
        private int share;
        private boolean panic;

        void add(Endpoint endpoint) {
            if (!endpoint.healthFlags().contains(HealthFlag.EXCLUDED_VIA_IMMEDIATE_HC_FAIL)) {
                hosts++;
            }
            if (endpoint.isDegraded()) {
                degraded++;
            } else if (endpoint.isUsable()) {
                healthy++;
            }
        }

        int available(int usable) {
            return hosts == 0 ? 0 : (int) Math.min(100, (long) OVERPROVISIONING * usable / hosts);
        }

        double percent() {
            return hosts == 0 ? 0 : 100.0 * (healthy + degraded) / hosts;
        }
    }

    private EndpointAvailability(String cluster, double panicThreshold, List<Endpoint> endpoints) {
        this.cluster = cluster;
        this.panicThreshold = panicThreshold;
        Map<Integer, Map<Locality, List<Endpoint>>> places = new TreeMap<>();
        Map<Integer, Level> byPriority = new TreeMap<>();
        for (Endpoint endpoint : endpoints) {
            places.computeIfAbsent(endpoint.priority(), any -> new LinkedHashMap<>())
                    .computeIfAbsent(endpoint.localityParts(), any -> new ArrayList<>())
                    .add(endpoint);
            byPriority.computeIfAbsent(endpoint.priority(), any -> new Level()).add(endpoint);
        }
        List<EndpointGroup> all = new ArrayList<>();
        places.forEach((priority, localities) ->
                localities.forEach((locality, hosts) -> all.add(new EndpointGroup(priority, locality, hosts))));
        this.groups = List.copyOf(all);
        this.levels = byPriority;
        distribute();
    }

    /**
     * Of the endpoints of one cluster, with Envoy's panic threshold of 50 %. Istio's clusters have another one: where the
     * cluster is known, {@link #of(Cluster, Iterable)} is right.
     *
     * @throws IllegalArgumentException if they are of several clusters
     */
    public static EndpointAvailability of(Iterable<Endpoint> endpoints) {
        List<Endpoint> all = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (Endpoint endpoint : endpoints) {
            all.add(endpoint);
            names.add(endpoint.cluster());
        }
        if (names.size() > 1) {
            throw new IllegalArgumentException("These are endpoints of several clusters: "
                    + names.stream().limit(3).toList());
        }
        return new EndpointAvailability(
                names.isEmpty() ? "" : names.iterator().next(), LoadBalancing.DEFAULT_PANIC_THRESHOLD, all);
    }

    /**
     * Of a cluster.
     *
     * @param cluster the cluster, whose panic threshold counts
     * @param endpoints among which its own are; where there are none, those that stand in the cluster itself
     */
    public static EndpointAvailability of(Cluster cluster, Iterable<Endpoint> endpoints) {
        Objects.requireNonNull(cluster, "cluster");
        List<Endpoint> own = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            if (endpoint.cluster().equals(cluster.endpointsName())
                    || endpoint.cluster().equals(cluster.name())) {
                own.add(endpoint);
            }
        }
        return new EndpointAvailability(
                cluster.name(),
                cluster.loadBalancing().panicThreshold(),
                own.isEmpty() ? cluster.inlineEndpoints() : own);
    }

    /**
     * Of each cluster that the endpoints are of, in their order.
     *
     * @param clusters whose panic thresholds count; for a cluster that is not among them it is 50 %
     * @param endpoints the endpoints of any number of clusters
     */
    public static List<EndpointAvailability> byCluster(Iterable<Cluster> clusters, Iterable<Endpoint> endpoints) {
        Map<String, Double> thresholds = new LinkedHashMap<>();
        for (Cluster cluster : clusters) {
            // Of a cluster in use and another version of it that waits, the first counts: dumps have those in use
            // first.
            double threshold = cluster.loadBalancing().panicThreshold();
            thresholds.putIfAbsent(cluster.name(), threshold);
            thresholds.putIfAbsent(cluster.endpointsName(), threshold);
        }
        Map<String, List<Endpoint>> byName = new LinkedHashMap<>();
        for (Endpoint endpoint : endpoints) {
            byName.computeIfAbsent(endpoint.cluster(), any -> new ArrayList<>()).add(endpoint);
        }
        List<EndpointAvailability> all = new ArrayList<>();
        byName.forEach((name, own) -> all.add(new EndpointAvailability(
                name, thresholds.getOrDefault(name, LoadBalancing.DEFAULT_PANIC_THRESHOLD), own)));
        return List.copyOf(all);
    }

    private void distribute() {
        int total = 0;
        for (Level level : levels.values()) {
            total = Math.min(100, total + level.available(level.healthy) + level.available(level.degraded));
        }
        boolean all = !levels.isEmpty();
        for (Level level : levels.values()) {
            level.panic = total < 100 && level.percent() < panicThreshold;
            all &= level.panic;
        }
        if (all) {
            inPanic();
        } else if (total > 0) {
            int left = share(total, 100, false);
            left = share(total, left, true);
            // What is left comes from rounding.
            for (Level level : levels.values()) {
                if (level.share > 0) {
                    level.share += left;
                    break;
                }
            }
        } else if (!levels.isEmpty()) {
            // Without panic the first priority gets everything, and every request fails.
            levels.values().iterator().next().share = 100;
        }
    }

    private int share(int total, int load, boolean degraded) {
        int left = load;
        for (Level level : levels.values()) {
            int part = Math.min(left, level.available(degraded ? level.degraded : level.healthy) * 100 / total);
            level.share += part;
            left -= part;
        }
        return left;
    }

    /** All hosts get requests: each priority as many as it has hosts. */
    private void inPanic() {
        int hosts = size();
        int left = 100;
        for (Level level : levels.values()) {
            level.share = hosts == 0 ? 0 : 100 * level.hosts / hosts;
            left -= level.share;
        }
        for (Level level : levels.values()) {
            if (level.hosts > 0) {
                level.share += left;
                break;
            }
        }
    }

    /** The cluster's whole name; empty where it has no host and is not known. */
    public String cluster() {
        return cluster;
    }

    /** The groups, by priority; those of one priority in the order of the document. */
    public List<EndpointGroup> groups() {
        return groups;
    }

    /** How many hosts there are. */
    public int size() {
        return groups.stream().mapToInt(group -> group.endpoints().size()).sum();
    }

    /** How many hosts may get requests without panic, the degraded ones too. */
    public int usable() {
        return groups.stream().mapToInt(EndpointGroup::usable).sum();
    }

    /** Below how many percent of usable hosts a priority is in panic; 0 for never. */
    public double panicThreshold() {
        return panicThreshold;
    }

    /** The priorities that there are, the one that is used first first. */
    public List<Integer> priorities() {
        return List.copyOf(levels.keySet());
    }

    /** Whether all hosts of a priority get requests whatever their health. */
    public boolean isInPanic(int priority) {
        Level level = levels.get(priority);
        return level != null && level.panic;
    }

    /** Whether a priority that gets requests is in panic: healthy hosts get too many, and sick ones get some. */
    public boolean isInPanic() {
        return levels.values().stream().anyMatch(level -> level.panic && level.share > 0);
    }

    /** How many percent of the requests a priority gets; 0 for one that there is not. */
    public int share(int priority) {
        Level level = levels.get(priority);
        return level == null ? 0 : level.share;
    }

    /** Whether requests go to another priority than the first because the first is short of healthy hosts. */
    public boolean isFailedOver() {
        return levels.values().stream().skip(1).anyMatch(level -> level.share > 0) && usable() > 0;
    }

    /** The groups as a table. */
    @Override
    public String toString() {
        TextTable table = new TextTable("PRIORITY", "SHARE", "LOCALITY", "WEIGHT", "ENDPOINTS", "USABLE");
        for (EndpointGroup group : groups) {
            table.row(
                    String.valueOf(group.priority()),
                    share(group.priority()) + " %" + (isInPanic(group.priority()) ? " PANIC" : ""),
                    group.locality().toString().isEmpty()
                            ? "-"
                            : group.locality().toString(),
                    group.weight().isPresent() ? String.valueOf(group.weight().getAsLong()) : "-",
                    String.valueOf(group.endpoints().size()),
                    String.valueOf(group.usable()));
        }
        return table.summary(
                cluster + ": " + usable() + " of " + size() + " usable, panic threshold "
                        + ProtoValues.text(panicThreshold) + " %",
                "groups");
    }
}
