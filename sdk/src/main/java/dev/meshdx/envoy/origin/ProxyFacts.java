package dev.meshdx.envoy.origin;

import dev.meshdx.envoy.Bootstrap;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /** As the pod tells, or where it could not be read, as the proxy says of itself. */
    static ProxyFacts of(ResourceRef pod, Optional<Resource> resource, Bootstrap bootstrap, Instant now) {
        String type = resource.stream()
                .flatMap(found ->
                        List.of("router", "waypoint", "sidecar").stream().filter(one -> Pods.isProxyOfType(found, one)))
                .findFirst()
                .orElse(bootstrap.nodeType().isEmpty() ? "sidecar" : bootstrap.nodeType());
        Map<String, Integer> ports = new HashMap<>();
        resource.map(Pods::containers)
                .orElse(List.of())
                .forEach(container -> container
                        .at("ports")
                        .items()
                        .forEach(port -> port.at("name")
                                .text()
                                .ifPresent(name -> ports.put(
                                        name, (int) port.at("containerPort").number(0)))));
        Map<String, String> labels = resource.map(Resource::labels)
                .orElseGet(() -> bootstrap.metadata().at("LABELS").textMap());
        return new ProxyFacts(pod, labels, type, ports, now);
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
