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

    /**
     * Costs a list of istiod pods; for each of them the metrics API, metrics, version and settings; lists of webhook
     * configurations, and of Services, EndpointSlices, Deployments, ConfigMaps and Leases in its namespace; Istio's fourteen
     * definitions one by one, because a cluster's definitions together may have tens of megabytes.
     */
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
        ControlPlaneReads.Instances instances = ControlPlaneReads.instances(own, istiods.pods());
        builder.istiods = instances.all();
        ControlPlaneFacts facts = istiods.known()
                ? ControlPlaneReads.facts(own, istiods.pods(), instances.metrics(), false)
                : ControlPlaneFacts.NONE.with(instances.metrics());
        builder.controlPlane = facts;
        HealthModel model = builder.build();
        return ControlPlaneHealth.of(model.istiods, HealthChecks.run(HealthChecks.CONTROL_PLANE, model), own.gaps())
                .with(facts.webhooks(), facts.tags(), facts.customResources(), facts.elections());
    }
}
