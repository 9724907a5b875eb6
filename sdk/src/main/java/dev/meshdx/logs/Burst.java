package dev.meshdx.logs;

import java.time.Duration;
import java.time.Instant;

/**
 * A time in which something happened again and again, with less than a minute between.
 *
 * @param first the first time
 * @param last the last time
 * @param count how often
 */
public record Burst(Instant first, Instant last, long count) {
    /** How often in a minute, on the average; within a second it is the count. */
    public double perMinute() {
        long millis = Math.max(1000, Duration.between(first, last).toMillis());
        return millis <= 1000 ? count : count * 60_000.0 / millis;
    }

    /** One line. */
    @Override
    public String toString() {
        return count + " from " + first + " to " + last;
    }
}
