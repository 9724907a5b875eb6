package dev.meshdx;

import dev.meshdx.source.internal.kubeconfig.AccessRequest;

/** Options as the kubeconfig reader takes them. */
final class AccessRequests {
    private AccessRequests() {}

    static AccessRequest of(MeshOptions options) {
        return AccessRequest.builder()
                .files(options.kubeconfig())
                .text(options.kubeconfigText().orElse(null))
                .context(options.context().orElse(null))
                .namespace(options.namespace().orElse(null))
                .token(options.token().orElse(null))
                .inCluster(options.inCluster())
                .build();
    }
}
