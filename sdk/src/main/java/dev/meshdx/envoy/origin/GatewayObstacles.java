package dev.meshdx.envoy.origin;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import java.util.List;
import java.util.Set;

/** Why a Gateway, Istio's or that of the Gateway API, opens no listener on a proxy or leads nowhere. */
final class GatewayObstacles {
    private final ObstacleContext context;
    private final Configuration configuration;
    private final ConfigDump dump;
    private final ProxyFacts proxy;
    private final Resource resource;
    private final ResourceRef ref;
    private final String owner;

    GatewayObstacles(ObstacleContext context) {
        this.context = context;
        this.configuration = context.configuration;
        this.dump = context.dump;
        this.proxy = context.proxy;
        this.resource = context.resource;
        this.ref = context.ref;
        this.owner = context.owner;
    }

    void explain() {
        boolean kubernetes = resource.kind().equals(ResourceKind.KUBERNETES_GATEWAY);
        if (proxy.isSidecar()) {
            context.add(
                    Obstacle.Type.PROXY_TYPE,
                    ref + " is for gateways, and " + context.who() + " is a sidecar.",
                    kubernetes ? "" : "spec.selector",
                    kubernetes ? Json.MISSING : context.spec("selector"));
            return;
        }
        if (kubernetes && !GatewayPorts.selects(resource, owner, proxy)) {
            context.add(
                    Obstacle.Type.NOT_SELECTED,
                    ref + " is served by the pods of its own namespace with the label " + GatewayPorts.GATEWAY_NAME
                            + "=" + resource.name() + ".",
                    "",
                    Json.MISSING);
            return;
        }
        if (!kubernetes && !context.selected(GatewayPorts.selector(resource), "spec.selector")) {
            return;
        }
        for (GatewayPorts.Server server : GatewayPorts.of(resource, owner)) {
            Set<Integer> ports = GatewayPorts.listening(configuration, proxy, server.port());
            context.listensAt(ports);
            List<Listener> listeners = dump.listeners().stream()
                    .filter(listener -> ports.contains(listener.port()))
                    .toList();
            if (listeners.isEmpty()) {
                context.add(
                        Obstacle.Type.NOTHING_BOUND,
                        "The proxy has no listener on port " + text(ports) + " for " + server.path() + " ("
                                + server.protocol()
                                + " " + server.port() + "): Istio makes none where another Gateway has the port with"
                                + " another protocol, or where nothing is bound to a TCP or TLS server.",
                        server.path() + ".port.number",
                        Json.of(server.port()));
            } else if (server.isHttp() && isWithoutRoutes(server, ports)) {
                context.add(
                        Obstacle.Type.NOTHING_BOUND,
                        "No " + (kubernetes ? "route" : "VirtualService") + " is bound to " + server.path() + " ("
                                + server.protocol() + " " + server.port() + " "
                                + String.join(", ", server.hosts()) + "): requests there answer 404.",
                        server.path() + ".hosts",
                        Json.array(server.hosts()));
            }
        }
    }

    private static String text(Set<Integer> ports) {
        return String.join(" or ", ports.stream().map(String::valueOf).toList());
    }

    /** Istio gives such servers one virtual host, {@code blackhole:PORT}, without a route that leads anywhere. */
    private boolean isWithoutRoutes(GatewayPorts.Server server, Set<Integer> ports) {
        for (RouteConfiguration config : dump.routes()) {
            boolean mine = server.routeName().isEmpty()
                    ? ports.stream().anyMatch(port -> config.name().equals("http." + port))
                    : config.name().equals(server.routeName());
            if (mine) {
                return config.virtualHosts().stream()
                        .filter(host -> !host.name().startsWith("blackhole:"))
                        .noneMatch(host -> host.domains().stream().anyMatch(server::serves));
            }
        }
        return false;
    }
}
