package dev.meshdx.source.internal.live;

import dev.meshdx.source.Deadline;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Waits before a question is asked again: longer each time, by chance, and as long as the server asks for. */
final class Backoff {
    private static final int RETRIES = 3;
    private static final Duration FIRST = Duration.ofMillis(200);

    private final Deadline deadline;
    private int retries;

    Backoff(Deadline deadline) {
        this.deadline = deadline;
    }

    /** Whether an answer means "later", not "no". Source: RFC 9110 section 15.6, RFC 6585 section 4. */
    static boolean isTemporary(int code) {
        return code == 429 || (code >= 500 && code != 501 && code != 505);
    }

    /**
     * Waits, if there is a next time.
     *
     * @param retryAfter what the server asks for; null where it does not
     * @return false if it was tried often enough, or the deadline would be over
     */
    boolean pause(@Nullable String retryAfter) throws InterruptedException {
        if (retries >= RETRIES) {
            return false;
        }
        Duration base = FIRST.multipliedBy(1L << retries++);
        long jitter = ThreadLocalRandom.current().nextLong(base.toMillis() / 2 + 1);
        Duration wait = base.plusMillis(jitter - base.toMillis() / 4);
        Duration asked = parse(retryAfter);
        wait = asked.compareTo(wait) > 0 ? asked.plusMillis(jitter) : wait;
        if (wait.compareTo(deadline.remaining()) >= 0) {
            return false;
        }
        Thread.sleep(wait.toMillis());
        return true;
    }

    /** Seconds or a date. Source: RFC 9110 section 10.2.3. */
    private static Duration parse(@Nullable String retryAfter) {
        if (retryAfter == null) {
            return Duration.ZERO;
        }
        String text = retryAfter.trim();
        try {
            return Duration.ofSeconds(Math.max(0, Math.min(86_400, Long.parseLong(text))));
        } catch (NumberFormatException notSeconds) {
            try {
                Duration until = Duration.between(
                        Instant.now(),
                        ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                                .toInstant());
                return until.isNegative() ? Duration.ZERO : until;
            } catch (DateTimeException notADate) {
                return Duration.ZERO;
            }
        }
    }
}
