package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is in the mesh, as istioctl's analyzers see it. Source: istio/istio, {@code analyzers/util/in_mesh.go}. */
public final class MeshMembership {
    private static final String INJECT = "sidecar.istio.io/inject";
    private static final String INJECTION = "istio-injection";

    private MeshMembership() {}

    /** Whether a pod has a sidecar, or says that it gets one. */
    public static boolean hasSidecar(Configuration configuration, Resource pod) {
        List<Json> containers = new ArrayList<>(pod.spec().at("containers").items());
        containers.addAll(pod.spec().at("initContainers").items());
        return hasSidecar(configuration, pod.raw(), containers, configuration.namespaceOf(pod));
    }

    /** Whether the pods of a Deployment get a sidecar. */
    public static boolean hasSidecar(Configuration configuration, Resource deployment, Json template) {
        return hasSidecar(
                configuration,
                template,
                template.at("spec", "containers").items(),
                configuration.namespaceOf(deployment));
    }

    private static boolean hasSidecar(Configuration configuration, Json pod, List<Json> containers, String namespace) {
        for (Json container : containers) {
            if (container.at("name").text("").equals("istio-proxy")) {
                if (!container.at("image").text("").isEmpty()) {
                    return true;
                }
                break;
            }
        }
        Optional<String> wish = pod.at("metadata", "labels", INJECT)
                .text()
                .or(() -> pod.at("metadata", "annotations", INJECT).text());
        if (wish.isPresent()) {
            return wish.get().equals("true");
        }
        return configuration
                .find(ResourceKind.NAMESPACE, "", namespace)
                .flatMap(found -> found.label(INJECTION))
                .map("enabled"::equals)
                .orElse(false);
    }

    /** Whether ztunnel serves a pod. */
    public static boolean isAmbient(Resource pod) {
        return pod.annotation("ambient.istio.io/redirection")
                .map("enabled"::equals)
                .orElse(false);
    }

    /** Whether ztunnel serves the pods of a namespace. */
    public static boolean isAmbientNamespace(Configuration configuration, String namespace) {
        return configuration
                .find(ResourceKind.NAMESPACE, "", namespace)
                .map(found -> !found.label(INJECTION).orElse("").equals("enabled")
                        && found.label("istio.io/rev").orElse("").isEmpty()
                        && found.label("istio.io/dataplane-mode").orElse("").equals("ambient"))
                .orElse(false);
    }
}
