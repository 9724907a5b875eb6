package dev.meshdx.error;

import org.jspecify.annotations.Nullable;

/** The namespace, the pod or another named thing is not there (any more): check the name. */
public final class MeshNotFoundException extends MeshException {
    private static final long serialVersionUID = 1L;

    /** With what was tried and what came back, and what to do next. */
    public MeshNotFoundException(String message, String remedy) {
        super(Reason.UNREACHABLE, message, remedy, null);
    }

    /** With the cause. */
    public MeshNotFoundException(String message, String remedy, @Nullable Throwable cause) {
        super(Reason.UNREACHABLE, message, remedy, cause);
    }
}
