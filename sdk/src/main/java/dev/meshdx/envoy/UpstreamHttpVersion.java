package dev.meshdx.envoy;

/** Which version of HTTP a proxy speaks to the hosts of a cluster. */
public enum UpstreamHttpVersion {
    /** HTTP/1.1. */
    HTTP_1,
    /** HTTP/2. */
    HTTP_2,
    /** HTTP/3. */
    HTTP_3,
    /** The one that the client speaks. */
    DOWNSTREAM,
    /** The one that both sides agree on in the TLS handshake. */
    ALPN
}
