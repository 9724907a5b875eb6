package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.health.internal.ControlPlaneReader;

/** The control plane: all istiods of all revisions. Navigating does no I/O. Safe for use by several threads. */
@CheckReturnValue
public final class ControlPlane {
    private final MeshContext context;

    ControlPlane(MeshContext context) {
        this.context = context;
    }

    /**
     * Whether the istiods are up: readiness, restarts and their reasons, memory. Costs a list of the control plane's pods and
     * their metrics, where they can be had.
     *
     * @throws dev.meshdx.error.MeshException if the pods cannot be listed
     */
    public ControlPlaneHealth health() {
        return context.ask(session -> ControlPlaneReader.read(session));
    }

    @Override
    public String toString() {
        return "control plane";
    }
}
