package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Projection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The hosts of a proxy's clusters. */
public final class Endpoints extends EnvoyResources<Endpoint, Endpoints> {
    /** Of an assignment and of {@code /clusters}: where a host is, and how it is. */
    private static final Projection COLUMNS = Projection.of(
            "cluster_name",
            "endpoints.locality",
            "endpoints.priority",
            "endpoints.lb_endpoints.endpoint.address",
            "endpoints.lb_endpoints.endpoint.additional_addresses",
            "endpoints.lb_endpoints.health_status",
            "name",
            "host_statuses.address",
            "host_statuses.health_status",
            "host_statuses.locality",
            "host_statuses.priority");

    Endpoints(Dump dump) {
        this(new Query<>(dump, Section.ENDPOINTS, Endpoint::of, COLUMNS, List.of()));
    }

    private Endpoints(Query<Endpoint> query) {
        super(query);
    }

    @Override
    Endpoints with(Query<Endpoint> query) {
        return new Endpoints(query);
    }

    /** Those of the cluster with this whole name. */
    public Endpoints cluster(String name) {
        Objects.requireNonNull(name, "name");
        return narrow(new Filter<>(
                "cluster " + name,
                endpoint -> endpoint.cluster().equalsIgnoreCase(name),
                COLUMNS,
                NameFilter.ignoringCase(name),
                name,
                endpoint -> Stream.of(endpoint.cluster())));
    }

    /** Those of all clusters of a service; see {@link Clusters#toService(String)}. */
    public Endpoints toService(String service) {
        Objects.requireNonNull(service, "service");
        return narrow(new Filter<>(
                "service " + service,
                endpoint -> Clusters.matches(
                        service, ClusterName.parse(endpoint.cluster()).host()),
                COLUMNS,
                NameFilter.containing(
                        service,
                        name -> Clusters.matches(
                                service, ClusterName.parse(name).host())),
                service,
                endpoint -> Stream.of(ClusterName.parse(endpoint.cluster()).host())));
    }

    /** Those at an IP address, or at {@code IP:port}. */
    public Endpoints address(String address) {
        Objects.requireNonNull(address, "address");
        return narrow(new Filter<>(
                "address " + address,
                endpoint -> endpoint.address().equalsIgnoreCase(address)
                        || endpoint.targets().stream().anyMatch(address::equalsIgnoreCase),
                COLUMNS,
                NameFilter.ALL,
                address,
                endpoint -> Stream.of(endpoint.address())));
    }

    /** Those at a port. */
    public Endpoints port(int port) {
        return narrow(new Filter<>("port " + port, endpoint -> endpoint.port() == port, COLUMNS));
    }

    /** Those with a health status: {@code HEALTHY}, {@code UNHEALTHY}… */
    public Endpoints status(String status) {
        Objects.requireNonNull(status, "status");
        String wanted = status.toUpperCase(Locale.ROOT);
        return narrow(new Filter<>(
                "status " + wanted, endpoint -> endpoint.healthStatus().equals(wanted), COLUMNS));
    }

    /** Those that get requests. */
    public Endpoints usable() {
        return narrow(new Filter<>("usable", Endpoint::isUsable, COLUMNS));
    }

    @Override
    Comparator<Map<String, String>> order() {
        return by("endpoint", "name", "cluster");
    }

    /** With the cluster, which a host by itself does not name. */
    @Override
    Json raw(Endpoint endpoint) {
        return Json.object(
                "cluster_name",
                endpoint.cluster(),
                endpoint.isObserved() ? "host_status" : "lb_endpoint",
                endpoint.raw());
    }

    @Override
    String what() {
        return "endpoints";
    }

    @Override
    List<String> header() {
        return List.of("ENDPOINT", "STATUS", "OUTLIER CHECK", "CLUSTER");
    }

    @Override
    List<String> line(Endpoint endpoint) {
        return List.of(
                endpoint.target(), endpoint.healthStatus(), endpoint.isEjected() ? "FAILED" : "OK", endpoint.cluster());
    }

    /** From {@code /clusters} as istioctl's {@code endpoint}, from a config dump as its {@code eds}. */
    @Override
    void rows(Endpoint endpoint, Consumer<Map<String, String>> rows) {
        rows.accept(
                endpoint.isObserved()
                        ? row(
                                "endpoint",
                                endpoint.target(),
                                "status",
                                endpoint.healthStatus(),
                                "outlierCheck",
                                endpoint.isEjected() ? "FAILED" : "OK",
                                "cluster",
                                endpoint.cluster())
                        : row(
                                "name",
                                String.join(",", endpoint.targets()),
                                "status",
                                endpoint.healthStatus(),
                                "locality",
                                endpoint.locality(),
                                "cluster",
                                endpoint.cluster()));
    }
}
