package dev.meshdx.error;

import org.jspecify.annotations.Nullable;

/** The mesh was closed before or during the call. */
public final class MeshClosedException extends MeshException {
    private static final long serialVersionUID = 1L;

    /** With what was tried and what came back, and what to do next. */
    public MeshClosedException(String message, String remedy) {
        super(Reason.UNSUPPORTED, message, remedy, null);
    }

    /** With the cause. */
    public MeshClosedException(String message, String remedy, @Nullable Throwable cause) {
        super(Reason.UNSUPPORTED, message, remedy, cause);
    }
}
