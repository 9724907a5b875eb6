package dev.meshdx.configuration;

import dev.meshdx.model.Resource;
import java.util.List;
import java.util.Map;

/**
 * A resource that is for workloads and has no view of its own: Telemetry, WasmPlugin, TrafficExtension, ProxyConfig,
 * WorkloadGroup. Source: the pages of these kinds in Istio's reference.
 *
 * @param resource the resource
 */
public record SelectedResource(Resource resource) implements TypedResource {
    /** The labels of the workloads that it is for; empty for all of its namespace, or of the mesh in the root namespace. */
    public Map<String, String> selector() {
        return resource.spec().at("selector", "matchLabels").textMap();
    }

    /** What it is attached to instead of workloads. */
    public List<TargetReference> targets() {
        return TargetReference.of(resource);
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + (selector().isEmpty() ? "" : ": " + Configuration.text(selector()));
    }
}
