package dev.meshdx.report;

import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.health.CustomResource;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.Latency;
import dev.meshdx.health.LeaderElection;
import dev.meshdx.health.PushStatistics;
import dev.meshdx.health.RevisionTag;
import dev.meshdx.health.Webhook;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.TextTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The control plane as tables, and as a document. */
final class ControlPlaneTables {
    private ControlPlaneTables() {}

    /** Istiods; what they report; webhooks; tags; kinds that are not served; who leads. */
    static String text(ControlPlaneHealth health, Instant now) {
        if (health.instances().isEmpty()) {
            return "There is no istiod.\n" + webhooks(health);
        }
        TextTable pods = new TextTable("ISTIOD", "REVISION", "VERSION", "READY", "RESTARTS", "MEMORY", "CPU", "UPTIME");
        TextTable reports = new TextTable("ISTIOD", "PROXIES", "PUSHES", "PUSH P99", "CONVERGENCE P99", "ERRORS");
        for (IstiodInstance istiod : health.instances()) {
            pods.row(
                    istiod.pod(),
                    istiod.revision(),
                    istiod.version(),
                    ready(istiod),
                    restarts(istiod, now),
                    memory(istiod),
                    cpu(istiod),
                    istiod.uptime().map(ControlPlaneTables::text).orElse("-"));
            istiod.push()
                    .ifPresent(push -> reports.row(
                            istiod.pod(),
                            proxies(istiod),
                            String.valueOf(push.pushes().values().stream()
                                    .mapToLong(Long::longValue)
                                    .sum()),
                            p99(push.generation()),
                            p99(push.convergence()),
                            errors(push)));
        }
        return pods.whole()
                + (reports.isEmpty() ? "" : "\n" + reports.whole())
                + webhooks(health)
                + tags(health)
                + kinds(health)
                + elections(health);
    }

    private static String ready(IstiodInstance istiod) {
        return istiod.ready()
                ? "yes"
                : "no" + istiod.waitingReason().map(why -> " (" + why + ")").orElse("");
    }

    private static String restarts(IstiodInstance istiod, Instant now) {
        return istiod.restarts()
                + istiod.lastTermination()
                        .map(last -> " (" + (last.reason().isEmpty() ? "ended" : last.reason()) + " " + last.exitCode()
                                + last.at()
                                        .map(at -> ", " + text(Duration.between(at, now)) + " ago")
                                        .orElse("")
                                + ")")
                        .orElse("");
    }

    private static String memory(IstiodInstance istiod) {
        if (istiod.memoryUsedBytes().isEmpty()) {
            return "-";
        }
        return mebibytes(istiod.memoryUsedBytes().getAsLong())
                + (istiod.memoryPercent().isPresent()
                        ? " of " + mebibytes(istiod.memoryLimitBytes().orElse(0)) + " ("
                                + istiod.memoryPercent().getAsInt() + " %)"
                        : "");
    }

    private static String mebibytes(long bytes) {
        return bytes / (1024 * 1024) + " MiB";
    }

    private static String cpu(IstiodInstance istiod) {
        if (istiod.cpuCores().isEmpty()) {
            return "-";
        }
        return String.format(Locale.ROOT, "%.2f", istiod.cpuCores().getAsDouble())
                + (istiod.cpuLimitCores().isPresent()
                        ? String.format(
                                Locale.ROOT, " of %.2f", istiod.cpuLimitCores().getAsDouble())
                        : "");
    }

    private static String proxies(IstiodInstance istiod) {
        SortedMap<String, Long> versions = istiod.connectedProxies();
        if (versions.isEmpty()) {
            return "-";
        }
        long all = versions.values().stream().mapToLong(Long::longValue).sum();
        return versions.size() == 1
                ? String.valueOf(all)
                : all + " ("
                        + versions.entrySet().stream()
                                .map(version -> version.getValue() + " of " + version.getKey())
                                .collect(Collectors.joining(", "))
                        + ")";
    }

    private static String p99(Optional<Latency> latency) {
        return latency.flatMap(Latency::p99).map(Latency.Quantile::toString).orElse("-");
    }

    private static String errors(PushStatistics push) {
        Map<String, Long> counts = new TreeMap<>();
        counts.put("internal", push.internalErrors());
        counts.put(
                "rejected by proxies",
                push.rejects().values().stream().mapToLong(Long::longValue).sum());
        counts.put("write timeouts", push.writeTimeouts());
        String text = counts.entrySet().stream()
                .filter(count -> count.getValue() > 0)
                .map(count -> count.getValue() + " " + count.getKey())
                .collect(Collectors.joining(", "));
        return text.isEmpty() ? "none" : text;
    }

    private static String webhooks(ControlPlaneHealth health) {
        TextTable table = new TextTable("WEBHOOK", "KIND", "REVISION", "CALLS", "READY", "FAILURE POLICY", "CA");
        Map<List<String>, Boolean> rows = new java.util.LinkedHashMap<>();
        for (Webhook webhook : health.webhooks()) {
            rows.put(
                    List.of(
                            webhook.configuration(),
                            webhook.kind().name().toLowerCase(Locale.ROOT),
                            webhook.tag()
                                    .map(tag -> webhook.revision() + " (tag " + tag + ")")
                                    .orElse(webhook.revision().isEmpty() ? "-" : webhook.revision()),
                            webhook.service().or(webhook::url).orElse("-"),
                            backend(webhook),
                            webhook.failurePolicy(),
                            words(webhook.authority())),
                    true);
        }
        rows.keySet().forEach(table::row);
        return table.isEmpty() ? "" : "\n" + table.whole();
    }

    private static String backend(Webhook webhook) {
        return webhook.backend() == Webhook.Backend.READY
                ? webhook.readyEndpoints().orElse(0)
                        + (webhook.readyEndpoints().orElse(0) == 1 ? " endpoint" : " endpoints")
                : words(webhook.backend());
    }

    private static String words(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String tags(ControlPlaneHealth health) {
        TextTable table = new TextTable("TAG", "REVISION", "ISTIODS");
        for (RevisionTag tag : health.tags()) {
            table.row(tag.tag(), tag.revision(), String.valueOf(tag.istiods()));
        }
        return table.isEmpty() ? "" : "\n" + table.whole();
    }

    private static String kinds(ControlPlaneHealth health) {
        List<CustomResource> kinds = health.customResources();
        if (kinds.isEmpty()) {
            return "";
        }
        List<CustomResource> not = kinds.stream().filter(kind -> !kind.served()).toList();
        return "\nIstio's kinds: " + (kinds.size() - not.size()) + " of " + kinds.size() + " served"
                + (not.isEmpty()
                        ? ""
                        : ", not " + not.stream().map(CustomResource::toString).collect(Collectors.joining(", ")))
                + "\n";
    }

    private static String elections(ControlPlaneHealth health) {
        Map<String, List<String>> holders = new TreeMap<>();
        for (LeaderElection election : health.elections()) {
            String holder = election.holder().isEmpty()
                    ? "nobody"
                    : election.holder() + (election.holderExists() ? "" : " (no such pod)");
            holders.computeIfAbsent(holder, key -> new ArrayList<>()).add(election.name());
        }
        StringBuilder out = new StringBuilder();
        holders.forEach((holder, names) ->
                out.append("\nLeads: ").append(holder).append(": ").append(String.join(", ", names)));
        return out.isEmpty() ? "" : out.append('\n').toString();
    }

    private static String text(Duration duration) {
        Duration positive = duration.isNegative() ? Duration.ZERO : duration;
        if (positive.toDays() >= 2) {
            return positive.toDays() + " d";
        }
        if (positive.toHours() >= 2) {
            return positive.toHours() + " h";
        }
        return positive.toMinutes() >= 2 ? positive.toMinutes() + " min" : positive.toSeconds() + " s";
    }

    // The document

    /** What is told of an istiod beyond the fields that all its documents have. */
    static @Nullable Json cpuOf(IstiodInstance istiod) {
        return istiod.cpuCores().isEmpty()
                ? null
                : Json.object(
                        "cores",
                        istiod.cpuCores().getAsDouble(),
                        "limitCores",
                        istiod.cpuLimitCores().isPresent()
                                ? istiod.cpuLimitCores().getAsDouble()
                                : null,
                        "source",
                        istiod.cpuSource());
    }

    static @Nullable Json pushOf(IstiodInstance istiod) {
        return istiod.push()
                .map(push -> Json.object(
                        "pushes", Json.of(push.pushes()),
                        "rejects", Json.of(push.rejects()),
                        "internalErrors", push.internalErrors(),
                        "writeTimeouts", push.writeTimeouts(),
                        "rejectedConfigurations", push.rejectedConfigurations(),
                        "convergence", latency(push.convergence()),
                        "queue", latency(push.queue()),
                        "debounce", latency(push.debounce()),
                        "initialisation", latency(push.initialisation()),
                        "generation", latency(push.generation())))
                .orElse(null);
    }

    private static @Nullable Json latency(Optional<Latency> latency) {
        return latency.map(one -> Json.object(
                        "count", one.count(),
                        "meanSeconds",
                                one.mean().map(ControlPlaneTables::seconds).orElse(null),
                        "p50", one.p50().map(ControlPlaneTables::quantile).orElse(null),
                        "p99", one.p99().map(ControlPlaneTables::quantile).orElse(null)))
                .orElse(null);
    }

    private static Json quantile(Latency.Quantile quantile) {
        return Json.object(
                "atLeastSeconds", seconds(quantile.atLeast()),
                "atMostSeconds",
                        quantile.atMost().map(ControlPlaneTables::seconds).orElse(null),
                "estimateSeconds", seconds(quantile.estimate()));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    static Json webhooksOf(ControlPlaneHealth health) {
        return Json.array(health.webhooks().stream()
                .map(webhook -> Json.object(
                        "kind", webhook.kind().name(),
                        "configuration", webhook.configuration(),
                        "name", webhook.name(),
                        "revision", webhook.revision(),
                        "tag", webhook.tag().orElse(null),
                        "failurePolicy", webhook.failurePolicy(),
                        "service", webhook.service().orElse(null),
                        "url", webhook.url().orElse(null),
                        "backend", webhook.backend().name(),
                        "readyEndpoints",
                                webhook.readyEndpoints().isPresent()
                                        ? webhook.readyEndpoints().getAsInt()
                                        : null,
                        "authority", webhook.authority().name(),
                        "authorityNotAfter",
                                webhook.authorityNotAfter()
                                        .map(Instant::toString)
                                        .orElse(null)))
                .toList());
    }

    static Json tagsOf(ControlPlaneHealth health) {
        return Json.array(health.tags().stream()
                .map(tag -> Json.object(
                        "tag", tag.tag(),
                        "revision", tag.revision(),
                        "configuration", tag.configuration(),
                        "istiods", tag.istiods()))
                .toList());
    }

    static Json kindsOf(ControlPlaneHealth health) {
        return Json.array(health.customResources().stream()
                .map(kind -> Json.object(
                        "name", kind.name(),
                        "installed", kind.installed(),
                        "established", kind.established(),
                        "servedVersions", Json.of(kind.servedVersions())))
                .toList());
    }

    static Json electionsOf(ControlPlaneHealth health) {
        return Json.array(health.elections().stream()
                .map(election -> Json.object(
                        "name", election.name(),
                        "kind", election.ref().kind(),
                        "revision", election.revision(),
                        "holder", election.holder(),
                        "holderExists", election.holderExists(),
                        "renewedAt", election.renewedAt().map(Instant::toString).orElse(null)))
                .toList());
    }
}
