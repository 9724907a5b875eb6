package dev.meshdx.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.check.StepReport;
import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.security.TestCertificates.Authority;
import dev.meshdx.security.internal.CertificatesReader;
import dev.meshdx.security.internal.SecurityStep;
import org.junit.jupiter.api.Test;

class CertificatesReaderTest {
    private static final Authority ROOT = Authority.root("mesh");
    private static final String WEB = "spiffe://cluster.local/ns/shop/sa/web";

    private static TestMesh mesh() {
        return new TestMesh()
                .with(TestMesh.configMap("istio-system", "istio", "mesh", "trustDomain: cluster.local"))
                .with(TestMesh.configMap("istio-system", "istio-ca-root-cert", "root-cert.pem", ROOT.pem()))
                .with(TestMesh.configMap("shop", "istio-ca-root-cert", "root-cert.pem", ROOT.pem()))
                .with(TestMesh.pod("shop", "web"));
    }

    private static String dump(String leaf) {
        return "{\"configs\":[{\"@type\":\"type.googleapis.com/envoy.admin.v3.SecretsConfigDump\",\"dynamic_active_secrets\":["
                + "{\"name\":\"default\",\"secret\":{\"tls_certificate\":{\"certificate_chain\":{\"inline_bytes\":\""
                + TestCertificates.base64(leaf)
                + "\"},\"private_key\":{\"inline_bytes\":\"aHVzaGh1c2g=\"}}}},{\"name\":\"ROOTCA\",\"secret\":"
                + "{\"validation_context\":{\"trusted_ca\":{\"inline_bytes\":\"" + TestCertificates.base64(ROOT.pem())
                + "\"}}}}]}]}";
    }

    private static Certificates read(TestMesh mesh) {
        return CertificatesReader.read(mesh.session(), Scope.pod("shop", "web-1"));
    }

    @Test
    void should_read_the_dump_and_find_nothing_wrong() {
        Certificates certificates = read(mesh().page("shop", "web-1", "/config_dump", dump(ROOT.leaf(WEB))));

        assertThat(certificates.proxies()).hasSize(1);
        assertThat(certificates.findings()).isEmpty();
        assertThat(certificates.inconclusive()).isEmpty();
        assertThat(certificates.endsFirst().orElseThrow().name()).isEqualTo(WEB);
        assertThat(certificates.roots().mesh()).containsExactly(ROOT.info());
        assertThat(certificates.toString())
                .contains("shop/web-1", "default", "23 h", "ROOTCA")
                .doesNotContain("aHVzaGh1c2g", "hushhush");
    }

    @Test
    void should_fall_back_to_the_page_of_certificates() {
        String page =
                "{\"certificates\":[{\"ca_cert\":[{\"serial_number\":\"1\",\"valid_from\":\"2026-01-01T00:00:00Z\","
                        + "\"expiration_time\":\"2036-01-01T00:00:00Z\"}],\"cert_chain\":[{\"serial_number\":\"2\","
                        + "\"subject_alt_names\":[{\"uri\":\"" + WEB + "\"}],\"days_until_expiration\":\"0\","
                        + "\"valid_from\":\"2026-05-01T00:00:00Z\",\"expiration_time\":\"2026-05-02T00:00:00Z\"}]}]}";
        Certificates certificates =
                read(mesh().failing("shop/web-1/config_dump", new MeshProtocolException("The document is cut off."))
                        .page("shop", "web-1", "/certs", page));

        assertThat(certificates.findings()).extracting(Finding::code).containsExactly("MDX0502");
        assertThat(certificates.inconclusive()).extracting(Inconclusive::reason).containsExactly(Reason.MALFORMED);
    }

    @Test
    void should_name_the_pod_that_does_not_answer_and_go_on() {
        TestMesh mesh = mesh().with(TestMesh.pod("shop", "hung"))
                .failing("shop/hung-1/config_dump", new MeshTimeoutException("It did not answer within 10 s.", ""))
                .page("shop", "web-1", "/config_dump", dump(ROOT.leaf(WEB)));

        Certificates certificates = CertificatesReader.read(mesh.session(), Scope.namespace("shop"));

        assertThat(certificates.proxies()).hasSize(1);
        assertThat(certificates.inconclusive()).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.TIMEOUT);
            assertThat(gap.subject().orElseThrow().name()).isEqualTo("hung-1");
        });
    }

    @Test
    void should_say_that_a_certificate_is_in_a_file() {
        String dump =
                "{\"configs\":[{\"@type\":\"x/envoy.admin.v3.SecretsConfigDump\",\"static_secrets\":[{\"name\":\"default\","
                        + "\"secret\":{\"tls_certificate\":{\"certificate_chain\":{\"filename\":\"/etc/certs/cert.pem\"}}}}]}]}";

        Certificates certificates = read(mesh().page("shop", "web-1", "/config_dump", dump));

        assertThat(certificates.inconclusive())
                .singleElement()
                .satisfies(gap -> assertThat(gap.message()).contains("/etc/certs/cert.pem"));
    }

    @Test
    void should_survive_without_permissions() {
        MeshAccessException no = new MeshAccessException("configmaps is forbidden.", "Ask for get.");
        TestMesh mesh = mesh().failing(ResourceKind.CONFIG_MAP, no)
                .page("shop", "web-1", "/config_dump", dump(ROOT.leaf("spiffe://own.domain/ns/shop/sa/web")));

        Certificates certificates = read(mesh);

        assertThat(certificates.findings()).isEmpty();
        assertThat(certificates.inconclusive())
                .isNotEmpty()
                .allSatisfy(gap -> assertThat(gap.reason()).isEqualTo(Reason.FORBIDDEN));
    }

    @Test
    void should_report_as_a_step_even_where_nothing_can_be_read() {
        MeshAccessException no = new MeshAccessException("pods is forbidden.", "Ask for list.");

        StepReport report =
                SecurityStep.run(mesh().failing(ResourceKind.POD, no).session(), Scope.MESH);

        assertThat(report.findings()).isEmpty();
        assertThat(report.gaps()).hasSize(2);
        assertThat(report.summary()).contains("could not be read");
    }
}
