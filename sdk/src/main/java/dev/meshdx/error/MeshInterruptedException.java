package dev.meshdx.error;

import org.jspecify.annotations.Nullable;

/** The calling thread was interrupted while it waited; its interrupt flag is set again. */
public final class MeshInterruptedException extends MeshException {
    private static final long serialVersionUID = 1L;

    /** With what was tried and what came back, and what to do next. */
    public MeshInterruptedException(String message, String remedy) {
        super(Reason.TIMEOUT, message, remedy, null);
    }

    /** With the cause. */
    public MeshInterruptedException(String message, String remedy, @Nullable Throwable cause) {
        super(Reason.TIMEOUT, message, remedy, cause);
    }
}
