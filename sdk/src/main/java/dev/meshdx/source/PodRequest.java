package dev.meshdx.source;

import dev.meshdx.model.ResourceRef;
import java.util.Set;

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

    private static final Set<String> CHANGING = Set.of(
            "/quitquitquit",
            "/healthcheck/fail",
            "/healthcheck/ok",
            "/reset_counters",
            "/drain_listeners",
            "/runtime_modify",
            "/reopen_logs",
            "/cpuprofiler",
            "/heapprofiler",
            "/tap",
            "/debug/force_disconnect");

    /** A page of Envoy's admin interface. */
    public static PodRequest envoy(String namespace, String pod, String path) {
        return new PodRequest(namespace, pod, ENVOY_ADMIN, "GET", path);
    }

    /** A page of istiod. */
    public static PodRequest istiod(String namespace, String pod, String path) {
        return new PodRequest(namespace, pod, ISTIOD_MONITORING, "GET", path);
    }

    /**
     * Whether it changes nothing where it arrives. A GET does not, but for a few pages; a POST does, but for Envoy's
     * {@code /logging} without parameters, which Envoy answers to no other method.
     *
     * <p>Source: Envoy, "Administration interface" (what changes something insists on POST; old versions did not); istio/istio,
     * {@code pilot/pkg/xds/debug.go} ({@code push}, {@code force_disconnect}) and {@code pilot/cmd/pilot-agent/status} ({@code
     * quitquitquit}).
     */
    public boolean reads() {
        int query = path.indexOf('?');
        String page = query < 0 ? path : path.substring(0, query);
        if (method.equals("POST")) {
            return port == ENVOY_ADMIN && path.equals("/logging");
        }
        return (method.equals("GET") || method.equals("HEAD"))
                && !CHANGING.contains(page)
                && !(page.equals("/debug/adsz") && path.contains("push="));
    }

    /**
     * Goes on only if the request changes nothing.
     *
     * @throws IllegalArgumentException if it would
     */
    public PodRequest requireReads() {
        if (!reads()) {
            throw new IllegalArgumentException(this + " would change something: it does not pass as a read.");
        }
        return this;
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
