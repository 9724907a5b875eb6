package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.Webhook;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** MDX0114: a tag, or an injection webhook, stands for a revision of which no istiod is left. */
final class RevisionWithoutIstiodCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.REVISION_WITHOUT_ISTIOD);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        Map<String, List<Webhook>> groups = new TreeMap<>();
        for (Webhook webhook : model.controlPlane.webhooks()) {
            boolean told = model.controlPlane.configurationChecked()
                    && webhook.backend() == Webhook.Backend.SERVICE_MISSING; // IST0139
            if (concerns(model, webhook) && !told) {
                groups.computeIfAbsent(webhook.configuration(), key -> new ArrayList<>())
                        .add(webhook);
            }
        }
        groups.values().forEach(webhooks -> report.accept(finding(model, webhooks)));
    }

    /** Whether this check tells of a webhook. */
    static boolean concerns(HealthModel model, Webhook webhook) {
        boolean works = webhook.backend() == Webhook.Backend.READY || webhook.backend() == Webhook.Backend.EXTERNAL;
        return webhook.kind() == Webhook.Kind.INJECTION
                && !works
                && !webhook.revision().isEmpty()
                && model.istiodsKnown
                && !model.istiods.isEmpty()
                && model.istiods.stream().noneMatch(istiod -> istiod.revision().equals(webhook.revision()));
    }

    private static Finding finding(HealthModel model, List<Webhook> webhooks) {
        Webhook first = webhooks.get(0);
        boolean refuses =
                webhooks.stream().anyMatch(webhook -> webhook.failurePolicy().equals("Fail"));
        String revisions = model.istiods.stream()
                .map(IstiodInstance::revision)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        String name = first.tag().orElse(first.revision());
        return Finding.of(HealthCodes.REVISION_WITHOUT_ISTIOD, first.configurationRef())
                .severity(refuses ? Severity.ERROR : Severity.WARNING)
                .message((first.tag().isPresent()
                                ? "Tag " + name + " stands for revision " + first.revision() + ", which has"
                                : "Webhook " + first.configuration() + " belongs to revision " + name + ", which has")
                        + " no istiod: "
                        + (refuses
                                ? "pods in namespaces labelled istio.io/rev=" + name + " cannot be created."
                                : "pods in namespaces labelled istio.io/rev=" + name + " get no sidecar."))
                .evidence("labels[istio.io/rev]", first.configurationRef().toString(), first.revision())
                .evidence("revisions with an istiod", "namespace " + model.istioNamespace, revisions)
                .remedy((first.tag().isPresent()
                                ? "istioctl tag set " + name
                                        + " --revision REVISION --overwrite, or istioctl tag remove " + name
                                : "istioctl uninstall --revision " + name)
                        + "; who uses it: kubectl get namespaces -l istio.io/rev=" + name)
                .build();
    }
}
