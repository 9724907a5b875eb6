package dev.meshdx.source.internal.live;

import dev.meshdx.error.MeshException;
import java.io.IOException;

/** Carries the reason why a tunnel failed through OkHttp, which lets only {@link IOException} pass. */
final class TunnelException extends IOException {
    private static final long serialVersionUID = 1L;

    private final MeshException reason;
    private final boolean temporary;

    TunnelException(MeshException reason, boolean temporary) {
        super(reason.getMessage(), reason);
        this.reason = reason;
        this.temporary = temporary;
    }

    MeshException reason() {
        return reason;
    }

    /** Whether the API server said "later" before anything reached the pod. */
    boolean temporary() {
        return temporary;
    }
}
