package dev.meshdx.source.internal.kubeconfig;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/**
 * Certificates and private keys in PEM.
 *
 * <p>The JDK reads certificates and PKCS#8 keys. The older forms ({@code RSA PRIVATE KEY}, {@code EC PRIVATE KEY}) are put
 * into a PKCS#8 envelope here; only what the JDK does not take then goes through BouncyCastle's parser, for loading that
 * costs half a second. No provider of it is used, let alone registered.
 */
final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    private Pem() {}

    /** What is wrong with a PEM text, to be put after "the certificate" or "the key"; quotes nothing of it. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        private final String why;
        private final String remedy;

        Malformed(String why, String remedy) {
            super(why, null, false, false);
            this.why = why;
            this.remedy = remedy;
        }

        String why() {
            return why;
        }

        String remedy() {
            return remedy;
        }
    }

    private record Block(String label, String text) {
        /** The bytes between the markers. */
        byte[] der() throws Malformed {
            int start = text.indexOf('\n');
            int end = text.lastIndexOf(END);
            try {
                return Base64.getDecoder()
                        .decode(text.substring(start < 0 ? end : start, end).replaceAll("\\s", ""));
            } catch (IllegalArgumentException e) {
                throw new Malformed(
                        "holds something else than base64 between its PEM markers",
                        "Copy the file again, whole and without changes.");
            }
        }
    }

    private static List<Block> blocks(byte[] bytes) throws Malformed {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        List<Block> blocks = new ArrayList<>();
        int from = text.indexOf(BEGIN);
        while (from >= 0) {
            int labelEnd = text.indexOf(DASHES, from + BEGIN.length());
            String label = labelEnd < 0 ? "" : text.substring(from + BEGIN.length(), labelEnd);
            String closing = END + label + DASHES;
            int end = labelEnd < 0 || label.contains("\n") ? -1 : text.indexOf(closing, labelEnd);
            if (end < 0) {
                throw new Malformed("is PEM that is cut off", "Copy the file again, whole.");
            }
            blocks.add(new Block(label, text.substring(from, end + closing.length())));
            from = text.indexOf(BEGIN, end + closing.length());
        }
        if (blocks.isEmpty()) {
            throw new Malformed(
                    "is not PEM (there is no -----BEGIN in it)",
                    "Give a PEM file; `openssl x509 -inform der -in FILE` turns a binary certificate into one.");
        }
        return blocks;
    }

    /** All certificates, in their order. */
    static List<X509Certificate> certificates(byte[] pem) throws Malformed {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks(pem)) {
            if (block.label().equals("CERTIFICATE") || block.label().equals("TRUSTED CERTIFICATE")) {
                try {
                    certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(block.der())));
                } catch (CertificateException e) {
                    throw new Malformed(
                            "holds a CERTIFICATE that cannot be parsed", "Copy the file again, whole and unchanged.");
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new Malformed("holds no CERTIFICATE", "Give the certificate; a key is not enough.");
        }
        return List.copyOf(certificates);
    }

    /** The first private key. */
    static PrivateKey privateKey(byte[] pem) throws Malformed {
        for (Block block : blocks(pem)) {
            switch (block.label()) {
                case "PRIVATE KEY" -> {
                    return pkcs8(block.der());
                }
                case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
                    return older(block);
                }
                case "ENCRYPTED PRIVATE KEY" -> throw encrypted();
                default -> {
                    // EC PARAMETERS and certificates may stand in the same file.
                }
            }
        }
        throw new Malformed(
                "holds no private key of a known form (PRIVATE KEY, RSA PRIVATE KEY, EC PRIVATE KEY)",
                "Convert it: `openssl pkcs8 -topk8 -nocrypt -in FILE`.");
    }

    private static Malformed encrypted() {
        return new Malformed(
                "is encrypted with a pass phrase", "Decrypt it: `openssl pkcs8 -topk8 -nocrypt -in FILE`.");
    }

    private static PrivateKey older(Block block) throws Malformed {
        if (block.text().contains("ENCRYPTED")) {
            throw encrypted();
        }
        try {
            return pkcs8(block.label().startsWith("RSA") ? Der.pkcs8OfRsa(block.der()) : Der.pkcs8OfEc(block.der()));
        } catch (Malformed | IllegalArgumentException e) {
            return odd(block);
        }
    }

    private static PrivateKey odd(Block block) throws Malformed {
        try (PEMParser parser = new PEMParser(new StringReader(block.text()))) {
            if (parser.readObject() instanceof PEMKeyPair pair) {
                return pkcs8(pair.getPrivateKeyInfo().getEncoded());
            }
        } catch (IOException | RuntimeException e) {
            // Told below, without what the parser quotes.
        }
        throw unparsable();
    }

    private static PrivateKey pkcs8(byte[] der) throws Malformed {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                // Another algorithm's key: the next one may read it.
            }
        }
        throw unparsable();
    }

    private static Malformed unparsable() {
        return new Malformed(
                "holds a private key that cannot be parsed (RSA, EC and Ed25519 keys can)",
                "Copy the file again, whole; or convert it: `openssl pkcs8 -topk8 -nocrypt -in FILE`.");
    }
}
