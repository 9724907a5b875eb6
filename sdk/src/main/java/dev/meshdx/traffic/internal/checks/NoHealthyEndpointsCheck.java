package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ClusterName;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Clusters without a host that takes requests. A cluster nobody asked for is no finding: there are always services without
 * pods. It counts where requests failed for it (an error), where somebody configured a way to it, or where it is a service of
 * the workload's own namespace (a warning).
 */
final class NoHealthyEndpointsCheck extends ProxyCheck<NoHealthyEndpointsCheck.Use> {
    /** How many endpoints the evidence shows. */
    private static final int SHOWN = 4;

    /**
     * A proxy's cluster without a host that takes requests.
     *
     * @param pod whose proxy
     * @param cluster its name
     * @param hosts how many hosts it has
     * @param shown some of them, each with what is wrong with it
     * @param ejected whether outlier detection put some aside
     * @param panics whether Envoy sends to them all the same
     * @param failed a request that failed for it
     */
    record Use(
            ResourceRef pod,
            ClusterName cluster,
            int hosts,
            Map<String, String> shown,
            boolean ejected,
            boolean panics,
            Optional<FailedRequest> failed) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.NO_HEALTHY_ENDPOINTS);
    }

    @Override
    List<Use> look(Proxy proxy, Instant now) {
        if (!proxy.endpoints().gaps().isEmpty()) {
            // Endpoints that could not be read are not missing.
            return List.of();
        }
        UsedClusters used = UsedClusters.of(proxy);
        List<Use> seen = new ArrayList<>();
        for (Cluster cluster : proxy.dump().clusters()) {
            if (!UsedClusters.isCandidate(cluster)) {
                continue;
            }
            Optional<FailedRequest> failed = proxy.failed().stream()
                    .filter(request ->
                            request.hasFlag("UH") && request.cluster().equals(cluster.name()))
                    .findFirst();
            List<Endpoint> of = used.hosts(cluster);
            if ((failed.isPresent() || used.isRelevant(cluster)) && of.stream().noneMatch(Endpoint::isUsable)) {
                seen.add(use(proxy, cluster, of, failed));
            }
        }
        return seen;
    }

    private static Use use(Proxy proxy, Cluster cluster, List<Endpoint> hosts, Optional<FailedRequest> failed) {
        Map<String, String> shown = new LinkedHashMap<>();
        for (Endpoint host : hosts.subList(0, Math.min(SHOWN, hosts.size()))) {
            shown.put(host.target(), String.join(", ", host.failures()));
        }
        return new Use(
                proxy.pod(),
                cluster.parts(),
                hosts.size(),
                shown,
                hosts.stream().anyMatch(Endpoint::isEjected),
                !hosts.isEmpty() && cluster.loadBalancing().panicThreshold() > 0,
                failed);
    }

    @Override
    void conclude(List<Use> seen, Consumer<Finding> report) {
        Map<String, List<Use>> empty = new TreeMap<>();
        seen.forEach(use -> empty.computeIfAbsent(use.cluster().full(), name -> new ArrayList<>())
                .add(use));
        empty.values().forEach(uses -> report(uses, report));
    }

    private static void report(List<Use> uses, Consumer<Finding> report) {
        Use use = uses.stream()
                .filter(other -> other.failed().isPresent())
                .findFirst()
                .orElse(uses.get(0));
        ClusterName cluster = use.cluster();
        ResourceRef subject = UsedClusters.service(use.cluster(), use.pod());
        String what = (cluster.subset().isEmpty() ? "" : "Subset " + cluster.subset() + " of ") + cluster.host()
                + " port " + cluster.port();
        List<String> pods = uses.stream()
                .map(other -> other.pod().qualifiedName())
                .distinct()
                .toList();
        String who = pods.size() == 1 ? "the proxy of " + pods.get(0) : pods.size() + " proxies";
        String state = use.hosts() == 0
                ? "has no endpoint"
                : "has " + use.hosts() + " endpoint" + (use.hosts() == 1 ? "" : "s") + ", none of which takes requests";
        Finding.Builder finding = Finding.of(TrafficCodes.NO_HEALTHY_ENDPOINTS, subject)
                .severity(use.failed().isPresent() ? Severity.ERROR : Severity.WARNING)
                .message(what + " " + state + " for " + who
                        + (use.panics() && use.failed().isEmpty()
                                ? "; Envoy is in panic mode and sends to all of them although none is healthy."
                                : "; requests end in 503 UH (no healthy upstream)."));
        if (use.hosts() == 0) {
            finding.evidence(
                    "endpoints of " + cluster.full(),
                    "/clusters of " + use.pod().qualifiedName(),
                    "none");
        }
        use.shown()
                .forEach((host, failures) -> finding.evidence(
                        "endpoint " + host, "/clusters of " + use.pod().qualifiedName(), failures));
        use.failed()
                .ifPresent(failed -> finding.evidence("access log", failed.pod().toString(), failed.line()));
        report.accept(finding.remedy(remedy(use, subject)).build());
    }

    private static String remedy(Use use, ResourceRef service) {
        if (service.kind().equals("ServiceEntry")) {
            return "Look at the endpoints of the ServiceEntry for " + service.name() + ": kubectl get serviceentry -A";
        }
        String slices = "kubectl -n " + service.namespace() + " get endpointslices -l kubernetes.io/service-name="
                + service.name();
        if (use.ejected()) {
            return "Outlier detection put the endpoints aside after they failed: look at their own errors, then at"
                    + " outlierDetection in the DestinationRule. " + slices;
        }
        return "See whether the Service has ready pods, and whether its selector"
                + (use.cluster().subset().isEmpty() ? "" : " and the subset's labels")
                + " and its targetPort fit them: "
                + slices;
    }
}
