package dev.meshdx.testkit.internal.istiod;

import dev.meshdx.testkit.internal.ClusterState;
import dev.meshdx.testkit.internal.mesh.Cluster;
import dev.meshdx.testkit.internal.mesh.IstiodSpec;
import dev.meshdx.testkit.internal.mesh.Times;
import dev.meshdx.testkit.internal.mesh.Workload;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Logs of proxies, control planes and applications. Used by one thread. */
final class Logs {
    private record Line(Instant at, String text) {}

    private record Container(String namespace, String pod, String name, boolean previous) {}

    private final Cluster cluster;
    private final Map<Container, List<Line>> logs = new LinkedHashMap<>();

    Logs(Cluster cluster) {
        this.cluster = cluster;
    }

    private void line(Workload workload, String container, Instant at, String text) {
        logs.computeIfAbsent(
                        new Container(workload.namespace(), workload.name(), container, false),
                        key -> new ArrayList<>())
                .add(new Line(at, text));
    }

    private void agent(Proxy proxy, Instant at, String level, String text) {
        line(proxy.workload(), "istio-proxy", at, Times.micros(at) + "\t" + level + "\t" + text);
    }

    private void envoy(Proxy proxy, Instant at, String level, String where, String text) {
        line(
                proxy.workload(),
                "istio-proxy",
                at,
                Times.micros(at) + "\t" + level + "\tenvoy " + where + "\t" + text + "\tthread=18");
    }

    /** An access log line. */
    void access(Proxy proxy, AccessLog log) {
        line(proxy.workload(), "istio-proxy", log.start, log.line());
    }

    /** What a proxy says when it starts, and what happened to it since. */
    void started(Proxy proxy) {
        Times times = cluster.times();
        Instant at = proxy.hints().proxyRestarts > 0 ? times.cutOff() : times.started();
        String istiod = proxy.istiod().name() + ".istio-system.svc:15012";
        agent(
                proxy,
                at.minusMillis(2900),
                "info",
                "Version " + proxy.version() + "-"
                        + cluster.names().hex("istio", proxy.version()).substring(0, 40) + "-Clean");
        agent(
                proxy,
                at.minusMillis(2897),
                "info",
                "Proxy role\tips=[" + proxy.workload().ip() + "] type=" + proxy.type() + " id=" + proxy.id()
                        + " domain=" + proxy.workload().namespace() + ".svc.cluster.local");
        agent(proxy, at.minusMillis(2892), "info", "JWT policy is third-party-jwt");
        agent(proxy, at.minusMillis(885), "info", "CA Endpoint " + istiod + ", provider Citadel");
        agent(proxy, at.minusMillis(880), "info", "Opening status port 15020");
        agent(
                proxy,
                at.minusMillis(878),
                "info",
                "xdsproxy\tInitializing with upstream address \"" + istiod + "\" and cluster \""
                        + cluster.spec().clusterId + "\"");
        agent(proxy, at.minusMillis(874), "info", "Starting proxy agent");
        agent(
                proxy,
                at,
                "info",
                "cache\tgenerated new workload certificate\tresourceName=default latency=707.370592ms"
                        + " ttl=23h59m59.48351796s");
        agent(proxy, at.plusMillis(1), "info", "cache\tRoot cert has changed, start rotating root cert");
        agent(
                proxy,
                at.plusMillis(32),
                "info",
                "xdsproxy\tconnected to delta upstream XDS server: " + istiod + "\tid=1");
        agent(proxy, at.plusMillis(7450), "info", "Readiness succeeded in 10.350838014s");
        agent(proxy, at.plusMillis(7451), "info", "Envoy proxy is ready");
        if (proxy.istiod().down != null) {
            lost(proxy);
        } else if (proxy.stale()) {
            agent(
                    proxy,
                    times.cutOff().plusMillis(620),
                    "warn",
                    "xdsproxy\tupstream terminated with unexpected error rpc error: code = Unavailable desc = error"
                            + " reading from server: read tcp "
                            + proxy.workload().ip() + ":34322->" + address(proxy)
                            + ":15012: read: connection reset by peer\tid=1");
        }
        for (String type : List.of(Xds.CDS, Xds.LDS)) {
            if (!proxy.rejection(type).isEmpty()) {
                envoy(
                        proxy,
                        times.changed().plusMillis(160),
                        "warning",
                        "config external/envoy/source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:138",
                        "gRPC config for " + type + " rejected: " + proxy.rejection(type) + "\n");
            }
        }
        if (proxy.hints().proxyRestarts > 0) {
            logs.put(
                    new Container(proxy.workload().namespace(), proxy.workload().name(), "istio-proxy", true),
                    List.of(new Line(times.started(), Times.micros(times.started()) + "\tinfo\tEnvoy proxy is ready")));
        }
    }

    /** Envoy warns from half a minute after the stream broke on, and every minute from then on. */
    private void lost(Proxy proxy) {
        Times times = cluster.times();
        agent(
                proxy,
                times.cutOff(),
                "warn",
                "xdsproxy\tupstream terminated with unexpected error rpc error: code = Unavailable desc = error"
                        + " reading from server: EOF\tid=1");
        for (int seconds = 40; seconds < 590; seconds += 61) {
            envoy(
                    proxy,
                    times.cutOff().plusSeconds(seconds),
                    "warning",
                    "config external/envoy/source/extensions/config_subscription/grpc/grpc_stream.h:226",
                    "DeltaAggregatedResources gRPC config stream to xds-grpc closed since " + seconds
                            + "s ago: 14, connection error: desc = \"transport: Error while dialing: dial tcp "
                            + address(proxy) + ":15012: connect: connection refused\"{via_upstream}");
        }
    }

    private static String address(Proxy proxy) {
        return proxy.registry()
                .service(proxy.istiod().name() + ".istio-system.svc.cluster.local")
                .map(service -> service.address())
                .orElse("10.96.0.10");
    }

    /** The log of a control plane's pod. */
    void controlPlane(Workload pod, IstiodSpec istiod, List<Proxy> proxies) {
        Times times = cluster.times();
        Instant at = times.created().plusSeconds(17);
        discovery(pod, at, "info", "FLAG: --monitoringAddr=\":15014\"");
        discovery(
                pod,
                at.plusMillis(3),
                "info",
                "Starting Istiod Server with primary cluster " + cluster.spec().clusterId);
        discovery(
                pod,
                at.plusMillis(90),
                "info",
                "initializing Istiod DNS certificates host: " + istiod.name() + ".istio-system.svc");
        if (istiod.down != null) {
            Container container = new Container(pod.namespace(), pod.name(), "discovery", false);
            List<Line> lines = logs.getOrDefault(container, List.of());
            List<Line> previous = new ArrayList<>(lines);
            previous.add(new Line(
                    times.cutOff(),
                    Times.micros(times.cutOff())
                            + "\terror\tfailed to start discovery service: listen tcp :15010: bind: address already in"
                            + " use"));
            previous.add(new Line(times.cutOff(), "Error: failed to start discovery service"));
            logs.put(container, previous);
            logs.put(new Container(pod.namespace(), pod.name(), "discovery", true), previous);
            return;
        }
        discovery(pod, at.plusMillis(1200), "info", "All caches have been synced up in 1.1s, marking server ready");
        for (Proxy proxy : proxies) {
            Instant connected = times.started().plusMillis(350);
            discovery(pod, connected, "info", "delta\tADS: new delta connection for node:" + proxy.id() + "-1");
            discovery(
                    pod,
                    connected.plusMillis(10),
                    "info",
                    "delta\tCDS: PUSH request for node:" + proxy.id() + " resources:"
                            + proxy.registry().services().size() + " removed:0 size:19.6kB");
            for (String type : List.of(Xds.CDS, Xds.LDS)) {
                if (!proxy.rejection(type).isEmpty()) {
                    discovery(
                            pod,
                            times.changed().plusMillis(200),
                            "warn",
                            "delta\tADS:" + (type.equals(Xds.CDS) ? "CDS" : "LDS") + ": ACK ERROR " + proxy.id()
                                    + "-1 Internal:" + proxy.rejection(type));
                }
            }
        }
    }

    private void discovery(Workload pod, Instant at, String level, String text) {
        line(pod, "discovery", at, Times.micros(at) + "\t" + level + "\t" + text);
    }

    /** The log of an application. */
    void application(Workload workload) {
        String container = workload.pod().spec().at("containers").items().stream()
                .map(each -> each.at("name").text(""))
                .filter(name -> !name.equals("istio-proxy"))
                .findFirst()
                .orElse("");
        if (!container.isEmpty()) {
            Instant at = cluster.times().created().plus(Duration.ofSeconds(8));
            line(workload, container, at, Times.seconds(at) + " INFO started " + container);
        }
    }

    /** Hands all logs over, each in the order of time. */
    void write(ClusterState state) {
        logs.forEach((container, lines) -> {
            List<Line> sorted = new ArrayList<>(lines);
            sorted.sort(Comparator.comparing(Line::at));
            StringBuilder text = new StringBuilder();
            sorted.forEach(line -> text.append(line.text()).append('\n'));
            state.log(container.namespace(), container.pod(), container.name(), container.previous(), text.toString());
        });
    }
}
