package dev.meshdx.health.internal;

import dev.meshdx.finding.Severity;
import java.time.Duration;
import java.util.Optional;

/** Counters of failures: they begin with the process, and one reading tells of no increase. */
final class Failures {
    private static final int FEW = 3;

    private Failures() {}

    /** A failure that happens at least once an hour is worth a warning; a few in weeks are worth a line. */
    static Severity severity(long count, Optional<Duration> uptime) {
        boolean often =
                uptime.map(time -> count * 3_600_000.0 >= time.toMillis()).orElse(true);
        return count >= FEW && often ? Severity.WARNING : Severity.INFO;
    }

    /** {@code 12 in the 3 h since it started}. */
    static String text(long count, Optional<Duration> uptime) {
        return count
                + uptime.map(time -> " in the " + IstiodUnstableCheck.text(time) + " since it started")
                        .orElse(" since it started");
    }
}
