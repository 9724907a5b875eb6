package dev.meshdx.envoy;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.DSAKey;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** One certificate of a secret. Immutable. */
public final class SecretCertificate {
    /** Source: RFC 5280, 4.2.1.6. */
    private static final int URI_NAME = 6;

    private final X509Certificate certificate;

    SecretCertificate(X509Certificate certificate) {
        this.certificate = certificate;
    }

    /** The serial number as istioctl writes it: at least 32 hexadecimal digits. */
    public String serialNumber() {
        return String.format(Locale.ROOT, "%032x", certificate.getSerialNumber());
    }

    /** The subject; empty where it has none, as with Istio's workload certificates. */
    public String subject() {
        return certificate.getSubjectX500Principal().getName();
    }

    /** Who signed it. */
    public String issuer() {
        return certificate.getIssuerX500Principal().getName();
    }

    /** Its subject alternative names: identities ({@code spiffe://…}) and host names. */
    public List<String> subjectAlternativeNames() {
        return names(false);
    }

    private List<String> names(boolean urisOnly) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    boolean uri = Integer.valueOf(URI_NAME).equals(alternative.get(0));
                    if ((uri || !urisOnly) && alternative.get(1) instanceof String name) {
                        names.add(name);
                    }
                }
            }
        } catch (CertificateParsingException e) {
            // A certificate without readable names has none.
            return List.of();
        }
        return List.copyOf(names);
    }

    /** The trust domain of its identity; empty where it has none. */
    public String trustDomain() {
        for (String name : names(true)) {
            if (name.startsWith("spiffe://")) {
                String rest = name.substring("spiffe://".length());
                int slash = rest.indexOf('/');
                return slash < 0 ? rest : rest.substring(0, slash);
            }
        }
        return "";
    }

    /** From when it is valid. */
    public Instant notBefore() {
        return certificate.getNotBefore().toInstant();
    }

    /** Until when it is valid. */
    public Instant notAfter() {
        return certificate.getNotAfter().toInstant();
    }

    /** Whether it is valid at that time. */
    public boolean isValidAt(Instant time) {
        return time.isAfter(notBefore()) && time.isBefore(notAfter());
    }

    /** How long it is still valid after that time; negative where it has expired. */
    public Duration remaining(Instant time) {
        return Duration.between(time, notAfter());
    }

    /** Whether it may sign others. */
    public boolean isAuthority() {
        return certificate.getBasicConstraints() >= 0;
    }

    /** The type of its key: {@code RSA}, {@code EC}, {@code EdDSA}. */
    public String keyType() {
        return certificate.getPublicKey().getAlgorithm();
    }

    /** The size of its key in bits, of an {@code EC} key that of its curve; 0 where it is not known. */
    public int keySize() {
        PublicKey key = certificate.getPublicKey();
        if (key instanceof RSAKey rsa) {
            return rsa.getModulus().bitLength();
        }
        if (key instanceof ECKey ec) {
            return ec.getParams() == null ? 0 : ec.getParams().getOrder().bitLength();
        }
        return key instanceof DSAKey dsa && dsa.getParams() != null
                ? dsa.getParams().getP().bitLength()
                : 0;
    }

    /** SHA-256 of the certificate in hexadecimal digits: what {@code openssl x509 -fingerprint -sha256} prints. */
    public String fingerprint() {
        try {
            return sha256(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            // It was read from these bytes.
            throw new IllegalStateException(e);
        }
    }

    /** SHA-256 of its public key; a root that was renewed with the same key keeps it, and what it signed stays trusted. */
    public String keyFingerprint() {
        return sha256(certificate.getPublicKey().getEncoded());
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }

    /** The certificate itself. */
    public X509Certificate x509() {
        return certificate;
    }

    /** One line. */
    @Override
    public String toString() {
        List<String> names = subjectAlternativeNames();
        String name = names.isEmpty() ? subject() : names.get(0);
        return (name.isEmpty() ? serialNumber() : name) + " " + keyType() + (keySize() == 0 ? "" : " " + keySize())
                + " until " + notAfter() + " by " + issuer();
    }
}
