package dev.meshdx.health;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a container's last run ended, as the kubelet reports it. Immutable; safe for use by several threads. */
public final class Termination {
    private final String reason;
    private final int exitCode;
    private final @Nullable Instant at;

    /** Made by the reader. */
    @dev.meshdx.annotation.Internal
    public Termination(String reason, int exitCode, @Nullable Instant at) {
        this.reason = reason;
        this.exitCode = exitCode;
        this.at = at;
    }

    /** {@code OOMKilled}, {@code Error}, {@code Completed}; empty where it is not given. */
    public String reason() {
        return reason;
    }

    /** The exit code: 137 is a kill (128 + signal 9), 0 a normal end. */
    public int exitCode() {
        return exitCode;
    }

    /** When it ended, where that is given. */
    public Optional<Instant> at() {
        return Optional.ofNullable(at);
    }

    @Override
    public String toString() {
        return (reason.isEmpty() ? "ended" : reason) + ", exit code " + exitCode + (at == null ? "" : ", at " + at);
    }
}
