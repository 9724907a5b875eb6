package dev.meshdx.envoy.diff;

import static dev.meshdx.security.TestCertificates.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.ProxySecret;
import dev.meshdx.envoy.SecretCertificate;
import dev.meshdx.envoy.Secrets;
import dev.meshdx.envoy.diff.RootComparison.Verdict;
import dev.meshdx.security.TestCertificates;
import dev.meshdx.security.TestCertificates.Authority;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RootComparisonTest {
    private static final Authority ROOT = Authority.root("mesh");
    private static final Authority NEXT = Authority.root("next");
    private static final Authority OTHER = Authority.root("other");

    private static Secrets secrets(String list, String name, String secret) throws IOException {
        String dump = "{\"configs\": [{\"@type\": \"x.SecretsConfigDump\", \"" + list + "\": [{\"name\": \"" + name
                + "\", \"secret\": {\"name\": \"" + name + "\"" + (secret.isEmpty() ? "" : ", " + secret) + "}}]}]}";
        return ConfigDump.parse(new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8)))
                .secrets(NOW);
    }

    private static String trusted(Authority... roots) {
        StringBuilder pem = new StringBuilder();
        for (Authority root : roots) {
            pem.append(root.pem());
        }
        return "\"inline_bytes\": \"" + TestCertificates.base64(pem.toString()) + "\"";
    }

    private static Secrets roots(Authority... roots) throws IOException {
        return secrets(
                "dynamic_active_secrets",
                "ROOTCA",
                "\"validation_context\": {\"trusted_ca\": {" + trusted(roots) + "}}");
    }

    private static String domain(String name, Authority... roots) {
        return "{\"name\": \"" + name + "\", \"trust_bundle\": {" + trusted(roots) + "}}";
    }

    private static Secrets bundle(String... domains) throws IOException {
        return secrets(
                "dynamic_active_secrets",
                "ROOTCA",
                "\"validation_context\": {\"custom_validator_config\": {\"typed_config\": {\"trust_domains\": ["
                        + String.join(", ", domains) + "]}}}");
    }

    @Test
    void should_say_that_all_roots_are_the_same_in_any_order() throws IOException {
        RootComparison comparison = RootComparison.between(roots(ROOT, NEXT), roots(NEXT, ROOT, ROOT));

        assertThat(comparison.verdict()).isEqualTo(Verdict.SAME);
        assertThat(comparison.isTrusted()).isTrue();
        assertThat(comparison.sentence()).isEqualTo("the first proxy and the second proxy trust the same 2 roots.");
        assertThat(comparison.common()).hasSize(2).first().satisfies(root -> {
            assertThat(root.subject()).isEqualTo("O=mesh");
            assertThat(root.fingerprint()).isEqualTo(ROOT.info().fingerprint().orElseThrow());
            assertThat(root.notAfter()).isEqualTo(ROOT.info().notAfter());
            assertThat(root.serialNumber()).hasSize(32);
        });
    }

    @Test
    void should_say_which_roots_differ() throws IOException {
        RootComparison overlap = RootComparison.between("web", roots(ROOT), "cart", roots(NEXT, ROOT));
        assertThat(overlap.verdict()).isEqualTo(Verdict.OVERLAP);
        assertThat(overlap.isTrusted()).isTrue();
        assertThat(overlap.onlyFirst()).isEmpty();
        assertThat(overlap.onlySecond())
                .extracting(RootComparison.Root::subject)
                .containsExactly("O=next");
        assertThat(overlap.sentence())
                .startsWith("web and cart have one root in common; only cart trusts \"O=next\" (")
                .endsWith("…).");

        RootComparison different = RootComparison.between("web", roots(ROOT), "cart", roots(OTHER));
        assertThat(different.verdict()).isEqualTo(Verdict.DIFFERENT);
        assertThat(different.isTrusted()).isFalse();
        assertThat(different.sentence())
                .startsWith("web and cart have no root in common: web trusts \"O=mesh\" (")
                .contains(", cart \"O=other\" (")
                .endsWith("They refuse each other's certificates.");
        assertThat(different.toString()).startsWith("DIFFERENT: ").contains("TRUSTED BY");
        assertThat(different.toString().length()).isLessThan(900);
    }

    @Test
    void should_see_that_a_root_was_renewed_with_its_key_or_has_expired() throws IOException {
        Authority renewed = ROOT.renewed(NOW, NOW.plus(Duration.ofDays(3650)));
        assertThat(RootComparison.between(roots(ROOT), roots(renewed)))
                .satisfies(comparison -> assertThat(comparison.verdict()).isEqualTo(Verdict.OVERLAP))
                .satisfies(comparison -> assertThat(comparison.common()).isEmpty())
                .satisfies(comparison ->
                        assertThat(comparison.sentence()).contains("same root authority (same key and subject)"));

        Authority old = Authority.root("old", NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofDays(1)));
        assertThat(RootComparison.between(roots(old), roots(old)).sentence())
                .contains("trust the same root. But it is not valid at " + NOW);
    }

    @Test
    void should_say_why_roots_are_not_known() throws IOException {
        Secrets known = roots(ROOT);
        Secrets file = secrets(
                "dynamic_active_secrets",
                "ROOTCA",
                "\"validation_context\": {\"trusted_ca\": {\"filename\": \"/ca.pem\"}}");
        Secrets waiting = secrets("dynamic_warming_secrets", "ROOTCA", "");
        Secrets broken = secrets(
                "dynamic_active_secrets",
                "ROOTCA",
                "\"validation_context\": {\"trusted_ca\": {\"inline_bytes\": \"!\"}}");
        Secrets none = secrets("dynamic_active_secrets", "kubernetes://web-cacert", "");

        assertThat(unknown(known, file)).isEqualTo("they stand in /ca.pem, which the dump does not show.");
        assertThat(unknown(waiting, known)).isEqualTo("it still waits for the secret ROOTCA.");
        assertThat(unknown(known, broken)).isEqualTo("the secret ROOTCA holds no certificate that can be read.");
        assertThat(unknown(none, known)).isEqualTo("it holds no secret ROOTCA.");
        Secrets absent = ConfigDump.parse(
                        new ByteArrayInputStream("{\"configs\": []}".getBytes(StandardCharsets.UTF_8)))
                .secrets(NOW);
        assertThat(unknown(absent, known)).contains("no section with secrets");
    }

    private static String unknown(Secrets first, Secrets second) {
        RootComparison comparison = RootComparison.between(first, second);
        assertThat(comparison.verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(comparison.isTrusted()).isFalse();
        assertThat(comparison.sentence()).startsWith("The roots of the ");
        return comparison.sentence().replaceFirst("^The roots of the (first|second) proxy are not known: ", "");
    }

    @Test
    void should_compare_bundles_by_trust_domain() throws IOException {
        Secrets both = bundle(domain("east.local", ROOT), domain("west.local", OTHER));

        assertThat(RootComparison.between(both, bundle(domain("west.local", OTHER), domain("east.local", ROOT)))
                        .verdict())
                .isEqualTo(Verdict.SAME);
        assertThat(RootComparison.between(both, bundle(domain("east.local", ROOT)))
                        .verdict())
                .isEqualTo(Verdict.OVERLAP);
        RootComparison crossed =
                RootComparison.between(bundle(domain("east.local", ROOT)), bundle(domain("west.local", ROOT)));
        assertThat(crossed.verdict()).isEqualTo(Verdict.DIFFERENT);
        assertThat(crossed.sentence()).contains("for east.local").contains("for west.local");
        // A plain list counts for every trust domain.
        assertThat(RootComparison.between(both, roots(ROOT, OTHER)).verdict()).isEqualTo(Verdict.SAME);
    }

    @Test
    void should_compare_recorded_proxies() {
        Session session = Shared.recording("sidecar/cert-other-root");
        Secrets details = secrets(session, "details-v1-6q27k7gw8d-jksf6");
        Secrets sleep = secrets(session, "sleep-v1-gj4j8s7g7h-nftvm");

        RootComparison comparison = RootComparison.between("details", details, "sleep", sleep);
        assertThat(comparison.verdict()).isEqualTo(Verdict.DIFFERENT);
        assertThat(comparison.roots())
                .extracting(RootComparison.Root::subject)
                .containsExactly("O=other.example.com", "O=cluster.local");
        assertThat(RootComparison.between(sleep, sleep).verdict()).isEqualTo(Verdict.SAME);
    }

    private static Secrets secrets(Session session, String pod) {
        return new EnvoyProxy(() -> session, "production", pod).secrets();
    }

    @Test
    void should_type_the_certificates_of_a_secret() throws IOException {
        String leaf = ROOT.leaf("spiffe://cluster.local/ns/shop/sa/web");
        Secrets secrets = secrets(
                "dynamic_active_secrets",
                "default",
                "\"tls_certificate\": {\"certificate_chain\": {\"inline_bytes\": \""
                        + TestCertificates.base64(leaf + ROOT.pem()) + "\"}}");

        ProxySecret secret = secrets.first().orElseThrow();
        assertThat(secret.chain()).hasSize(2);
        SecretCertificate first = secret.chain().get(0);
        assertThat(first.keyType()).isEqualTo("EC");
        assertThat(first.keySize()).isEqualTo(256);
        assertThat(first.trustDomain()).isEqualTo("cluster.local");
        assertThat(first.subject()).isEmpty();
        assertThat(first.issuer()).isEqualTo("O=mesh");
        assertThat(first.subjectAlternativeNames()).containsExactly("spiffe://cluster.local/ns/shop/sa/web");
        assertThat(first.isAuthority()).isFalse();
        assertThat(first.remaining(NOW)).isEqualTo(Duration.ofHours(23));
        assertThat(first.toString()).startsWith("spiffe://cluster.local/ns/shop/sa/web EC 256 until ");
        assertThat(secret.chain().get(1).isAuthority()).isTrue();
        assertThat(secret.remaining(NOW)).contains(Duration.ofHours(23));
        assertThat(secret.remaining(NOW.plus(Duration.ofDays(1))).orElseThrow().isNegative())
                .isTrue();
        assertThat(secret.isFromSds()).isTrue();
        assertThat(secret.externalSource()).isEmpty();

        ProxySecret variable = secrets(
                        "static_secrets",
                        "mine",
                        "\"tls_certificate\": {\"certificate_chain\": {\"environment_variable\": \"CERT\"}}")
                .first()
                .orElseThrow();
        assertThat(variable.externalSource()).contains("$CERT");
        assertThat(variable.isFromSds()).isFalse();
        assertThat(variable.chain()).isEmpty();
        assertThat(variable).hasToString("mine (from $CERT) STATIC");
    }

    @Test
    void should_name_the_file_of_a_certificate_that_is_mounted() throws IOException {
        ConfigDump dump;
        try (InputStream in = Files.newInputStream(
                Shared.folder("conformance/proxy-config/input").resolve("edge.json"))) {
            dump = ConfigDump.parse(in);
        }
        Secrets secrets = dump.secrets(NOW);
        assertThat(secrets.named("file-mounted").first().orElseThrow().externalSource())
                .contains("/etc/certs/cert.pem");
        assertThat(secrets.named("default").first().orElseThrow().chain())
                .hasSize(2)
                .first()
                .satisfies(certificate -> assertThat(certificate.keySize()).isEqualTo(256));
        assertThat(List.of("default", "ROOTCA"))
                .allSatisfy(name -> assertThat(
                                secrets.named(name).first().orElseThrow().isFromSds())
                        .isTrue());
    }
}
