package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.model.ResourceRef;
import java.util.List;
import java.util.function.Consumer;

/** MDX0113: several injection webhooks act on the same pods. Where the configuration is looked at too, IST0139 says it. */
final class InjectionWebhooksOverlapCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.INJECTION_WEBHOOKS_OVERLAP);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        if (model.controlPlane.configurationChecked()) {
            return;
        }
        for (ControlPlaneFacts.Overlap overlap : model.controlPlane.overlaps()) {
            String first = overlap.webhooks().get(0);
            String owner = first.substring(0, first.indexOf('/'));
            report.accept(Finding.of(
                            HealthCodes.INJECTION_WEBHOOKS_OVERLAP,
                            ResourceRef.of("MutatingWebhookConfiguration", "", owner))
                    .message(
                            "Webhooks " + String.join(", ", overlap.webhooks())
                                    + " act on the same pods: a pod may be injected twice, or by the revision that was not meant.")
                    .evidence("pods that all act on", String.join(", ", overlap.webhooks()), overlap.example())
                    .remedy("Remove what is left over from an earlier installation (kubectl delete"
                            + " mutatingwebhookconfiguration NAME), or give one revision the default: istioctl tag set"
                            + " default --revision REVISION --overwrite")
                    .build());
        }
    }
}
