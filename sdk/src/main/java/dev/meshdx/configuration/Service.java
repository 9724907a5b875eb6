package dev.meshdx.configuration;

import dev.meshdx.configuration.internal.Protocols;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Hosts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Kubernetes Service as the mesh sees it. Source: Istio, "Protocol Selection" for the protocols of its ports.
 *
 * @param resource the resource
 */
public record Service(Resource resource) implements TypedResource {
    /** Its host in the mesh: {@code reviews.production.svc.cluster.local}. */
    public String host() {
        return Hosts.ofService(name(), namespace());
    }

    /** The labels of its pods; empty where somebody else maintains its endpoints. */
    public Map<String, String> selector() {
        return resource.spec().at("selector").textMap();
    }

    /** {@code ClusterIP} where nothing is said. */
    public String type() {
        return resource.spec().at("type").text("ClusterIP");
    }

    /** Whether it has no address of its own. */
    public boolean headless() {
        return resource.spec().at("clusterIP").text("").equals("None");
    }

    /** Its ports. */
    public List<ServicePort> ports() {
        List<ServicePort> ports = new ArrayList<>();
        for (Json port : resource.spec().at("ports").items()) {
            ports.add(new ServicePort(
                    (int) port.at("port").number(0),
                    port.at("name").text(""),
                    Protocols.ofServicePort(port),
                    port.at("targetPort").text("")));
        }
        return List.copyOf(ports);
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + ports();
    }
}
