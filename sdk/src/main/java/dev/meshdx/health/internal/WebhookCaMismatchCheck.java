package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.Webhook;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** MDX0112: the API server cannot verify the certificate that istiod shows it. */
final class WebhookCaMismatchCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.WEBHOOK_CA_MISMATCH);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        Map<String, List<Webhook>> groups = new TreeMap<>();
        for (Webhook webhook : model.controlPlane.webhooks()) {
            if (isWrong(webhook) && !isTold(model, webhook)) {
                groups.computeIfAbsent(
                                webhook.configurationRef() + " " + webhook.authority() + webhook.authorityText(),
                                key -> new ArrayList<>())
                        .add(webhook);
            }
        }
        groups.values().forEach(webhooks -> report.accept(finding(model, webhooks)));
    }

    private static boolean isWrong(Webhook webhook) {
        return switch (webhook.authority()) {
            case DIFFERS, EXPIRED, EMPTY, UNREADABLE -> true;
            case MATCHES, NOT_COMPARED -> false;
        };
    }

    /** An istiod that does not run does not write its certificate either. */
    private static boolean isTold(HealthModel model, Webhook webhook) {
        return ControlPlaneUnavailableCheck.tellsOf(model, webhook)
                || RevisionWithoutIstiodCheck.concerns(model, webhook);
    }

    private static Finding finding(HealthModel model, List<Webhook> webhooks) {
        Webhook first = webhooks.get(0);
        boolean refuses =
                webhooks.stream().anyMatch(webhook -> webhook.failurePolicy().equals("Fail"));
        boolean injection = first.kind() == Webhook.Kind.INJECTION;
        String names = webhooks.stream().map(Webhook::name).distinct().collect(Collectors.joining(", "));
        Finding.Builder finding = Finding.of(HealthCodes.WEBHOOK_CA_MISMATCH, first.configurationRef())
                .severity(refuses ? Severity.ERROR : Severity.WARNING)
                .message("The caBundle of " + names + " in " + first.configuration() + " "
                        + switch (first.authority()) {
                            case EMPTY -> "is empty";
                            case UNREADABLE -> "holds no certificate";
                            case EXPIRED ->
                                "expired"
                                        + first.authorityNotAfter()
                                                .map(at -> " at " + at)
                                                .orElse("");
                            default -> "has none of the control plane's roots";
                        }
                        + ": the API server does not trust the certificate that istiod shows it, and "
                        + (injection
                                ? refuses
                                        ? "pods in the namespaces that it selects cannot be created."
                                        : "pods are created without a sidecar."
                                : refuses
                                        ? "Istio's objects cannot be created or changed."
                                        : "Istio's objects are accepted unchecked."))
                .evidence(
                        "webhooks[].clientConfig.caBundle",
                        first.configurationRef().toString(),
                        first.authorityText())
                .evidence("webhooks[].failurePolicy", first.configurationRef().toString(), first.failurePolicy());
        if (!model.controlPlane.roots().isEmpty()) {
            finding.evidence(
                    "root-cert.pem",
                    "ConfigMap " + model.istioNamespace + "/istio-ca-root-cert",
                    model.controlPlane.roots());
        }
        model.controlPlane
                .metrics()
                .forEach((pod, metrics) -> metrics.counts("webhook_patch_failures_total")
                        .forEach((labels, count) -> finding.evidence(
                                "webhook_patch_failures_total{" + labels + "}", pod, String.valueOf(count))));
        return finding.remedy("istiod writes the caBundle when it starts and when its root changes: kubectl -n "
                        + model.istioNamespace
                        + " rollout restart deployment -l app=istiod; if it stays so, see what else"
                        + " writes it (helm, a GitOps controller: exclude the field), and whether istiod may: kubectl auth"
                        + " can-i patch " + (injection ? "mutating" : "validating") + "webhookconfigurations --as"
                        + " system:serviceaccount:" + model.istioNamespace + ":istiod")
                .build();
    }
}
