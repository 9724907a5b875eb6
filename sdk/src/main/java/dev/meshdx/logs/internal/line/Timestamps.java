package dev.meshdx.logs.internal.line;

/** Times at the beginning of lines: ISO 8601 as Envoy and Istio write it, read from bytes without making a text of it. */
public final class Timestamps {
    /** What is no time. */
    public static final long NONE = Long.MIN_VALUE;

    private static final int SECONDS = "2026-01-02T03:04:05".length();
    private static final int LONGEST = "2026-01-02T03:04:05.123456789+01:00".length();

    private Timestamps() {}

    /**
     * Microseconds since 1970; {@link #NONE} where the bytes are no time.
     *
     * @param from the first byte
     * @param to the end
     */
    public static long micros(byte[] text, int from, int to) {
        int length = to - from;
        if (length < SECONDS
                || length > LONGEST
                || text[from + 4] != '-'
                || text[from + 7] != '-'
                || text[from + 13] != ':'
                || text[from + 16] != ':'
                || (text[from + 10] != 'T' && text[from + 10] != ' ')) {
            return NONE;
        }
        int year = pair(text, from) * 100 + pair(text, from + 2);
        int month = pair(text, from + 5);
        int day = pair(text, from + 8);
        int hour = pair(text, from + 11);
        int minute = pair(text, from + 14);
        int second = pair(text, from + 17);
        if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) {
            return NONE;
        }
        if ((hour | minute | second) < 0) {
            return NONE;
        }
        long micros = (days(year, month, day) * 86_400L + hour * 3600L + minute * 60L + second) * 1_000_000L;
        int at = from + SECONDS;
        if (at < to && text[at] == '.') {
            at++;
            int scale = 100_000;
            while (at < to && text[at] >= '0' && text[at] <= '9') {
                micros += (long) (text[at] - '0') * scale;
                scale /= 10;
                at++;
            }
        }
        if (at == to || (text[at] == 'Z' && at + 1 == to)) {
            return micros;
        }
        return zone(text, at, to, micros);
    }

    private static long zone(byte[] text, int at, int to, long micros) {
        boolean colon = to - at == 6 && text[at + 3] == ':';
        if ((text[at] != '+' && text[at] != '-') || !(colon || to - at == 5)) {
            return NONE;
        }
        int hours = pair(text, at + 1);
        int minutes = pair(text, colon ? at + 4 : at + 3);
        if (hours < 0 || minutes < 0) {
            return NONE;
        }
        long offset = (hours * 60L + minutes) * 60_000_000L;
        return text[at] == '+' ? micros - offset : micros + offset;
    }

    private static int pair(byte[] text, int at) {
        int tens = text[at] - '0';
        int ones = text[at + 1] - '0';
        return (tens | ones) < 0 || tens > 9 || ones > 9 ? -10_000 : tens * 10 + ones;
    }

    /** Days since 1970, by the proleptic Gregorian calendar. */
    private static long days(int year, int month, int day) {
        // Years that begin in March put the leap day at their end.
        int y = month <= 2 ? year - 1 : year;
        int era = y / 400;
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468L;
    }
}
