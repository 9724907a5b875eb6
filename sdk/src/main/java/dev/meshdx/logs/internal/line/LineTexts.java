package dev.meshdx.logs.internal.line;

import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogLine;
import dev.meshdx.logs.internal.Redaction;
import java.nio.charset.StandardCharsets;

/** Makes values of lines, to be kept and shown: without secrets, and without what steers a terminal. */
public final class LineTexts {
    /** Offsets are unsigned 16-bit numbers; what lies behind is cut. */
    private static final int LONGEST = 0xFFFF;

    private LineTexts() {}

    /** The line, with its parts. */
    public static LogLine of(Line line) {
        if (line.isAccess()) {
            AccessLogEntry entry = entry(line);
            return new LogLine(
                    entry.line(),
                    line.kind(),
                    Line.instant(line.time()),
                    line.kind() == LineKind.ACCESS ? "" : line.level(),
                    line.kind() == LineKind.ACCESS ? "" : line.scope(),
                    line.kind() == LineKind.ACCESS
                            ? entry.line()
                            : shown(line.parts, line.messageStart, line.messageEnd),
                    entry);
        }
        String text = shown(line.text, line.start, line.end);
        if (line.kind() == LineKind.OTHER) {
            return new LogLine(text, LineKind.OTHER, null, "", "", text, null);
        }
        return new LogLine(
                text,
                line.kind(),
                Line.instant(line.time()),
                Redaction.text(line.level()),
                Redaction.text(line.scope()),
                shown(line.parts, line.messageStart, line.messageEnd),
                null);
    }

    /** The request or connection of a line that has one. */
    public static AccessLogEntry entry(Line line) {
        short[] bounds = new short[2 * AccessField.COUNT];
        boolean inPlace = line.values == line.text && line.end - line.start <= LONGEST;
        if (inPlace && Redaction.isPlain(line.text, line.start, line.end)) {
            for (int i = 0; i < AccessField.COUNT; i++) {
                if (line.to[i] > line.from[i]) {
                    bounds[2 * i] = (short) (line.from[i] - line.start);
                    bounds[2 * i + 1] = (short) (line.to[i] - line.start);
                }
            }
            String text = new String(line.text, line.start, line.end - line.start, StandardCharsets.UTF_8);
            if (text.length() == line.end - line.start) {
                return new AccessLogEntry(text, Line.instant(line.time()), text, bounds);
            }
        }
        StringBuilder values = new StringBuilder();
        for (int i = 0; i < AccessField.COUNT; i++) {
            String value = shown(line.values, line.from[i], line.to[i]);
            value = value.substring(0, Math.min(value.length(), LONGEST - values.length()));
            bounds[2 * i] = (short) values.length();
            values.append(value);
            bounds[2 * i + 1] = (short) values.length();
        }
        return new AccessLogEntry(
                shown(line.text, line.start, line.end), Line.instant(line.time()), values.toString(), bounds);
    }

    /** The bytes as text, as it may be shown. */
    private static String shown(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + LONGEST);
        String text = new String(bytes, from, end - from, StandardCharsets.UTF_8);
        return Redaction.isPlain(bytes, from, end) ? text : Redaction.text(text);
    }
}
