package dev.meshdx.logs;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a log of any length says, or the logs of several pods together: made while it is read, in memory that does not grow with it.
 * Immutable; safe for use by several threads.
 */
@CheckReturnValue
public final class LogSummary {
    private final Fields fields;

    /** What the reader collects. */
    @Internal
    public record Fields(
            long lines,
            long bytes,
            Map<LineKind, Long> byKind,
            long continuations,
            List<String> unknown,
            @Nullable Instant first,
            @Nullable Instant last,
            LogMatches patterns,
            AccessSummary access,
            List<ResourceRef> pods,
            List<Inconclusive> inconclusive) {
        /** Keeps them from changes. */
        public Fields {
            byKind = Collections.unmodifiableMap(byKind);
            unknown = List.copyOf(unknown);
            pods = List.copyOf(pods);
            inconclusive = List.copyOf(inconclusive);
        }

        /** With what the reading itself was like. */
        public Fields of(List<ResourceRef> read, List<Inconclusive> gaps) {
            return new Fields(lines, bytes, byKind, continuations, unknown, first, last, patterns, access, read, gaps);
        }
    }

    /** Made by the reader. */
    @Internal
    public LogSummary(Fields fields) {
        this.fields = fields;
    }

    /** With what the reading itself was like. */
    @Internal
    public LogSummary of(List<ResourceRef> pods, List<Inconclusive> gaps) {
        return new LogSummary(fields.of(pods, gaps));
    }

    /** How many lines were read. */
    public long lines() {
        return fields.lines();
    }

    /** How many bytes were read. */
    public long bytes() {
        return fields.bytes();
    }

    /** How many lines each writer wrote; those that go on with a message are not counted here. */
    public Map<LineKind, Long> byKind() {
        return fields.byKind();
    }

    /** How many lines go on with the message before them, such as those of a stack trace. */
    public long continuations() {
        return fields.continuations();
    }

    /** How many lines are in no known form. */
    public long notUnderstood() {
        return fields.byKind().getOrDefault(LineKind.OTHER, 0L);
    }

    /** The first three of them. */
    public List<String> notUnderstoodExamples() {
        return fields.unknown();
    }

    /** The time of the earliest line; empty where no line has one. */
    public Optional<Instant> first() {
        return Optional.ofNullable(fields.first());
    }

    /** The time of the latest line; empty where no line has one. */
    public Optional<Instant> last() {
        return Optional.ofNullable(fields.last());
    }

    /** What went wrong, by pattern. */
    public LogMatches patterns() {
        return fields.patterns();
    }

    /** The requests and connections. */
    public AccessSummary access() {
        return fields.access();
    }

    /** The pods whose logs were read; empty for a file. */
    public List<ResourceRef> pods() {
        return fields.pods();
    }

    /** What could not be read: the log of a pod, or the rest of one that is longer than what was asked for. */
    public List<Inconclusive> inconclusive() {
        return fields.inconclusive();
    }

    /** The first error that the log tells of: of a request, or in a message; empty where it tells of none that has a time. */
    public Optional<Instant> firstError() {
        return patterns().stream()
                .filter(match -> match.pattern().severity() != dev.meshdx.finding.Severity.INFO)
                .flatMap(match -> match.first().stream())
                .min(Instant::compareTo);
    }

    /** The numbers, and the patterns. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        parts.add(lines() + (lines() == 1 ? " line" : " lines"));
        byKind().forEach((kind, count) -> {
            if (count > 0) {
                parts.add(count + " " + kind.words());
            }
        });
        if (continuations() > 0) {
            parts.add(continuations() + " continued");
        }
        return String.join(", ", parts)
                + (inconclusive().isEmpty() ? "" : "; " + inconclusive().size() + " not read")
                + "\n" + access().failed() + " of " + access().entries() + " requests failed\n" + patterns();
    }
}
