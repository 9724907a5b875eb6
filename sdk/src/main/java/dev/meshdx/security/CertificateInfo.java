package dev.meshdx.security;

import dev.meshdx.annotation.Internal;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One X.509 certificate. Never holds a private key. Immutable; safe for use by several threads.
 *
 * <p>Read from PEM it has everything; read from Envoy's page {@code /certs} it lacks subject, issuer and key.
 */
public final class CertificateInfo {
    /** Clocks differ a little, and a recording may be dated a moment before its pages were read. */
    static final Duration SKEW = Duration.ofMinutes(5);

    /** Types of subject alternative names. Source: RFC 5280, 4.2.1.6. */
    private static final int DNS_NAME = 2;

    private static final int URI = 6;

    private final String subject;
    private final String issuer;
    private final String serialNumber;
    private final List<String> identities;
    private final List<String> dnsNames;
    private final Instant notBefore;
    private final Instant notAfter;
    private final boolean authority;
    private final @Nullable X509Certificate certificate;
    private final @Nullable String fingerprint;
    private final @Nullable String keyFingerprint;

    private CertificateInfo(
            String subject,
            String issuer,
            String serialNumber,
            List<String> identities,
            List<String> dnsNames,
            Instant notBefore,
            Instant notAfter,
            boolean authority,
            @Nullable X509Certificate certificate) {
        this.subject = subject;
        this.issuer = issuer;
        this.serialNumber = serialNumber;
        this.identities = List.copyOf(identities);
        this.dnsNames = List.copyOf(dnsNames);
        this.notBefore = notBefore;
        this.notAfter = notAfter;
        this.authority = authority;
        this.certificate = certificate;
        this.fingerprint = certificate == null ? null : fingerprint(certificate);
        this.keyFingerprint =
                certificate == null ? null : sha256(certificate.getPublicKey().getEncoded());
    }

    /** From a parsed certificate. */
    @Internal
    public static CertificateInfo of(X509Certificate certificate) {
        return new CertificateInfo(
                certificate.getSubjectX500Principal().getName(),
                certificate.getIssuerX500Principal().getName(),
                certificate.getSerialNumber().toString(16),
                names(certificate, URI),
                names(certificate, DNS_NAME),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                certificate.getBasicConstraints() >= 0,
                certificate);
    }

    /** From Envoy's page {@code /certs}, which shows no more than this. */
    @Internal
    public static CertificateInfo ofPage(
            String serialNumber,
            List<String> identities,
            List<String> dnsNames,
            Instant notBefore,
            Instant notAfter,
            boolean authority) {
        return new CertificateInfo("", "", serialNumber, identities, dnsNames, notBefore, notAfter, authority, null);
    }

    private static List<String> names(X509Certificate certificate, int type) {
        List<String> names = new ArrayList<>();
        try {
            var all = certificate.getSubjectAlternativeNames();
            if (all != null) {
                for (List<?> name : all) {
                    if (name.get(0) instanceof Integer found && found == type) {
                        names.add(String.valueOf(name.get(1)));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            // Names that cannot be read are no names: the identity check says so.
            return List.of();
        }
        return names;
    }

    private static @Nullable String fingerprint(X509Certificate certificate) {
        try {
            return sha256(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }

    /** What it is best known by: its identity, its first DNS name, else its subject or serial number. */
    public String name() {
        if (!identities.isEmpty()) {
            return identities.get(0);
        }
        if (!dnsNames.isEmpty()) {
            return dnsNames.get(0);
        }
        return subject.isEmpty() ? "serial " + serialNumber : subject;
    }

    /** Its subject in the form of RFC 2253; empty for workload certificates, and where it is not known. */
    public String subject() {
        return subject;
    }

    /** Its issuer in the form of RFC 2253; empty where it is not known. */
    public String issuer() {
        return issuer;
    }

    /** Its serial number in hexadecimal digits, lower case. */
    public String serialNumber() {
        return serialNumber;
    }

    /** Its URIs; of a workload certificate {@code spiffe://cluster.local/ns/NAMESPACE/sa/SERVICE-ACCOUNT}. */
    public List<String> identities() {
        return identities;
    }

    /** Its DNS names. */
    public List<String> dnsNames() {
        return dnsNames;
    }

    /** Its first moment. */
    public Instant notBefore() {
        return notBefore;
    }

    /** Its last moment. */
    public Instant notAfter() {
        return notAfter;
    }

    /** Whether it may sign others. */
    public boolean authority() {
        return authority;
    }

    /** SHA-256 of the certificate in hexadecimal digits; empty where it was read from {@code /certs}. */
    public Optional<String> fingerprint() {
        return Optional.ofNullable(fingerprint);
    }

    /**
     * SHA-256 of its public key; empty where it was read from {@code /certs}. A root that was renewed with the same key keeps
     * it, and goes on being trusted.
     */
    public Optional<String> keyFingerprint() {
        return Optional.ofNullable(keyFingerprint);
    }

    /** How long it is valid in all. */
    public Duration lifetime() {
        return Duration.between(notBefore, notAfter);
    }

    /** How long it is still valid; negative when it has expired. */
    public Duration remaining(Instant now) {
        return Duration.between(now, notAfter);
    }

    /** Whole days that it is still valid; negative when it has expired. */
    public long daysLeft(Instant now) {
        return Math.floorDiv(remaining(now).toSeconds(), Duration.ofDays(1).toSeconds());
    }

    /** Whether it has expired. */
    public boolean expired(Instant now) {
        return now.isAfter(notAfter);
    }

    /** Whether its time has not come yet; five minutes of difference between clocks are forgiven. */
    public boolean notYetValid(Instant now) {
        return now.plus(SKEW).isBefore(notBefore);
    }

    /** What is wrong with its dates. */
    public List<String> problems(Instant now) {
        if (expired(now)) {
            return List.of("expired at " + notAfter);
        }
        return notYetValid(now) ? List.of("not valid before " + notBefore) : List.of();
    }

    /** Whether the signature is the other's. False where it cannot be told. */
    boolean signedBy(CertificateInfo other) {
        if (certificate == null || other.certificate == null || !issuer.equals(other.subject)) {
            return false;
        }
        try {
            certificate.verify(other.certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Whether both are from the same key and name: the same authority, renewed or not. */
    boolean sameAuthority(CertificateInfo other) {
        return keyFingerprint != null && keyFingerprint.equals(other.keyFingerprint) && subject.equals(other.subject);
    }

    /** Whether signatures can be checked. */
    boolean hasKey() {
        return certificate != null;
    }

    /** Of the usages that both sides of mutual TLS need, those that its extensions do not allow. */
    @Internal
    public List<String> missingUsages() {
        if (certificate == null) {
            return List.of();
        }
        List<String> missing = new ArrayList<>();
        try {
            // Source: RFC 5280, 4.2.1.12; without the extension everything is allowed.
            List<String> usages = certificate.getExtendedKeyUsage();
            if (usages != null && !usages.contains("2.5.29.37.0")) {
                if (!usages.contains("1.3.6.1.5.5.7.3.1")) {
                    missing.add("serverAuth");
                }
                if (!usages.contains("1.3.6.1.5.5.7.3.2")) {
                    missing.add("clientAuth");
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return missing;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CertificateInfo that
                && serialNumber.equals(that.serialNumber)
                && notAfter.equals(that.notAfter)
                && Objects.equals(fingerprint, that.fingerprint);
    }

    @Override
    public int hashCode() {
        return Objects.hash(serialNumber, notAfter);
    }

    /** One line: name, validity, issuer, serial number. */
    @Override
    public String toString() {
        return name() + " valid " + notBefore + " to " + notAfter + (issuer.isEmpty() ? "" : " issuer " + issuer)
                + " serial " + serialNumber;
    }
}
