package dev.meshdx.security;

import static dev.meshdx.security.TestCertificates.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.security.TestCertificates.Authority;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CertificatesTest {
    private static final String WEB = "spiffe://cluster.local/ns/shop/sa/web";

    @Test
    void should_read_what_a_certificate_says() {
        CertificateInfo leaf =
                TestCertificates.parse(Authority.root("mesh").leaf(WEB)).leaf().orElseThrow();

        assertThat(leaf.name()).isEqualTo(WEB);
        assertThat(leaf.identities()).containsExactly(WEB);
        assertThat(leaf.issuer()).isEqualTo("O=mesh");
        assertThat(leaf.authority()).isFalse();
        assertThat(leaf.lifetime()).isEqualTo(Duration.ofDays(1));
        assertThat(leaf.daysLeft(NOW)).isZero();
        assertThat(leaf.daysLeft(NOW.plus(Duration.ofDays(2)))).isEqualTo(-2);
        assertThat(leaf.problems(NOW)).isEmpty();
        assertThat(leaf.problems(NOW.plus(Duration.ofDays(2)))).hasSize(1);
        assertThat(leaf.fingerprint().orElseThrow()).hasSize(64);
    }

    @Test
    void should_follow_signatures_to_a_root_in_any_order_of_the_chain() {
        Authority root = Authority.root("mesh");
        Authority one = root.intermediate("one");
        Authority two = one.intermediate("two");
        String leaf = two.leaf(WEB);

        assertThat(TestCertificates.parse(leaf + two.pem() + one.pem()).verify(List.of(root.info())))
                .isEmpty();
        assertThat(TestCertificates.parse(leaf + one.pem() + two.pem() + root.pem())
                        .verify(List.of(root.info())))
                .isEmpty();
        assertThat(TestCertificates.parse(leaf + two.pem()).verify(List.of(root.info())))
                .singleElement()
                .asString()
                .contains("O=one");
        assertThat(TestCertificates.parse(leaf + two.pem() + one.pem() + root.pem())
                        .verify(List.of(Authority.root("other").info())))
                .singleElement()
                .asString()
                .contains("not among the trusted roots");
    }

    @Test
    void should_not_be_fooled_by_an_authority_of_the_same_name() {
        Authority first = Authority.root("mesh");
        String leaf = first.leaf(WEB);
        assertThat(TestCertificates.parse(leaf + first.pem())
                        .verify(List.of(Authority.root("mesh").info())))
                .hasSize(1);

        assertThat(TestCertificates.parse(leaf)
                        .verify(List.of(Authority.root("mesh").info())))
                .singleElement()
                .asString()
                .contains("another key");
    }

    @Test
    void should_accept_a_bundle_and_a_root_renewed_with_the_same_key() {
        Authority root = Authority.root("mesh");
        CertificateInfo renewed =
                root.renewed(NOW, NOW.plus(Duration.ofDays(3650))).info();
        CertificateChain chain = TestCertificates.parse(root.leaf(WEB));

        assertThat(chain.verify(List.of(Authority.root("other").info(), root.info())))
                .isEmpty();
        assertThat(chain.verify(List.of(renewed))).isEmpty();
        assertThat(RootCertificates.overlap(List.of(root.info()), List.of(renewed)))
                .isTrue();
    }

    @Test
    void should_read_the_certificates_of_a_file_and_nothing_else() {
        Authority root = Authority.root("mesh");
        String file = "some text\n-----BEGIN PRIVATE KEY-----\naHVzaA==\n-----END PRIVATE KEY-----\n" + root.leaf(WEB)
                + "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n" + root.pem()
                + "-----BEGIN CERTIFICATE-----\nMIIB";

        CertificateChain chain = Certificates.parsePem(file);

        assertThat(chain.certificates()).hasSize(2);
        assertThat(chain.leaf().orElseThrow().name()).isEqualTo(WEB);
        assertThat(chain.unreadable()).hasSize(2);
        assertThat(chain.toString()).doesNotContain("aHVzaA");
        assertThat(Certificates.parsePem("").certificates()).isEmpty();
    }

    @Test
    void should_choose_the_roots_of_the_majority_and_else_the_control_planes() {
        CertificateInfo ours = Authority.root("mesh").info();
        CertificateInfo other = Authority.root("other").info();
        RootCertificates.Copy control = RootCertificates.Copy.of(
                dev.meshdx.model.ResourceRef.of("ConfigMap", "istio-system", "istio-ca-root-cert"),
                true,
                true,
                List.of(ours));

        assertThat(RootCertificates.of(List.of(proxy("a", other)), List.of(control), "istio-system")
                        .mesh())
                .containsExactly(ours);
        assertThat(RootCertificates.of(
                                List.of(proxy("a", other), proxy("b", other), proxy("c", ours)),
                                List.of(control),
                                "elsewhere")
                        .mesh())
                .isEmpty();
        assertThat(RootCertificates.of(
                                List.of(proxy("a", other, ours), proxy("b", other, ours)),
                                List.of(control),
                                "istio-system")
                        .mesh())
                .containsExactlyInAnyOrder(ours, other);
        assertThat(RootCertificates.of(List.of(), List.of(), "istio-system").mesh())
                .isEmpty();
    }

    private static ProxyCertificates proxy(String name, CertificateInfo... roots) {
        return ProxyCertificates.of(
                dev.meshdx.model.ResourceRef.of("Pod", "shop", name), name, null, List.of(roots), List.of(), List.of());
    }
}
