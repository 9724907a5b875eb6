package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;

/** The control plane: all istiods of all revisions. Navigating does no I/O. Safe for use by several threads. */
@CheckReturnValue
public final class ControlPlane {
    @SuppressWarnings("unused")
    private final MeshContext context;

    ControlPlane(MeshContext context) {
        this.context = context;
    }

    @Override
    public String toString() {
        return "control plane";
    }
}
