package dev.meshdx.envoy;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The hosts of a proxy's clusters. */
public final class Endpoints extends EnvoyResources<Endpoint, Endpoints> {
    Endpoints(List<Endpoint> all, Trail trail) {
        super(all, trail);
    }

    @Override
    Endpoints with(List<Endpoint> some, Trail trail) {
        return new Endpoints(some, trail);
    }

    /** Those of the cluster with this whole name. */
    public Endpoints cluster(String name) {
        Objects.requireNonNull(name, "name");
        return narrow(
                "cluster " + name,
                endpoint -> endpoint.cluster().equalsIgnoreCase(name),
                name,
                all().stream().map(Endpoint::cluster).distinct().toList());
    }

    /** Those of all clusters of a service; see {@link Clusters#toService(String)}. */
    public Endpoints toService(String service) {
        Objects.requireNonNull(service, "service");
        return narrow(
                "service " + service,
                endpoint -> Clusters.matches(
                        service, ClusterName.parse(endpoint.cluster()).host()),
                service,
                all().stream()
                        .map(endpoint -> ClusterName.parse(endpoint.cluster()).host())
                        .distinct()
                        .toList());
    }

    /** Those at an IP address, or at {@code IP:port}. */
    public Endpoints address(String address) {
        Objects.requireNonNull(address, "address");
        return narrow(
                "address " + address,
                endpoint -> endpoint.address().equalsIgnoreCase(address)
                        || endpoint.targets().stream().anyMatch(address::equalsIgnoreCase),
                address,
                all().stream().map(Endpoint::address).distinct().toList());
    }

    /** Those at a port. */
    public Endpoints port(int port) {
        return narrow("port " + port, endpoint -> endpoint.port() == port, "", List.of());
    }

    /** Those with a health status: {@code HEALTHY}, {@code UNHEALTHY}… */
    public Endpoints status(String status) {
        String wanted = status.toUpperCase(Locale.ROOT);
        return narrow("status " + wanted, endpoint -> endpoint.healthStatus().equals(wanted), "", List.of());
    }

    /** Those that get requests. */
    public Endpoints usable() {
        return narrow("usable", Endpoint::isUsable, "", List.of());
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
    public List<Map<String, String>> rows() {
        return stream()
                .map(endpoint -> endpoint.isStatus()
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
                                endpoint.cluster()))
                .toList();
    }
}
