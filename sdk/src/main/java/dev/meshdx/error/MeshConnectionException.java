package dev.meshdx.error;

import org.jspecify.annotations.Nullable;

/** The API server, the pod or the port was never reached, or the connection broke: try again, or look at the network. */
public final class MeshConnectionException extends MeshException {
    private static final long serialVersionUID = 1L;

    /** With what was tried and what came back, and what to do next. */
    public MeshConnectionException(String message, String remedy) {
        super(Reason.UNREACHABLE, message, remedy, null);
    }

    /** With the cause. */
    public MeshConnectionException(String message, String remedy, @Nullable Throwable cause) {
        super(Reason.UNREACHABLE, message, remedy, cause);
    }
}
