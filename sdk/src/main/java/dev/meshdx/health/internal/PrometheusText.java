package dev.meshdx.health.internal;

import dev.meshdx.error.MeshProtocolException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Goes once through a page in Prometheus' text format, whatever its size: memory holds one line, and what the sink keeps. A line
 * that is none of the format is left out and counted. The last line counts only with its line feed, because a number that was
 * cut off is another number. Source: Prometheus, "Exposition formats", text-based format.
 */
final class PrometheusText {
    /** Names of proxies and errors are in labels; what is longer than this is no sample that istiod writes. */
    private static final int LONGEST_LINE = 64 * 1024;

    private static final int MOST_LABELS = 64;

    /** A page has some ten thousand lines; this many is not a page of metrics of istiod. */
    private static final long MOST_LINES = 20_000_000L;

    private final Predicate<String> wanted;
    private final Sink sink;
    private final byte[] line = new byte[LONGEST_LINE];
    private long samples;
    private long malformed;

    private PrometheusText(Predicate<String> wanted, Sink sink) {
        this.wanted = wanted;
        this.sink = sink;
    }

    /** Takes the samples. */
    interface Sink {
        /**
         * A sample.
         *
         * @param name of the metric, with {@code _bucket}, {@code _sum}, {@code _count} where it is part of a histogram
         * @param labels in the order of the page; immutable for the reader, of the last value where a label stands twice
         * @param value may be infinite, or not a number
         */
        void sample(String name, Map<String, String> labels, double value);
    }

    /**
     * What became of a page.
     *
     * @param samples how many there were, wanted or not
     * @param malformed how many lines were not understood
     * @param complete whether the page was read to its end
     */
    record Outcome(long samples, long malformed, boolean complete) {}

    /**
     * Reads a page. The stream stays open.
     *
     * @param wanted by the name of the metric; the labels of others are not even read
     * @throws MeshProtocolException if it is something else
     * @throws IOException if nothing at all can be read
     */
    static Outcome read(InputStream in, Predicate<String> wanted, Sink sink) throws IOException {
        return new PrometheusText(wanted, sink).read(in);
    }

    private Outcome read(InputStream in) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        int length = 0;
        boolean tooLong = false;
        boolean complete = true;
        long lines = 0;
        try {
            for (int count = in.read(buffer); count >= 0 && lines < MOST_LINES; count = in.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    byte next = buffer[i];
                    if (next == '\n') {
                        lines++;
                        if (tooLong) {
                            malformed++;
                        } else {
                            line(length);
                        }
                        length = 0;
                        tooLong = false;
                    } else if (length < line.length) {
                        line[length++] = next;
                    } else {
                        tooLong = true;
                    }
                }
            }
            complete = length == 0 && lines < MOST_LINES;
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (samples == 0) {
                throw e;
            }
            complete = false;
        }
        if (samples == 0 && (malformed > 0 || length > 0)) {
            throw new MeshProtocolException("The page is none of metrics in Prometheus' text format.");
        }
        return new Outcome(samples, malformed, complete);
    }

    private void line(int length) {
        int start = blanks(0, length);
        if (start == length || line[start] == '#') {
            return;
        }
        int at = start;
        while (at < length && isName(line[at], at == start)) {
            at++;
        }
        if (at == start) {
            malformed++;
            return;
        }
        String name = new String(line, start, at - start, StandardCharsets.US_ASCII);
        if (!wanted.test(name)) {
            // Whether the rest is well formed is nobody's concern.
            samples++;
            return;
        }
        Map<String, String> labels = new LinkedHashMap<>();
        at = blanks(at, length);
        if (at < length && line[at] == '{') {
            at = labels(at + 1, length, labels);
            at = at < 0 ? -1 : blanks(at, length);
        } else if (at < length && at == start + name.length()) {
            at = -1; // no blank before the value
        }
        if (at < 0 || at >= length) {
            malformed++;
            return;
        }
        int end = at;
        while (end < length && line[end] != ' ' && line[end] != '\t' && line[end] != '\r') {
            end++;
        }
        double value;
        try {
            value = number(new String(line, at, end - at, StandardCharsets.ISO_8859_1));
        } catch (NumberFormatException e) {
            malformed++;
            return;
        }
        samples++;
        sink.sample(name, labels, value);
    }

    /** Where the labels end; -1 where they do not. */
    private int labels(int from, int length, Map<String, String> labels) {
        int at = from;
        while (true) {
            at = blanks(at, length);
            if (at < length && line[at] == '}') {
                return at + 1;
            }
            int start = at;
            while (at < length && isName(line[at], at == start)) {
                at++;
            }
            if (at == start || labels.size() >= MOST_LABELS) {
                return -1;
            }
            String name = new String(line, start, at - start, StandardCharsets.US_ASCII);
            at = blanks(at, length);
            if (at >= length || line[at] != '=') {
                return -1;
            }
            at = blanks(at + 1, length);
            if (at >= length || line[at] != '"') {
                return -1;
            }
            at = value(at + 1, length, name, labels);
            if (at < 0) {
                return -1;
            }
            at = blanks(at, length);
            if (at < length && line[at] == ',') {
                at++;
            } else if (at >= length || line[at] != '}') {
                return -1;
            }
        }
    }

    private int value(int from, int length, String name, Map<String, String> labels) {
        byte[] value = new byte[length - from];
        int size = 0;
        for (int at = from; at < length; at++) {
            byte next = line[at];
            if (next == '"') {
                labels.put(name, new String(value, 0, size, StandardCharsets.UTF_8));
                return at + 1;
            }
            if (next == '\\' && at + 1 < length) {
                byte escaped = line[++at];
                switch (escaped) {
                    case 'n' -> value[size++] = '\n';
                    case '"', '\\' -> value[size++] = escaped;
                    default -> {
                        value[size++] = '\\';
                        value[size++] = escaped;
                    }
                }
            } else {
                value[size++] = next;
            }
        }
        return -1;
    }

    private int blanks(int from, int length) {
        int at = from;
        while (at < length && (line[at] == ' ' || line[at] == '\t' || line[at] == '\r')) {
            at++;
        }
        return at;
    }

    private static boolean isName(byte next, boolean first) {
        return (next >= 'a' && next <= 'z')
                || (next >= 'A' && next <= 'Z')
                || next == '_'
                || next == ':'
                || (!first && next >= '0' && next <= '9');
    }

    private static double number(String text) {
        return switch (text) {
            case "NaN" -> Double.NaN;
            case "+Inf", "Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> {
                // Java's parser takes more than Go's: 1d, 0x1p3, Infinity.
                if (text.length() > 64 || !text.chars().allMatch(c -> "0123456789+-.eE".indexOf(c) >= 0)) {
                    throw new NumberFormatException(text);
                }
                yield Double.parseDouble(text);
            }
        };
    }
}
