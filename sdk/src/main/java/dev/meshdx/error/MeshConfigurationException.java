package dev.meshdx.error;

import org.jspecify.annotations.Nullable;

/** The caller's own configuration (kubeconfig, options, paths) is wrong: mend it and try again. */
public final class MeshConfigurationException extends MeshException {
    private static final long serialVersionUID = 1L;

    /** With what was tried and what came back, and what to do next. */
    public MeshConfigurationException(String message, String remedy) {
        super(Reason.UNSUPPORTED, message, remedy, null);
    }

    /** With the cause. */
    public MeshConfigurationException(String message, String remedy, @Nullable Throwable cause) {
        super(Reason.UNSUPPORTED, message, remedy, cause);
    }
}
