package dev.meshdx.health.internal;

import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;

/** MDX0125: pods that an istiod was asked to inject and could not. */
final class InjectionFailsCheck extends FailureCountCheck {
    InjectionFailsCheck() {
        super(HealthCodes.INJECTION_FAILS, "sidecar_injection_failure_total");
    }

    @Override
    String message(IstiodInstance istiod, String failures) {
        return istiod.pod() + " failed to inject pods: " + failures
                + ". With failurePolicy Fail such pods are not created: their ReplicaSet says why.";
    }

    @Override
    String remedy(String log) {
        return log
                + " | grep -i 'inject'; a broken template or annotation fails: kubectl get events -A --field-selector reason=FailedCreate";
    }
}
