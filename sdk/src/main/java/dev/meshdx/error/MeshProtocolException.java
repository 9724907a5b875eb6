package dev.meshdx.error;

import org.jspecify.annotations.Nullable;

/** An answer could not be understood: it is cut off, is not JSON, or is not what the path should give. */
public final class MeshProtocolException extends MeshException {
    private static final long serialVersionUID = 1L;

    /** With what was expected and what came. */
    public MeshProtocolException(String message) {
        super(Reason.MALFORMED, message, "", null);
    }

    /** With what was expected and what came, what to do, and the cause. */
    public MeshProtocolException(String message, String remedy, @Nullable Throwable cause) {
        super(Reason.MALFORMED, message, remedy, cause);
    }
}
