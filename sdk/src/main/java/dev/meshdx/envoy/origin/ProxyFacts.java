package dev.meshdx.envoy.origin;

import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.Map;

/**
 * Who a proxy is, as far as it decides what concerns it.
 *
 * @param pod its pod
 * @param labels the pod's labels
 * @param type {@code sidecar}, {@code router} (a gateway) or {@code waypoint}
 * @param ports the ports of its containers that have names
 * @param now the time at which it is judged
 */
record ProxyFacts(ResourceRef pod, Map<String, String> labels, String type, Map<String, Integer> ports, Instant now) {
    /** Copies the maps. */
    ProxyFacts {
        labels = Map.copyOf(labels);
        ports = Map.copyOf(ports);
    }

    String namespace() {
        return pod.namespace();
    }

    boolean isGateway() {
        return type.equals("router");
    }

    boolean isWaypoint() {
        return type.equals("waypoint");
    }

    boolean isSidecar() {
        return !isGateway() && !isWaypoint();
    }

    /** {@code a sidecar}, {@code a gateway}, {@code a waypoint}. */
    String what() {
        return isGateway() ? "a gateway" : isWaypoint() ? "a waypoint" : "a sidecar";
    }
}
