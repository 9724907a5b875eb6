package dev.meshdx.analysis.internal.checks.ambient;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.DataPlane.Mode;

/** Who would follow a rule of a namespace that is no use to the service's waypoint. */
final class Clients {
    private Clients() {}

    /** Whether the clients of a namespace are in ambient mode, and none has a sidecar. The root namespace is for all. */
    static boolean areAmbientIn(Configuration configuration, String namespace) {
        DataPlane dataPlane = DataPlane.of(configuration);
        return !namespace.equals(configuration.mesh().rootNamespace())
                && dataPlane.one(Mode.SIDECAR, namespace).isEmpty()
                && (dataPlane.isAmbient(namespace)
                        || dataPlane.one(Mode.AMBIENT, namespace).isPresent());
    }
}
