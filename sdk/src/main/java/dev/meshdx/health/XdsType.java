package dev.meshdx.health;

import java.util.List;

/**
 * A type of configuration that a control plane sends to a proxy.
 *
 * @param shortName such as {@code CDS}; for a type that has none, its URL without the common prefix
 * @param url the type URL, such as {@code type.googleapis.com/envoy.config.cluster.v3.Cluster}
 */
public record XdsType(String shortName, String url) implements Comparable<XdsType> {
    private static final String PREFIX = "type.googleapis.com/";

    /** Clusters: the services that a proxy can send to. */
    public static final XdsType CDS = known("CDS", "envoy.config.cluster.v3.Cluster");

    /** Listeners: the addresses and ports that it accepts. */
    public static final XdsType LDS = known("LDS", "envoy.config.listener.v3.Listener");

    /** Endpoints: the addresses behind the clusters. */
    public static final XdsType EDS = known("EDS", "envoy.config.endpoint.v3.ClusterLoadAssignment");

    /** Routes: which request goes to which cluster. */
    public static final XdsType RDS = known("RDS", "envoy.config.route.v3.RouteConfiguration");

    /** Filter configuration that is sent apart from listeners, such as Wasm plugins. */
    public static final XdsType ECDS = known("ECDS", "envoy.config.core.v3.TypedExtensionConfig");

    // Source: Istio, pkg/model/xds.go (short names and type URLs).
    private static final List<XdsType> KNOWN = List.of(
            CDS,
            LDS,
            EDS,
            RDS,
            ECDS,
            known("SDS", "envoy.extensions.transport_sockets.tls.v3.Secret"),
            known("NDS", "istio.networking.nds.v1.NameTable"),
            known("PCDS", "istio.mesh.v1alpha1.ProxyConfig"),
            known("WDS", "istio.workload.Address"),
            known("WDS", "istio.workload.Workload"),
            known("WADS", "istio.security.Authorization"));

    private static XdsType known(String shortName, String message) {
        return new XdsType(shortName, PREFIX + message);
    }

    /** The type with this URL; one that is not known keeps its URL as its name. */
    public static XdsType of(String url) {
        return KNOWN.stream()
                .filter(type -> type.url.equals(url))
                .findFirst()
                .orElseGet(() -> new XdsType(url.startsWith(PREFIX) ? url.substring(PREFIX.length()) : url, url));
    }

    /** The five types that every table shows, in the order in which istioctl shows them. */
    public static List<XdsType> core() {
        return KNOWN.subList(0, 5);
    }

    /** The five core types first, then by URL. */
    @Override
    public int compareTo(XdsType other) {
        int mine = core().indexOf(this);
        int theirs = core().indexOf(other);
        if (mine >= 0 || theirs >= 0) {
            return Integer.compare(mine < 0 ? Integer.MAX_VALUE : mine, theirs < 0 ? Integer.MAX_VALUE : theirs);
        }
        return url.compareTo(other.url);
    }

    /** The short name. */
    @Override
    public String toString() {
        return shortName;
    }
}
