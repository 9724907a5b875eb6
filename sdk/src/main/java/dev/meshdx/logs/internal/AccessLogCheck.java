package dev.meshdx.logs.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.AccessLogEntry.Direction;
import dev.meshdx.logs.internal.LogModel.PodLog;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A rule about access logs: one finding for each destination and reason, however many requests failed so. */
abstract class AccessLogCheck implements Check<LogModel> {
    private final FindingCode code;

    AccessLogCheck(FindingCode code) {
        this.code = code;
    }

    @Override
    public final List<FindingCode> codes() {
        return List.of(code);
    }

    /** Why the request failed, where that is this rule's matter; else empty. Failures with the same reason are one finding. */
    abstract Optional<String> reason(AccessLogEntry entry);

    /** Message and remedy. */
    abstract void describe(FailureGroup group, Finding.Builder finding);

    /** How bad it is; see {@link FailureGroup#severity}. */
    Severity severity(FailureGroup group, LogModel model) {
        return group.severity(model.now(), true);
    }

    @Override
    public final void run(LogModel model, Consumer<Finding> report) {
        Map<List<String>, FailureGroup> groups = new LinkedHashMap<>();
        Map<String, List<FailureGroup>> byPlace = new LinkedHashMap<>();
        for (PodLog log : model.logs()) {
            for (AccessLogEntry entry : log.lines().accessLog()) {
                Optional<String> reason = reason(entry);
                if (reason.isPresent()) {
                    String place = place(log, entry);
                    FailureGroup group = groups.computeIfAbsent(List.of(place, reason.get()), key -> {
                        FailureGroup created = new FailureGroup(reason.get());
                        byPlace.computeIfAbsent(place, other -> new ArrayList<>())
                                .add(created);
                        return created;
                    });
                    group.add(new FailureGroup.Hit(log, entry));
                }
            }
        }
        if (groups.isEmpty()) {
            return;
        }
        for (PodLog log : model.logs()) {
            for (AccessLogEntry entry : log.lines().accessLog()) {
                if (!entry.failed()) {
                    byPlace.getOrDefault(place(log, entry), List.of()).forEach(group -> group.succeeded(entry));
                    if (!entry.authority().isEmpty()) {
                        // Requests that failed before a cluster was chosen are compared by host.
                        byPlace.getOrDefault(entry.authority(), List.of()).forEach(group -> group.succeeded(entry));
                    }
                }
            }
        }
        byPlace.values().forEach(same -> {
            int failed = same.stream().mapToInt(FailureGroup::count).sum();
            same.forEach(group -> group.failedInAll(failed));
        });
        groups.values().forEach(group -> report.accept(finding(model, group)));
    }

    /** Where a request goes: the cluster; an inbound one is another in each pod; without a cluster the host or the address. */
    private static String place(PodLog log, AccessLogEntry entry) {
        String cluster = entry.upstreamCluster();
        if (!cluster.isEmpty()) {
            return entry.direction() == Direction.INBOUND ? cluster + " of " + log.pod() : cluster;
        }
        return entry.authority().isEmpty() ? entry.downstreamLocalAddress() : entry.authority();
    }

    private Finding finding(LogModel model, FailureGroup group) {
        AccessLogEntry example = group.example();
        Finding.Builder finding = Finding.of(code, group.pod().pod()).severity(severity(group, model));
        describe(group, finding);
        String where = "log of " + group.pod().pod().qualifiedName();
        finding.evidence("failed", where, group.share() + group.period());
        finding.evidence(
                "response",
                where,
                example.responseCode() + " "
                        + (example.flags().isEmpty() ? "-" : String.join(",", example.flags()))
                        + (example.details().isEmpty() ? "" : " " + Redaction.line(example.details())));
        if (!example.upstreamHost().isEmpty()) {
            finding.evidence("upstream host", where, group.distinct(AccessLogEntry::upstreamHost));
        }
        if (example.isHttp()) {
            finding.evidence("requests", where, group.distinct(entry -> entry.method() + " " + plain(entry.path())));
        }
        List<String> pods = group.pods();
        if (pods.size() > 1) {
            finding.evidence(
                    "pods that log it",
                    "",
                    pods.size() + ": " + String.join(", ", pods.subList(0, Math.min(5, pods.size())))
                            + (pods.size() > 5 ? " …" : ""));
        }
        finding.evidence("example", where, Redaction.line(example.line()));
        return finding.build();
    }

    /** A path without its query. */
    private static String plain(String path) {
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
    }

    /** The host part of an outbound cluster; empty for others. */
    static String host(AccessLogEntry entry) {
        String[] parts = entry.upstreamCluster().split("\\|", -1);
        return parts.length >= 4 && entry.direction() == Direction.OUTBOUND ? parts[3] : "";
    }

    /** The Service of an outbound cluster; empty where it leads out of the cluster. */
    static Optional<ResourceRef> service(AccessLogEntry entry) {
        String[] labels = host(entry).split("\\.", -1);
        return labels.length > 3 && labels[2].equals("svc")
                ? Optional.of(ResourceRef.of("Service", labels[1], labels[0]))
                : Optional.empty();
    }

    /** The port of an inbound or outbound cluster; empty for others. */
    static String port(AccessLogEntry entry) {
        String[] parts = entry.upstreamCluster().split("\\|", -1);
        return parts.length >= 4 ? parts[1] : "";
    }
}
