package dev.meshdx.logs.internal;

import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.AccessLogEntry.Direction;
import dev.meshdx.logs.internal.LogModel.PodLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Requests that failed in the same way on their way to the same place, and how those fared that did not. */
final class FailureGroup {
    /** Below this share failures are rare among many that work. */
    private static final double RARE = 0.05;

    private static final Duration OLD = Duration.ofHours(1);
    private static final Duration VERY_OLD = Duration.ofDays(1);

    /** One failed request in the log of one pod. */
    record Hit(PodLog log, AccessLogEntry entry) {}

    private final String reason;
    private final List<Hit> hits = new ArrayList<>();
    private int succeeded;
    private int failedInAll;
    private @Nullable Instant lastSuccess;

    FailureGroup(String reason) {
        this.reason = reason;
    }

    void add(Hit hit) {
        hits.add(hit);
    }

    void succeeded(AccessLogEntry entry) {
        succeeded++;
        Instant time = entry.time().orElse(null);
        if (time != null && (lastSuccess == null || time.isAfter(lastSuccess))) {
            lastSuccess = time;
        }
    }

    /** How many requests to the same place failed for a reason of the same kind. */
    void failedInAll(int count) {
        failedInAll = count;
    }

    /** Whether more of the requests to the same place fail than succeed. */
    boolean isMajority() {
        return failedInAll > succeeded;
    }

    String reason() {
        return reason;
    }

    List<Hit> hits() {
        return hits;
    }

    /** An example: the newest. */
    AccessLogEntry example() {
        return hits.get(hits.size() - 1).entry();
    }

    int count() {
        return hits.size();
    }

    /** The pod that saw it most often; of several the first by name. */
    PodLog pod() {
        Map<PodLog, Integer> counts = new LinkedHashMap<>();
        hits.forEach(hit -> counts.merge(hit.log(), 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.<PodLog, Integer>comparingByValue()
                        .thenComparing(entry -> entry.getKey().pod(), Comparator.reverseOrder()))
                .orElseThrow()
                .getKey();
    }

    /** All pods that saw it. */
    List<String> pods() {
        return hits.stream()
                .map(hit -> hit.log().pod().qualifiedName())
                .distinct()
                .sorted()
                .toList();
    }

    @Nullable
    Instant first() {
        return hits.stream()
                .flatMap(hit -> hit.entry().time().stream())
                .min(Comparator.naturalOrder())
                .orElse(null);
    }

    @Nullable
    Instant last() {
        return hits.stream()
                .flatMap(hit -> hit.entry().time().stream())
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    /** {@code 3 of 10 requests}. */
    String share() {
        String what = example().isHttp() ? "request" : "connection";
        return succeeded == 0
                ? count() + " " + what + (count() == 1 ? "" : "s")
                : count() + " of " + (count() + succeeded) + " " + what + "s";
    }

    /** {@code , from … to …}, for evidence. */
    String period() {
        Instant first = first();
        Instant last = last();
        return first == null || last == null
                ? ""
                : first.equals(last) ? ", at " + first : ", first " + first + ", last " + last;
    }

    /** Up to five different values, for evidence. */
    String distinct(java.util.function.Function<AccessLogEntry, String> value) {
        List<String> values = hits.stream()
                .map(hit -> value.apply(hit.entry()))
                .filter(text -> !text.isEmpty())
                .distinct()
                .sorted()
                .toList();
        return values.stream().limit(5).map(Redaction::line).collect(Collectors.joining(", "))
                + (values.size() > 5 ? " and " + (values.size() - 5) + " more" : "");
    }

    /**
     * An error while requests fail; a warning where failures are rare among many that work, where it works again, or where it
     * was an hour ago; worth knowing where it was a day ago.
     *
     * @param recovers whether a later success says that it works again: not so where the same request always fails
     */
    Severity severity(Instant now, boolean recovers) {
        Instant last = last();
        if (last != null && last.isBefore(now.minus(VERY_OLD))) {
            return Severity.INFO;
        }
        if (last != null && last.isBefore(now.minus(OLD))) {
            return Severity.WARNING;
        }
        double failed = count() / (double) (count() + succeeded);
        boolean again = recovers && failed < 0.5 && last != null && lastSuccess != null && lastSuccess.isAfter(last);
        return failed < RARE || again ? Severity.WARNING : Severity.ERROR;
    }

    /** Where the requests were going, in words: {@code reviews.production.svc.cluster.local:9080 subset v1}. */
    String destination() {
        return destination(pod(), example());
    }

    static String destination(PodLog log, AccessLogEntry entry) {
        String cluster = entry.upstreamCluster();
        String[] parts = cluster.split("\\|", -1);
        if (parts.length >= 4 && entry.direction() == Direction.OUTBOUND) {
            return parts[3] + ":" + parts[1] + (parts[2].isEmpty() ? "" : " subset " + parts[2]);
        }
        if (parts.length >= 2 && entry.direction() == Direction.INBOUND) {
            return "port " + parts[1] + " of " + log.pod().name();
        }
        if (!cluster.isEmpty()) {
            return cluster + (entry.upstreamHost().isEmpty() ? "" : " " + entry.upstreamHost());
        }
        return entry.authority().isEmpty() ? entry.downstreamLocalAddress() : entry.authority();
    }
}
