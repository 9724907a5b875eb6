package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Patches to the proxies' own configuration. Source: Istio, "Envoy Filter".
 *
 * @param resource the resource
 */
public record EnvoyFilter(Resource resource) implements TypedResource {
    /** The labels of the workloads that it is for; empty for all of its namespace, or of the mesh in the root namespace. */
    public Map<String, String> workloadSelector() {
        return resource.spec().at("workloadSelector", "labels").textMap();
    }

    /** What it is attached to instead of workloads. */
    public List<TargetReference> targets() {
        return TargetReference.of(resource);
    }

    /** Lower ones are applied first. */
    public int priority() {
        return (int) resource.spec().at("priority").number(0);
    }

    /** Its patches. */
    public List<Patch> patches() {
        List<Patch> patches = new ArrayList<>();
        for (Json patch : resource.spec().at("configPatches").items()) {
            patches.add(new Patch(
                    patch.at("applyTo").text(""),
                    patch.at("match", "context").text("ANY"),
                    patch.at("patch", "operation").text(""),
                    patch));
        }
        return List.copyOf(patches);
    }

    /**
     * A patch.
     *
     * @param applyTo such as {@code HTTP_FILTER}
     * @param context {@code ANY}, {@code SIDECAR_INBOUND}, {@code SIDECAR_OUTBOUND}, {@code GATEWAY}
     * @param operation such as {@code INSERT_BEFORE}
     * @param raw the patch
     */
    public record Patch(String applyTo, String context, String operation, Json raw) {
        /** One line. */
        @Override
        public String toString() {
            return operation + " " + applyTo + " (" + context + ")";
        }
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + patches();
    }
}
