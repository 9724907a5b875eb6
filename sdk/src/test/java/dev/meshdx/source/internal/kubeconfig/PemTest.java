package dev.meshdx.source.internal.kubeconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {
    private static byte[] pem(String label, byte[] der) {
        return ("-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                        + "-----\n")
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static PrivateKey key(String algorithm, Object parameters) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (parameters instanceof Integer size) {
            generator.initialize(size);
        } else if (parameters instanceof String curve) {
            generator.initialize(new java.security.spec.ECGenParameterSpec(curve));
        }
        return generator.generateKeyPair().getPrivate();
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048, 4096})
    void should_read_RSA_keys_of_both_forms(int bits) throws Exception {
        PrivateKey key = key("RSA", bits);
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
        byte[] pkcs1 =
                ASN1OctetString.getInstance(info.getPrivateKey().getEncoded()).getOctets();

        assertThat(Pem.privateKey(pem("PRIVATE KEY", key.getEncoded()))).isEqualTo(key);
        assertThat(Pem.privateKey(pem("RSA PRIVATE KEY", pkcs1))).isEqualTo(key);
    }

    @ParameterizedTest
    @CsvSource({"secp256r1,256", "secp384r1,384", "secp521r1,521"})
    void should_read_elliptic_keys_of_both_forms(String curve, int bits) throws Exception {
        PrivateKey key = key("EC", curve);
        byte[] sec1 = new ECPrivateKey(
                        bits,
                        ((java.security.interfaces.ECPrivateKey) key).getS(),
                        PrivateKeyInfo.getInstance(key.getEncoded())
                                .getPrivateKeyAlgorithm()
                                .getParameters())
                .getEncoded();

        assertThat(Pem.privateKey(pem("PRIVATE KEY", key.getEncoded()))).isEqualTo(key);
        assertThat(((java.security.interfaces.ECPrivateKey) Pem.privateKey(pem("EC PRIVATE KEY", sec1))).getS())
                .isEqualTo(((java.security.interfaces.ECPrivateKey) key).getS());
    }

    @Test
    void should_read_an_Ed25519_key() throws Exception {
        PrivateKey key = key("Ed25519", null);

        assertThat(Pem.privateKey(pem("PRIVATE KEY", key.getEncoded()))).isEqualTo(key);
    }

    @Test
    void should_say_what_is_wrong_whatever_is_changed_in_a_good_key() throws Exception {
        byte[] sec1 = Base64.getMimeDecoder()
                .decode(TestCluster.olderPem(key("EC", "secp256r1")).replaceAll("-----.*-----", ""));
        Random random = new Random(11);
        for (int i = 0; i < 500; i++) {
            byte[] changed = Arrays.copyOf(sec1, random.nextInt(4) == 0 ? random.nextInt(sec1.length) : sec1.length);
            for (int j = 0; j < 2 && changed.length > 0; j++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            for (String label : new String[] {"EC PRIVATE KEY", "RSA PRIVATE KEY", "PRIVATE KEY", "CERTIFICATE"}) {
                byte[] text = pem(label, changed);
                Pem.Malformed e = catchThrowableOfType(Pem.Malformed.class, () -> {
                    if (label.equals("CERTIFICATE")) {
                        Pem.certificates(text);
                    } else {
                        Pem.privateKey(text);
                    }
                });
                assertThat(e == null || !e.why().isEmpty()).isTrue();
            }
        }
    }
}
