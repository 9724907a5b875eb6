package dev.meshdx.logs;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.model.internal.TextTable;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The known patterns that occur in a log, the most frequent first. Four are the classics of the routine by hand:
 * {@code upstream-connect-error}, {@code no-healthy-upstream}, {@code tls-failure} and {@code no-route}; {@link LogPattern#all()} has
 * the others. A line counts for each pattern that it matches: a general one and the specific ones beside it. Immutable; safe for use
 * by several threads.
 */
@CheckReturnValue
public final class LogMatches implements Iterable<LogMatch> {
    private final List<LogMatch> all;

    /** Made by the matcher. */
    @Internal
    public LogMatches(List<LogMatch> all) {
        this.all = List.copyOf(all);
    }

    /** All matches; empty where the log shows nothing that is wrong. */
    public List<LogMatch> all() {
        return all;
    }

    /** The match of a pattern; empty where it does not occur. */
    public Optional<LogMatch> of(String id) {
        return all.stream().filter(match -> match.id().equals(id)).findFirst();
    }

    /** Whether no pattern occurs. */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** All matches. */
    public Stream<LogMatch> stream() {
        return all.stream();
    }

    /** How many patterns. */
    public int size() {
        return all.size();
    }

    @Override
    public Iterator<LogMatch> iterator() {
        return all.iterator();
    }

    /** A table. */
    @Override
    public String toString() {
        if (all.isEmpty()) {
            return "no known pattern";
        }
        TextTable table = new TextTable("PATTERN", "COUNT", "LAST", "MEANING");
        all.forEach(match -> table.row(
                match.id(),
                Long.toString(match.count()),
                match.last().map(Object::toString).orElse("-"),
                match.meaning()));
        return table.summary(all.size() + (all.size() == 1 ? " pattern" : " patterns"), "patterns");
    }
}
