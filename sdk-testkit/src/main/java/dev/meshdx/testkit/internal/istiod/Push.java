package dev.meshdx.testkit.internal.istiod;

import dev.meshdx.model.Resource;
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
    /** What istiod sends to all proxies that see the same. */
    private static final class View {
        private final Clusters clusters;
        private final Routes routes;
        private final Listeners listeners;
        private final boolean bySource;
        private final List<Upstream> upstreams;
        private final Map<String, List<Map<String, Object>>> outbound = new ConcurrentHashMap<>();
        private final Map<String, Map<String, Map<String, Object>>> assignments = new ConcurrentHashMap<>();
        private final Map<String, Map<String, Map<String, Object>>> routeConfigurations = new ConcurrentHashMap<>();

        View(Registry seen, MeshSpec mesh, String namespace) {
            this.clusters = new Clusters(seen, mesh);
            this.routes = new Routes(seen, mesh);
            this.listeners = new Listeners(seen, mesh);
            this.upstreams = Upstream.of(seen, namespace).stream()
                    .sorted(Comparator.comparing(Upstream::name))
                    .toList();
            this.bySource = seen.list(ResourceKind.VIRTUAL_SERVICE).stream()
                    .anyMatch(virtualService -> virtualService.spec().toString().contains("\"sourceLabels\""));
        }
    }

    private final Registry registry;
    private final MeshSpec mesh;
    private final Map<String, View> views = new ConcurrentHashMap<>();

    Push(Registry registry, MeshSpec mesh) {
        this.registry = registry;
        this.mesh = mesh;
    }

    Registry registry() {
        return registry;
    }

    private View view(Workload proxy) {
        String key = proxy.namespace() + "/"
                + registry.sidecar(proxy).map(Resource::name).orElse("");
        return views.computeIfAbsent(key, name -> new View(registry.seenBy(proxy), mesh, proxy.namespace()));
    }

    /** The clusters of a proxy, sorted by name. */
    List<Map<String, Object>> clusters(Workload proxy) {
        View view = view(proxy);
        List<Map<String, Object>> all = new ArrayList<>(Clusters.fixed(proxy.gateway()));
        if (!proxy.gateway()) {
            for (Listeners.Inbound inbound : view.listeners.inbound(proxy).values()) {
                all.add(Clusters.inbound(inbound.target(), inbound.services(), upstream(proxy, inbound)));
            }
        }
        boolean gateway = proxy.gateway();
        all.addAll(view.outbound.computeIfAbsent(
                gateway ? "gateway" : "sidecar",
                key -> view.upstreams.stream()
                        .map(upstream -> view.clusters.outbound(upstream, gateway))
                        .toList()));
        return all;
    }

    /** A proxy receives for its services whether it sees them or not. */
    private Upstream upstream(Workload proxy, Listeners.Inbound inbound) {
        String name =
                Upstream.name(inbound.port().number(), "", inbound.service().host());
        return Upstream.of(registry, List.of(inbound.service()), proxy.namespace()).stream()
                .filter(upstream -> upstream.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The load assignments that a proxy got by EDS, by cluster. */
    Map<String, Map<String, Object>> assignments(Workload proxy) {
        View view = view(proxy);
        return view.assignments.computeIfAbsent("", key -> {
            Map<String, Map<String, Object>> all = new TreeMap<>();
            for (Upstream upstream : view.upstreams) {
                if (!upstream.originalDestination()) {
                    all.put(upstream.name(), view.clusters.assignment(upstream));
                }
            }
            return all;
        });
    }

    /** The listeners of a proxy. */
    List<Map<String, Object>> listeners(Workload proxy) {
        return view(proxy).listeners.of(proxy);
    }

    /** The ports on which a proxy receives for its application. */
    List<Integer> inboundPorts(Workload proxy) {
        return List.copyOf(view(proxy).listeners.inbound(proxy).keySet());
    }

    /** The route configurations that a proxy got by RDS, by name. */
    Map<String, Map<String, Object>> routes(Workload proxy) {
        View view = view(proxy);
        String key = proxy.gateway() || view.bySource ? proxy.id() : "";
        return view.routeConfigurations.computeIfAbsent(
                key, id -> proxy.gateway() ? view.routes.ofGateway(proxy) : view.routes.outbound(proxy));
    }
}
