package dev.meshdx.source.internal.kubeconfig;

import dev.meshdx.error.MeshException;
import java.io.IOException;

/**
 * A credential could not be had, so that the request was not sent. Its cause is the {@link MeshException} for the user.
 *
 * <p>It is an {@code IOException} because OkHttp hands those to the callbacks of asynchronous calls (WebSockets among
 * them); anything else would end its thread.
 */
public final class CredentialException extends IOException {
    private static final long serialVersionUID = 1L;

    private final MeshException failure;

    CredentialException(MeshException failure) {
        super(failure.getMessage(), failure);
        this.failure = failure;
    }

    /** What to tell the user. */
    public MeshException failure() {
        return failure;
    }
}
