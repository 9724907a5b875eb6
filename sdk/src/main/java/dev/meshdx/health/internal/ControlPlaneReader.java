package dev.meshdx.health.internal;

import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.model.Scope;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;

/** Answers {@code controlPlane().health()}. */
public final class ControlPlaneReader {
    private ControlPlaneReader() {}

    /** Costs one list of istiod pods, and up to three requests for each of them: metrics API, metrics, version. */
    public static ControlPlaneHealth read(Session session) {
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            throw new MeshUnsupportedException(
                    Reason.UNSUPPORTED,
                    "Whether the control plane is up cannot be told from manifests: nothing runs.",
                    "Connect to a cluster, or open a recording.");
        }
        Session own = session.fork();
        HealthModel.Builder builder = HealthModel.builder(Scope.MESH, own.now());
        builder.istioNamespace = own.istioNamespace();
        HealthReads.Istiods istiods = HealthReads.istiods(own);
        builder.istiodsKnown = istiods.known();
        builder.istiods = HealthReads.instances(own, istiods.pods());
        HealthModel model = builder.build();
        return ControlPlaneHealth.of(model.istiods, HealthChecks.run(HealthChecks.CONTROL_PLANE, model), own.gaps());
    }
}
