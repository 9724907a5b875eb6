package dev.meshdx.configuration;

/**
 * What a client's proxy does to a connection to a service. Source: Istio, "Destination Rule", ClientTLSSettings.TLSmode.
 */
public enum ClientTlsMode {
    /** No rule says anything: mutual TLS to every endpoint whose proxy is known to take it, plain text to others. */
    AUTO,
    /** A DestinationRule asks for the mesh's own mutual TLS, whatever the endpoint can do. */
    ISTIO_MUTUAL,
    /** A DestinationRule asks for TLS without a client certificate. */
    SIMPLE,
    /** A DestinationRule asks for TLS with a client certificate of its own, which is not the mesh's. */
    MUTUAL,
    /** A DestinationRule asks for plain text. */
    DISABLE,
    /** Plain text although no DestinationRule asks for it: auto mTLS is off or does not apply. */
    PLAINTEXT,
    /** There is no proxy in the client's pod: the application's own bytes arrive, plain text to the mesh. */
    NO_PROXY,
    /** Cannot be told. */
    UNKNOWN
}
