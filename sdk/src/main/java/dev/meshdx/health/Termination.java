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

    /**
     * What the reason and the exit code say, in words. Sources: Kubernetes, "Determine the Reason for Pod Failure"; a code above
     * 128 is 128 and the signal that ended the process; Go, package runtime: a panic ends with 2.
     */
    public String meaning() {
        if (reason.equals("OOMKilled")) {
            return "killed by the kernel because it needed more memory than its limit, or than the node has";
        }
        return switch (exitCode) {
            case 0 -> "ended by itself without an error, or was asked to end";
            case 1 -> "ended with an error: its last log lines name it";
            case 2 ->
                "a panic of the Go runtime or wrong command-line arguments: the log of the last run begins or ends with it";
            case 126 -> "the command of the image cannot be executed";
            case 127 -> "the command is not in the image";
            case 128 -> "the container could not be started";
            case 134 -> "aborted itself (signal 6)";
            case 137 ->
                "killed (signal 9): by the kubelet after a failed liveness probe or at the end of the grace period, or by the"
                        + " node for memory";
            case 139 -> "a memory access fault (signal 11)";
            case 143 -> "asked to end (signal 15): rollout, eviction, drain, or a failed liveness probe";
            case 255 ->
                "ended with -1, or its exit code is unknown because the node or the container runtime went away";
            default ->
                exitCode > 128 && exitCode < 160
                        ? "ended by signal " + (exitCode - 128)
                        : "ended with an error that is its own";
        };
    }

    @Override
    public String toString() {
        return (reason.isEmpty() ? "ended" : reason) + ", exit code " + exitCode + (at == null ? "" : ", at " + at);
    }
}
