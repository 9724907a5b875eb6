package dev.meshdx.error;

import org.jspecify.annotations.Nullable;

/** The server knows us and says no, or does not know us (401, 403): get the permission or a new login. */
public final class MeshAccessException extends MeshException {
    private static final long serialVersionUID = 1L;

    /** With what was tried and what came back, and what to do next. */
    public MeshAccessException(String message, String remedy) {
        super(Reason.FORBIDDEN, message, remedy, null);
    }

    /** With the cause. */
    public MeshAccessException(String message, String remedy, @Nullable Throwable cause) {
        super(Reason.FORBIDDEN, message, remedy, cause);
    }
}
