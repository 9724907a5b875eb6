package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import java.util.List;
import java.util.function.Consumer;

/** MDX0125: pods that an istiod was asked to inject and could not. */
final class InjectionFailsCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.INJECTION_FAILS);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (IstiodInstance istiod : model.istiods) {
            long failed = model.controlPlane
                    .metrics(istiod)
                    .map(metrics -> metrics.count("sidecar_injection_failure_total"))
                    .orElse(0L);
            if (failed > 0) {
                report.accept(Finding.of(HealthCodes.INJECTION_FAILS, istiod.podRef())
                        .severity(Failures.severity(failed, istiod.uptime()))
                        .message(istiod.pod() + " failed to inject pods: " + Failures.text(failed, istiod.uptime())
                                + ". With failurePolicy Fail such pods are not created: their ReplicaSet says why.")
                        .evidence(
                                "sidecar_injection_failure_total",
                                istiod.podRef().toString(),
                                String.valueOf(failed))
                        .remedy(
                                "kubectl -n " + istiod.namespace() + " logs " + istiod.pod()
                                        + " -c discovery | grep -i 'inject'; a broken template or annotation fails: kubectl get events -A --field-selector reason=FailedCreate")
                        .build());
            }
        }
    }
}
