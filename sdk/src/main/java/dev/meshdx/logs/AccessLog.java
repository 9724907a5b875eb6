package dev.meshdx.logs;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.logs.internal.summary.Counts;
import dev.meshdx.model.internal.TextTable;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The requests and connections that a proxy logged, in the order of the log. Access logging may be off, or filtered: that there
 * is no line proves nothing. Immutable; safe for use by several threads.
 */
@CheckReturnValue
public final class AccessLog implements Iterable<AccessLogEntry> {
    private static final int SLOWEST = 10;

    private final List<AccessLogEntry> entries;

    /** Made by the parser. */
    @Internal
    public AccessLog(List<AccessLogEntry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** All entries. */
    public List<AccessLogEntry> entries() {
        return entries;
    }

    /** The entries of requests and connections that went wrong. */
    public List<AccessLogEntry> failures() {
        return entries.stream().filter(AccessLogEntry::failed).toList();
    }

    /** How many entries have each flag, the most frequent first; those with none are counted as {@code -}. */
    public Map<String, Integer> byFlag() {
        Map<String, Integer> counts = new TreeMap<>();
        for (AccessLogEntry entry : entries) {
            for (String flag : entry.flags().isEmpty() ? List.of("-") : entry.flags()) {
                counts.merge(flag, 1, Integer::sum);
            }
        }
        return Counts.sorted(counts);
    }

    /** How many entries have each status code, in the order of the codes; 0 stands for those that got none. */
    public Map<Integer, Integer> byCode() {
        Map<Integer, Integer> counts = new TreeMap<>();
        entries.forEach(entry -> counts.merge(entry.responseCode(), 1, Integer::sum));
        return Collections.unmodifiableMap(counts);
    }

    /** How many entries took each route, the most frequent first; those that took none are counted as {@code -}. */
    public Map<String, Integer> byRoute() {
        Map<String, Integer> counts = new TreeMap<>();
        entries.forEach(entry -> counts.merge(entry.routeName().isEmpty() ? "-" : entry.routeName(), 1, Integer::sum));
        return Counts.sorted(counts);
    }

    /** The ten HTTP requests that took longest, the slowest first. */
    public List<AccessLogEntry> slowest() {
        return entries.stream()
                .filter(AccessLogEntry::isHttp)
                .sorted(Comparator.comparing(AccessLogEntry::duration).reversed())
                .limit(SLOWEST)
                .toList();
    }

    /** How many entries. */
    public int size() {
        return entries.size();
    }

    /** All entries. */
    public Stream<AccessLogEntry> stream() {
        return entries.stream();
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return entries.isEmpty();
    }

    @Override
    public Iterator<AccessLogEntry> iterator() {
        return entries.iterator();
    }

    /** A summary, and the last failures. */
    @Override
    public String toString() {
        List<AccessLogEntry> failures = failures();
        return TextTable.list(
                entries.size() + " entries, " + failures.size() + " failed; codes " + byCode() + ", flags " + byFlag(),
                failures.subList(Math.max(0, failures.size() - 6), failures.size()).stream()
                        .map(AccessLogEntry::toString)
                        .toList(),
                "failures");
    }
}
