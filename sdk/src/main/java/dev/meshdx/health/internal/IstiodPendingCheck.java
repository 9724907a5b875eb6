package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.model.ResourceRef;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** MDX0119: an istiod that should run is not started: quota, scheduling, image, volume; another one works. */
final class IstiodPendingCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.ISTIOD_PENDING);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (IstiodInstance istiod : model.istiods) {
            if (isPending(istiod) && works(model, istiod.revision())) {
                String reason = istiod.pendingReason().orElse("");
                Finding.Builder finding = Finding.of(HealthCodes.ISTIOD_PENDING, istiod.podRef())
                        .message(istiod.pod() + " is not started: " + reason
                                + (reason.endsWith(".") ? " " : ". ") + "The other istiods of revision "
                                + istiod.revision() + " carry its share.");
                ControlPlaneUnavailableCheck.evidence(finding, istiod);
                report.accept(finding.remedy(ControlPlaneUnavailableCheck.remedy(istiod))
                        .build());
            }
        }
        for (ControlPlaneFacts.Missing missing : model.controlPlane.missing()) {
            boolean told = model.istiods.isEmpty() || (missing.made() > 0 && !works(model, missing.revision()));
            if (told || missing.wanted() == 0 || missing.reason().isEmpty()) {
                continue; // MDX0101 says it, it is meant, or it has just been scaled
            }
            report.accept(Finding.of(
                            HealthCodes.ISTIOD_PENDING,
                            ResourceRef.of("Deployment", model.istioNamespace, missing.deployment()))
                    .severity(missing.made() == 0 ? Severity.ERROR : Severity.WARNING)
                    .message("Deployment " + missing.deployment() + " wants " + missing.wanted() + " pods and has "
                            + missing.made() + ", because no more can be made: " + missing.reason())
                    .evidence("spec.replicas", "Deployment " + missing.deployment(), String.valueOf(missing.wanted()))
                    .evidence(missing.source(), "Deployment " + missing.deployment(), missing.reason())
                    .remedy(remedy(missing.reason(), model.istioNamespace) + "; kubectl -n " + model.istioNamespace
                            + " describe replicaset -l app=istiod")
                    .build());
        }
    }

    /** Whether it has not started, and it is known why. */
    static boolean isPending(IstiodInstance istiod) {
        return !istiod.ready() && istiod.pendingReason().isPresent();
    }

    private static boolean works(HealthModel model, String revision) {
        return model.istiods.stream().anyMatch(istiod -> istiod.revision().equals(revision) && istiod.ready());
    }

    /** What to do about a reason, in the words of the scheduler, the kubelet, or the quota. */
    static String remedy(String reason, String namespace) {
        String text = reason.toLowerCase(Locale.ROOT);
        if (text.contains("quota")) {
            return "Raise the quota, or free some of it: kubectl -n " + namespace + " describe resourcequota";
        }
        if (text.contains("not scheduled")
                || text.contains("nodes are available")
                || text.startsWith("failedscheduling")) {
            return "Make room on a node (kubectl describe nodes), add one, or change the requests, selectors and"
                    + " tolerations of the pod";
        }
        if (text.contains("image")) {
            return "Correct the image's name and tag, or the credentials of its registry: kubectl -n " + namespace
                    + " get deployments -l app=istiod -o jsonpath='{..image}'";
        }
        if (text.contains("mount") || text.contains("volume") || text.contains("config")) {
            return "Make the volume, Secret or ConfigMap that is missing";
        }
        if (text.contains("scaled to zero")) {
            return "kubectl -n " + namespace + " scale deployment -l app=istiod --replicas=1";
        }
        return "kubectl -n " + namespace + " get events --sort-by=.lastTimestamp";
    }
}
