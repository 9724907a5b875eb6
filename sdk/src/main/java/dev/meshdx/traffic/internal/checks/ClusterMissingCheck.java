package dev.meshdx.traffic.internal.checks;

import dev.meshdx.check.Check;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ClusterName;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.VirtualHost;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.traffic.Tracer;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Routes against the clusters of the same proxy. */
final class ClusterMissingCheck implements Check<TrafficModel> {
    private record Use(Proxy proxy, RouteConfiguration config, VirtualHost host, Route route, String cluster) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.CLUSTER_MISSING);
    }

    @Override
    public void run(TrafficModel model, Consumer<Finding> report) {
        // One finding for a missing cluster and the resource that names it, however many proxies have the route.
        Map<String, List<Use>> missing = new TreeMap<>();
        for (Proxy proxy : model.proxies()) {
            if (!proxy.dump().clusters().gaps().isEmpty()) {
                // Clusters that could not be read are not missing.
                continue;
            }
            Set<String> known = new HashSet<>();
            proxy.dump().clusters().forEach(cluster -> known.add(cluster.name()));
            for (RouteConfiguration config : proxy.dump().routes()) {
                if (config.state() == ResourceState.REJECTED) {
                    continue;
                }
                for (VirtualHost host : config.virtualHosts()) {
                    for (Route route : host.routes()) {
                        for (String cluster : route.clusters()) {
                            if (!known.contains(cluster) && !isSpare(config, cluster, known)) {
                                missing.computeIfAbsent(key(cluster, route), name -> new ArrayList<>())
                                        .add(new Use(proxy, config, host, route, cluster));
                            }
                        }
                    }
                }
            }
        }
        missing.values().forEach(uses -> report(uses, report));
    }

    /** The same host and subset, named by the same resource, is one problem on whichever port. */
    private static String key(String cluster, Route route) {
        ClusterName name = ClusterName.parse(cluster);
        return name.host() + "\n" + name.subset() + "\n"
                + route.configuredBy().map(ResourceRef::toString).orElse("");
    }

    /**
     * istiod gives the hosts of every VirtualService a virtual host on port 80, also where the service has other ports only;
     * nobody asks it. Seen on every proxy of a healthy mesh.
     */
    private static boolean isSpare(RouteConfiguration config, String cluster, Set<String> known) {
        ClusterName name = ClusterName.parse(cluster);
        if (!config.name().equals("80") || name.port() != 80 || !name.isStructured()) {
            return false;
        }
        List<ClusterName> same = known.stream()
                .map(ClusterName::parse)
                .filter(other -> other.isStructured() && other.host().equals(name.host()))
                .toList();
        return !same.isEmpty() && same.stream().noneMatch(other -> other.port() == 80);
    }

    private static void report(List<Use> uses, Consumer<Finding> report) {
        Use use = uses.get(0);
        String cluster = use.cluster();
        ClusterName name = ClusterName.parse(cluster);
        ResourceRef subject = use.route().configuredBy().orElse(use.proxy().pod());
        List<String> pods = uses.stream()
                .map(other -> other.proxy().pod().qualifiedName())
                .distinct()
                .toList();
        String who = pods.size() == 1 ? "the proxy of " + pods.get(0) : pods.size() + " proxies";
        List<Cluster> same = use.proxy().dump().clusters().stream()
                .filter(other -> name.isStructured()
                        && other.host().equals(name.host())
                        && other.direction() == name.direction())
                .toList();
        Finding.Builder finding = Finding.of(TrafficCodes.CLUSTER_MISSING, subject)
                .message(subject + " sends " + what(name) + ", but " + who + " " + (pods.size() == 1 ? "has" : "have")
                        + " no such cluster; requests end in 503 NC." + because(name, same))
                .evidence(
                        "cluster of the route",
                        "route configuration " + use.config().name() + ", virtual host "
                                + use.host().name() + ", route " + use.route().name(),
                        cluster)
                .evidence(
                        "clusters of this host",
                        "config dump of " + pods.get(0),
                        same.isEmpty()
                                ? "none"
                                : String.join(
                                        ", ",
                                        same.stream()
                                                .map(Cluster::name)
                                                .limit(6)
                                                .toList()));
        failed(uses)
                .ifPresent(failed -> finding.evidence("access log", failed.pod().toString(), failed.line()));
        report.accept(finding.remedy(remedy(name, same, use)).build());
    }

    /** A request that failed for it; the log names no cluster, but the trace does. */
    private static Optional<FailedRequest> failed(List<Use> uses) {
        for (Use use : uses) {
            for (FailedRequest failed : use.proxy().failed()) {
                if (failed.hasFlag("NC")
                        && !failed.method().isEmpty()
                        && Tracer.trace(use.proxy().dump(), failed.toRequest())
                                .clusters()
                                .contains(use.cluster())) {
                    return Optional.of(failed);
                }
            }
        }
        return Optional.empty();
    }

    private static String what(ClusterName name) {
        if (!name.isStructured()) {
            return "to cluster " + name.full();
        }
        return "to " + (name.subset().isEmpty() ? "" : "subset " + name.subset() + " of ") + name.host() + " port "
                + name.port();
    }

    private static String because(ClusterName name, List<Cluster> same) {
        if (!name.isStructured()) {
            return "";
        }
        if (same.isEmpty()) {
            return " There is neither a Service nor a ServiceEntry for this host that the proxy can see.";
        }
        if (same.stream().noneMatch(cluster -> cluster.port() == name.port())) {
            return " The host has no port " + name.port() + ".";
        }
        return name.subset().isEmpty()
                ? ""
                : " No DestinationRule that the proxy follows defines subset " + name.subset() + ".";
    }

    private static String remedy(ClusterName name, List<Cluster> same, Use use) {
        String namespace = namespace(name, use);
        if (!name.isStructured()) {
            return "Name a host that exists, or remove the route.";
        }
        if (same.isEmpty()) {
            List<String> hosts = use.proxy().dump().clusters().stream()
                    .filter(cluster -> cluster.parts().isStructured())
                    .map(cluster -> Hosts.shorten(cluster.host()))
                    .distinct()
                    .toList();
            List<String> near = Nearest.to(Hosts.shorten(name.host()), hosts);
            return "Correct the destination's host"
                    + (near.isEmpty() ? "" : " (nearest: " + String.join(", ", near) + ")")
                    + ", or create the Service or ServiceEntry. See: kubectl -n " + namespace
                    + " get service,serviceentry";
        }
        if (same.stream().noneMatch(cluster -> cluster.port() == name.port())) {
            return "Correct the destination's port, or add it to the Service: kubectl -n " + namespace
                    + " get service -o wide";
        }
        List<String> subsets = same.stream()
                .map(Cluster::subset)
                .filter(subset -> !subset.isEmpty())
                .distinct()
                .sorted()
                .toList();
        return "Define subset " + name.subset() + " in the DestinationRule of " + name.host()
                + (subsets.isEmpty() ? "" : ", or send to one that exists (" + String.join(", ", subsets) + ")")
                + ". See: kubectl -n " + namespace + " get destinationrule -o yaml";
    }

    private static String namespace(ClusterName name, Use use) {
        String[] labels = name.host().split("\\.");
        return labels.length > 2 && labels[2].equals("svc")
                ? labels[1]
                : use.proxy().pod().namespace();
    }
}
