package dev.meshdx.report;

import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.Injection;
import dev.meshdx.health.InjectionWebhook;
import dev.meshdx.health.Readiness;
import dev.meshdx.health.ReadinessStage;
import dev.meshdx.health.SelectorMatch;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.TextTable;
import java.time.Instant;
import java.util.ArrayList;
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

    static Document readiness(Readiness readiness, String source, Instant at) {
        List<Json> stages = new ArrayList<>();
        for (ReadinessStage stage : readiness.stages()) {
            Map<String, Object> fields = new TreeMap<>();
            fields.put("stage", stage.kind().name());
            fields.put("state", stage.state().name());
            fields.put("since", stage.since().map(Instant::toString).orElse(null));
            fields.put("reason", stage.reason());
            fields.put(
                    "evidence",
                    stage.evidence().stream().map(ReadinessDocuments::evidence).toList());
            fields.put("remedy", stage.remedy());
            fields.put("code", stage.code().map(FindingCode::code).orElse(null));
            stages.add(Json.of(fields));
        }
        return new Document(
                "readiness",
                source,
                at,
                Json.object(
                        "pod", readiness.pod().toString(),
                        "ready", readiness.isReady(),
                        "cause",
                                readiness
                                        .cause()
                                        .map(stage -> stage.kind().name())
                                        .orElse(null),
                        "verdict", readiness.verdict(),
                        "stages", Json.array(stages),
                        "injection", body(readiness.injection())),
                text(readiness),
                readiness.findings(),
                readiness.inconclusive());
    }

    private static Json evidence(Evidence evidence) {
        return Json.object("what", evidence.what(), "where", evidence.where(), "value", evidence.value());
    }

    /** The first line says the cause in full. */
    private static String brief(String reason) {
        return reason.length() > 100 ? reason.substring(0, 99) + "…" : reason;
    }

    private static String text(Readiness readiness) {
        StringBuilder out = new StringBuilder();
        out.append(readiness.pod()).append(": ").append(readiness.verdict()).append("\n\n");
        TextTable table = new TextTable("STAGE", "STATE", "SINCE", "REASON");
        for (ReadinessStage stage : readiness.stages()) {
            if (stage.state() != ReadinessStage.State.NOT_APPLICABLE
                    || !stage.reason().isEmpty()) {
                table.row(
                        stage.kind().title(),
                        stage.state().toString(),
                        stage.since().map(Instant::toString).orElse(""),
                        brief(stage.reason()));
            }
        }
        out.append(table.whole());
        readiness.cause().ifPresent(stage -> {
            if (readiness.findings().isEmpty()) {
                stage.evidence().forEach(evidence -> out.append("\n  ").append(evidence));
                if (!stage.remedy().isEmpty()) {
                    out.append("\n→ ").append(stage.remedy());
                }
                if (!stage.evidence().isEmpty() || !stage.remedy().isEmpty()) {
                    out.append('\n');
                }
            }
        });
        return out.toString();
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
