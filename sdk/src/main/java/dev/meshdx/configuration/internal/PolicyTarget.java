package dev.meshdx.configuration.internal;

import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What policies are looked up for: a proxy as istiod sees it, and in a waypoint one of the services that it serves. Source:
 * istio/istio, {@code pilot/pkg/model/policyattachment.go}, {@code WorkloadPolicyMatcher}.
 *
 * @param namespace the proxy's namespace
 * @param labels the labels of its pod
 * @param waypoint whether it is a waypoint
 * @param service in a waypoint the Service or ServiceEntry whose traffic is decided; null for traffic to workloads
 */
public record PolicyTarget(
        String namespace,
        Map<String, String> labels,
        boolean waypoint,
        @Nullable ResourceRef service) {
    private static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";
    private static final String OLD_GATEWAY_NAME = "istio.io/gateway-name";
    private static final String GATEWAY_CLASS = "gateway.networking.k8s.io/gateway-class-name";

    public PolicyTarget {
        labels = Map.copyOf(labels);
    }

    /** A sidecar, or a gateway; that of a Gateway of the Gateway API is told by its labels. */
    public static PolicyTarget proxy(String namespace, Map<String, String> labels) {
        return new PolicyTarget(namespace, labels, false, null);
    }

    /** A waypoint, for traffic that is addressed to a workload. */
    public static PolicyTarget waypoint(String namespace, Map<String, String> labels) {
        return new PolicyTarget(namespace, labels, true, null);
    }

    /** The proxy in a pod. */
    public static PolicyTarget of(Resource pod) {
        return new PolicyTarget(pod.namespace(), pod.labels(), Pods.isProxyOfType(pod, "waypoint"), null);
    }

    /** The same waypoint, for traffic that is addressed to a Service or ServiceEntry. */
    public PolicyTarget forService(ResourceRef addressed) {
        return new PolicyTarget(namespace, labels, waypoint, addressed);
    }

    /** The Service or ServiceEntry. */
    public Optional<ResourceRef> addressed() {
        return Optional.ofNullable(service);
    }

    /** The Gateway of the Gateway API that the proxy was made for; empty where there is none. */
    public Optional<String> gateway() {
        return Optional.ofNullable(labels.get(GATEWAY_NAME))
                .or(() -> Optional.ofNullable(labels.get(OLD_GATEWAY_NAME)));
    }

    /** The class of {@link #gateway()}: as labelled, else Istio's own. */
    public String gatewayClass() {
        return labels.getOrDefault(GATEWAY_CLASS, waypoint ? Waypoints.CLASS : "istio");
    }

    /** One line. */
    @Override
    public String toString() {
        String who = waypoint ? "a waypoint" : gateway().isPresent() ? "a gateway" : "a proxy";
        return who + " in " + namespace + (service == null ? "" : " for " + service);
    }
}
