package dev.meshdx.model.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What Istio's tools read off a Pod. */
public final class Pods {
    /** The name that injection gives the sidecar's container, and that gateways and waypoints use too. */
    public static final String PROXY_CONTAINER = "istio-proxy";

    private Pods() {}

    /** Containers, and init containers that go on running (native sidecars), from the spec. */
    public static List<Json> containers(Resource pod) {
        List<Json> containers = new ArrayList<>(pod.spec().at("containers").items());
        for (Json init : pod.spec().at("initContainers").items()) {
            if (init.at("restartPolicy").text("").equals("Always")) {
                containers.add(init);
            }
        }
        return containers;
    }

    /** Whether the pod has an Istio proxy: a sidecar (ordinary or native), a gateway, a waypoint or ztunnel. */
    public static boolean hasProxy(Resource pod) {
        return containers(pod).stream()
                .anyMatch(container -> container.at("name").text("").equals(PROXY_CONTAINER));
    }

    /**
     * Whether its proxy is an Envoy, with Envoy's admin port and access log: not so ztunnel, whose container has the same
     * name. Source: Istio, {@code pilot-agent proxy TYPE} and the chart of ztunnel (arguments {@code proxy ztunnel}, label
     * {@code app: ztunnel}).
     */
    public static boolean hasEnvoy(Resource pod) {
        return hasProxy(pod) && !isZtunnel(pod);
    }

    /** Whether that Envoy stands beside an application, so that PeerAuthentications decide what the pod accepts. */
    public static boolean isSidecar(Resource pod) {
        return hasEnvoy(pod) && !isProxyOfType(pod, "router") && !isProxyOfType(pod, "waypoint");
    }

    /** Whether it is a node's ztunnel. */
    public static boolean isZtunnel(Resource pod) {
        return isProxyOfType(pod, "ztunnel")
                || (hasProxy(pod) && pod.label("app").orElse("").equals("ztunnel"));
    }

    /** Whether its proxy was started as {@code proxy TYPE}: {@code sidecar}, {@code router}, {@code waypoint}, {@code ztunnel}. */
    public static boolean isProxyOfType(Resource pod, String type) {
        return containers(pod).stream()
                .filter(container -> container.at("name").text("").equals(PROXY_CONTAINER))
                .anyMatch(container -> container.at("args").texts().contains(type));
    }

    /** Whether ztunnel takes its traffic. Source: Istio, ambient mode: the CNI agent writes this annotation. */
    public static boolean isAmbient(Resource pod) {
        return !hasProxy(pod)
                && pod.annotation("ambient.istio.io/redirection").orElse("").equals("enabled");
    }

    /** The status of a container, native sidecars included. */
    public static Optional<Json> containerStatus(Resource pod, String container) {
        for (String list : List.of("containerStatuses", "initContainerStatuses")) {
            for (Json status : pod.status().at(list).items()) {
                if (status.at("name").text("").equals(container)) {
                    return Optional.of(status);
                }
            }
        }
        return Optional.empty();
    }

    /** The pod's phase: {@code Running}, {@code Pending}, {@code Succeeded}, {@code Failed}. */
    public static String phase(Resource pod) {
        return pod.status().at("phase").text("");
    }

    /** Whether it runs and is not being deleted. */
    public static boolean isRunning(Resource pod) {
        return phase(pod).equals("Running")
                && !pod.raw().at("metadata", "deletionTimestamp").exists();
    }

    /** Whether its Ready condition is true. */
    public static boolean isReady(Resource pod) {
        return pod.status().at("conditions").items().stream()
                .anyMatch(condition -> condition.at("type").text("").equals("Ready")
                        && condition.at("status").text("").equals("True"));
    }

    /** Its address; empty while it has none. */
    public static String ip(Resource pod) {
        return pod.status().at("podIP").text("");
    }

    /** Its service account. */
    public static String serviceAccount(Resource pod) {
        return pod.spec().at("serviceAccountName").text("default");
    }

    /** The revision of the control plane that injected it; {@code default} where it does not say. */
    public static String revision(Resource pod) {
        return pod.label("istio.io/rev")
                .or(() -> pod.annotation("istio.io/rev"))
                .orElse("default");
    }
}
