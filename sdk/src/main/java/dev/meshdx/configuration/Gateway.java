package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which ports, hosts and certificates a gateway serves: Istio's own kind. Source: Istio, "Gateway".
 *
 * @param resource the resource
 */
public record Gateway(Resource resource) implements TypedResource {
    /** The labels of the gateway's pods; empty for all pods. */
    public Map<String, String> selector() {
        return resource.spec().at("selector").textMap();
    }

    /** Its servers. */
    public List<Server> servers() {
        List<Server> servers = new ArrayList<>();
        for (Json server : resource.spec().at("servers").items()) {
            servers.add(new Server(
                    (int) server.at("port", "number").number(0),
                    server.at("port", "protocol").text(""),
                    server.at("port", "name").text(""),
                    server.at("hosts").texts(),
                    server.at("tls", "mode").text(server.at("tls").exists() ? "PASSTHROUGH" : ""),
                    server.at("tls", "credentialName").text(""),
                    server));
        }
        return List.copyOf(servers);
    }

    /**
     * A port of a gateway.
     *
     * @param port its number
     * @param protocol such as {@code HTTPS}
     * @param name its name
     * @param hosts the hosts that it serves, as written
     * @param tlsMode such as {@code SIMPLE}; empty without TLS
     * @param credentialName the Secret with its certificate; empty where none is named
     * @param raw the server
     */
    public record Server(
            int port,
            String protocol,
            String name,
            List<String> hosts,
            String tlsMode,
            String credentialName,
            Json raw) {
        /** Copies the list. */
        public Server {
            hosts = List.copyOf(hosts);
        }

        /** One line. */
        @Override
        public String toString() {
            return protocol + " " + port + " " + hosts + (tlsMode.isEmpty() ? "" : " TLS " + tlsMode);
        }
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + servers();
    }
}
