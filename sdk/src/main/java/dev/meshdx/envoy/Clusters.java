package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Projection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

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
    private static final Projection NAME = Projection.of("name");

    Clusters(Dump dump) {
        this(new Query<>(
                dump,
                Section.CLUSTERS,
                entry -> List.of(new Cluster(entry)),
                Projection.of("name", "type", "metadata.filter_metadata.istio.config"),
                List.of()));
    }

    private Clusters(Query<Cluster> query) {
        super(query);
    }

    @Override
    Clusters with(Query<Cluster> query) {
        return new Clusters(query);
    }

    /**
     * Those of a service.
     *
     * @param service its host, or its name and namespace: {@code reviews.production}, {@code reviews.production.svc},
     *     {@code reviews.production.svc.cluster.local}. A text between dots ({@code .production.}) is a part of the host
     */
    public Clusters toService(String service) {
        Objects.requireNonNull(service, "service");
        return narrow(new Filter<>(
                "service " + service,
                cluster -> matches(service, cluster.serviceCell()),
                NAME,
                NameFilter.containing(service, name -> matches(service, Cluster.serviceCell(ClusterName.parse(name)))),
                service,
                cluster -> Stream.of(shorten(cluster.host(), service))));
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
        return narrow(new Filter<>(
                "port " + port,
                cluster -> cluster.isSplit() && cluster.port() == port,
                NAME,
                NameFilter.containing(
                        "|" + port + "|", name -> ClusterName.parse(name).port() == port),
                String.valueOf(port),
                cluster -> Stream.of(cluster).filter(Cluster::isSplit).map(some -> String.valueOf(some.port()))));
    }

    /** Those of a subset; an empty text for the clusters of whole services. */
    public Clusters subset(String subset) {
        Objects.requireNonNull(subset, "subset");
        return narrow(new Filter<>(
                "subset " + (subset.isEmpty() ? "(none)" : subset),
                cluster -> cluster.isSplit() && cluster.subset().equals(subset),
                NAME,
                NameFilter.containing(
                        "|" + subset + "|",
                        name -> ClusterName.parse(name).subset().equals(subset)),
                subset,
                cluster -> Stream.of(cluster.subset()).filter(name -> !name.isEmpty())));
    }

    /** Those of a direction. */
    public Clusters direction(TrafficDirection direction) {
        return narrow(new Filter<>(
                "direction " + direction,
                cluster -> (cluster.isSplit() ? cluster.direction() : TrafficDirection.NONE) == direction,
                NAME));
    }

    /** The one with this whole name. */
    public Clusters named(String name) {
        Objects.requireNonNull(name, "name");
        return narrow(new Filter<>(
                "name " + name,
                cluster -> cluster.name().equals(name),
                NAME,
                NameFilter.exactly(name),
                name,
                cluster -> Stream.of(cluster.name())));
    }

    /** Those in a state. */
    public Clusters state(ResourceState state) {
        return narrow(new Filter<>("state " + state, cluster -> cluster.state() == state, NAME));
    }

    @Override
    Comparator<Map<String, String>> order() {
        return by("serviceFqdn", "subset", "port", "direction");
    }

    @Override
    Json raw(Cluster cluster) {
        return cluster.raw();
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
    void rows(Cluster cluster, Consumer<Map<String, String>> rows) {
        boolean split = cluster.isSplit();
        rows.accept(row(
                cluster.state(),
                cluster.error(),
                cluster.rejectedVersion(),
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
                cluster.configuredByCell()));
    }
}
