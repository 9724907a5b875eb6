package dev.meshdx.logs;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.logs.internal.line.LineCollector;
import dev.meshdx.logs.internal.line.LineCounter;
import dev.meshdx.logs.internal.line.LineFeed;
import dev.meshdx.logs.internal.summary.Aggregator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads logs that were saved: of an Istio proxy (access log and the messages of Envoy and the agent in between), of istiod, of ztunnel
 * and of the CNI agent, as text and as JSON. Never fails at a line: what is in no known form is kept as {@link LineKind#OTHER}, and
 * counted. Thread-safe.
 */
@CheckReturnValue
public final class LogParser {
    private LogParser() {}

    /** The lines of a log. */
    public static LogLines read(String log) {
        return read(log, LogFormat.usual());
    }

    /** The lines of a log whose access log has a format of its own. */
    public static LogLines read(String log, LogFormat format) {
        LineCollector collector = new LineCollector(format.scanner());
        byte[] bytes = log.getBytes(StandardCharsets.UTF_8);
        LineFeed.lines(bytes, 0, bytes.length, collector);
        return new LogLines(collector.lines(), format, List.of());
    }

    /** The lines of a log. */
    public static LogLines read(List<String> lines) {
        return read(lines, LogFormat.usual());
    }

    /** The lines of a log whose access log has a format of its own. */
    public static LogLines read(List<String> lines, LogFormat format) {
        LineCollector collector = new LineCollector(format.scanner());
        for (String line : lines) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            collector.line(bytes, 0, bytes.length);
        }
        return new LogLines(collector.lines(), format, List.of());
    }

    /** What a log file of any size says, in memory that does not grow with it. */
    public static LogSummary summarize(Path file) throws IOException {
        return summarize(file, LogFormat.usual());
    }

    /** What a log file of any size says, whose access log has a format of its own. */
    public static LogSummary summarize(Path file, LogFormat format) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return summarize(in, format);
        }
    }

    /** What a log of any length says, in memory that does not grow with it. The stream is read to its end, and stays open. */
    public static LogSummary summarize(InputStream log, LogFormat format) throws IOException {
        Aggregator aggregator = new Aggregator(format.scanner());
        aggregator.bytes(LineFeed.read(log, aggregator));
        return aggregator.summary();
    }

    /**
     * How many lines of a log hold at least one of some texts: what {@code grep -c -F} answers, letter for letter. Looks at nothing
     * else, and is as fast. The stream is read to its end, and stays open.
     *
     * @param texts what to look for, each of at least four bytes
     * @throws IllegalArgumentException if a text is shorter, or there is none
     */
    public static long count(InputStream log, List<String> texts) throws IOException {
        return LineCounter.count(log, texts);
    }
}
