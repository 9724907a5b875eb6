package dev.meshdx.error;

import org.jspecify.annotations.Nullable;

/** No complete answer within the deadline: give it more time, or look at why it hangs. */
public final class MeshTimeoutException extends MeshException {
    private static final long serialVersionUID = 1L;

    /** With what was tried and what came back, and what to do next. */
    public MeshTimeoutException(String message, String remedy) {
        super(Reason.TIMEOUT, message, remedy, null);
    }

    /** With the cause. */
    public MeshTimeoutException(String message, String remedy, @Nullable Throwable cause) {
        super(Reason.TIMEOUT, message, remedy, cause);
    }
}
