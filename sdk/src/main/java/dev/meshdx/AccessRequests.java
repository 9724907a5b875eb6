package dev.meshdx;

import dev.meshdx.source.internal.kubeconfig.AccessRequest;

/** Options as the kubeconfig reader takes them. */
final class AccessRequests {
    private AccessRequests() {}

    static AccessRequest of(MeshOptions options) {
        throw new UnsupportedOperationException(options.toString());
    }
}
