package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Hosts that the registry does not know by itself. Source: Istio, "Service Entry".
 *
 * @param resource the resource
 */
public record ServiceEntry(Resource resource) implements TypedResource {
    /** Its hosts. */
    public List<String> hosts() {
        return resource.spec().at("hosts").texts();
    }

    /** Its virtual addresses. */
    public List<String> addresses() {
        return resource.spec().at("addresses").texts();
    }

    /** Whether it lies outside the mesh, so that there is no mutual TLS; so it is where nothing is said. */
    public boolean external() {
        return !resource.spec().at("location").text("MESH_EXTERNAL").equals("MESH_INTERNAL");
    }

    /** How its endpoints are found: {@code NONE}, {@code STATIC}, {@code DNS}, {@code DNS_ROUND_ROBIN}. */
    public String resolution() {
        return resource.spec().at("resolution").text("NONE");
    }

    /** Its ports. */
    public List<ServicePort> ports() {
        List<ServicePort> ports = new ArrayList<>();
        for (Json port : resource.spec().at("ports").items()) {
            ports.add(new ServicePort(
                    (int) port.at("number").number(0),
                    port.at("name").text(""),
                    port.at("protocol").text(""),
                    port.at("targetPort").text("")));
        }
        return List.copyOf(ports);
    }

    /** The labels of the pods and WorkloadEntries behind it; empty where it lists endpoints or resolves its host. */
    public Map<String, String> workloadSelector() {
        return resource.spec().at("workloadSelector", "labels").textMap();
    }

    /** The namespaces that see it; empty where the mesh's default holds. */
    public List<String> exportTo() {
        return resource.spec().at("exportTo").texts();
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + hosts() + " " + ports() + ", " + (external() ? "outside" : "inside")
                + " the mesh, resolution " + resolution();
    }
}
