package dev.meshdx.traffic.internal.checks;

import dev.meshdx.check.Check;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.TrafficDirection;
import dev.meshdx.envoy.VirtualHost;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Clusters without a host that takes requests. A cluster nobody asked for is no finding: there are always services without
 * pods. It counts where requests failed for it (an error), where somebody configured a way to it, or where it is a service of
 * the workload's own namespace (a warning).
 */
final class NoHealthyEndpointsCheck implements Check<TrafficModel> {
    private record Use(Proxy proxy, Cluster cluster, List<Endpoint> hosts, Optional<FailedRequest> failed) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.NO_HEALTHY_ENDPOINTS);
    }

    @Override
    public void run(TrafficModel model, Consumer<Finding> report) {
        Map<String, List<Use>> empty = new TreeMap<>();
        for (Proxy proxy : model.proxies()) {
            if (!proxy.endpoints().gaps().isEmpty()) {
                // Endpoints that could not be read are not missing.
                continue;
            }
            Map<String, List<Endpoint>> hosts = new HashMap<>();
            proxy.endpoints()
                    .forEach(endpoint -> hosts.computeIfAbsent(endpoint.cluster(), name -> new ArrayList<>())
                            .add(endpoint));
            Set<String> configured = new HashSet<>();
            Set<String> used = used(proxy.dump(), configured);
            for (Cluster cluster : proxy.dump().clusters()) {
                if (!isCandidate(cluster)) {
                    continue;
                }
                List<Endpoint> of = hosts.getOrDefault(cluster.name(), List.of());
                Optional<FailedRequest> failed = proxy.failed().stream()
                        .filter(request ->
                                request.hasFlag("UH") && request.cluster().equals(cluster.name()))
                        .findFirst();
                boolean relevant = configured.contains(cluster.name())
                        || (used.contains(cluster.name()) && isNear(cluster, proxy));
                if ((failed.isPresent() || relevant) && of.stream().noneMatch(Endpoint::isUsable)) {
                    empty.computeIfAbsent(cluster.name(), name -> new ArrayList<>())
                            .add(new Use(proxy, cluster, of, failed));
                }
            }
        }
        empty.values().forEach(uses -> report(uses, report));
    }

    private static boolean isCandidate(Cluster cluster) {
        return cluster.direction() == TrafficDirection.OUTBOUND
                && !cluster.parts().serverNameForm()
                && cluster.state() == ResourceState.ACTIVE
                // Hosts of other types are found while connecting, or by name.
                && cluster.type().equals("EDS");
    }

    private static boolean isNear(Cluster cluster, Proxy proxy) {
        String[] labels = cluster.host().split("\\.");
        return labels.length > 2 && labels[1].equals(proxy.pod().namespace());
    }

    /** The clusters that routes and TCP proxies send to; of those, the ones that an Istio resource names. */
    private static Set<String> used(ConfigDump dump, Set<String> configured) {
        Set<String> used = new HashSet<>();
        for (RouteConfiguration config : dump.routes()) {
            for (VirtualHost host : config.virtualHosts()) {
                for (Route route : host.routes()) {
                    used.addAll(route.clusters());
                    if (route.configuredBy().isPresent()) {
                        configured.addAll(route.clusters());
                    }
                }
            }
        }
        for (Listener listener : dump.listeners()) {
            for (FilterChain chain : listener.allFilterChains()) {
                used.addAll(chain.tcpClusters());
            }
        }
        return used;
    }

    private static void report(List<Use> uses, Consumer<Finding> report) {
        Use use = uses.stream()
                .filter(other -> other.failed().isPresent())
                .findFirst()
                .orElse(uses.get(0));
        Cluster cluster = use.cluster();
        ResourceRef subject = service(cluster, use.proxy());
        String what = (cluster.subset().isEmpty() ? "" : "Subset " + cluster.subset() + " of ") + cluster.host()
                + " port " + cluster.port();
        List<String> pods = uses.stream()
                .map(other -> other.proxy().pod().qualifiedName())
                .distinct()
                .toList();
        String who = pods.size() == 1 ? "the proxy of " + pods.get(0) : pods.size() + " proxies";
        String state = use.hosts().isEmpty()
                ? "has no endpoint"
                : "has " + use.hosts().size() + " endpoint" + (use.hosts().size() == 1 ? "" : "s")
                        + ", none of which takes requests";
        Finding.Builder finding = Finding.of(TrafficCodes.NO_HEALTHY_ENDPOINTS, subject)
                .severity(use.failed().isPresent() ? Severity.ERROR : Severity.WARNING)
                .message(what + " " + state + " for " + who + "; requests end in 503 UH (no healthy upstream).");
        if (use.hosts().isEmpty()) {
            finding.evidence(
                    "endpoints of " + cluster.name(),
                    "/clusters of " + use.proxy().pod().qualifiedName(),
                    "none");
        }
        for (Endpoint host : use.hosts().subList(0, Math.min(4, use.hosts().size()))) {
            finding.evidence(
                    "endpoint " + host.target(),
                    "/clusters of " + use.proxy().pod().qualifiedName(),
                    String.join(", ", host.failures()));
        }
        use.failed()
                .ifPresent(failed -> finding.evidence("access log", failed.pod().toString(), failed.line()));
        report.accept(finding.remedy(remedy(use, subject)).build());
    }

    private static ResourceRef service(Cluster cluster, Proxy proxy) {
        String[] labels = cluster.host().split("\\.");
        return labels.length > 2 && labels[2].equals("svc")
                ? ResourceRef.of("Service", labels[1], labels[0])
                : ResourceRef.of("ServiceEntry", proxy.pod().namespace(), cluster.host());
    }

    private static String remedy(Use use, ResourceRef service) {
        if (service.kind().equals("ServiceEntry")) {
            return "Look at the endpoints of the ServiceEntry for " + service.name() + ": kubectl get serviceentry -A";
        }
        String slices = "kubectl -n " + service.namespace() + " get endpointslices -l kubernetes.io/service-name="
                + service.name();
        if (use.hosts().stream().anyMatch(Endpoint::isEjected)) {
            return "Outlier detection put the endpoints aside after they failed: look at their own errors, then at"
                    + " outlierDetection in the DestinationRule. " + slices;
        }
        return "See whether the Service has ready pods, and whether its selector"
                + (use.cluster().subset().isEmpty() ? "" : " and the subset's labels")
                + " and its targetPort fit them: "
                + slices;
    }
}
