package dev.meshdx.error;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything that meshdx throws. Its children say what the caller can do.
 *
 * <p>A sick mesh is never an exception: exceptions are for no access at all, wrong usage and a closed handle. Messages say
 * what was tried and what came back; {@link #remedy()} says what to do next. They never hold tokens or keys.
 */
public abstract sealed class MeshException extends RuntimeException
        permits MeshAccessException,
                MeshConfigurationException,
                MeshConnectionException,
                MeshNotFoundException,
                MeshTimeoutException,
                MeshProtocolException,
                MeshUnsupportedException,
                MeshInterruptedException,
                MeshClosedException,
                MeshReadOnlyException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final String remedy;

    MeshException(Reason reason, String message, String remedy, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.remedy = remedy;
    }

    /** The reason that a partial result gives for what this exception prevented. */
    public final Reason reason() {
        return reason;
    }

    /** What to do next; empty where nothing helps. */
    public final String remedy() {
        return remedy;
    }
}
