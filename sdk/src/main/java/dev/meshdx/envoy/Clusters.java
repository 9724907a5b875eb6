package dev.meshdx.envoy;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The clusters of a proxy.
 *
 * <pre>{@code
 * clusters.toService("reviews.production").port(9080).subset("v1").direction(TrafficDirection.OUTBOUND)
 * }</pre>
 *
 * <p>Clusters of gateways between networks, {@code outbound_.9080_.v1_.host}, are found by {@link #named(String)} only: for
 * the other filters they are names without parts, as for istioctl.
 */
public final class Clusters extends EnvoyResources<Cluster, Clusters> {
    Clusters(List<Cluster> all, Trail trail) {
        super(all, trail);
    }

    @Override
    Clusters with(List<Cluster> some, Trail trail) {
        return new Clusters(some, trail);
    }

    /**
     * Those of a service.
     *
     * @param service its host, or its name and namespace: {@code reviews.production}, {@code reviews.production.svc},
     *     {@code reviews.production.svc.cluster.local}. A text between dots ({@code .production.}) is a part of the host
     */
    public Clusters toService(String service) {
        Objects.requireNonNull(service, "service");
        return narrow(
                "service " + service,
                cluster -> matches(service, cluster.serviceCell()),
                service,
                all().stream().map(cluster -> shorten(cluster.host(), service)).toList());
    }

    static boolean matches(String service, String host) {
        if (service.length() > 2 && service.startsWith(".") && service.endsWith(".")) {
            return host.contains(service);
        }
        return host.equals(service)
                || (service.contains(".")
                        && (host.startsWith(service + ".svc.")
                                || (service.endsWith(".svc") && host.startsWith(service + "."))));
    }

    private static String shorten(String host, String like) {
        int svc = host.indexOf(".svc.");
        return like.contains(".svc") || svc < 0 ? host : host.substring(0, svc);
    }

    /** Those with this port in their name: the service's for outbound, the workload's for inbound. */
    public Clusters port(int port) {
        return narrow(
                "port " + port,
                cluster -> cluster.isSplit() && cluster.port() == port,
                String.valueOf(port),
                all().stream().map(cluster -> String.valueOf(cluster.port())).toList());
    }

    /** Those of a subset; an empty text for the clusters of whole services. */
    public Clusters subset(String subset) {
        Objects.requireNonNull(subset, "subset");
        return narrow(
                "subset " + (subset.isEmpty() ? "(none)" : subset),
                cluster -> cluster.isSplit() && cluster.subset().equals(subset),
                subset,
                all().stream()
                        .map(Cluster::subset)
                        .filter(name -> !name.isEmpty())
                        .toList());
    }

    /** Those of a direction. */
    public Clusters direction(TrafficDirection direction) {
        return narrow(
                "direction " + direction,
                cluster -> (cluster.isSplit() ? cluster.direction() : TrafficDirection.NONE) == direction,
                "",
                List.of());
    }

    /** The one with this whole name. */
    public Clusters named(String name) {
        Objects.requireNonNull(name, "name");
        return narrow(
                "name " + name,
                cluster -> cluster.name().equals(name),
                name,
                all().stream().map(Cluster::name).toList());
    }

    /** Those in a state. */
    public Clusters state(ResourceState state) {
        return narrow("state " + state, cluster -> cluster.state() == state, "", List.of());
    }

    @Override
    String what() {
        return "clusters";
    }

    @Override
    List<String> header() {
        return List.of("SERVICE", "PORT", "SUBSET", "DIRECTION", "TYPE", "STATE");
    }

    @Override
    List<String> line(Cluster cluster) {
        return List.of(
                cluster.host(),
                cluster.port() == 0 ? "-" : String.valueOf(cluster.port()),
                cluster.subset().isEmpty() ? "-" : cluster.subset(),
                cluster.direction().toString(),
                cluster.type(),
                cluster.state().toString());
    }

    @Override
    public List<Map<String, String>> rows() {
        return stream()
                .map(cluster -> {
                    boolean split = cluster.isSplit();
                    return row(
                            "serviceFqdn",
                            cluster.serviceCell(),
                            "port",
                            split ? String.valueOf(cluster.port()) : "-",
                            "subset",
                            split && !cluster.subset().isEmpty() ? cluster.subset() : "-",
                            "direction",
                            split ? cluster.direction().toString() : "-",
                            "type",
                            cluster.type(),
                            "destinationRule",
                            cluster.configuredByCell(),
                            "state",
                            cluster.state().toString(),
                            "error",
                            cluster.error().orElse(""));
                })
                .toList();
    }
}
