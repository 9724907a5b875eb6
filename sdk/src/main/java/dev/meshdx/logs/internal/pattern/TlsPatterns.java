package dev.meshdx.logs.internal.pattern;

import static dev.meshdx.logs.internal.pattern.Rule.anybody;
import static dev.meshdx.logs.internal.pattern.Rule.details;
import static dev.meshdx.logs.internal.pattern.Rule.error;

import java.util.List;

/**
 * What TLS errors say, whoever quotes them. An alert is what the peer says of this side; without {@code ALERT} it is what this side
 * says of the peer. Sources: Envoy, {@code source/common/tls/ssl_socket.cc} and {@code default_validator.cc}; BoringSSL,
 * {@code ssl.errordata}; RFC 8446 section 6.2.
 */
final class TlsPatterns {
    private static final String SECRETS = "istioctl proxy-config secret POD";
    private static final String CERTIFICATES = "meshdx certificates POD";

    static final List<Rule> RULES = List.of(
            error(
                            "tls-failure",
                            "A TLS connection could not be made: a certificate was not accepted, or the two sides do not speak the same.")
                    .causes("The text after OPENSSL_internal says which; there is a pattern for each.")
                    .next(CERTIFICATES, "meshdx mtls --from POD")
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end"),
                            details("TLS_error"),
                            details("OPENSSL_internal"),
                            details("CERTIFICATE_VERIFY"),
                            details("not supplied by SDS"),
                            anybody("TLS_error"),
                            anybody("verify cert failed")),
            error("tls-peer-certificate-expired", "The peer's certificate has expired.")
                    .causes(
                            "Its agent cannot renew it: istiod is not reachable, or refuses.",
                            "depth 0 is the workload's certificate, a higher one a CA's: then the root or an intermediate has expired.")
                    .next(CERTIFICATES + " (of the peer)", "Look for certificate-not-issued in the peer's log.")
                    .findings("MDX0403", "MDX0502")
                    .when(
                            access(
                                    "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: X509_verify_cert: certificate verification error at depth 0: certificate has expired:TLS_error_end"),
                            details("certificate has expired"),
                            details("OPENSSL_internal:CERTIFICATE_EXPIRED"),
                            anybody("verify cert failed", "certificate has expired")),
            error("tls-peer-certificate-not-yet-valid", "The peer's certificate is not valid yet.")
                    .causes("The clock of one of the two nodes is wrong.")
                    .next("Compare the clocks: kubectl debug node/NODE -- date", CERTIFICATES)
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: X509_verify_cert: certificate verification error at depth 0: certificate is not yet valid:TLS_error_end"),
                            details("is not yet valid"),
                            details("CERT_NOT_YET_VALID")),
            error("tls-unknown-issuer", "The peer's certificate comes from a CA that this proxy does not trust.")
                    .causes(
                            "Two clusters, or two revisions, have different roots.",
                            "The root was changed, and one side still has the old one.",
                            "The server is outside the mesh, and the DestinationRule names no caCertificates.")
                    .next("meshdx proxy-config rootca-compare POD OTHER", CERTIFICATES)
                    .findings("MDX0403", "MDX0504")
                    .when(
                            access(
                                    "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: X509_verify_cert: certificate verification error at depth 1: self signed certificate in certificate chain:TLS_error_end"),
                            details("self signed certificate"),
                            details("self-signed certificate"),
                            details("unable to get local issuer certificate"),
                            details("unable to get issuer certificate")),
            error("tls-incomplete-chain", "The peer sent no complete chain of certificates.")
                    .causes("A gateway's secret holds the leaf without its intermediates.")
                    .next(
                            "openssl s_client -connect HOST:PORT -showcerts",
                            "Put the intermediates behind the leaf in tls.crt.")
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: X509_verify_cert: certificate verification error at depth 0: unable to verify the first certificate:TLS_error_end"),
                            details("unable to verify the first certificate"),
                            details("empty cert chain")),
            error("tls-wrong-identity", "The peer's certificate is for another identity than the one that is expected.")
                    .causes(
                            "The endpoint belongs to another service account, or to another workload: a stale address.",
                            "subjectAltNames of a DestinationRule or ServiceEntry do not fit.",
                            "Another trust domain without an alias.")
                    .next(
                            CERTIFICATES + " (of the peer): compare with what the text names",
                            "Look at trustDomainAliases in the mesh configuration.")
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: SAN matcher, certificate SANs are [spiffe://west.local/ns/sample/sa/orders]:TLS_error_end"),
                            details("SAN matcher"),
                            details("verify SAN list")),
            error("tls-certificate-revoked", "A certificate is on the list of those that were revoked.")
                    .causes("A CRL names it, or the CRL itself has expired.")
                    .next("Look at ca.crl of the gateway's secret.")
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: X509_verify_cert: certificate verification error at depth 0: certificate revoked:TLS_error_end"),
                            details("certificate revoked"),
                            details("unable to get certificate CRL"),
                            details("CRL has expired"),
                            details("ALERT_CERTIFICATE_REVOKED")),
            error("tls-peer-speaks-plain-text", "This proxy speaks TLS, and the server answers in plain text.")
                    .causes(
                            "A DestinationRule asks for TLS towards a workload without sidecar.",
                            "TLS origination to a port that speaks plain HTTP.",
                            "PeerAuthentication DISABLE on the server.")
                    .next(
                            "meshdx mtls --from POD --to HOST:PORT",
                            "Look at tls.mode of the DestinationRules for the host.")
                    .findings("MDX0403", "MDX0501")
                    .when(
                            access(
                                    "TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end"),
                            details("WRONG_VERSION_NUMBER")),
            error("tls-client-speaks-plain-text", "The client speaks plain HTTP where TLS is expected.")
                    .causes("http:// to the HTTPS port of a gateway.", "A client without sidecar and a STRICT server.")
                    .next("Look at the client's address: use https, or give it a sidecar.")
                    .findings("MDX0403")
                    .when(
                            envoy(
                                    "remote address:10.0.0.5:4000,TLS_error:|268435612:SSL routines:OPENSSL_internal:HTTP_REQUEST:TLS_error_end"),
                            details("OPENSSL_internal:HTTP_REQUEST"),
                            connection("OPENSSL_internal:HTTP_REQUEST")),
            error("tls-no-client-certificate", "The client showed no certificate, and this side wants one.")
                    .causes("Plain TLS to a port with mutual TLS: a client without sidecar, or tls.mode SIMPLE.")
                    .next("meshdx mtls --from POD", "At a gateway with mode MUTUAL: give the client a certificate.")
                    .findings("MDX0403")
                    .when(
                            envoy(
                                    "remote address:10.0.0.5:4000,TLS_error:|268435655:SSL routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE:TLS_error_end"),
                            details("PEER_DID_NOT_RETURN_A_CERTIFICATE"),
                            connection("PEER_DID_NOT_RETURN_A_CERTIFICATE")),
            error("tls-alert-certificate-expired", "The peer says that this proxy's certificate has expired.")
                    .causes("The agent could not renew it.")
                    .next(CERTIFICATES, "Look for certificate-not-issued in this proxy's log.")
                    .findings("MDX0403", "MDX0502")
                    .when(
                            access(
                                    "TLS_error:|268436501:SSL routines:OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_EXPIRED:TLS_error_end"),
                            details("ALERT_CERTIFICATE_EXPIRED")),
            error("tls-alert-unknown-ca", "The peer does not trust the CA of this proxy's certificate.")
                    .causes("Different roots: another cluster, another revision, an old istio-ca-root-cert.")
                    .next("meshdx proxy-config rootca-compare POD OTHER")
                    .findings("MDX0403", "MDX0504")
                    .when(
                            access(
                                    "TLS_error:|268436504:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA:TLS_error_end"),
                            details("ALERT_UNKNOWN_CA")),
            error("tls-alert-certificate-refused", "The peer does not accept this proxy's certificate.")
                    .causes(
                            "Identity or trust domain do not fit the peer's rules.",
                            "Key and certificate do not belong together.")
                    .next(CERTIFICATES, "Look at the peer's log at the same time.")
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|268436498:SSL routines:OPENSSL_internal:SSLV3_ALERT_BAD_CERTIFICATE:TLS_error_end"),
                            details("ALERT_BAD_CERTIFICATE"),
                            details("ALERT_CERTIFICATE_UNKNOWN"),
                            details("ALERT_UNSUPPORTED_CERTIFICATE"),
                            details("ALERT_ACCESS_DENIED"),
                            details("ALERT_DECRYPT_ERROR")),
            error("tls-alert-certificate-required", "The peer wants a client certificate, and this proxy sent none.")
                    .causes("tls.mode SIMPLE towards a server that asks for MUTUAL.")
                    .next("Look at tls of the DestinationRule for the host.")
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|268436526:SSL routines:OPENSSL_internal:TLSV1_ALERT_CERTIFICATE_REQUIRED:TLS_error_end"),
                            details("ALERT_CERTIFICATE_REQUIRED")),
            error("tls-no-common-parameters", "The two sides have no TLS version or cipher in common.")
                    .causes(
                            "minProtocolVersion or cipherSuites of a Gateway, or of meshMTLS, exclude the other side.",
                            "A certificate is missing at the peer.")
                    .next("openssl s_client -connect HOST:PORT -servername NAME")
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|268436496:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE:TLS_error_end"),
                            details("ALERT_HANDSHAKE_FAILURE"),
                            details("NO_SHARED_CIPHER"),
                            details("UNSUPPORTED_PROTOCOL"),
                            details("ALERT_PROTOCOL_VERSION"),
                            details("INAPPROPRIATE_FALLBACK"),
                            connection("OPENSSL_internal:NO_SHARED_CIPHER"),
                            connection("OPENSSL_internal:UNSUPPORTED_PROTOCOL")),
            error("tls-no-common-application-protocol", "The two sides have no application protocol (ALPN) in common.")
                    .causes("One side speaks HTTP/2 only, the other HTTP/1.1.")
                    .next("Look at the port's name or appProtocol, and at h2UpgradePolicy of the DestinationRule.")
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|268436576:SSL routines:OPENSSL_internal:TLSV1_ALERT_NO_APPLICATION_PROTOCOL:TLS_error_end"),
                            details("NO_APPLICATION_PROTOCOL")),
            error("tls-unknown-server-name", "The peer does not know the server name (SNI) that was asked for.")
                    .causes("The hosts of the gateway, or tls.sni of the DestinationRule, do not fit.")
                    .next("Compare the name in the line with the hosts of the Gateway.")
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|268436568:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNRECOGNIZED_NAME:TLS_error_end"),
                            details("UNRECOGNIZED_NAME")),
            error("tls-secret-unusable", "Key and certificate that this side was given cannot be used.")
                    .causes("tls.key and tls.crt of a gateway's secret do not belong together, or are no PEM.")
                    .next(
                            SECRETS,
                            "openssl x509 -noout -pubkey -in tls.crt | diff - <(openssl pkey -pubout -in tls.key)")
                    .findings("MDX0403")
                    .when(
                            access(
                                    "TLS_error:|185073780:X.509 certificate routines:OPENSSL_internal:KEY_VALUES_MISMATCH:TLS_error_end"),
                            details("KEY_VALUES_MISMATCH"),
                            details("NO_START_LINE"),
                            details("BAD_BASE64_DECODE"),
                            anybody("KEY_VALUES_MISMATCH"),
                            anybody("Failed to load incomplete certificate")),
            error("tls-certificate-not-delivered", "The proxy waits for a certificate that it was not given yet.")
                    .causes(
                            "The agent cannot get the workload's certificate.",
                            "A gateway's secret is missing, or is in another namespace.")
                    .next(
                            SECRETS,
                            "Look for certificate-not-issued in this log, and for gateway-secret-missing in istiod's.")
                    .findings("MDX0403", "MDX0507", "MDX0508")
                    .when(
                            access("Secret is not supplied by SDS"),
                            details("not supplied by SDS"),
                            anybody("not supplied by SDS")));

    private TlsPatterns() {}

    private static String access(String transport) {
        return "[2026-01-02T03:04:05.678Z] \"GET /orders/7 HTTP/1.1\" 503 URX,UF upstream_reset_before_response_started{remote_connection_failure|"
                + transport.replace(' ', '_') + "} - \"" + transport
                + "\" 0 145 11 - \"-\" \"curl/8\" \"5b8ab1a7-44b2-9d1e-8a77-0f2f5a3c1d10\" \"orders:8080\" \"10.0.1.7:8080\""
                + " outbound|8080||orders.shop.svc.cluster.local - 10.96.4.2:8080 10.0.2.9:51234 - default";
    }

    /** Envoy's own words about a handshake, at debug too: that logger quotes nothing of requests. */
    private static Rule.Alternative connection(String text) {
        return Rule.envoy(text).in("connection");
    }

    private static String envoy(String message) {
        return "2026-01-02T03:04:05.678901Z\tdebug\tenvoy connection source/common/tls/ssl_socket.cc:246\t" + message
                + "\tthread=22";
    }
}
