package dev.meshdx.testkit.internal.istiod;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Registry.Endpoint;
import dev.meshdx.testkit.internal.mesh.Registry.Port;
import dev.meshdx.testkit.internal.mesh.Registry.Service;
import dev.meshdx.testkit.internal.mesh.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A server of a Gateway, on a proxy that the Gateway selects. Source: Istio, "Gateway".
 *
 * @param gateway the Gateway
 * @param server the server
 * @param port its port
 * @param target the port on which the proxy listens: the target port of its Service
 * @param https whether the proxy ends TLS
 */
record GatewayServer(Resource gateway, Json server, int port, int target, boolean https) {

    /** HTTP and HTTPS servers of all Gateways that select a proxy. */
    static List<GatewayServer> of(Registry registry, Workload proxy) {
        return of(registry, proxy, false);
    }

    /** The other servers: connections are forwarded, by the server's name where there is TLS. */
    static List<GatewayServer> opaque(Registry registry, Workload proxy) {
        return of(registry, proxy, true);
    }

    private static List<GatewayServer> of(Registry registry, Workload proxy, boolean opaque) {
        List<GatewayServer> servers = new ArrayList<>();
        for (Resource gateway : registry.list(ResourceKind.GATEWAY)) {
            if (!proxy.labels()
                    .entrySet()
                    .containsAll(gateway.spec().at("selector").textMap().entrySet())) {
                continue;
            }
            for (Json server : gateway.spec().at("servers").items()) {
                String protocol = server.at("port", "protocol").text("").toUpperCase(Locale.ROOT);
                boolean https = protocol.equals("HTTPS")
                        && !server.at("tls", "mode").text("").equals("PASSTHROUGH");
                boolean requests = https || protocol.equals("HTTP") || protocol.equals("HTTP2");
                if (requests != opaque) {
                    int port = (int) server.at("port", "number").number(0);
                    servers.add(new GatewayServer(gateway, server, port, target(registry, proxy, port), https));
                }
            }
        }
        return servers;
    }

    private static int target(Registry registry, Workload proxy, int port) {
        for (Service service : registry.services()) {
            for (Port servicePort : service.ports()) {
                for (Endpoint endpoint : service.endpoints().getOrDefault(servicePort.number(), List.of())) {
                    if (servicePort.number() == port && endpoint.ip().equals(proxy.ip())) {
                        return endpoint.port();
                    }
                }
            }
        }
        return port;
    }

    /** Whether it takes part in TLS: by ending it, or by the name that the client asks for. */
    boolean tls() {
        String protocol = server.at("port", "protocol").text("").toUpperCase(Locale.ROOT);
        return https || protocol.equals("TLS") || protocol.equals("HTTPS");
    }

    /** Whether clients must show a certificate. */
    boolean mutual() {
        return server.at("tls", "mode").text("").equals("MUTUAL");
    }

    /** Whether it hands TLS on as it came. */
    boolean passthrough() {
        String mode = server.at("tls", "mode").text("PASSTHROUGH");
        return tls() && (mode.equals("PASSTHROUGH") || mode.equals("AUTO_PASSTHROUGH"));
    }

    /** The name of its route configuration. */
    String routeName() {
        return https
                ? "https." + port + "." + server.at("port", "name").text("") + "." + gateway.name() + "."
                        + gateway.namespace()
                : "http." + target;
    }

    /** Its hosts without the namespaces in front of them. */
    List<String> hosts() {
        return server.at("hosts").texts().stream()
                .map(host -> host.substring(host.indexOf('/') + 1))
                .toList();
    }

    /** What a virtual service's host and this server's hosts have in common. */
    Optional<String> common(String host, String namespace) {
        for (String pattern : server.at("hosts").texts()) {
            int slash = pattern.indexOf('/');
            String from = slash < 0 ? "*" : pattern.substring(0, slash);
            String own = pattern.substring(slash + 1);
            boolean allowed = from.equals("*")
                    || from.equals(namespace)
                    || (from.equals(".") && namespace.equals(gateway.namespace()));
            if (allowed && Registry.covers(own, host)) {
                return Optional.of(host);
            }
            if (allowed && Registry.covers(host, own)) {
                return Optional.of(own);
            }
        }
        return Optional.empty();
    }
}
