package dev.meshdx.testkit;

import static dev.meshdx.testkit.Fakes.NOW;
import static dev.meshdx.testkit.Fakes.json;
import static dev.meshdx.testkit.Fakes.pod;
import static dev.meshdx.testkit.Fakes.section;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ClusterState;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CertificatesTest {
    private static List<X509Certificate> certificates(Json secret, String... path) throws GeneralSecurityException {
        byte[] pem = Base64.getDecoder().decode(secret.at(path).text(""));
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static Json secret(ClusterState state, Resource pod, String name) {
        return section(state, pod, "SecretsConfigDump").at("dynamic_active_secrets").items().stream()
                .filter(secret -> secret.at("name").text("").equals(name))
                .findFirst()
                .orElseThrow()
                .at("secret");
    }

    private static X509Certificate root(ClusterState state, Resource pod) throws GeneralSecurityException {
        return certificates(secret(state, pod, "ROOTCA"), "validation_context", "trusted_ca", "inline_bytes")
                .get(0);
    }

    private static X509Certificate own(ClusterState state, Resource pod) throws GeneralSecurityException {
        return certificates(secret(state, pod, "default"), "tls_certificate", "certificate_chain", "inline_bytes")
                .get(0);
    }

    private static void verify(X509Certificate certificate, X509Certificate root) throws GeneralSecurityException {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(NOW));
        CertPathValidator.getInstance("PKIX")
                .validate(
                        CertificateFactory.getInstance("X.509").generateCertPath(List.of((Certificate) certificate)),
                        parameters);
    }

    @Test
    void should_verify_against_the_root_of_the_mesh() throws Exception {
        ClusterState state = Scenario.HEALTHY.builder().clock(NOW).build();
        Resource web = pod(state, "production", "web");
        X509Certificate certificate = own(state, web);

        verify(certificate, root(state, web));
        assertThat(certificate.getSubjectAlternativeNames())
                .singleElement()
                .satisfies(name -> assertThat(name.get(1)).isEqualTo("spiffe://cluster.local/ns/production/sa/web"));
        assertThat(Duration.between(
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofHours(24).plusMinutes(2));
        assertThat(certificate.getPublicKey().getAlgorithm()).isEqualTo("EC");
        assertThat(root(state, web)).isEqualTo(root(state, pod(state, "payments", "payments")));
        assertThat(own(state, web)).isNotEqualTo(own(state, pod(state, "payments", "payments")));
        String configMap = state.find(ResourceKind.CONFIG_MAP, "production", "istio-ca-root-cert")
                .orElseThrow()
                .raw()
                .at("data", "root-cert.pem")
                .text("");
        assertThat(CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(configMap.getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo(root(state, web));
        Json listed = json(state, web, 15000, "/certs")
                .at("certificates")
                .at(0)
                .at("cert_chain")
                .at(0);
        assertThat(listed.at("serial_number").text(""))
                .isEqualTo(certificate.getSerialNumber().toString(16));
        assertThat(listed.at("expiration_time").text(""))
                .isEqualTo(certificate.getNotAfter().toInstant().toString());
    }

    @Test
    void should_not_show_private_keys() {
        ClusterState state = Scenario.HEALTHY.builder().clock(NOW).build();
        Json secret = secret(state, pod(state, "production", "web"), "default");

        assertThat(new String(
                        Base64.getDecoder()
                                .decode(secret.at("tls_certificate", "private_key", "inline_bytes")
                                        .text("")),
                        StandardCharsets.UTF_8))
                .isEqualTo("[redacted]");
    }

    @Test
    void should_not_verify_what_expired_or_is_of_another_authority() throws Exception {
        ClusterState state = Scenario.CERTIFICATE_EXPIRED
                .builder()
                .namespace("production", namespace -> namespace.workload("reviews-v1", FakeWorkload::otherRoot))
                .clock(NOW)
                .build();
        X509Certificate root = root(state, pod(state, "production", "web"));
        X509Certificate expired = own(state, pod(state, "production", "ratings-v1"));
        X509Certificate foreign = own(state, pod(state, "production", "reviews-v1"));

        expired.verify(root.getPublicKey());
        assertThatThrownBy(() -> verify(expired, root)).hasMessageContaining("validity check failed");
        assertThatThrownBy(() -> verify(foreign, root)).isInstanceOf(GeneralSecurityException.class);
        verify(foreign, root(state, pod(state, "production", "reviews-v1")));
    }

    @Test
    void should_depend_on_the_seed_only() throws Exception {
        ClusterState first = Scenario.HEALTHY.builder().clock(NOW).build();
        ClusterState other = Scenario.HEALTHY.builder().clock(NOW).seed(2).build();

        assertThat(pod(first, "production", "web").name())
                .isNotEqualTo(pod(other, "production", "web").name());
        assertThat(root(first, pod(first, "production", "web")))
                .isNotEqualTo(root(other, pod(other, "production", "web")));
    }
}
