package dev.meshdx.report;

import dev.meshdx.health.Injection;
import dev.meshdx.health.InjectionWebhook;
import dev.meshdx.health.SelectorMatch;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.TextTable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The documents about injection and readiness. */
final class ReadinessDocuments {
    private ReadinessDocuments() {}

    static Document injection(Injection injection, String source, Instant at) {
        return new Document(
                "check-inject", source, at, body(injection), text(injection), List.of(), injection.inconclusive());
    }

    private static Json body(Injection injection) {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("subject", injection.subject().toString());
        fields.put("namespace", injection.namespace());
        fields.put("labels", injection.labels());
        fields.put("outcome", injection.outcome().name());
        fields.put("reason", injection.reason());
        fields.put("webhook", injection.webhook().map(InjectionWebhook::name).orElse(null));
        fields.put(
                "configuration",
                injection
                        .webhook()
                        .map(webhook -> webhook.configuration().name())
                        .orElse(null));
        fields.put(
                "revision", injection.webhook().map(InjectionWebhook::revision).orElse(null));
        fields.put("tag", injection.webhook().flatMap(InjectionWebhook::tag).orElse(null));
        fields.put("presence", injection.presence().name());
        fields.put("presentRevision", injection.presentRevision().orElse(null));
        fields.put("templates", injection.templates());
        fields.put("differs", injection.differs());
        fields.put("notes", injection.notes());
        fields.put("remedy", injection.remedy());
        fields.put(
                "webhooks",
                injection.webhooks().stream().map(ReadinessDocuments::webhook).toList());
        return Json.of(fields);
    }

    private static Json webhook(InjectionWebhook webhook) {
        return Json.object(
                "configuration", webhook.configuration().name(),
                "name", webhook.name(),
                "revision", webhook.revision(),
                "tag", webhook.tag().orElse(null),
                "failurePolicy", webhook.failurePolicy(),
                "deactivated", webhook.isDeactivated(),
                "matches", webhook.matches(),
                "hindrance", webhook.hindrance(),
                "namespaceSelector", selector(webhook.namespaceSelector()),
                "objectSelector", selector(webhook.objectSelector()));
    }

    private static Json selector(SelectorMatch match) {
        return Json.object("matches", match.matches(), "condition", match.condition(), "label", match.label());
    }

    private static String text(Injection injection) {
        StringBuilder out = new StringBuilder();
        out.append(injection.subject())
                .append(": ")
                .append(
                        switch (injection.outcome()) {
                            case INJECTED -> "would be injected";
                            case NOT_INJECTED -> "would not be injected";
                            case UNKNOWN -> "cannot be told";
                        })
                .append('\n')
                .append(injection.reason())
                .append('\n');
        if (!injection.presenceText().isEmpty()) {
            out.append("Now it ").append(injection.presenceText()).append(".\n");
        }
        injection.notes().forEach(note -> out.append(note).append('\n'));
        if (!injection.remedy().isEmpty()) {
            out.append("→ ").append(injection.remedy()).append('\n');
        }
        if (!injection.webhooks().isEmpty()) {
            TextTable table = new TextTable("WEBHOOK", "REVISION", "MATCHES", "BECAUSE");
            for (InjectionWebhook webhook : injection.webhooks()) {
                table.row(
                        webhook.configuration().name() + "/" + webhook.name(),
                        webhook.revision()
                                + webhook.tag().map(tag -> " (tag " + tag + ")").orElse(""),
                        webhook.matches() ? "yes" : "no",
                        Injection.because(webhook));
            }
            out.append('\n').append(table.whole());
        }
        return out.toString();
    }
}
