package dev.meshdx.source.internal.kubeconfig;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client certificate with its chain and its key. */
final class ClientIdentity {
    private final List<X509Certificate> chain;
    private final PrivateKey key;

    private ClientIdentity(List<X509Certificate> chain, PrivateKey key) {
        this.chain = chain;
        this.key = key;
    }

    /** From PEM; refused when the key is not the certificate's, or when the certificate has expired. */
    static ClientIdentity of(byte[] certificatePem, byte[] keyPem, Instant now) throws Pem.Malformed {
        List<X509Certificate> chain;
        try {
            chain = Pem.certificates(certificatePem);
        } catch (Pem.Malformed e) {
            throw new Pem.Malformed("the client certificate " + e.why(), e.remedy());
        }
        PrivateKey key;
        try {
            key = Pem.privateKey(keyPem);
        } catch (Pem.Malformed e) {
            throw new Pem.Malformed("the client key " + e.why(), e.remedy());
        }
        X509Certificate leaf = chain.get(0);
        Instant end = leaf.getNotAfter().toInstant();
        if (end.isBefore(now)) {
            throw new Pem.Malformed(
                    "the client certificate of "
                            + leaf.getSubjectX500Principal().getName() + " expired at " + end,
                    "Log in again, or ask for a new certificate (kubeadm: `kubeadm certs renew`).");
        }
        if (!belongTogether(leaf.getPublicKey(), key)) {
            throw new Pem.Malformed(
                    "the client key is not the key of the client certificate of "
                            + leaf.getSubjectX500Principal().getName(),
                    "Give the key with which this certificate was requested.");
        }
        return new ClientIdentity(chain, key);
    }

    private static boolean belongTogether(PublicKey publicKey, PrivateKey privateKey) {
        String algorithm = switch (privateKey.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> privateKey.getAlgorithm();
        };
        byte[] probe = {1, 2, 3};
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(privateKey);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            // Different kinds of key. What the JDK cannot sign with at all is told by the handshake.
            return publicKey.getAlgorithm().equals(privateKey.getAlgorithm());
        }
    }

    List<X509Certificate> chain() {
        return chain;
    }

    PrivateKey key() {
        return key;
    }

    boolean sameCertificate(@Nullable ClientIdentity other) {
        return other != null && chain.get(0).equals(other.chain.get(0));
    }

    @Override
    public String toString() {
        return "ClientIdentity[" + chain.get(0).getSubjectX500Principal().getName() + "]";
    }
}
