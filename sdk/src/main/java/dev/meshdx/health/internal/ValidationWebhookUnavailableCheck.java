package dev.meshdx.health.internal;

import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.Webhook;

/** MDX0111: the API server has nobody to ask whether Istio's objects are right, although an istiod runs. */
final class ValidationWebhookUnavailableCheck extends WebhookUnavailableCheck {
    ValidationWebhookUnavailableCheck() {
        super(HealthCodes.VALIDATION_WEBHOOK_UNAVAILABLE, Webhook.Kind.VALIDATION);
    }

    @Override
    boolean isTold(HealthModel model, Webhook webhook) {
        return webhook.backend() != Webhook.Backend.PORT_MISSING
                && ControlPlaneUnavailableCheck.tellsOf(model, webhook);
    }

    @Override
    String refused() {
        return ": Istio's objects cannot be created or changed; kubectl apply says: failed calling webhook (failurePolicy Fail).";
    }

    @Override
    String ignored() {
        return ": Istio's objects are accepted unchecked (failurePolicy Ignore).";
    }
}
