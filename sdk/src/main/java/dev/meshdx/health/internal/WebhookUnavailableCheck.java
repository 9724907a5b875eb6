package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.Webhook;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A webhook that the API server calls has nobody behind it, although an istiod runs. */
abstract class WebhookUnavailableCheck implements Check<HealthModel> {
    private final FindingCode code;
    private final Webhook.Kind kind;

    WebhookUnavailableCheck(FindingCode code, Webhook.Kind kind) {
        this.code = code;
        this.kind = kind;
    }

    /** Whether another finding tells of the same. */
    abstract boolean isTold(HealthModel model, Webhook webhook);

    /** What follows where calls that fail are refused. */
    abstract String refused();

    /** What follows where calls that fail do not matter. */
    abstract String ignored();

    @Override
    public final List<FindingCode> codes() {
        return List.of(code);
    }

    @Override
    public final void run(HealthModel model, Consumer<Finding> report) {
        Map<String, List<Webhook>> groups = new TreeMap<>();
        for (Webhook webhook : model.controlPlane.webhooks(kind)) {
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

    private Finding finding(List<Webhook> webhooks) {
        Webhook first = webhooks.get(0);
        boolean refuses =
                webhooks.stream().anyMatch(webhook -> webhook.failurePolicy().equals("Fail"));
        String service = first.service().orElse("");
        String name = service.substring(service.indexOf('/') + 1).replaceFirst(":.*", "");
        String namespace = service.contains("/") ? service.substring(0, service.indexOf('/')) : "";
        Finding.Builder finding = Finding.of(code, first.configurationRef())
                .severity(refuses ? Severity.ERROR : Severity.WARNING)
                .message("The " + (kind == Webhook.Kind.INJECTION ? "injection" : "validation") + " webhook of "
                        + first.configuration() + " calls Service " + service + ", "
                        + switch (first.backend()) {
                            case SERVICE_MISSING -> "which does not exist";
                            case PORT_MISSING -> "which has no such port";
                            default -> "which has no ready endpoint, although an istiod is ready";
                        }
                        + (refuses ? refused() : ignored()));
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
