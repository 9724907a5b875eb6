package dev.meshdx.traffic;

import dev.meshdx.envoy.CircuitBreaker;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.EndpointAvailability;
import dev.meshdx.envoy.UpstreamTls;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.internal.Lazy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cluster that a request may go to: its share of such requests, its hosts and how it connects to them. Immutable.
 *
 * <p>Hosts are known of clusters that get them from the control plane (EDS) or have them written into them; names are
 * resolved, and original destinations taken, by the proxy alone.
 */
public final class Upstream {
    private final String name;
    private final double share;
    private final @Nullable Cluster cluster;
    private final @Nullable List<Endpoint> endpoints;
    private final @Nullable List<Endpoint> observed;
    private final Lazy<List<Endpoint>> candidates = new Lazy<>(this::chosen);

    /**
     * A cluster.
     *
     * @param endpoints as the proxy was sent them; null where they are not known
     * @param observed as the proxy sees them; null where that was not read
     */
    Upstream(
            String name,
            double share,
            @Nullable Cluster cluster,
            @Nullable List<Endpoint> endpoints,
            @Nullable List<Endpoint> observed) {
        this.name = name;
        this.share = share;
        this.cluster = cluster;
        this.endpoints = endpoints;
        this.observed = observed;
    }

    /** The hosts by whose health it is judged. */
    private @Nullable List<Endpoint> judged() {
        return observed != null ? observed : endpoints;
    }

    /** The cluster's name. */
    public String name() {
        return name;
    }

    /** Its share of the requests that take this route, in percent. */
    public double share() {
        return share;
    }

    /** The cluster; empty where the proxy does not have it. */
    public Optional<Cluster> cluster() {
        return Optional.ofNullable(cluster);
    }

    /** Its hosts as the proxy was sent them; empty where they are not known, or where there are none. */
    public List<Endpoint> endpoints() {
        return endpoints == null ? observed() : endpoints;
    }

    /** Its hosts as the proxy sees them: with ejections and counters; empty where that was not read. */
    public List<Endpoint> observed() {
        return observed == null ? List.of() : observed;
    }

    /** Which of its hosts take requests, by priority and locality; empty where they are not known. */
    public Optional<EndpointAvailability> availability() {
        List<Endpoint> hosts = judged();
        return cluster == null || hosts == null
                ? Optional.empty()
                : Optional.of(EndpointAvailability.of(cluster, hosts));
    }

    /** The hosts that get requests: those of the priorities in use that are usable, or all of them in panic. */
    public List<Endpoint> candidates() {
        return candidates.get();
    }

    private List<Endpoint> chosen() {
        Optional<EndpointAvailability> availability = availability();
        if (availability.isEmpty()) {
            return List.of();
        }
        Map<String, Endpoint> sent = new LinkedHashMap<>();
        endpoints().forEach(endpoint -> sent.put(endpoint.target(), endpoint));
        boolean failsInPanic = cluster != null
                && cluster.raw()
                        .at("common_lb_config", "zone_aware_lb_config", "fail_traffic_on_panic")
                        .bool(false);
        List<Endpoint> candidates = new ArrayList<>();
        for (Endpoint endpoint : observed == null ? endpoints() : observed) {
            int priority = endpoint.priority();
            boolean used = availability.get().share(priority) > 0;
            if (used && (availability.get().isInPanic(priority) ? !failsInPanic : endpoint.isUsable())) {
                // What was sent has the metadata by which a host is connected to.
                candidates.add(sent.getOrDefault(endpoint.target(), endpoint));
            }
        }
        return List.copyOf(candidates);
    }

    /** Whether it is certain that no host takes requests: 503, flag {@code UH}. */
    public boolean isWithoutHosts() {
        return cluster != null && judged() != null && candidates().isEmpty();
    }

    /** How it connects to a host. */
    public Optional<UpstreamTls> tlsFor(Endpoint endpoint) {
        return cluster == null ? Optional.empty() : cluster.tlsFor(endpoint);
    }

    /**
     * How it connects to the hosts that get requests: each way once, with the number of hosts; without hosts, what is set for
     * all.
     */
    public Map<String, Integer> transports() {
        Map<String, Integer> transports = new LinkedHashMap<>();
        if (cluster == null) {
            return Map.of();
        }
        for (Endpoint endpoint : candidates()) {
            transports.merge(tlsFor(endpoint).map(Upstream::text).orElse("plain text"), 1, Integer::sum);
        }
        if (transports.isEmpty()) {
            if (cluster.tlsMatches().isEmpty()) {
                transports.put(text(cluster.tls()), 0);
            } else {
                cluster.tlsMatches().forEach(tls -> transports.put(text(tls), 0));
            }
        }
        return java.util.Collections.unmodifiableMap(transports);
    }

    private static String text(UpstreamTls tls) {
        String sni = tls.sni().isEmpty() ? "" : " with SNI " + tls.sni();
        return switch (tls.mode()) {
            case PLAINTEXT -> tls.isTunnel() ? "HBONE" : "plain text";
            case ISTIO_MUTUAL -> "mTLS of the mesh" + sni;
            case MUTUAL -> "mTLS with a certificate of its own" + sni;
            case TLS -> "TLS" + sni;
        };
    }

    /** Its limits. */
    public Optional<CircuitBreaker> circuitBreaker() {
        return cluster().map(Cluster::circuitBreaker);
    }

    /**
     * The limits that its hosts' counters have reached, each readable; empty where none is, or where no counters were read. A
     * counter is of the moment in which it was read.
     */
    public List<String> limitsReached() {
        Optional<CircuitBreaker> breaker = circuitBreaker();
        if (breaker.isEmpty()) {
            return List.of();
        }
        long connections = 0;
        long requests = 0;
        for (Endpoint endpoint : observed()) {
            connections += endpoint.activeConnections();
            requests += endpoint.activeRequests();
        }
        List<String> reached = new ArrayList<>();
        reached(reached, "connections", connections, breaker.get().maxConnections());
        reached(reached, "requests", requests, breaker.get().maxRequests());
        breaker.get().maxPendingRequests().ifPresent(limit -> {
            if (limit == 0) {
                reached.add("no request may wait for a connection (max pending requests 0)");
            }
        });
        return List.copyOf(reached);
    }

    private static void reached(List<String> into, String what, long now, java.util.OptionalLong limit) {
        if (limit.isPresent() && now >= limit.getAsLong()) {
            into.add(now + " " + what + " of at most " + limit.getAsLong());
        }
    }

    /** The DestinationRule behind the cluster's settings, where there is one. */
    public Optional<ResourceRef> configuredBy() {
        return cluster().flatMap(Cluster::configuredBy);
    }

    /** One line: name, share, hosts, how it connects. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        if (share < 100) {
            text.append(' ').append(percent(share));
        }
        if (cluster == null) {
            return text.append(": the proxy does not have it").toString();
        }
        availability()
                .ifPresent(known -> text.append(": ")
                        .append(candidates().size())
                        .append(" of ")
                        .append(known.size())
                        .append(known.size() == 1 ? " host" : " hosts"));
        List<String> ways = List.copyOf(transports().keySet());
        text.append(availability().isPresent() ? ", " : ": ").append(String.join(" or ", ways));
        limitsReached().forEach(limit -> text.append(", ").append(limit));
        configuredBy().ifPresent(rule -> text.append(" (").append(rule).append(')'));
        return text.toString();
    }

    static String percent(double share) {
        return share == Math.rint(share) ? (long) share + "%" : String.format(java.util.Locale.ROOT, "%.1f%%", share);
    }
}
