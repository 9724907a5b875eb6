package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;

/**
 * A Gateway of the Kubernetes Gateway API; waypoints are such Gateways too. Source: Gateway API, "Gateway".
 *
 * @param resource the resource
 */
public record KubernetesGateway(Resource resource) implements TypedResource {
    /** Its class, such as {@code istio} or {@code istio-waypoint}. */
    public String className() {
        return resource.spec().at("gatewayClassName").text("");
    }

    /** Whether it is a waypoint of ambient mode. Source: Istio, "Configure waypoint proxies". */
    public boolean waypoint() {
        return className().equals("istio-waypoint");
    }

    /** Its listeners. */
    public List<Listener> listeners() {
        List<Listener> listeners = new ArrayList<>();
        for (Json listener : resource.spec().at("listeners").items()) {
            listeners.add(new Listener(
                    listener.at("name").text(""),
                    (int) listener.at("port").number(0),
                    listener.at("protocol").text(""),
                    listener.at("hostname").text(""),
                    listener));
        }
        return List.copyOf(listeners);
    }

    /**
     * A listener.
     *
     * @param name its name
     * @param port its port
     * @param protocol such as {@code HTTPS}
     * @param hostname empty for all
     * @param raw the listener
     */
    public record Listener(String name, int port, String protocol, String hostname, Json raw) {
        /** One line. */
        @Override
        public String toString() {
            return name + " " + protocol + " " + port + (hostname.isEmpty() ? "" : " " + hostname);
        }
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + " (" + className() + "): " + listeners();
    }
}
