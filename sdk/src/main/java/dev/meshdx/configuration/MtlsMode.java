package dev.meshdx.configuration;

/** What a workload's port accepts. Source: Istio, "PeerAuthentication", MutualTLS.Mode. */
public enum MtlsMode {
    /** Mutual TLS only; plain text is closed without an answer. */
    STRICT,
    /** Mutual TLS and plain text. */
    PERMISSIVE,
    /** Plain text only, as far as the proxy is concerned. */
    DISABLE,
    /** There is no proxy in the pod: whatever arrives reaches the application as it is. */
    NO_PROXY,
    /** Cannot be told: a gateway, ambient mode, or nothing that could be read. */
    UNKNOWN
}
