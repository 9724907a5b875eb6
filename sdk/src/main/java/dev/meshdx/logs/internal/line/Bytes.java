package dev.meshdx.logs.internal.line;

import java.util.Arrays;

/** Looks at texts where they lie. */
final class Bytes {
    private Bytes() {}

    /** Whether these bytes are this text. */
    static boolean is(byte[] text, int from, int to, byte[] value) {
        return Arrays.equals(text, from, to, value, 0, value.length);
    }

    /** Whether these bytes begin with this text. */
    static boolean startsWith(byte[] text, int from, int to, byte[] value) {
        return to - from >= value.length && is(text, from, from + value.length, value);
    }

    /** The end of the digits with which these bytes begin. */
    static int digits(byte[] text, int from, int to) {
        int at = from;
        while (at < to && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at;
    }
}
