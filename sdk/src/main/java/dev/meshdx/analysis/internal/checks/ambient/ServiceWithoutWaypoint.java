package dev.meshdx.analysis.internal.checks.ambient;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.Waypoints;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.Resource;
import java.util.Optional;

/** A Service or ServiceEntry in ambient mode whose requests nobody looks at, though nothing is wrong with its labels. */
record ServiceWithoutWaypoint(Resource resource, Waypoints.Binding binding) {
    /** Empty where it has a waypoint, is not ambient, or where that cannot be told. */
    static Optional<ServiceWithoutWaypoint> of(Configuration configuration, Resource service) {
        String namespace = configuration.namespaceOf(service);
        Waypoints.Binding binding = Waypoints.of(configuration).of(service, namespace);
        return binding.isWithout() && DataPlane.of(configuration).isAmbient(service, namespace)
                ? Optional.of(new ServiceWithoutWaypoint(service, binding))
                : Optional.empty();
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
