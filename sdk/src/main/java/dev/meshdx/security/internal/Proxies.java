package dev.meshdx.security.internal;

import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Pods;
import java.util.List;

/** Which kind of proxy a pod runs. Source: Istio, {@code pilot-agent proxy TYPE} and the chart of ztunnel. */
final class Proxies {
    private Proxies() {}

    /** Whether there is an Envoy: a sidecar, a gateway or a waypoint, but not ztunnel, whose container has the same name. */
    static boolean hasEnvoy(Resource pod) {
        return Pods.hasProxy(pod) && !type(pod, "ztunnel");
    }

    /** Whether it stands beside an application, so that PeerAuthentications decide what the pod accepts. */
    static boolean isSidecar(Resource pod) {
        return hasEnvoy(pod) && !type(pod, "router") && !type(pod, "waypoint");
    }

    private static boolean type(Resource pod, String type) {
        return Pods.containers(pod).stream()
                .filter(container -> container.at("name").text("").equals(Pods.PROXY_CONTAINER))
                .anyMatch(container -> {
                    List<String> args = container.at("args").texts();
                    return args.contains(type);
                });
    }
}
