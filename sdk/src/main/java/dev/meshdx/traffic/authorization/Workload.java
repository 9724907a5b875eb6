package dev.meshdx.traffic.authorization;

import dev.meshdx.configuration.Service;
import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Pods;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The workload that is asked.
 *
 * @param name {@code namespace/name}
 * @param kind how its traffic is seen
 * @param address its address; empty where it is not known
 * @param target what policies are looked up for
 * @param portNames its ports by their names
 * @param services the Services that select it
 * @param trustDomain that of the mesh
 */
record Workload(
        String name,
        Kind kind,
        String address,
        PolicyTarget target,
        Map<String, Integer> portNames,
        List<Service> services,
        String trustDomain) {
    /** How the traffic of a workload is seen. */
    enum Kind {
        /** By an Envoy beside it. */
        SIDECAR,
        /** It is a gateway. */
        GATEWAY,
        /** It is a waypoint. */
        WAYPOINT,
        /** By its node's ztunnel. */
        AMBIENT,
        /** By nobody. */
        OUTSIDE
    }

    static Kind kind(Resource pod) {
        if (Pods.isProxyOfType(pod, "waypoint")) {
            return Kind.WAYPOINT;
        }
        if (Pods.isProxyOfType(pod, "router")) {
            return Kind.GATEWAY;
        }
        return Pods.hasEnvoy(pod) ? Kind.SIDECAR : Pods.isAmbient(pod) ? Kind.AMBIENT : Kind.OUTSIDE;
    }

    static Kind kind(String nodeType) {
        return switch (nodeType) {
            case "router" -> Kind.GATEWAY;
            case "waypoint" -> Kind.WAYPOINT;
            default -> Kind.SIDECAR;
        };
    }

    static Map<String, Integer> portNames(Resource pod) {
        Map<String, Integer> ports = new HashMap<>();
        for (Json container : Pods.containers(pod)) {
            for (Json port : container.at("ports").items()) {
                port.at("name")
                        .text()
                        .ifPresent(name ->
                                ports.put(name, (int) port.at("containerPort").number(0)));
            }
        }
        return ports;
    }

    /** Whether the peer's identity is shown to it by Istio, not by the client itself. */
    boolean isBehindMesh() {
        return kind != Kind.GATEWAY;
    }
}
