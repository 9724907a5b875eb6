package dev.meshdx.error;

import org.jspecify.annotations.Nullable;

/** An answer could not be understood: it is cut off, is not JSON, or is not what the path should give. */
public final class MeshProtocolException extends MeshException {
    private static final long serialVersionUID = 1L;
    private static final String REMEDY =
            "Ask again; if it goes on, look at the process that answers and at proxies in between.";

    /** With what was expected and what came. */
    public MeshProtocolException(String message) {
        super(Reason.MALFORMED, message, REMEDY, null);
    }

    /**
     * With what was expected and what came, what to do, and the cause.
     *
     * @param remedy empty where asking again is all that can be done
     */
    public MeshProtocolException(String message, String remedy, @Nullable Throwable cause) {
        super(Reason.MALFORMED, message, remedy.isEmpty() ? REMEDY : remedy, cause);
    }
}
