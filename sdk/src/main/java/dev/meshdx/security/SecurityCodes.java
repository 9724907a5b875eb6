package dev.meshdx.security;

import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import java.util.List;

/** The kinds of findings of the security step. */
public final class SecurityCodes {
    /** A client sends what the server does not take. */
    public static final FindingCode MTLS_CONFLICT =
            code("MDX0501", "MtlsConflict", Severity.ERROR, "Client and server do not agree on mutual TLS.");

    /** A certificate is past its end. */
    public static final FindingCode CERTIFICATE_EXPIRED =
            code("MDX0502", "CertificateExpired", Severity.ERROR, "A certificate has expired.");

    /** A certificate should have been renewed by now. */
    public static final FindingCode CERTIFICATE_EXPIRING_SOON =
            code("MDX0503", "CertificateExpiringSoon", Severity.WARNING, "A certificate expires soon.");

    /** A proxy belongs to another certificate authority than the rest of the mesh. */
    public static final FindingCode ROOT_MISMATCH = code(
            "MDX0504",
            "RootMismatch",
            Severity.ERROR,
            "A proxy has another root certificate than the rest of the mesh.");

    /** The copy of the root that new pods start with is not the one that proxies trust. */
    public static final FindingCode ROOT_CONFIG_MAP_MISMATCH = code(
            "MDX0505",
            "RootConfigMapMismatch",
            Severity.WARNING,
            "The namespace's copy of the root certificate is missing or is not the mesh's.");

    /** A proxy's own certificate cannot be right. */
    public static final FindingCode CERTIFICATE_CHAIN_INVALID = code(
            "MDX0506",
            "CertificateChainInvalid",
            Severity.ERROR,
            "A proxy's certificate does not verify or is not its own.");

    /** A gateway waits for a certificate. */
    public static final FindingCode GATEWAY_CERTIFICATE_MISSING = code(
            "MDX0507",
            "GatewayCertificateMissing",
            Severity.ERROR,
            "A gateway waits for a certificate that does not come.");

    /** A proxy waits for its own certificate or root. */
    public static final FindingCode WORKLOAD_CERTIFICATE_MISSING = code(
            "MDX0508", "WorkloadCertificateMissing", Severity.ERROR, "A proxy has not received its own certificate.");

    private SecurityCodes() {}

    private static FindingCode code(String code, String name, Severity severity, String title) {
        return new FindingCode(code, name, severity, title);
    }

    /** All of them, by number. */
    public static List<FindingCode> all() {
        return List.of(
                MTLS_CONFLICT,
                CERTIFICATE_EXPIRED,
                CERTIFICATE_EXPIRING_SOON,
                ROOT_MISMATCH,
                ROOT_CONFIG_MAP_MISMATCH,
                CERTIFICATE_CHAIN_INVALID,
                GATEWAY_CERTIFICATE_MISSING,
                WORKLOAD_CERTIFICATE_MISSING);
    }
}
