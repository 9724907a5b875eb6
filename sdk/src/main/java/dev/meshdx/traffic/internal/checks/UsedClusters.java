package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ClusterName;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.TrafficDirection;
import dev.meshdx.envoy.VirtualHost;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The clusters of a proxy whose endpoints matter: those to which somebody configured a way, and those of the workload's own
 * namespace. In every mesh there are services that nobody calls and that have no pods.
 */
final class UsedClusters {
    private final Proxy proxy;
    private final Map<String, List<Endpoint>> hosts = new HashMap<>();
    private final Set<String> used = new HashSet<>();
    private final Set<String> configured = new HashSet<>();

    private UsedClusters(Proxy proxy) {
        this.proxy = proxy;
        proxy.endpoints()
                .forEach(endpoint -> hosts.computeIfAbsent(endpoint.cluster(), name -> new ArrayList<>())
                        .add(endpoint));
        for (RouteConfiguration config : proxy.dump().routes()) {
            for (VirtualHost host : config.virtualHosts()) {
                for (Route route : host.routes()) {
                    used.addAll(route.clusters());
                    if (route.configuredBy().isPresent()) {
                        configured.addAll(route.clusters());
                    }
                }
            }
        }
        for (Listener listener : proxy.dump().listeners()) {
            for (FilterChain chain : listener.allFilterChains()) {
                used.addAll(chain.tcpClusters());
            }
        }
    }

    static UsedClusters of(Proxy proxy) {
        return new UsedClusters(proxy);
    }

    /** Whether its hosts are a list that the control plane sends: others are found while connecting, or by name. */
    static boolean isCandidate(Cluster cluster) {
        return cluster.direction() == TrafficDirection.OUTBOUND
                && !cluster.parts().serverNameForm()
                && cluster.state() == ResourceState.ACTIVE
                && cluster.type().equals("EDS");
    }

    /** Its hosts. */
    List<Endpoint> hosts(Cluster cluster) {
        return hosts.getOrDefault(cluster.name(), List.of());
    }

    /** Whether somebody configured a way to it, or it is used and of the workload's own namespace. */
    boolean isRelevant(Cluster cluster) {
        return configured.contains(cluster.name()) || (used.contains(cluster.name()) && isNear(cluster));
    }

    private boolean isNear(Cluster cluster) {
        String[] labels = cluster.host().split("\\.");
        return labels.length > 2 && labels[1].equals(proxy.pod().namespace());
    }

    /** The Service or ServiceEntry behind a cluster. */
    static ResourceRef service(ClusterName cluster, ResourceRef pod) {
        String[] labels = cluster.host().split("\\.");
        return labels.length > 2 && labels[2].equals("svc")
                ? ResourceRef.of("Service", labels[1], labels[0])
                : ResourceRef.of("ServiceEntry", pod.namespace(), cluster.host());
    }
}
