package dev.meshdx.traffic;

import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.Bootstrap;
import dev.meshdx.envoy.CircuitBreaker;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.HeaderChanges;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.Rbac;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.internal.Addresses;
import dev.meshdx.traffic.internal.CompiledChain;
import dev.meshdx.traffic.internal.CompiledListener;
import dev.meshdx.traffic.internal.Lazy;
import dev.meshdx.traffic.internal.Regexes;
import dev.meshdx.traffic.internal.RouteTable;
import dev.meshdx.traffic.internal.filters.HttpFilters;
import dev.meshdx.traffic.internal.rbac.RbacFilters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Says which way a request goes through a proxy, from the proxy's configuration, as Envoy itself would decide. Pure: no I/O,
 * no clock. Safe for use by several threads.
 *
 * <p>A tracer is a configuration made ready for many requests: domains and paths are looked up, expressions compiled. Listeners
 * are made ready at once, a virtual host's routes when the first request comes to it. It keeps the configuration.
 *
 * <pre>{@code
 * Tracer tracer = Tracer.of(pod.envoy().configDump());
 * tracer.trace(HttpRequest.get("http://reviews:9080/api/v1/users")).nearMisses();
 * }</pre>
 */
public final class Tracer {
    private final Regexes regexes;
    private final List<CompiledListener> listeners = new ArrayList<>();
    private final Map<String, RouteTable> routes = new LinkedHashMap<>();
    private final Map<String, Cluster> clusters = new LinkedHashMap<>();
    private final Map<String, List<Endpoint>> endpoints;
    private final Map<String, List<Endpoint>> observed;
    private final Map<CompiledChain, HttpFilters> filters = new ConcurrentHashMap<>();
    private final Map<CompiledChain, RbacFilters> connectionRules = new ConcurrentHashMap<>();
    private final Bootstrap bootstrap;
    private final String address;
    private final boolean isGateway;
    private final Lazy<Destinations> destinations;
    private final String incomplete;

    private Tracer(ConfigDump dump, Iterable<Endpoint> seen) {
        this.bootstrap = dump.bootstrap();
        this.incomplete = dump.isWholeForRouting()
                ? ""
                : dump.problem()
                        .map(problem ->
                                "the configuration is not complete, so that this may be wrong: " + problem.message())
                        .orElse("");
        this.regexes = new Regexes(bootstrap.envoyVersion());
        this.address = bootstrap.address();
        this.isGateway = bootstrap.nodeType().equals("router");
        for (Listener listener : dump.listeners()) {
            if (listener.state() == ResourceState.ACTIVE || listener.state() == ResourceState.STATIC) {
                listeners.add(new CompiledListener(listener, regexes));
            }
        }
        for (RouteConfiguration config : dump.routes()) {
            if (config.state() != ResourceState.REJECTED && !routes.containsKey(config.name())) {
                routes.put(config.name(), new RouteTable(config, regexes));
            }
        }
        for (Cluster cluster : dump.clusters()) {
            if (cluster.state() != ResourceState.WARMING && cluster.state() != ResourceState.REJECTED) {
                clusters.putIfAbsent(cluster.name(), cluster);
            }
        }
        this.endpoints = byCluster(dump.endpoints());
        this.observed = byCluster(seen);
        this.destinations = new Lazy<>(() -> new Destinations(listeners, routes.values(), bootstrap));
    }

    private static Map<String, List<Endpoint>> byCluster(Iterable<Endpoint> all) {
        Map<String, List<Endpoint>> byCluster = new HashMap<>();
        for (Endpoint endpoint : all) {
            byCluster
                    .computeIfAbsent(endpoint.cluster(), any -> new ArrayList<>())
                    .add(endpoint);
        }
        return byCluster;
    }

    /** A proxy's configuration, made ready; the hosts of its clusters are those that it was sent. */
    public static Tracer of(ConfigDump dump) {
        return new Tracer(dump, List.of());
    }

    /**
     * The same with the hosts as the proxy sees them, which tells ejected and failing ones, and counters.
     *
     * @param endpoints those of {@code pod.envoy().endpoints()}
     */
    public static Tracer of(ConfigDump dump, Iterable<Endpoint> endpoints) {
        return new Tracer(dump, endpoints);
    }

    /** Traces a request. The trace keeps the tracer. */
    public Trace trace(HttpRequest request) {
        return new Walk(this, request).run();
    }

    /** Traces one request through a proxy's configuration. The trace keeps nothing of it. */
    public static Trace trace(ConfigDump dump, HttpRequest request) {
        return of(dump).trace(request).settled();
    }

    /**
     * Asks a proxy for its configuration, once a session, and traces a request through it. Where that leads nowhere, or past
     * what is written for the host, the configuration of the mesh is read too, for near misses that no proxy can tell.
     *
     * @throws dev.meshdx.error.MeshException if the proxy cannot be asked
     */
    @Internal
    public static Trace trace(Session session, String namespace, String pod, HttpRequest request) {
        Tracer tracer = of(session, namespace, pod);
        return MeshNearMissReader.complete(session, namespace, pod, tracer, tracer.trace(request))
                .settled();
    }

    /**
     * Asks a proxy for its configuration and for the hosts as it sees them, each once a session. Without the hosts, what it was
     * sent stands, and the session has a gap.
     *
     * @throws dev.meshdx.error.MeshException if the proxy cannot be asked
     */
    @Internal
    public static Tracer of(Session session, String namespace, String pod) {
        ConfigDump dump = configuration(session, namespace, pod);
        try {
            return of(dump, EnvoyProxy.endpoints(session, namespace, pod));
        } catch (MeshException e) {
            // The way is known without; ejections and counters are not.
            session.gap("hosts as the proxy sees them", ResourceRef.of("Pod", namespace, pod), e);
            return of(dump);
        }
    }

    /**
     * Asks a proxy for its configuration alone, once a session.
     *
     * @throws dev.meshdx.error.MeshException if the proxy cannot be asked
     */
    @Internal
    public static Tracer ofConfiguration(Session session, String namespace, String pod) {
        return of(configuration(session, namespace, pod));
    }

    private static ConfigDump configuration(Session session, String namespace, String pod) {
        ConfigDump dump = ConfigDump.read(session, namespace, pod);
        if (!dump.isWholeForRouting()) {
            // Half of the routes would give a wrong answer, not half of one.
            throw new MeshProtocolException("The configuration of " + namespace + "/" + pod + " is not complete: "
                    + dump.problem().map(Inconclusive::message).orElse("it has no listeners."));
        }
        return dump;
    }

    /** {@code IP:port} to which the client connects; empty where only the port is known. */
    Optional<String> destination(HttpRequest request) {
        Destinations.Destination to = destinations().of(request);
        return to.address().isEmpty() ? Optional.empty() : Optional.of(Addresses.target(to.address(), to.port()));
    }

    Destinations destinations() {
        return destinations.get();
    }

    Regexes regexes() {
        return regexes;
    }

    Bootstrap bootstrap() {
        return bootstrap;
    }

    /** The proxy's own address; empty where it is not known. */
    String address() {
        return address;
    }

    /** What to say of a document that ended early; empty where it did not. */
    String incomplete() {
        return incomplete;
    }

    boolean isWaypoint() {
        return bootstrap.nodeType().equals("waypoint");
    }

    boolean isGateway() {
        return isGateway;
    }

    List<CompiledListener> listeners() {
        return listeners;
    }

    /** The route configuration of a name; null where it was never delivered. */
    @Nullable
    RouteTable routes(String name) {
        return routes.get(name);
    }

    Iterable<RouteTable> routes() {
        return routes.values();
    }

    Iterable<Cluster> clusters() {
        return clusters.values();
    }

    boolean hasCluster(String name) {
        return clusters.containsKey(name);
    }

    HttpFilters filters(CompiledChain chain) {
        return filters.computeIfAbsent(chain, one -> new HttpFilters(one.httpFilters(), regexes));
    }

    /** The authorization rules for connections that a chain takes. */
    RbacFilters connectionRules(CompiledChain chain) {
        return connectionRules.computeIfAbsent(
                chain,
                one -> RbacFilters.of(
                        one.filters().stream()
                                .flatMap(filter -> filter.rbac().stream())
                                .map(Rbac::raw)
                                .toList(),
                        regexes));
    }

    Upstream upstream(String name, double share) {
        Cluster cluster = clusters.get(name);
        return cluster == null
                ? new Upstream(name, share, null, null, null)
                : new Upstream(name, share, cluster, hosts(cluster), observed.get(name));
    }

    /** The hosts of a cluster; null where they are not known. */
    private @Nullable List<Endpoint> hosts(Cluster cluster) {
        List<Endpoint> own = endpoints.get(cluster.name());
        if (own == null) {
            own = endpoints.get(cluster.endpointsName());
        }
        if (own != null) {
            return own;
        }
        return switch (cluster.type()) {
            // Where no cluster has any, the dump was taken without them.
            case "EDS" -> endpoints.isEmpty() ? null : List.of();
            case "STATIC" -> cluster.inlineEndpoints();
            default -> null;
        };
    }

    /** Whether it is certain that no host of a cluster takes requests. */
    boolean isWithoutHosts(String name) {
        Cluster cluster = clusters.get(name);
        List<Endpoint> hosts = cluster == null ? null : observed.getOrDefault(name, hosts(cluster));
        if (hosts == null) {
            return false;
        }
        for (Endpoint host : hosts) {
            if (host.isUsable()) {
                return false;
            }
        }
        return upstream(name, 100).isWithoutHosts();
    }

    /** Whether a cluster lets no request through, because its limits are zero. */
    boolean isClosed(String name, String priority) {
        Cluster cluster = clusters.get(name);
        if (cluster == null || !cluster.raw().at("circuit_breakers").exists()) {
            return false;
        }
        for (CircuitBreaker breaker : cluster.circuitBreakers()) {
            if (breaker.priority().equals(priority)
                    && (breaker.maxRequests().orElse(1) == 0
                            || breaker.maxPendingRequests().orElse(1) == 0)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a cluster connects to where the client wanted to go, and to nothing else. */
    boolean needsDestination(String name) {
        Cluster cluster = clusters.get(name);
        return cluster != null
                && cluster.type().equals("ORIGINAL_DST")
                && !cluster.raw().at("original_dst_lb_config").exists();
    }

    /** Whether a cluster lets no connection through. */
    boolean takesNoConnection(String name) {
        Cluster cluster = clusters.get(name);
        return cluster != null && cluster.circuitBreaker().maxConnections().orElse(1) == 0;
    }

    /** Whether the hosts of a cluster are chosen by metadata that the route or a filter sets. */
    boolean choosesSubset(String name) {
        Cluster cluster = clusters.get(name);
        return cluster != null && cluster.raw().at("lb_subset_config").exists();
    }

    /** The header changes of several owners, as one. */
    static HeaderChanges merged(List<HeaderChanges> all) {
        List<HeaderChanges.Added> added = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        for (HeaderChanges one : all) {
            added.addAll(one.added());
            removed.addAll(one.removed());
        }
        return new HeaderChanges(added, removed);
    }

    /** The proxy whose configuration it is, as its bootstrap names it. */
    Optional<String> proxy() {
        return Optional.of(bootstrap.nodeId()).filter(id -> !id.isEmpty());
    }

    /** One line. */
    @Override
    public String toString() {
        return "tracer for " + proxy().orElse("a proxy") + ": " + listeners.size() + " listeners, " + routes.size()
                + " route configurations, " + clusters.size() + " clusters";
    }
}
