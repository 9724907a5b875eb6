package dev.meshdx.security.internal;

import java.time.Duration;

/** Spans of time as people say them. */
public final class Durations {
    private Durations() {}

    /** In the largest unit that leaves at least two: {@code 23 h}, {@code 45 min}, {@code 12 d}. */
    public static String text(Duration duration) {
        Duration positive = duration.abs();
        if (positive.toDays() >= 2) {
            return positive.toDays() + " d";
        }
        if (positive.toHours() >= 2) {
            return positive.toHours() + " h";
        }
        return positive.toMinutes() >= 2 ? positive.toMinutes() + " min" : positive.toSeconds() + " s";
    }
}
