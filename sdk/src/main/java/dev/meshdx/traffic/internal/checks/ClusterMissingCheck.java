package dev.meshdx.traffic.internal.checks;

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
import dev.meshdx.traffic.internal.Lazy;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Routes against the clusters of the same proxy. */
final class ClusterMissingCheck extends ProxyCheck<ClusterMissingCheck.Missing> {
    /**
     * A cluster that a proxy's routes name and the proxy lacks.
     *
     * @param key one problem, on however many proxies
     * @param pod whose proxy
     * @param subject the resource that names it
     * @param where its first route
     * @param cluster the name
     * @param same the proxy's clusters of the same host
     * @param near hosts like it, where there is none
     * @param failed a request that failed for it
     */
    record Missing(
            String key,
            ResourceRef pod,
            ResourceRef subject,
            String where,
            ClusterName cluster,
            List<ClusterName> same,
            List<String> near,
            Optional<FailedRequest> failed) {}

    private record Use(RouteConfiguration config, VirtualHost host, Route route, String cluster) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.CLUSTER_MISSING);
    }

    @Override
    List<Missing> look(Proxy proxy, Instant now) {
        if (!proxy.dump().clusters().gaps().isEmpty()) {
            // Clusters that could not be read are not missing.
            return List.of();
        }
        Map<String, List<Use>> missing = new TreeMap<>();
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
                                    .add(new Use(config, host, route, cluster));
                        }
                    }
                }
            }
        }
        List<Missing> seen = new ArrayList<>();
        Lazy<Tracer> tracer = new Lazy<>(() -> Tracer.of(proxy.dump()));
        missing.forEach((key, uses) -> seen.add(missing(proxy, tracer, key, uses)));
        return seen;
    }

    private static Missing missing(Proxy proxy, Lazy<Tracer> tracer, String key, List<Use> uses) {
        Use use = uses.get(0);
        ClusterName name = ClusterName.parse(use.cluster());
        List<ClusterName> same = proxy.dump().clusters().stream()
                .map(Cluster::parts)
                .filter(other -> name.isStructured()
                        && other.host().equals(name.host())
                        && other.direction() == name.direction())
                .toList();
        return new Missing(
                key,
                proxy.pod(),
                use.route().configuredBy().orElse(proxy.pod()),
                "route configuration " + use.config().name() + ", virtual host "
                        + use.host().name() + ", route " + use.route().name(),
                name,
                same,
                name.isStructured() && same.isEmpty() ? near(name, proxy) : List.of(),
                failed(proxy, tracer, uses));
    }

    private static List<String> near(ClusterName name, Proxy proxy) {
        List<String> hosts = proxy.dump().clusters().stream()
                .filter(cluster -> cluster.parts().isStructured())
                .map(cluster -> Hosts.shorten(cluster.host()))
                .distinct()
                .toList();
        return Nearest.to(Hosts.shorten(name.host()), hosts);
    }

    /** A request that failed for it; the log names no cluster, but the trace does. */
    private static Optional<FailedRequest> failed(Proxy proxy, Lazy<Tracer> tracer, List<Use> uses) {
        Set<String> clusters = new HashSet<>();
        uses.forEach(use -> clusters.add(use.cluster()));
        return proxy.failed().stream()
                .filter(failed -> failed.hasFlag("NC")
                        && !failed.method().isEmpty()
                        && tracer.get().trace(failed.toRequest()).clusters().stream()
                                .anyMatch(clusters::contains))
                .findFirst();
    }

    @Override
    void conclude(List<Missing> seen, Consumer<Finding> report) {
        // One finding for a missing cluster and the resource that names it, however many proxies have the route.
        Map<String, List<Missing>> problems = new TreeMap<>();
        seen.forEach(missing -> problems.computeIfAbsent(missing.key(), key -> new ArrayList<>())
                .add(missing));
        problems.values().forEach(missing -> report(missing, report));
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

    private static void report(List<Missing> proxies, Consumer<Finding> report) {
        Missing first = proxies.get(0);
        ClusterName name = first.cluster();
        List<ClusterName> same = first.same();
        List<String> pods = proxies.stream()
                .map(other -> other.pod().qualifiedName())
                .distinct()
                .toList();
        String who = pods.size() == 1 ? "the proxy of " + pods.get(0) : pods.size() + " proxies";
        Finding.Builder finding = Finding.of(TrafficCodes.CLUSTER_MISSING, first.subject())
                .message(first.subject() + " sends " + what(name) + ", but " + who + " "
                        + (pods.size() == 1 ? "has" : "have") + " no such cluster; requests end in 503 NC."
                        + because(name, same))
                .evidence("cluster of the route", first.where(), name.full())
                .evidence(
                        "clusters of this host",
                        "config dump of " + pods.get(0),
                        same.isEmpty()
                                ? "none"
                                : String.join(
                                        ", ",
                                        same.stream()
                                                .map(ClusterName::full)
                                                .limit(6)
                                                .toList()));
        proxies.stream()
                .flatMap(other -> other.failed().stream())
                .findFirst()
                .ifPresent(failed -> finding.evidence("access log", failed.pod().toString(), failed.line()));
        report.accept(finding.remedy(remedy(first)).build());
    }

    private static String what(ClusterName name) {
        if (!name.isStructured()) {
            return "to cluster " + name.full();
        }
        return "to " + (name.subset().isEmpty() ? "" : "subset " + name.subset() + " of ") + name.host() + " port "
                + name.port();
    }

    private static String because(ClusterName name, List<ClusterName> same) {
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

    private static String remedy(Missing missing) {
        ClusterName name = missing.cluster();
        List<ClusterName> same = missing.same();
        String namespace = namespace(missing);
        if (!name.isStructured()) {
            return "Name a host that exists, or remove the route.";
        }
        if (same.isEmpty()) {
            return "Correct the destination's host"
                    + (missing.near().isEmpty() ? "" : " (nearest: " + String.join(", ", missing.near()) + ")")
                    + ", or create the Service or ServiceEntry. See: kubectl -n " + namespace
                    + " get service,serviceentry";
        }
        if (same.stream().noneMatch(cluster -> cluster.port() == name.port())) {
            return "Correct the destination's port, or add it to the Service: kubectl -n " + namespace
                    + " get service -o wide";
        }
        List<String> subsets = same.stream()
                .map(ClusterName::subset)
                .filter(subset -> !subset.isEmpty())
                .distinct()
                .sorted()
                .toList();
        return "Define subset " + name.subset() + " in the DestinationRule of " + name.host()
                + (subsets.isEmpty() ? "" : ", or send to one that exists (" + String.join(", ", subsets) + ")")
                + ". See: kubectl -n " + namespace + " get destinationrule -o yaml";
    }

    private static String namespace(Missing missing) {
        String[] labels = missing.cluster().host().split("\\.");
        return labels.length > 2 && labels[2].equals("svc")
                ? labels[1]
                : missing.pod().namespace();
    }
}
