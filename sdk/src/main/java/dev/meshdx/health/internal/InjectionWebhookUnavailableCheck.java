package dev.meshdx.health.internal;

import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.Webhook;

/** MDX0110: the API server has nobody to ask for sidecars, although an istiod runs. */
final class InjectionWebhookUnavailableCheck extends WebhookUnavailableCheck {
    InjectionWebhookUnavailableCheck() {
        super(HealthCodes.INJECTION_WEBHOOK_UNAVAILABLE, Webhook.Kind.INJECTION);
    }

    @Override
    boolean isTold(HealthModel model, Webhook webhook) {
        boolean port = webhook.backend() == Webhook.Backend.PORT_MISSING;
        return (!port && ControlPlaneUnavailableCheck.tellsOf(model, webhook))
                || RevisionWithoutIstiodCheck.concerns(model, webhook)
                // IST0139 names it where the configuration is looked at.
                || (model.controlPlane.configurationChecked() && webhook.backend() == Webhook.Backend.SERVICE_MISSING);
    }

    @Override
    String refused() {
        return ": pods in the namespaces that it selects cannot be created (failurePolicy Fail).";
    }

    @Override
    String ignored() {
        return ": pods are created without a sidecar, and nobody is told (failurePolicy Ignore).";
    }
}
