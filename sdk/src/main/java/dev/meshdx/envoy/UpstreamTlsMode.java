package dev.meshdx.envoy;

/** What a proxy does to the connections to a host. */
public enum UpstreamTlsMode {
    /** Nothing: plain text. */
    PLAINTEXT,
    /** TLS without a certificate of its own ({@code SIMPLE}). */
    TLS,
    /** TLS with a certificate that is not the mesh's. */
    MUTUAL,
    /** TLS with the mesh's certificate of the workload. */
    ISTIO_MUTUAL
}
