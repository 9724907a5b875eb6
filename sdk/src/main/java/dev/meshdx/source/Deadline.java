package dev.meshdx.source;

import dev.meshdx.error.MeshTimeoutException;
import java.time.Duration;

/**
 * A point in time after which a question is given up, however slowly the other side answers. Immutable; safe for use by
 * several threads.
 */
public final class Deadline {
    private final long endNanos;
    private final Duration total;

    private Deadline(long endNanos, Duration total) {
        this.endNanos = endNanos;
        this.total = total;
    }

    /** So much time from now. */
    public static Deadline after(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos(), duration);
    }

    /** This deadline, or so much time from now if that is sooner. */
    public Deadline atMost(Duration duration) {
        Deadline other = after(duration);
        return other.endNanos - endNanos < 0 ? other : this;
    }

    /** The time that is left; zero when it is over. */
    public Duration remaining() {
        long left = endNanos - System.nanoTime();
        return left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
    }

    /** The time that was given in all. */
    public Duration total() {
        return total;
    }

    /** Whether it is over. */
    public boolean expired() {
        return endNanos - System.nanoTime() <= 0;
    }

    /**
     * Goes on only if there is time left.
     *
     * @param what what would be done next, for the message
     * @throws MeshTimeoutException when it is over
     */
    public void require(String what) {
        if (expired()) {
            throw timeout(what);
        }
    }

    /** The exception for a question that was not answered in time. */
    public MeshTimeoutException timeout(String what) {
        return new MeshTimeoutException(
                what + " was not answered within " + text(total) + ".",
                "Give it more time (a longer deadline), or look at why it does not answer.");
    }

    private static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    @Override
    public String toString() {
        return text(remaining()) + " left of " + text(total);
    }
}
