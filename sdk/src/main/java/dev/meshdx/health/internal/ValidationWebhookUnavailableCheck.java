package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.Webhook;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** MDX0111: the API server has nobody to ask whether Istio's objects are right, although an istiod runs. */
final class ValidationWebhookUnavailableCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.VALIDATION_WEBHOOK_UNAVAILABLE);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        Map<String, List<Webhook>> groups = new TreeMap<>();
        for (Webhook webhook : model.controlPlane.webhooks(Webhook.Kind.VALIDATION)) {
            if (isDead(webhook) && !isTold(model, webhook)) {
                groups.computeIfAbsent(webhook.configuration() + " " + webhook.backend(), key -> new ArrayList<>())
                        .add(webhook);
            }
        }
        groups.values().forEach(webhooks -> report.accept(finding(webhooks)));
    }

    private static boolean isDead(Webhook webhook) {
        return switch (webhook.backend()) {
            case SERVICE_MISSING, PORT_MISSING, NO_ENDPOINT -> true;
            case READY, EXTERNAL, UNKNOWN -> false;
        };
    }

    /** Whether another finding tells of the same. */
    private static boolean isTold(HealthModel model, Webhook webhook) {
        return webhook.backend() != Webhook.Backend.PORT_MISSING
                && ControlPlaneUnavailableCheck.tellsOf(model, webhook);
    }

    private static Finding finding(List<Webhook> webhooks) {
        Webhook first = webhooks.get(0);
        boolean refuses =
                webhooks.stream().anyMatch(webhook -> webhook.failurePolicy().equals("Fail"));
        String service = first.service().orElse("");
        String name = service.substring(service.indexOf('/') + 1).replaceFirst(":.*", "");
        String namespace = service.contains("/") ? service.substring(0, service.indexOf('/')) : "";
        Finding.Builder finding = Finding.of(HealthCodes.VALIDATION_WEBHOOK_UNAVAILABLE, first.configurationRef())
                .severity(refuses ? Severity.ERROR : Severity.WARNING)
                .message("The validation webhook of " + first.configuration() + " calls Service " + service + ", "
                        + switch (first.backend()) {
                            case SERVICE_MISSING -> "which does not exist";
                            case PORT_MISSING -> "which has no such port";
                            default -> "which has no ready endpoint, although an istiod is ready";
                        }
                        + (refuses
                                ? ": Istio's objects cannot be created or changed; kubectl apply says: failed calling webhook (failurePolicy Fail)."
                                : ": Istio's objects are accepted unchecked (failurePolicy Ignore)."));
        for (Webhook webhook : webhooks) {
            finding.evidence(
                    "webhooks[name=" + webhook.name() + "]",
                    first.configurationRef().toString(),
                    "service " + service + ", failurePolicy " + webhook.failurePolicy());
        }
        return finding.remedy(
                        first.backend() == Webhook.Backend.SERVICE_MISSING
                                ? "Install the control plane that it belongs to, or remove what is left over: kubectl delete "
                                        + first.configurationRef().kind().toLowerCase(Locale.ROOT) + " "
                                        + first.configuration()
                                : "Compare the Service's selector and ports with the labels of the istiod pods: kubectl -n "
                                        + namespace + " get service " + name
                                        + " -o yaml; kubectl -n " + namespace + " get pods -l app=istiod --show-labels;"
                                        + " kubectl -n " + namespace
                                        + " get endpointslices -l kubernetes.io/service-name="
                                        + name)
                .build();
    }
}
