package dev.meshdx.configuration;

import dev.meshdx.model.Resource;
import java.util.List;
import java.util.Map;

/**
 * What the proxies of some workloads can see. Source: Istio, "Sidecar".
 *
 * @param resource the resource
 */
public record Sidecar(Resource resource) implements TypedResource {
    /** The labels of the workloads that it is for; empty for all of its namespace, or of the mesh in the root namespace. */
    public Map<String, String> workloadSelector() {
        return resource.spec().at("workloadSelector", "labels").textMap();
    }

    /** What is imported: {@code namespace/host}; empty for everything. */
    public List<String> egressHosts() {
        return resource.spec().at("egress").items().stream()
                .flatMap(egress -> egress.at("hosts").texts().stream())
                .toList();
    }

    /** What happens to unknown hosts: {@code ALLOW_ANY}, {@code REGISTRY_ONLY}; empty where the mesh's setting holds. */
    public String outboundTrafficPolicy() {
        return resource.spec()
                .at("outboundTrafficPolicy", "mode")
                .text(resource.spec().at("outboundTrafficPolicy").exists() ? "REGISTRY_ONLY" : "");
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + (egressHosts().isEmpty() ? "everything" : egressHosts());
    }
}
