package dev.meshdx.report.internal;

import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessFailure;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.AccessSummary;
import dev.meshdx.logs.Burst;
import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogMatch;
import dev.meshdx.logs.LogSummary;
import dev.meshdx.model.internal.TextTable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a log says, for a terminal: first the numbers, then what went wrong and what it means, then the requests that tell most. */
public final class LogText {
    private static final int FAILURES = 10;
    private static final int SLOWEST = 3;

    /** Milliseconds from which on a request is worth a line. */
    private static final long SLOW = 100;

    /** Bytes from which on a request is worth a line. */
    private static final long BIG = 1L << 20;

    private static final int PEERS = 2;

    private LogText() {}

    /** The text of a log's document. */
    public static String of(LogSummary log) {
        StringBuilder out = new StringBuilder();
        numbers(log, out);
        List<LogMatch> matches = log.patterns().stream()
                .sorted(Comparator.<LogMatch, Severity>comparing(
                                match -> match.pattern().severity())
                        .thenComparing(Comparator.comparingLong(LogMatch::count).reversed())
                        .thenComparing(LogMatch::id))
                .toList();
        if (matches.isEmpty()) {
            out.append("Nothing in them asks for attention.\n");
        } else {
            patterns(matches, out);
        }
        failures(log.access(), out);
        slowest(log.access(), out);
        if (log.pods().size() == 1 && log.firstError().isPresent()) {
            out.append("\nWhat changed when it began: meshdx timeline ")
                    .append(log.pods().get(0).name())
                    .append(" -n ")
                    .append(log.pods().get(0).namespace())
                    .append("\n");
        }
        return out.toString();
    }

    private static void numbers(LogSummary log, StringBuilder out) {
        out.append(count(log.lines(), "line"));
        if (log.pods().size() > 1) {
            out.append(" of ").append(log.pods().size()).append(" pods");
        }
        log.first().ifPresent(first -> out.append(", ").append(time(first)));
        log.last().ifPresent(last -> out.append(" to ").append(time(last)));
        out.append("\n");
        List<String> writers = new ArrayList<>();
        Map<LineKind, String> names = Map.of(
                LineKind.ACCESS, "access log",
                LineKind.ENVOY, "Envoy",
                LineKind.AGENT, "agent or istiod",
                LineKind.ZTUNNEL, "ztunnel",
                LineKind.OTHER, "not understood");
        log.byKind().forEach((kind, lines) -> {
            if (lines > 0) {
                writers.add(names.getOrDefault(kind, kind.name()) + " " + lines);
            }
        });
        if (log.continuations() > 0) {
            writers.add("continued " + log.continuations());
        }
        if (!writers.isEmpty()) {
            out.append(String.join(", ", writers)).append("\n");
        }
        AccessSummary access = log.access();
        if (access.entries() > 0) {
            out.append(access.failed())
                    .append(" of ")
                    .append(count(access.entries(), "request"))
                    .append(" failed; by code ")
                    .append(pairs(access.byCode()))
                    .append("; by flag ")
                    .append(pairs(access.byFlag()))
                    .append("\n");
        }
        log.notUnderstoodExamples().stream()
                .findFirst()
                .ifPresent(line -> out.append("not understood: ").append(line).append("\n"));
    }

    private static String pairs(Map<?, Long> counts) {
        return counts.entrySet().stream()
                .limit(8)
                .map(entry -> entry.getKey() + " ×" + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    private static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void patterns(List<LogMatch> matches, StringBuilder out) {
        for (LogMatch match : matches) {
            out.append("\n")
                    .append(match.pattern().severity().toString().toUpperCase(Locale.ROOT))
                    .append(" ")
                    .append(match.id())
                    .append(" ×")
                    .append(match.count());
            match.first().ifPresent(first -> out.append(", ").append(time(first)));
            match.last()
                    .filter(last -> !match.first().equals(java.util.Optional.of(last)))
                    .ifPresent(last -> out.append(" to ").append(time(last)));
            out.append("\n  ").append(match.meaning()).append("\n");
            burst(match, out);
            if (!match.examples().isEmpty()) {
                out.append("  line:    ").append(match.examples().get(0)).append("\n");
            }
            match.pattern().causes().stream()
                    .limit(3)
                    .forEach(cause -> out.append("  may be:  ").append(cause).append("\n"));
            match.pattern()
                    .next()
                    .forEach(step -> out.append("  next:    ").append(step).append("\n"));
            if (!match.pattern().findings().isEmpty()) {
                out.append("  explain: ")
                        .append(String.join(", ", match.pattern().findings()))
                        .append("\n");
            }
        }
    }

    /** Only where it says more than first and last do. */
    private static void burst(LogMatch match, StringBuilder out) {
        if (match.bursts().size() > 1) {
            Burst largest = match.bursts().get(0);
            out.append("  burst:   ")
                    .append(largest.count())
                    .append(" from ")
                    .append(time(largest.first()))
                    .append(" to ")
                    .append(time(largest.last()))
                    .append(String.format(Locale.ROOT, ", %.0f a minute%n", largest.perMinute()));
        }
    }

    private static void failures(AccessSummary access, StringBuilder out) {
        if (access.failures().isEmpty()) {
            return;
        }
        TextTable table =
                new TextTable("COUNT", "CODE", "FLAGS", "DETAILS", "CLUSTER", "ROUTE", "PEERS", "FIRST", "LAST");
        for (AccessFailure failure : access.failures().stream().limit(FAILURES).toList()) {
            table.row(
                    Long.toString(failure.count()),
                    Integer.toString(failure.code()),
                    failure.flags().isEmpty() ? "-" : String.join(",", failure.flags()),
                    failure.details().isEmpty() ? "-" : failure.details(),
                    failure.cluster().isEmpty()
                            ? (failure.authority().isEmpty() ? "-" : failure.authority())
                            : failure.cluster(),
                    failure.route().isEmpty() ? "-" : failure.route(),
                    failure.peers().keySet().stream().limit(PEERS).collect(Collectors.joining(", "))
                            + (failure.peers().size() > PEERS
                                    ? " +" + (failure.peers().size() - PEERS)
                                    : ""),
                    failure.first().map(LogText::time).orElse("-"),
                    failure.last().map(LogText::time).orElse("-"));
        }
        out.append("\nFailed requests").append(access.failures().size() > FAILURES ? ", the most frequent kinds" : "");
        out.append(":\n").append(table.whole());
    }

    private static void slowest(AccessSummary access, StringBuilder out) {
        if (!access.slowest().isEmpty() && access.slowest().get(0).duration().toMillis() >= SLOW) {
            requests("Slowest", access.slowest(), entry -> entry.duration().toMillis() + " ms", out);
        }
        if (!access.biggest().isEmpty() && bytes(access.biggest().get(0)) >= BIG) {
            requests("Biggest", access.biggest(), entry -> (bytes(entry) >> 10) + " KiB", out);
        }
    }

    private static long bytes(AccessLogEntry entry) {
        return entry.bytesReceived() + entry.bytesSent();
    }

    private static void requests(
            String title, List<AccessLogEntry> entries, Function<AccessLogEntry, String> size, StringBuilder out) {
        out.append("\n").append(title).append(":\n");
        for (AccessLogEntry entry : entries.stream().limit(SLOWEST).toList()) {
            out.append("  ")
                    .append(size.apply(entry))
                    .append("  ")
                    .append(entry)
                    .append(entry.requestId().isEmpty() ? "" : "  request id " + entry.requestId())
                    .append("\n");
        }
    }
}
