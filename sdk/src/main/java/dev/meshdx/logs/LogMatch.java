package dev.meshdx.logs;

import dev.meshdx.annotation.Internal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A pattern that occurs in a log: how often, when, and what it means. Immutable; safe for use by several threads. */
public final class LogMatch {
    private final String id;
    private final int count;
    private final @Nullable Instant first;
    private final @Nullable Instant last;
    private final List<String> examples;
    private final String meaning;
    private final String remedy;

    /** Made by the matcher. */
    @Internal
    public LogMatch(
            String id,
            int count,
            @Nullable Instant first,
            @Nullable Instant last,
            List<String> examples,
            String meaning,
            String remedy) {
        this.id = id;
        this.count = count;
        this.first = first;
        this.last = last;
        this.examples = List.copyOf(examples);
        this.meaning = meaning;
        this.remedy = remedy;
    }

    /** The pattern's stable name, such as {@code no-healthy-upstream}. */
    public String id() {
        return id;
    }

    /** How many lines match. */
    public int count() {
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

    /** Up to three of the lines, the newest first, without what looks like a token. Never empty. */
    public List<String> examples() {
        return examples;
    }

    /** What the pattern means. */
    public String meaning() {
        return meaning;
    }

    /** What to do about it. */
    public String remedy() {
        return remedy;
    }

    /** One line. */
    @Override
    public String toString() {
        return id + ": " + count + (count == 1 ? " line" : " lines") + ". " + meaning;
    }
}
