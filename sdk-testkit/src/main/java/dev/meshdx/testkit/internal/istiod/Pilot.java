package dev.meshdx.testkit.internal.istiod;

import dev.meshdx.testkit.internal.ClusterState;
import dev.meshdx.testkit.internal.mesh.Cluster;
import dev.meshdx.testkit.internal.mesh.IstiodSpec;
import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Workload;
import dev.meshdx.testkit.internal.mesh.WorkloadSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Plays the control planes of a cluster: connects the proxies, lets the scripted traffic flow, and serves all pages and logs. */
public final class Pilot {
    private Pilot() {}

    /** Fills in the ports and the logs of a cluster's pods. */
    public static void run(Cluster cluster) {
        ClusterState state = cluster.state();
        Push current = new Push(Registry.read(state, Instant.MAX), cluster.spec());
        boolean changed = changed(cluster, current.registry());
        Push before = changed || cluster.istiods().stream().anyMatch(istiod -> istiod.down != null)
                ? new Push(Registry.read(state, cluster.times().cutOff()), cluster.spec())
                : current;
        Map<String, Proxy> proxies = new LinkedHashMap<>();
        for (Workload workload : current.registry().workloads()) {
            if (!workload.hasProxy()) {
                continue;
            }
            WorkloadSpec hints = cluster.workload(workload.namespace(), workload.name())
                    .orElseGet(() -> new WorkloadSpec(workload.workloadName()));
            IstiodSpec istiod = cluster.istiod(workload.revision());
            Push push = istiod.down != null || hints.stale ? before : current;
            proxies.put(workload.id(), new Proxy(cluster, workload, hints, istiod, push, changed));
        }
        Logs logs = new Logs(cluster);
        proxies.values().forEach(logs::started);
        Traffic traffic = new Traffic(cluster, current.registry(), proxies, logs);
        cluster.spec().requests.forEach(traffic::send);
        for (Proxy proxy : proxies.values()) {
            new AdminPages(proxy, traffic.counters(proxy)).serve(state);
        }
        for (IstiodSpec istiod : cluster.istiods()) {
            List<Proxy> connected = proxies.values().stream()
                    .filter(proxy -> proxy.istiod() == istiod)
                    .toList();
            serve(cluster, current, istiod, connected, logs);
        }
        for (Workload workload : current.registry().workloads()) {
            if (!workload.namespace().equals(MeshSpec.ROOT_NAMESPACE) && !workload.gateway()) {
                logs.application(workload);
            }
        }
        logs.write(state);
    }

    private static boolean changed(Cluster cluster, Registry registry) {
        return !cluster.spec().changes.isEmpty()
                || registry.workloads().stream()
                        .anyMatch(workload -> cluster.workload(workload.namespace(), workload.name())
                                .filter(hints -> hints.stale
                                        || hints.refuses()
                                        || !hints.warming.isEmpty()
                                        || !hints.draining.isEmpty())
                                .isPresent());
    }

    private static void serve(Cluster cluster, Push current, IstiodSpec istiod, List<Proxy> proxies, Logs logs) {
        List<Workload> pods = current.registry().workloads().stream()
                .filter(workload -> workload.namespace().equals(MeshSpec.ROOT_NAMESPACE)
                        && workload.workloadName().equals(istiod.name()))
                .toList();
        for (int i = 0; i < pods.size(); i++) {
            List<Proxy> mine = new ArrayList<>();
            for (int proxy = i; proxy < proxies.size(); proxy += pods.size()) {
                mine.add(proxies.get(proxy));
            }
            if (istiod.down == null) {
                new IstiodPages(cluster, istiod, current, mine)
                        .serve(cluster.state(), pods.get(i).name());
            }
            logs.controlPlane(pods.get(i), istiod, istiod.down == null ? mine : List.of());
        }
    }
}
