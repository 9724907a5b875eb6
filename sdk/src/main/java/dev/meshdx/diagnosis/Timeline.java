package dev.meshdx.diagnosis;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.logs.LogSummary;
import dev.meshdx.model.internal.TextTable;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a pod's errors began, and what changed around then: configuration, rollouts, restarts, pushes of istiod, certificates, events.
 * That one thing follows another does not say that it comes from it: these are suspects. Immutable; safe for use by several threads.
 *
 * <p>What is told: of a resource its last change (other than in its status), not the ones before; of a container its last start and
 * end; of a push the last of each type; of events those that the API server still has, usually of the last hour. What was deleted leaves
 * no trace but its events.
 */
@CheckReturnValue
public final class Timeline {
    /** How long before the first error a change may be and still be looked at as its cause. */
    private static final Duration BEFORE = Duration.ofMinutes(10);

    /** Clocks differ, and a change may be seen before it is written down. */
    private static final Duration AFTER = Duration.ofSeconds(5);

    private final List<TimelineEntry> entries;
    private final LogSummary log;
    private final @Nullable Instant firstError;
    private final List<Inconclusive> inconclusive;

    /** Made by the reader. */
    @Internal
    public Timeline(List<TimelineEntry> entries, LogSummary log, List<Inconclusive> inconclusive) {
        this.entries = entries.stream().sorted().distinct().toList();
        this.log = log;
        this.firstError = log.firstError().orElse(null);
        this.inconclusive = inconclusive.stream().sorted().distinct().toList();
    }

    /** All that happened, the earliest first. */
    public List<TimelineEntry> entries() {
        return entries;
    }

    /** What the log says. */
    public LogSummary log() {
        return log;
    }

    /** The first error in the lines of the log that were read; empty where they tell of none. It may have begun before them. */
    public Optional<Instant> firstError() {
        return Optional.ofNullable(firstError);
    }

    /** What changed in the ten minutes before the first error, the nearest first; empty where the log tells of no error. */
    public List<TimelineEntry> suspects() {
        return before(BEFORE);
    }

    /** What changed in so long a time before the first error, the nearest first. */
    public List<TimelineEntry> before(Duration time) {
        if (firstError == null) {
            return List.of();
        }
        return entries.stream()
                .filter(entry -> entry.kind() != TimelineEntry.Kind.ERRORS
                        && !entry.at().isBefore(firstError.minus(time))
                        && !entry.at().isAfter(firstError.plus(AFTER)))
                .sorted(Comparator.<TimelineEntry>naturalOrder().reversed())
                .toList();
    }

    /** What could not be seen. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** A table of what happened. */
    @Override
    public String toString() {
        TextTable table = new TextTable("TIME", "WHAT", "SUBJECT", "TEXT");
        entries.forEach(entry -> table.row(
                entry.at().toString(), entry.kind().toString(), entry.subject().toString(), entry.text()));
        return table.summary(
                firstError == null
                        ? "no error in the log"
                        : "first error at " + firstError + ", " + suspects().size()
                                + " changes in the ten minutes before",
                "entries");
    }
}
