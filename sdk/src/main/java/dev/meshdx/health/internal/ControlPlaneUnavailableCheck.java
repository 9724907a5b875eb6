package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** MDX0101: no istiod of a revision is ready. */
final class ControlPlaneUnavailableCheck implements Check<HealthModel> {
    private static final String CONSEQUENCE =
            "Proxies keep the configuration that they have: changes and new endpoints do not reach them, certificates are not"
                    + " renewed, new pods are not injected.";

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.CONTROL_PLANE_UNAVAILABLE);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        if (!model.istiodsKnown) {
            return;
        }
        String namespace = model.istioNamespace;
        if (model.istiods.isEmpty()) {
            report.accept(Finding.of(HealthCodes.CONTROL_PLANE_UNAVAILABLE, ResourceRef.of("Namespace", "", namespace))
                    .message("There is no istiod pod in namespace " + namespace
                            + (model.pods.stream().anyMatch(ControlPlaneUnavailableCheck::isOfMesh)
                                    ? ". " + CONSEQUENCE
                                    : ", and no pod here has a proxy: Istio is not installed in this cluster, or its control"
                                            + " plane runs in another namespace."))
                    .evidence("pods with label app=istiod", "namespace " + namespace, "none")
                    .remedy("kubectl -n " + namespace
                            + " get deployments; scale istiod up, or name the namespace in which it"
                            + " runs if that is another one: kubectl get pods -A -l app=istiod")
                    .build());
            return;
        }
        Map<String, List<IstiodInstance>> revisions = model.istiods.stream()
                .collect(Collectors.groupingBy(IstiodInstance::revision, TreeMap::new, Collectors.toList()));
        revisions.forEach((revision, istiods) -> {
            if (istiods.stream().noneMatch(IstiodInstance::ready)) {
                report.accept(finding(revision, istiods));
            }
        });
    }

    private static boolean isOfMesh(Resource pod) {
        return Pods.hasProxy(pod) || Pods.isAmbient(pod);
    }

    private static Finding finding(String revision, List<IstiodInstance> istiods) {
        IstiodInstance first = istiods.get(0);
        String state = istiods.stream().map(ControlPlaneUnavailableCheck::state).collect(Collectors.joining("; "));
        Finding.Builder finding = Finding.of(HealthCodes.CONTROL_PLANE_UNAVAILABLE, first.podRef())
                .message("No istiod of revision " + revision + " is ready: " + state + ". " + CONSEQUENCE);
        for (IstiodInstance istiod : istiods) {
            evidence(finding, istiod);
        }
        return finding.remedy("kubectl -n " + first.namespace() + " logs " + first.pod()
                        + " -c discovery --previous; kubectl -n " + first.namespace() + " describe pod " + first.pod())
                .build();
    }

    /** A few words: {@code istiod-1 waits in CrashLoopBackOff after 5 restarts}. */
    static String state(IstiodInstance istiod) {
        String what = istiod.waitingReason()
                .map(reason -> " waits in " + reason)
                .orElse(istiod.phase().equals("Running") ? " runs but is not ready" : " is " + istiod.phase());
        return istiod.pod() + what + (istiod.restarts() > 0 ? " after " + istiod.restarts() + " restarts" : "");
    }

    static void evidence(Finding.Builder finding, IstiodInstance istiod) {
        String where = istiod.podRef().toString();
        finding.evidence("status.phase", where, istiod.phase() + (istiod.ready() ? ", ready" : ", not ready"));
        istiod.waitingReason()
                .ifPresent(reason -> finding.evidence(
                        "state.waiting",
                        where,
                        reason
                                + istiod.waitingMessage()
                                        .map(text -> ": " + text)
                                        .orElse("")));
        if (istiod.restarts() > 0) {
            finding.evidence("restartCount", where, Integer.toString(istiod.restarts()));
        }
        istiod.lastTermination().ifPresent(last -> finding.evidence("lastState.terminated", where, last.toString()));
    }
}
