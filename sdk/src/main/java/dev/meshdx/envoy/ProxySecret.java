package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A secret that a proxy holds or waits for: a certificate chain with its key, or the roots that it trusts. Private keys are
 * dropped while reading; Envoy redacts them anyway. Immutable.
 */
public final class ProxySecret {
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private final Entry entry;
    private final String trustDomain;
    private final List<X509Certificate> certificates;

    ProxySecret(Entry entry, String trustDomain, List<X509Certificate> certificates) {
        this.entry = entry;
        this.trustDomain = trustDomain;
        this.certificates = List.copyOf(certificates);
    }

    /** One secret, or for a bundle of several trust domains one for each. */
    static List<ProxySecret> of(Entry entry) {
        Json secret = entry.resource();
        Optional<String> chain = secret.at("tls_certificate", "certificate_chain", "inline_bytes")
                .text();
        Optional<String> roots =
                secret.at("validation_context", "trusted_ca", "inline_bytes").text();
        Json bundle = secret.at("validation_context", "custom_validator_config", "typed_config", "trust_domains");
        if (chain.isEmpty() && roots.isEmpty() && bundle.size() > 0) {
            List<ProxySecret> secrets = new ArrayList<>();
            for (Json domain : bundle.items()) {
                secrets.add(new ProxySecret(
                        entry,
                        domain.at("name").text(""),
                        decode(domain.at("trust_bundle", "inline_bytes").text(""))));
            }
            return secrets;
        }
        List<X509Certificate> certificates =
                chain.or(() -> roots).map(ProxySecret::decode).orElse(List.of());
        return List.of(new ProxySecret(entry, "", certificates));
    }

    private static List<X509Certificate> decode(String base64) {
        String pem;
        try {
            pem = new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.US_ASCII);
        } catch (IllegalArgumentException e) {
            return List.of();
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (int start = pem.indexOf(BEGIN); start >= 0; start = pem.indexOf(BEGIN, start + BEGIN.length())) {
            int end = pem.indexOf(END, start);
            if (end < 0) {
                break;
            }
            byte[] block = pem.substring(start, end + END.length()).getBytes(StandardCharsets.US_ASCII);
            try {
                certificates.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(block)));
            } catch (CertificateException e) {
                // One block that is no certificate does not hide the others.
            }
        }
        return certificates;
    }

    /** Its name: {@code default} and {@code ROOTCA} in a sidecar, {@code kubernetes://NAME} for a gateway's credential. */
    public String name() {
        return entry.resource().at("name").text(entry.name());
    }

    /** The certificates in it, in the order in which they stand: the workload's first, or the roots. */
    public List<X509Certificate> certificates() {
        return certificates;
    }

    /** The first certificate: the workload's own, or the first root. */
    public Optional<X509Certificate> certificate() {
        return certificates.stream().findFirst();
    }

    /** {@code Cert Chain}, {@code CA}, or empty where there is no certificate. */
    public String type() {
        return certificate()
                .map(certificate -> certificate.getBasicConstraints() >= 0 ? "CA" : "Cert Chain")
                .orElse("");
    }

    /** Whether it holds what the proxy trusts, not what it shows. */
    public boolean isTrust() {
        return entry.resource().at("validation_context").exists();
    }

    private Optional<SecretCertificate> leading() {
        return certificate().map(SecretCertificate::new);
    }

    /** {@link #certificates()} with what is to be known about each. */
    public List<SecretCertificate> chain() {
        return certificates.stream().map(SecretCertificate::new).toList();
    }

    /**
     * The file, or the environment variable (as {@code $NAME}), from which the proxy reads the certificates: then they do
     * not stand in the dump, and {@link #certificates()} is empty.
     */
    public Optional<String> externalSource() {
        Json secret = entry.resource();
        return ProtoValues.place(secret.at("tls_certificate", "certificate_chain"))
                .or(() -> ProtoValues.place(secret.at("validation_context", "trusted_ca")));
    }

    /** Whether it was delivered (SDS): by the agent, which has it from istiod or from a file. Else it is in the bootstrap. */
    public boolean isFromSds() {
        return entry.state() != ResourceState.STATIC;
    }

    /** Whether it is for one trust domain of a SPIFFE bundle only. */
    public boolean isOfBundle() {
        return !trustDomain.isEmpty();
    }

    /** The first certificate's serial number, as istioctl writes it; empty where there is none. */
    public String serialNumber() {
        return leading().map(SecretCertificate::serialNumber).orElse("");
    }

    /** The subject of the first certificate; empty where there is none, or where it has none (Istio's have none). */
    public String subject() {
        return leading().map(SecretCertificate::subject).orElse("");
    }

    /** Who signed the first certificate. */
    public String issuer() {
        return leading().map(SecretCertificate::issuer).orElse("");
    }

    /** The subject alternative names of the first certificate: identities ({@code spiffe://…}) and host names. */
    public List<String> subjectAlternativeNames() {
        return leading().map(SecretCertificate::subjectAlternativeNames).orElse(List.of());
    }

    /** The trust domain of its identity or its bundle; empty where it has none. */
    public String trustDomain() {
        return trustDomain.isEmpty()
                ? leading().map(SecretCertificate::trustDomain).orElse("")
                : trustDomain;
    }

    /** From when the first certificate is valid. */
    public Optional<Instant> notBefore() {
        return leading().map(SecretCertificate::notBefore);
    }

    /** Until when the first certificate is valid. */
    public Optional<Instant> notAfter() {
        return leading().map(SecretCertificate::notAfter);
    }

    /** Whether the first certificate is valid at that time; false where there is none. */
    public boolean isValidAt(Instant time) {
        return leading().map(certificate -> certificate.isValidAt(time)).orElse(false);
    }

    /** How long the first certificate is still valid after that time; negative where it has expired. */
    public Optional<Duration> remaining(Instant time) {
        return leading().map(certificate -> certificate.remaining(time));
    }

    /** {@code WARMING}: the proxy waits for it. */
    public ResourceState state() {
        return entry.state();
    }

    /** Why the newest version was refused, in Envoy's words. */
    public Optional<String> error() {
        return entry.error();
    }

    /** How far the proxy got with the control plane about it; old proxies do not say. */
    public ClientStatus clientStatus() {
        return entry.clientStatus();
    }

    /** The version that was refused; empty where none was, or where the proxy does not say which. */
    public Optional<String> rejectedVersion() {
        return entry.rejectedVersion();
    }

    /** When the newest version was refused. */
    public Optional<Instant> rejectedAt() {
        return entry.rejectedAt();
    }

    /** The version that the control plane gave it. */
    public Optional<String> version() {
        return entry.version();
    }

    /** When the proxy took it over, or began to wait for it. */
    public Optional<Instant> lastUpdated() {
        return entry.lastUpdated();
    }

    /** The secret as Envoy prints it, without private keys. */
    public Json raw() {
        return entry.resource();
    }

    /** One line, without certificates. */
    @Override
    public String toString() {
        String type = type().isEmpty()
                ? externalSource().map(place -> "(from " + place + ")").orElse("(no certificate)")
                : type();
        return name() + " " + type + " " + state()
                + notAfter().map(time -> " until " + time).orElse("");
    }
}
