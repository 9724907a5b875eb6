package dev.meshdx.testkit.internal.mesh;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.time.Instant;
import java.util.Map;

/**
 * A pod as istiod sees it.
 *
 * @param namespace namespace
 * @param name pod name
 * @param workloadName name of its Deployment
 * @param ip address
 * @param node node
 * @param labels labels
 * @param serviceAccount service account
 * @param hasProxy whether a proxy runs in it
 * @param gateway whether it is nothing but a proxy
 * @param revision revision of its control plane
 * @param created when it was created
 * @param pod the object
 */
public record Workload(
        String namespace,
        String name,
        String workloadName,
        String ip,
        String node,
        Map<String, String> labels,
        String serviceAccount,
        boolean hasProxy,
        boolean gateway,
        String revision,
        Instant created,
        Resource pod) {

    /** The view of a pod. */
    static Workload of(Resource pod) {
        boolean hasProxy = false;
        boolean onlyProxy = true;
        for (String containers : new String[] {"containers", "initContainers"}) {
            for (Json container : pod.spec().at(containers).items()) {
                boolean proxy = container.at("name").text("").equals("istio-proxy");
                hasProxy |= proxy;
                onlyProxy &= proxy;
            }
        }
        String set =
                pod.raw().at("metadata", "ownerReferences").at(0).at("name").text("");
        int dash = set.lastIndexOf('-');
        return new Workload(
                pod.namespace(),
                pod.name(),
                dash > 0 ? set.substring(0, dash) : pod.name(),
                pod.status().at("podIP").text(""),
                pod.spec().at("nodeName").text(""),
                pod.labels(),
                pod.spec().at("serviceAccountName").text("default"),
                hasProxy,
                hasProxy && onlyProxy,
                pod.annotation("istio.io/rev").orElse("default"),
                pod.createdAt().orElse(Instant.EPOCH),
                pod);
    }

    /** Namespace and name. */
    public String id() {
        return namespace + "/" + name;
    }

    /** The service that it belongs to by Istio's canonical labels, else by {@code app}. */
    public String canonicalName() {
        return labels.getOrDefault("service.istio.io/canonical-name", labels.getOrDefault("app", workloadName));
    }

    /** The version by Istio's canonical labels, else by {@code version}. */
    public String canonicalRevision() {
        return labels.getOrDefault("service.istio.io/canonical-revision", labels.getOrDefault("version", ""));
    }

    /** Its identity. */
    public String identity(String trustDomain) {
        return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
    }

    /** Whether peers are told to use mutual TLS towards it. */
    public boolean speaksMutualTls() {
        return labels.getOrDefault("security.istio.io/tlsMode", "").equals("istio");
    }
}
