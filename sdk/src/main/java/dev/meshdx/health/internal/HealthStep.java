package dev.meshdx.health.internal;

import dev.meshdx.check.StepReport;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.model.Resource;
import dev.meshdx.model.Scope;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.List;

/** Step 1 of a diagnosis: is the control plane up, is every proxy in sync with it, are there pods behind the services? */
public final class HealthStep {
    private HealthStep() {}

    /** Runs all checks of the step. A source of manifests has nothing to look at, and says so. */
    public static StepReport run(Session session, Scope scope) {
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            return new StepReport(
                    "not looked at: manifests have no state",
                    List.of(),
                    List.of(Inconclusive.of(
                            "health",
                            null,
                            Reason.UNSUPPORTED,
                            "Manifests say what should be, not what is.",
                            "Ask a live mesh or a recording.")));
        }
        Session own = session.fork();
        HealthModel.Builder builder = HealthModel.builder(scope, own.now());
        builder.istioNamespace = own.istioNamespace();
        List<Resource> found = new ArrayList<>();
        List<Resource> istiodPods = new ArrayList<>();
        boolean[] podsKnown = {true};
        own.parallel(
                () -> {
                    HealthReads.Istiods istiods = HealthReads.istiods(own);
                    builder.istiodsKnown = istiods.known();
                    istiodPods.addAll(istiods.pods());
                    own.parallel(
                            () -> ProxyReads.proxies(own, istiods.pods(), scope.namespace(), builder),
                            () -> controlPlane(own, scope, istiods.pods(), builder));
                },
                () -> {
                    List<Resource> pods = HealthReads.pods(own, scope);
                    podsKnown[0] = pods != null;
                    if (pods != null) {
                        found.addAll(pods);
                    }
                },
                () -> HealthReads.services(own, scope, builder));
        builder.pods = found;
        builder.podsKnown = podsKnown[0];
        builder.wholeStep = true;
        builder.endpointsKnown &= podsKnown[0];
        ProxyReads.crossCheck(own, istiodPods, builder);
        HealthReads.suspects(own, builder);
        HealthReads.events(own, builder);
        ReadinessReader.unwell(own, builder);
        HealthReads.servedElsewhere(own, istiodPods, WorkloadUnavailableCheck.unavailable(builder.build()), builder);
        HealthModel model = builder.build();
        ProxyReads.unknown(own, model);
        List<Finding> findings = new ArrayList<>(HealthChecks.run(HealthChecks.CONTROL_PLANE, model));
        findings.addAll(HealthChecks.run(HealthChecks.SYNC, model));
        findings.addAll(HealthChecks.run(HealthChecks.WORKLOADS, model));
        return new StepReport(summary(model), findings, own.gaps());
    }

    /** A pod or a namespace does not pay for what concerns the control plane as a whole. */
    private static void controlPlane(Session own, Scope scope, List<Resource> istiods, HealthModel.Builder into) {
        ControlPlaneReads.Instances instances = ControlPlaneReads.instances(own, istiods);
        into.istiods = instances.all();
        into.controlPlane = scope.namespace().isEmpty() && into.istiodsKnown
                ? ControlPlaneReads.facts(own, istiods, instances.metrics(), true)
                : ControlPlaneFacts.NONE.with(instances.metrics());
    }

    private static String summary(HealthModel model) {
        long ready = model.istiods.stream().filter(IstiodInstance::ready).count();
        List<ProxyStatus> proxies = model.proxiesInScope();
        long synced = proxies.stream().filter(ProxyStatus::isSynced).count();
        String istiods = !model.istiodsKnown
                ? "control plane not seen"
                : ready == model.istiods.size()
                        ? ready + " istiod ready"
                        : ready + " of " + model.istiods.size() + " istiods ready";
        return istiods + ", "
                + (model.answered == 0
                        ? "proxies not seen"
                        : proxies.isEmpty()
                                ? "no proxy connected"
                                : synced + " of " + proxies.size() + " proxies in sync");
    }
}
