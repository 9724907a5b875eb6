package dev.meshdx.security;

import dev.meshdx.security.internal.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** Certificates made for a test: authorities, and what they sign. */
public final class TestCertificates {
    /** The time at which the tests judge. */
    public static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private static final AtomicLong SERIAL = new AtomicLong(1);

    private TestCertificates() {}

    /** An authority with its own certificate in PEM. */
    public record Authority(
            String name, KeyPair keys, String pem, @Nullable Authority parent) {
        /** A root of ten years, one of which is over. */
        public static Authority root(String name) {
            return root(name, NOW.minus(Duration.ofDays(365)), NOW.plus(Duration.ofDays(3285)));
        }

        /** A root with dates. */
        public static Authority root(String name, Instant from, Instant to) {
            KeyPair keys = keyPair();
            return new Authority(name, keys, certificate(name, keys, name, keys, from, to, true, null, null), null);
        }

        /** The same root with the same key, renewed. */
        public Authority renewed(Instant from, Instant to) {
            return new Authority(name, keys, certificate(name, keys, name, keys, from, to, true, null, null), null);
        }

        /** An authority that this one signs. */
        public Authority intermediate(String intermediate) {
            KeyPair own = keyPair();
            String signed = certificate(
                    intermediate,
                    own,
                    name,
                    keys,
                    NOW.minus(Duration.ofDays(100)),
                    NOW.plus(Duration.ofDays(1000)),
                    true,
                    null,
                    null);
            return new Authority(intermediate, own, signed, this);
        }

        /** A workload's certificate of a day, an hour of which is over, alone. */
        public String leaf(String identity) {
            return leaf(identity, NOW.minus(Duration.ofHours(1)), NOW.plus(Duration.ofHours(23)));
        }

        /** A workload's certificate with dates, alone. */
        public String leaf(String identity, Instant from, Instant to) {
            return leaf(identity, from, to, KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
        }

        /** A workload's certificate for certain uses. */
        public String leaf(String identity, Instant from, Instant to, KeyPurposeId... usages) {
            return certificate("", keyPair(), name, keys, from, to, false, identity, new ExtendedKeyUsage(usages));
        }

        /** The root as the SDK sees it. */
        public CertificateInfo info() {
            return parse(pem).leaf().orElseThrow();
        }
    }

    /** Reads PEM. */
    public static CertificateChain parse(String pem) {
        return Pem.parse("default", pem);
    }

    /** As Envoy's dump has it. */
    public static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String certificate(
            String subject,
            KeyPair keys,
            String issuer,
            KeyPair issuerKeys,
            Instant from,
            Instant to,
            boolean authority,
            @Nullable String identity,
            @Nullable ExtendedKeyUsage usage) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Principal(issuer.isEmpty() ? "" : "O=" + issuer),
                    BigInteger.valueOf(SERIAL.getAndIncrement()),
                    Date.from(from),
                    Date.from(to),
                    new X500Principal(subject.isEmpty() ? "" : "O=" + subject),
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (identity != null) {
                boolean uri = identity.contains("://");
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        true,
                        new GeneralNames(new GeneralName(
                                uri ? GeneralName.uniformResourceIdentifier : GeneralName.dNSName, identity)));
            }
            if (usage != null) {
                builder.addExtension(Extension.extendedKeyUsage, false, usage);
            }
            byte[] der = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKeys.getPrivate()))
                    .getEncoded();
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                    + "\n-----END CERTIFICATE-----\n";
        } catch (CertIOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
