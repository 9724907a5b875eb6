package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ClusterName;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Clusters of which half of the hosts or more, but not all, are put aside. All of them is what MDX0303 is about. */
final class EndpointsEjectedCheck extends ProxyCheck<EndpointsEjectedCheck.Use> {
    /** How many endpoints the evidence shows. */
    private static final int SHOWN = 4;

    /**
     * A proxy's cluster.
     *
     * @param pod whose proxy
     * @param cluster its name
     * @param hosts how many hosts it has
     * @param aside how many of them are put aside
     * @param shown some of those, each with what is wrong with it
     * @param ejected whether it was outlier detection
     * @param panic whether Envoy sends to all of them all the same
     * @param threshold below how many percent it does
     */
    record Use(
            ResourceRef pod,
            ClusterName cluster,
            int hosts,
            int aside,
            Map<String, String> shown,
            boolean ejected,
            boolean panic,
            double threshold) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.ENDPOINTS_EJECTED);
    }

    @Override
    List<Use> look(Proxy proxy, Instant now) {
        if (!proxy.endpoints().gaps().isEmpty()) {
            return List.of();
        }
        UsedClusters used = UsedClusters.of(proxy);
        List<Use> seen = new ArrayList<>();
        for (Cluster cluster : proxy.dump().clusters()) {
            if (!UsedClusters.isCandidate(cluster) || !used.isRelevant(cluster)) {
                continue;
            }
            List<Endpoint> hosts = used.hosts(cluster);
            List<Endpoint> aside =
                    hosts.stream().filter(host -> !host.isUsable()).toList();
            if (aside.size() < hosts.size() && aside.size() * 2 >= hosts.size() && !aside.isEmpty()) {
                seen.add(use(proxy, cluster, hosts.size(), aside));
            }
        }
        return seen;
    }

    private static Use use(Proxy proxy, Cluster cluster, int hosts, List<Endpoint> aside) {
        Map<String, String> shown = new LinkedHashMap<>();
        for (Endpoint host : aside.subList(0, Math.min(SHOWN, aside.size()))) {
            StringBuilder text = new StringBuilder(String.join(", ", host.failures()));
            for (String stat : List.of("rq_error", "rq_timeout", "cx_connect_fail")) {
                if (host.stat(stat) > 0) {
                    text.append(", ").append(stat).append(' ').append(host.stat(stat));
                }
            }
            shown.put(host.target(), text.toString());
        }
        double threshold = cluster.loadBalancing().panicThreshold();
        return new Use(
                proxy.pod(),
                cluster.parts(),
                hosts,
                aside.size(),
                shown,
                aside.stream().anyMatch(Endpoint::isEjected),
                (hosts - aside.size()) * 100.0 / hosts < threshold,
                threshold);
    }

    @Override
    void conclude(List<Use> seen, Consumer<Finding> report) {
        Map<String, List<Use>> clusters = new TreeMap<>();
        seen.forEach(use -> clusters.computeIfAbsent(use.cluster().full(), name -> new ArrayList<>())
                .add(use));
        clusters.values().forEach(uses -> report.accept(finding(uses)));
    }

    private static Finding finding(List<Use> uses) {
        Use use = uses.stream().filter(Use::panic).findFirst().orElse(uses.get(0));
        ClusterName cluster = use.cluster();
        ResourceRef subject = UsedClusters.service(cluster, use.pod());
        List<String> pods = uses.stream()
                .map(other -> other.pod().qualifiedName())
                .distinct()
                .toList();
        String who = pods.size() == 1 ? "the proxy of " + pods.get(0) : pods.size() + " proxies";
        Finding.Builder finding = Finding.of(TrafficCodes.ENDPOINTS_EJECTED, subject)
                .message((cluster.subset().isEmpty() ? "" : "Subset " + cluster.subset() + " of ") + cluster.host()
                        + " port " + cluster.port() + ": " + use.aside() + " of " + use.hosts() + " endpoints are "
                        + (use.ejected() ? "ejected" : "not healthy") + " for " + who + "; "
                        + (use.panic()
                                ? "less than " + Math.round(use.threshold())
                                        + " % are left, so Envoy is in panic mode and sends to all of them, healthy or not."
                                : "the others carry the whole load."));
        use.shown()
                .forEach((host, failures) -> finding.evidence(
                        "endpoint " + host, "/clusters of " + use.pod().qualifiedName(), failures));
        return finding.remedy(
                        use.ejected()
                                ? "Look at what these endpoints answer: kubectl -n " + subject.namespace() + " logs"
                                        + " -l app=" + subject.name() + " --tail=50; then at outlierDetection in the"
                                        + " DestinationRule (maxEjectionPercent, minHealthPercent)."
                                : "See which pods are not ready: kubectl -n " + subject.namespace()
                                        + " get endpointslices -l kubernetes.io/service-name=" + subject.name()
                                        + " -o wide")
                .build();
    }
}
