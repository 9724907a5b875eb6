package dev.meshdx.analysis.internal.checks.ambient;

import static dev.meshdx.model.ResourceKind.GRPC_ROUTE;
import static dev.meshdx.model.ResourceKind.HTTP_ROUTE;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.TCP_ROUTE;
import static dev.meshdx.model.ResourceKind.TLS_ROUTE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.Waypoints;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Routes of the Gateway API for a Service in ambient mode that goes through no waypoint: ztunnel follows no routes. Sources:
 * Istio, "Use Layer 7 features" (ambient); Gateway API, "Mesh" (GAMMA: a Service as parent).
 */
public final class RouteWaypointCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0256",
            "RouteParentWithoutWaypoint",
            Severity.WARNING,
            "The route is for an ambient service that goes through no waypoint, so ambient clients do not follow it.");

    private static final List<ResourceKind> KINDS = List.of(HTTP_ROUTE, GRPC_ROUTE, TLS_ROUTE, TCP_ROUTE);

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(KINDS);
        inputs.addAll(DataPlane.INPUTS);
        inputs.addAll(Waypoints.INPUTS);
        inputs.addAll(List.of(SERVICE, SERVICE_ENTRY));
        return Set.copyOf(inputs);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (ResourceKind kind : KINDS) {
            for (Resource route : configuration.all(kind)) {
                for (Field parent : Field.spec(route).at("parentRefs").items()) {
                    service(configuration, route, parent)
                            .flatMap(service -> ServiceWithoutWaypoint.ambient(configuration, service))
                            .ifPresent(service -> report.accept(finding(configuration, route, parent, service)));
                }
            }
        }
    }

    /** The Service or ServiceEntry that a route names as its parent. Without group a parent is a Gateway. */
    private static Optional<Resource> service(Configuration configuration, Resource route, Field parent) {
        String namespace = parent.at("namespace").text();
        String owner = namespace.isEmpty() ? configuration.namespaceOf(route) : namespace;
        String name = parent.at("name").text();
        String group = parent.at("group").value().text("gateway.networking.k8s.io");
        return switch (parent.at("kind").text()) {
            case "Service" ->
                group.isEmpty() || group.equals("core") ? configuration.find(SERVICE, owner, name) : Optional.empty();
            case "ServiceEntry" ->
                group.equals("networking.istio.io") ? configuration.find(SERVICE_ENTRY, owner, name) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Finding finding(
            Configuration configuration, Resource route, Field parent, ServiceWithoutWaypoint service) {
        return service.evidence(configuration.finding(CODE, route, parent.at("name")))
                .message("The route is for " + service.resource() + " in ambient mode, which goes through no waypoint ("
                        + service.why() + "): ztunnel follows no routes, only clients with sidecars do.")
                .remedy("Send the service's traffic through a waypoint: "
                        + Policies.giveWaypoint(configuration, service.resource()))
                .build();
    }
}
