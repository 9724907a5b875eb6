package dev.meshdx.envoy.origin;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;

/**
 * Why a resource became nothing on a proxy, or not all that it asks for. Asks the same indexes of the configuration that the
 * analysis uses, so that a question of precedence has one answer. Pure.
 */
final class Obstacles {
    private static final Set<ResourceKind> ROUTES =
            Set.of(ResourceKind.HTTP_ROUTE, ResourceKind.GRPC_ROUTE, ResourceKind.TLS_ROUTE, ResourceKind.TCP_ROUTE);

    private Obstacles() {}

    static List<Obstacle> of(
            Configuration configuration,
            ConfigDump dump,
            ProxyFacts proxy,
            Resource resource,
            List<GeneratedObject> objects) {
        ObstacleContext context = new ObstacleContext(configuration, dump, proxy, resource, objects);
        explain(context);
        return context.found();
    }

    private static void explain(ObstacleContext context) {
        ResourceKind kind = context.resource.kind();
        if (kind.equals(ResourceKind.VIRTUAL_SERVICE)) {
            new VirtualServiceObstacles(context).explain();
        } else if (kind.equals(ResourceKind.DESTINATION_RULE)) {
            new DestinationRuleObstacles(context).explain();
        } else if (kind.equals(ResourceKind.GATEWAY) || kind.equals(ResourceKind.KUBERNETES_GATEWAY)) {
            new GatewayObstacles(context).explain();
        } else if (kind.equals(ResourceKind.SERVICE_ENTRY)) {
            new HostObstacles(context).serviceEntry();
        } else if (kind.equals(ResourceKind.SERVICE)) {
            new HostObstacles(context).service();
        } else if (kind.equals(ResourceKind.SIDECAR)) {
            new HostObstacles(context).sidecar();
        } else if (kind.equals(ResourceKind.PEER_AUTHENTICATION)) {
            new PolicyObstacles(context).peerAuthentication();
        } else if (kind.equals(ResourceKind.AUTHORIZATION_POLICY) || kind.equals(ResourceKind.REQUEST_AUTHENTICATION)) {
            new PolicyObstacles(context).policy();
        } else if (ROUTES.contains(kind)) {
            new KubernetesRouteObstacles(context).explain();
        } else if (!kind.equals(ResourceKind.WORKLOAD_ENTRY)
                && !kind.equals(ResourceKind.WASM_PLUGIN)
                && !kind.equals(ResourceKind.TRAFFIC_EXTENSION)) {
            context.add(
                    Obstacle.Type.NOT_VISIBLE,
                    "What a " + kind.kind() + " changes cannot be told from the rest of a proxy's configuration: Istio"
                            + " leaves no mark of it there.",
                    "",
                    Json.MISSING);
            return;
        }
        ProxyStateObstacles state = new ProxyStateObstacles(context);
        state.notInUse();
        if (context.madeNothing() && context.noneFound()) {
            state.refused();
            state.stale();
        }
        if (context.madeNothing() && context.noneFound()) {
            context.add(
                    Obstacle.Type.UNKNOWN,
                    "Nothing that is known stands in its way. Compare with what istiod would send: istioctl proxy-status "
                            + context.proxy.pod().name() + "." + context.proxy.namespace(),
                    "",
                    Json.MISSING);
        }
    }
}
