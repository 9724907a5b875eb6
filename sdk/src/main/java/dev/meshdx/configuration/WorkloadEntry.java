package dev.meshdx.configuration;

import dev.meshdx.model.Resource;
import java.util.Map;

/**
 * A workload that is no pod. Source: Istio, "Workload Entry".
 *
 * @param resource the resource
 */
public record WorkloadEntry(Resource resource) implements TypedResource {
    /** Its address; empty where only its network is known. */
    public String address() {
        return resource.spec().at("address").text("");
    }

    /** Its labels, by which Services and ServiceEntries select it. */
    public Map<String, String> labels() {
        return resource.spec().at("labels").textMap();
    }

    /** The service account of its identity; empty where none is named. */
    public String serviceAccount() {
        return resource.spec().at("serviceAccount").text("");
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + address() + " " + labels();
    }
}
