package dev.meshdx.configuration.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.Map;

/**
 * Pods as one sees them from a policy: a pod that is there, or the template of pods that somebody wants (a Deployment that is
 * scaled to zero is selected by policies as well).
 *
 * @param resource the Pod, Deployment, StatefulSet or DaemonSet
 * @param namespace where it is
 * @param labels those of its pods
 * @param pod the pod or its template: {@code metadata} and {@code spec}
 * @param podPath the path to it in the resource; empty for a Pod, else {@code spec.template.}
 */
public record Workload(Resource resource, String namespace, Map<String, String> labels, Json pod, String podPath) {
    /** The {@code spec} of its pods. */
    public Json podSpec() {
        return pod.at("spec");
    }

    /** An annotation of its pods; empty where there is none. */
    public String annotation(String name) {
        return pod.at("metadata", "annotations", name).text("");
    }

    /** The service account of its pods. */
    public String serviceAccount() {
        return podSpec().at("serviceAccountName").text("default");
    }

    @Override
    public String toString() {
        return resource.toString();
    }
}
