package dev.meshdx.testkit;

/** Which traffic a fake namespace's workloads accept. Source: Istio, "PeerAuthentication", MutualTLS.Mode. */
public enum PeerAuthenticationMode {
    /** Mutual TLS only. */
    STRICT,
    /** Mutual TLS and plain text. */
    PERMISSIVE,
    /** Plain text only. */
    DISABLE
}
