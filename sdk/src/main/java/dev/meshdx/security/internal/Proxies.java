package dev.meshdx.security.internal;

import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Pods;

/** Which kind of proxy a pod runs. Source: Istio, {@code pilot-agent proxy TYPE}. */
final class Proxies {
    private Proxies() {}

    /** Whether it stands beside an application, so that PeerAuthentications decide what the pod accepts. */
    static boolean isSidecar(Resource pod) {
        return Pods.hasEnvoy(pod) && !Pods.isProxyOfType(pod, "router") && !Pods.isProxyOfType(pod, "waypoint");
    }
}
