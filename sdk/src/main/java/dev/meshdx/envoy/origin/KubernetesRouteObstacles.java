package dev.meshdx.envoy.origin;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import java.util.List;

/** Why a route of the Gateway API (HTTPRoute, GRPCRoute, TLSRoute, TCPRoute) has no routes on a proxy. */
final class KubernetesRouteObstacles {
    private final ObstacleContext context;
    private final ProxyFacts proxy;
    private final Resource resource;
    private final ResourceRef ref;
    private final String owner;

    KubernetesRouteObstacles(ObstacleContext context) {
        this.context = context;
        this.proxy = context.proxy;
        this.resource = context.resource;
        this.ref = context.ref;
        this.owner = context.owner;
    }

    void explain() {
        if (!context.madeNothing()) {
            return;
        }
        List<Json> parents = context.spec("parentRefs").items();
        boolean gateway = parents.stream()
                .anyMatch(parent -> parent.at("kind").text("Gateway").equals("Gateway"));
        String mine = proxy.labels().getOrDefault(GatewayPorts.GATEWAY_NAME, "");
        boolean here = parents.stream()
                .anyMatch(parent -> parent.at("kind").text("Gateway").equals("Gateway")
                        && parent.at("name").text("").equals(mine)
                        && parent.at("namespace").text(owner).equals(proxy.namespace()));
        if (proxy.isSidecar() && gateway) {
            context.add(
                    Obstacle.Type.OTHER_GATEWAY,
                    ref + " is bound to Gateways, and " + context.who() + " is a sidecar.",
                    "spec.parentRefs",
                    context.spec("parentRefs"));
        } else if (proxy.isGateway() && !here) {
            context.add(
                    Obstacle.Type.OTHER_GATEWAY,
                    ref + " is bound to other parents than the Gateway of this proxy"
                            + (mine.isEmpty() ? "." : ", " + proxy.namespace() + "/" + mine + "."),
                    "spec.parentRefs",
                    context.spec("parentRefs"));
        } else {
            for (Json parent : resource.status().at("parents").items()) {
                for (Json condition : parent.at("conditions").items()) {
                    if (condition.at("status").text("").equals("False")) {
                        context.add(
                                Obstacle.Type.NOTHING_BOUND,
                                ref + " is not " + condition.at("type").text("") + ": "
                                        + condition
                                                .at("message")
                                                .text(condition.at("reason").text("")),
                                "status.parents[].conditions",
                                condition.at("reason"));
                    }
                }
            }
        }
    }
}
