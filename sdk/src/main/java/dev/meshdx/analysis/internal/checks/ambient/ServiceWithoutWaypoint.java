package dev.meshdx.analysis.internal.checks.ambient;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.Waypoints;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.Resource;
import java.util.Optional;

/** A Service or ServiceEntry whose requests no waypoint looks at, though nothing is wrong with its labels. */
record ServiceWithoutWaypoint(Resource resource, Waypoints.Binding binding) {
    /** Empty where it has a waypoint, or where that cannot be told. */
    static Optional<ServiceWithoutWaypoint> any(Configuration configuration, Resource service) {
        Waypoints.Binding binding = Waypoints.of(configuration).of(service, configuration.namespaceOf(service));
        return binding.isWithout() ? Optional.of(new ServiceWithoutWaypoint(service, binding)) : Optional.empty();
    }

    /** Empty where it is not in ambient mode, either. */
    static Optional<ServiceWithoutWaypoint> ambient(Configuration configuration, Resource service) {
        return any(configuration, service)
                .filter(found -> DataPlane.of(configuration).isAmbient(service, configuration.namespaceOf(service)));
    }

    /** Why it has none. */
    String why() {
        return binding.found().isPresent()
                ? "waypoint " + binding.waypoint() + " does not take the traffic of services"
                : binding.state() == Waypoints.State.DECLINED
                        ? "the label " + Waypoints.USE + " is none"
                        : "neither it nor its namespace has the label " + Waypoints.USE;
    }

    /** The label, or that there is none. */
    Finding.Builder evidence(Finding.Builder finding) {
        return binding.decides()
                .map(label -> finding.evidence(
                        label.field().path(),
                        label.holder().toString(),
                        label.field().quoted()))
                .orElseGet(() -> finding.evidence("metadata.labels." + Waypoints.USE, resource.toString(), "absent"));
    }
}
