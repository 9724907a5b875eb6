package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;

/**
 * A route of the Kubernetes Gateway API: HTTPRoute, GRPCRoute, TLSRoute or TCPRoute. Source: Gateway API, the pages of these
 * kinds.
 *
 * @param resource the resource
 */
public record KubernetesRoute(Resource resource) implements TypedResource {
    /** What it is attached to: Gateways, or Services for traffic in the mesh. */
    public List<TargetReference> parents() {
        return resource.spec().at("parentRefs").items().stream()
                .map(parent -> TargetReference.of(parent, "gateway.networking.k8s.io", "Gateway"))
                .toList();
    }

    /** Its hosts; empty for those of its parents. */
    public List<String> hostnames() {
        return resource.spec().at("hostnames").texts();
    }

    /** Where its rules send requests, in the order of the rules. */
    public List<TargetReference> backends() {
        List<TargetReference> backends = new ArrayList<>();
        for (Json rule : resource.spec().at("rules").items()) {
            rule.at("backendRefs").items().forEach(backend -> backends.add(TargetReference.of(backend, "", "Service")));
        }
        return List.copyOf(backends);
    }

    /** Its rules, as written. */
    public List<Json> rules() {
        return resource.spec().at("rules").items();
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + (hostnames().isEmpty() ? "" : hostnames() + " ") + "at " + parents() + " to "
                + backends();
    }
}
