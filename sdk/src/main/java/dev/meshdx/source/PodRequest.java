package dev.meshdx.source;

import dev.meshdx.model.ResourceRef;

/**
 * An HTTP request to a port of a pod: Envoy's admin interface, the agent, istiod's debug pages.
 *
 * @param namespace the pod's namespace
 * @param pod the pod's name
 * @param port the port inside the pod
 * @param method {@code GET}, or {@code POST} where a page insists on it
 * @param path path and query, with the leading slash
 */
public record PodRequest(String namespace, String pod, int port, String method, String path) {
    /** Envoy's admin interface, on the pod's loopback only. Source: Istio, "Application requirements", ports. */
    public static final int ENVOY_ADMIN = 15000;

    /** istiod's monitoring port with {@code /debug} and {@code /version}. Source: same. */
    public static final int ISTIOD_MONITORING = 15014;

    /** The proxy agent's port with {@code /healthz/ready}. Source: same. */
    public static final int AGENT = 15020;

    /** A page of Envoy's admin interface. */
    public static PodRequest envoy(String namespace, String pod, String path) {
        return new PodRequest(namespace, pod, ENVOY_ADMIN, "GET", path);
    }

    /** A page of istiod. */
    public static PodRequest istiod(String namespace, String pod, String path) {
        return new PodRequest(namespace, pod, ISTIOD_MONITORING, "GET", path);
    }

    /** The pod. */
    public ResourceRef podRef() {
        return ResourceRef.of("Pod", namespace, pod);
    }

    /** For messages: {@code GET production/web:15000/config_dump}. */
    @Override
    public String toString() {
        return method + " " + namespace + "/" + pod + ":" + port + path;
    }
}
