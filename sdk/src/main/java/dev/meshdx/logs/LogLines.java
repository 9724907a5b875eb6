package dev.meshdx.logs;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.logs.internal.Redaction;
import dev.meshdx.logs.internal.line.LineFeed;
import dev.meshdx.logs.internal.summary.Aggregator;
import dev.meshdx.model.internal.TextTable;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** Lines of a proxy's log, in their order. Immutable; safe for use by several threads. */
@CheckReturnValue
public final class LogLines implements Iterable<LogLine> {
    private final List<LogLine> lines;
    private final LogFormat format;
    private final List<Inconclusive> inconclusive;
    private final AccessLog accessLog;

    /** Made by the parser. */
    @Internal
    public LogLines(List<LogLine> lines, LogFormat format, List<Inconclusive> inconclusive) {
        this.format = format;
        this.inconclusive = List.copyOf(inconclusive);
        this.lines = List.copyOf(lines);
        this.accessLog = new AccessLog(
                this.lines.stream().flatMap(line -> line.access().stream()).toList());
    }

    /** All lines. */
    public List<LogLine> all() {
        return lines;
    }

    /** The lines that one writer wrote. */
    public List<LogLine> of(LineKind kind) {
        return lines.stream().filter(line -> line.kind() == kind).toList();
    }

    /** How many lines. */
    public int size() {
        return lines.size();
    }

    /** All lines. */
    public Stream<LogLine> stream() {
        return lines.stream();
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    @Override
    public Iterator<LogLine> iterator() {
        return lines.iterator();
    }

    /** What went wrong, by pattern. */
    public LogMatches patterns() {
        return summary().patterns();
    }

    /** The lines in numbers: patterns, and the requests by status, flag, route, cluster and peer. */
    public LogSummary summary() {
        Aggregator aggregator = new Aggregator(format.scanner());
        for (LogLine line : lines) {
            byte[] bytes = line.text().getBytes(StandardCharsets.UTF_8);
            aggregator.bytes(bytes.length + 1L);
            LineFeed.lines(bytes, 0, bytes.length, aggregator);
        }
        return aggregator.summary().of(List.of(), inconclusive);
    }

    /** What could not be read: the rest of a log that is larger than what is read of one, or whose end did not arrive. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** The requests and connections. */
    public AccessLog accessLog() {
        return accessLog;
    }

    /** How many lines of each kind, and the last of them. */
    @Override
    public String toString() {
        StringBuilder title = new StringBuilder(lines.size() + (lines.size() == 1 ? " line" : " lines"));
        for (LineKind kind : LineKind.values()) {
            int count = of(kind).size();
            if (count > 0) {
                title.append(", ").append(count).append(' ').append(kind.words());
            }
        }
        title.append(inconclusive.isEmpty() ? "" : ", the rest was not read").append("; the last ones:");
        return TextTable.list(
                title.toString(),
                lines.subList(Math.max(0, lines.size() - 8), lines.size()).stream()
                        .map(line -> line.access()
                                .map(AccessLogEntry::toString)
                                .orElse(Redaction.line((line.level() + " " + line.message()).strip())))
                        .toList(),
                "lines");
    }
}
