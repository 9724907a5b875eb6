package dev.meshdx.testkit.internal.istiod;

import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What istiod would send to all proxies in one state of the registry. What is the same for all proxies of a namespace is made
 * once, as istiod's own cache does. Safe for use by several threads.
 */
final class Push {
    private final Registry registry;
    private final Clusters clusters;
    private final Routes routes;
    private final Listeners listeners;
    private final boolean bySource;
    private final Map<String, List<Upstream>> upstreams = new ConcurrentHashMap<>();
    private final Map<String, List<Map<String, Object>>> outbound = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Map<String, Object>>> assignments = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Map<String, Object>>> routeConfigurations = new ConcurrentHashMap<>();

    Push(Registry registry, MeshSpec mesh) {
        this.registry = registry;
        this.clusters = new Clusters(registry, mesh);
        this.routes = new Routes(registry, mesh);
        this.listeners = new Listeners(registry, mesh);
        this.bySource = registry.list(ResourceKind.VIRTUAL_SERVICE).stream()
                .anyMatch(virtualService -> virtualService.spec().toString().contains("\"sourceLabels\""));
    }

    Registry registry() {
        return registry;
    }

    private List<Upstream> upstreams(String namespace) {
        return upstreams.computeIfAbsent(
                namespace,
                key -> Upstream.of(registry, namespace).stream()
                        .sorted(Comparator.comparing(Upstream::name))
                        .toList());
    }

    /** The clusters of a proxy, sorted by name. */
    List<Map<String, Object>> clusters(Workload proxy) {
        List<Map<String, Object>> all = new ArrayList<>(Clusters.fixed(proxy.gateway()));
        if (!proxy.gateway()) {
            for (Listeners.Inbound inbound : listeners.inbound(proxy).values()) {
                all.add(Clusters.inbound(inbound.target(), inbound.services(), upstream(proxy, inbound)));
            }
        }
        boolean gateway = proxy.gateway();
        all.addAll(outbound.computeIfAbsent(
                proxy.namespace() + (gateway ? "/gateway" : ""),
                key -> upstreams(proxy.namespace()).stream()
                        .map(upstream -> clusters.outbound(upstream, gateway))
                        .toList()));
        return all;
    }

    private Upstream upstream(Workload proxy, Listeners.Inbound inbound) {
        String name =
                Upstream.name(inbound.port().number(), "", inbound.service().host());
        return upstreams(proxy.namespace()).stream()
                .filter(upstream -> upstream.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The load assignments that a proxy got by EDS, by cluster. */
    Map<String, Map<String, Object>> assignments(Workload proxy) {
        return assignments.computeIfAbsent(proxy.namespace(), namespace -> {
            Map<String, Map<String, Object>> all = new TreeMap<>();
            for (Upstream upstream : upstreams(namespace)) {
                if (!upstream.originalDestination()) {
                    all.put(upstream.name(), clusters.assignment(upstream));
                }
            }
            return all;
        });
    }

    /** The listeners of a proxy. */
    List<Map<String, Object>> listeners(Workload proxy) {
        return listeners.of(proxy);
    }

    /** The ports on which a proxy receives for its application. */
    List<Integer> inboundPorts(Workload proxy) {
        return List.copyOf(listeners.inbound(proxy).keySet());
    }

    /** The route configurations that a proxy got by RDS, by name. */
    Map<String, Map<String, Object>> routes(Workload proxy) {
        String key = proxy.gateway() || bySource ? proxy.id() : proxy.namespace() + "/";
        return routeConfigurations.computeIfAbsent(
                key, id -> proxy.gateway() ? routes.ofGateway(proxy) : routes.outbound(proxy));
    }
}
