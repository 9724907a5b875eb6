package dev.meshdx.logs.internal.line;

import dev.meshdx.logs.LineKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One line where it lies in a buffer: who wrote it, and where its parts are. One object is used for a whole log: what outlives the
 * line is copied. Not safe for use by several threads.
 */
public final class Line {
    private static final byte[] NOTHING = new byte[0];

    /** The buffer. */
    byte[] text = NOTHING;

    int start;
    int end;
    LineKind kind = LineKind.OTHER;
    long time = Timestamps.NONE;
    int levelStart;
    int levelEnd;
    int scopeStart;
    int scopeEnd;
    int messageStart;
    int messageEnd;

    /** What the bounds of the fields refer to: the buffer, or bytes that were unescaped. */
    byte[] values = NOTHING;

    /** What the bounds of level, scope and message refer to. */
    byte[] parts = NOTHING;

    final int[] from = new int[AccessField.COUNT];
    final int[] to = new int[AccessField.COUNT];

    /** Begins a line of which nothing is known yet. */
    void reset(byte[] buffer, int lineStart, int lineEnd) {
        text = buffer;
        start = lineStart;
        end = lineEnd;
        kind = LineKind.OTHER;
        time = Timestamps.NONE;
        parts = buffer;
        values = buffer;
        levelStart = levelEnd = scopeStart = scopeEnd = messageStart = messageEnd = 0;
        Arrays.fill(from, 0);
        Arrays.fill(to, 0);
    }

    /** Sets a field; {@code -} and nothing are the same. */
    void field(int field, int fieldStart, int fieldEnd) {
        if (fieldEnd - fieldStart == 1 && values[fieldStart] == '-') {
            return;
        }
        from[field] = fieldStart;
        to[field] = fieldEnd;
    }

    /** Who wrote it. */
    public LineKind kind() {
        return kind;
    }

    /** Whether it tells of a request or a connection. */
    public boolean isAccess() {
        return kind == LineKind.ACCESS || isConnection();
    }

    /** Whether it is a connection that ztunnel tells of. */
    public boolean isConnection() {
        return kind == LineKind.ZTUNNEL && to[AccessField.RESPONSE_CODE_DETAILS.index()] > 0;
    }

    /** The buffer in which it lies. */
    public byte[] text() {
        return text;
    }

    /** Its first byte there. */
    public int start() {
        return start;
    }

    /** Its end there. */
    public int end() {
        return end;
    }

    /** The buffer of level, scope and message. */
    public byte[] parts() {
        return parts;
    }

    /** Where the message begins. */
    public int messageStart() {
        return messageStart;
    }

    /** Where the message ends. */
    public int messageEnd() {
        return messageEnd;
    }

    /** Microseconds since 1970, or {@link Timestamps#NONE}. */
    public long time() {
        return time;
    }

    /** The time of microseconds since 1970; null for {@link Timestamps#NONE}. */
    public static @Nullable Instant instant(long micros) {
        return micros == Timestamps.NONE
                ? null
                : Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000L);
    }

    /** The buffer of the fields. */
    public byte[] values() {
        return values;
    }

    /** Where a field begins. */
    public int from(AccessField field) {
        return from[field.index()];
    }

    /** Where a field ends; where it begins if it is absent. */
    public int to(AccessField field) {
        return to[field.index()];
    }

    /** Whether a field says anything. */
    public boolean has(AccessField field) {
        return to[field.index()] > from[field.index()];
    }

    /** A field as text; empty where it is absent. */
    public String text(AccessField field) {
        int index = field.index();
        return new String(values, from[index], to[index] - from[index], StandardCharsets.UTF_8);
    }

    /** A field as a number of at most 18 digits; the fallback for all else. */
    public long number(AccessField field, long fallback) {
        int at = from[field.index()];
        int stop = to[field.index()];
        if (stop == at || stop - at > 18) {
            return fallback;
        }
        long number = 0;
        for (; at < stop; at++) {
            int digit = values[at] - '0';
            if (digit < 0 || digit > 9) {
                return fallback;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** Whether a field is exactly this. */
    public boolean is(AccessField field, byte[] value) {
        int index = field.index();
        return Arrays.equals(values, from[index], to[index], value, 0, value.length);
    }

    /** Whether the scope, or Envoy's logger, is this. */
    public boolean isScope(byte[] scope) {
        return Arrays.equals(parts, scopeStart, scopeEnd, scope, 0, scope.length);
    }

    /** Whether the level is debug or trace. */
    public boolean isVerbose() {
        return levelEnd - levelStart == 5 && (parts[levelStart] == 'd' || parts[levelStart] == 't');
    }

    /** The level, in lower case as it stands. */
    public String level() {
        return new String(parts, levelStart, levelEnd - levelStart, StandardCharsets.UTF_8);
    }

    /** The scope, or Envoy's logger. */
    public String scope() {
        return new String(parts, scopeStart, scopeEnd - scopeStart, StandardCharsets.UTF_8);
    }

    /** The message. */
    public String message() {
        return new String(parts, messageStart, messageEnd - messageStart, StandardCharsets.UTF_8);
    }

    /** The whole line. */
    @Override
    public String toString() {
        return new String(text, start, end - start, StandardCharsets.UTF_8);
    }
}
