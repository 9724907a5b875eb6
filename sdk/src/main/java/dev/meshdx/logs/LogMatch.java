package dev.meshdx.logs;

import dev.meshdx.annotation.Internal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A pattern that occurs in a log: how often, when, and what it means. Immutable; safe for use by several threads. */
public final class LogMatch {
    private final LogPattern pattern;
    private final long count;
    private final @Nullable Instant first;
    private final @Nullable Instant last;
    private final List<Burst> bursts;
    private final List<String> examples;

    /** Made by the matcher. */
    @Internal
    public LogMatch(
            LogPattern pattern,
            long count,
            @Nullable Instant first,
            @Nullable Instant last,
            List<Burst> bursts,
            List<String> examples) {
        this.pattern = pattern;
        this.count = count;
        this.first = first;
        this.last = last;
        this.bursts = List.copyOf(bursts);
        this.examples = List.copyOf(examples);
    }

    /** The pattern: what may be behind it, and what to look at next. */
    public LogPattern pattern() {
        return pattern;
    }

    /** The pattern's stable name, such as {@code no-healthy-upstream}. */
    public String id() {
        return pattern.id();
    }

    /** How many lines match; a message of several lines is one. */
    public long count() {
        return count;
    }

    /** The time of the first of them, where lines have a time. */
    public Optional<Instant> first() {
        return Optional.ofNullable(first);
    }

    /** The time of the last of them, where lines have a time. */
    public Optional<Instant> last() {
        return Optional.ofNullable(last);
    }

    /** The three largest bursts, the largest first; empty where lines have no time. */
    public List<Burst> bursts() {
        return bursts;
    }

    /** Up to three of the lines, the newest first, without what looks like a token. Never empty. */
    public List<String> examples() {
        return examples;
    }

    /** What the pattern means. */
    public String meaning() {
        return pattern.meaning();
    }

    /** What to look at next, in one sentence. */
    public String remedy() {
        return String.join("; ", pattern.next());
    }

    /** One line. */
    @Override
    public String toString() {
        return id() + ": " + count + (count == 1 ? " line" : " lines") + ". " + meaning();
    }
}
