package dev.meshdx.testkit;

import dev.meshdx.testkit.internal.ClusterState;

/** What a fake mesh will answer, for tests in other packages that change it before it starts. */
public final class States {
    private States() {}

    /** The state of a mesh that was described. */
    public static ClusterState of(FakeMeshBuilder mesh) {
        return mesh.build();
    }
}
