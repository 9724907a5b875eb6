package dev.meshdx.testkit.internal.mesh;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X962Parameters;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.operator.ContentSigner;

/**
 * A certificate authority as istiod has one built in. Its certificates are real: EC keys, SPIFFE identities, signatures that
 * verify. Keys come from the seed and signatures from RFC 6979, so the same mesh has the same certificates; that makes them
 * worthless outside of a test. Immutable; safe for use by several threads.
 */
public final class Authority {
    private static final X9ECParameters CURVE = SECNamedCurves.getByOID(SECObjectIdentifiers.secp256r1);
    private static final ECDomainParameters DOMAIN = new ECDomainParameters(CURVE);

    /** Istio back-dates certificates by this, for clocks that differ. Source: Istio, security/pkg/pki/util, ClockSkewGracePeriod. */
    private static final Duration SKEW = Duration.ofMinutes(2);

    /**
     * A certificate.
     *
     * @param pem the certificate and its root, in PEM
     * @param serial serial number in hexadecimal
     * @param identity SPIFFE identity; empty for a root
     * @param from valid from
     * @param to valid to
     */
    public record Issued(String pem, String serial, String identity, Instant from, Instant to) {}

    private final Names names;
    private final String label;
    private final BigInteger key;
    private final X500Name subject;
    private final Issued root;

    /** An authority, told apart from others by its label, whose root is valid for ten years. */
    public Authority(Names names, String label, String trustDomain, Instant from) {
        this.names = names;
        this.label = label;
        this.key = key("ca");
        this.subject = new X500Name("O=" + trustDomain);
        Instant to = from.plus(Duration.ofDays(3650));
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                subject, serial("ca"), Date.from(from), Date.from(to), subject, publicKey(key));
        try {
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyId()));
            X509CertificateHolder certificate = builder.build(new Signer(key));
            this.root = new Issued(pem(certificate), serial("ca").toString(16), "", from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its own certificate. */
    public Issued root() {
        return root;
    }

    /** A workload's certificate, valid for 24 hours from a moment, as Istio issues them. */
    public Issued issue(String identity, String pod, Instant at) {
        Instant from = at.minus(SKEW);
        Instant to = at.plus(Duration.ofHours(24));
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                subject,
                serial(pod),
                Date.from(from),
                Date.from(to),
                X500Name.getInstance(new DERSequence()),
                publicKey(key(pod)));
        GeneralName uri = new GeneralName(GeneralName.uniformResourceIdentifier, identity);
        ASN1Sequence alternatives = new DERSequence(uri);
        try {
            builder.addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(keyId()));
            builder.addExtension(Extension.subjectAlternativeName, true, alternatives);
            X509CertificateHolder certificate = builder.build(new Signer(key));
            return new Issued(pem(certificate) + root.pem(), serial(pod).toString(16), identity, from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BigInteger key(String owner) {
        return new BigInteger(1, names.digest("key", label, owner))
                .mod(DOMAIN.getN().subtract(BigInteger.ONE))
                .add(BigInteger.ONE);
    }

    private BigInteger serial(String owner) {
        byte[] digest = names.digest("serial", label, owner);
        byte[] serial = new byte[15];
        System.arraycopy(digest, 0, serial, 0, serial.length);
        return new BigInteger(1, serial).setBit(112);
    }

    private byte[] keyId() {
        byte[] digest = names.digest("key id", label);
        byte[] id = new byte[20];
        System.arraycopy(digest, 0, id, 0, id.length);
        return id;
    }

    private static SubjectPublicKeyInfo publicKey(BigInteger key) {
        byte[] point = new FixedPointCombMultiplier()
                .multiply(DOMAIN.getG(), key)
                .normalize()
                .getEncoded(false);
        return new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(
                        X9ObjectIdentifiers.id_ecPublicKey, new X962Parameters(SECObjectIdentifiers.secp256r1)),
                point);
    }

    private static String pem(X509CertificateHolder certificate) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded());
        return "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n";
    }

    /** The Base64 of a text, as dumps carry bytes. */
    public static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** ECDSA with a nonce from the message instead of a random one. */
    private static final class Signer implements ContentSigner {
        private final BigInteger key;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();

        Signer(BigInteger key) {
            this.key = key;
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
        }

        @Override
        public OutputStream getOutputStream() {
            return content;
        }

        @Override
        public byte[] getSignature() {
            DSADigestSigner signer = new DSADigestSigner(
                    new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest())), new SHA256Digest());
            signer.init(true, new ECPrivateKeyParameters(key, DOMAIN));
            byte[] bytes = content.toByteArray();
            signer.update(bytes, 0, bytes.length);
            return signer.generateSignature();
        }
    }
}
