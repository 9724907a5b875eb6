package dev.meshdx.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.check.StepReport;
import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.security.internal.MtlsReader;
import dev.meshdx.security.internal.SecurityStep;
import dev.meshdx.testing.Shared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The step on recordings of a real mesh. */
class SecurityRecordingsTest {
    private static StepReport run(String recording, Scope scope) {
        return SecurityStep.run(Shared.recording("sidecar/" + recording), scope);
    }

    @Test
    void should_stay_silent_on_a_healthy_mesh() {
        StepReport report = run("healthy", Scope.MESH);

        assertThat(report.findings()).isEmpty();
        assertThat(report.gaps()).isEmpty();
        assertThat(report.summary())
                .isEqualTo("mTLS: 0 conflicts in 15 pairs of clients and service ports;"
                        + " certificates: 10 of 10 proxies good, the first ends in 23 h");
    }

    @ParameterizedTest
    @CsvSource({
        "production, sleep-v1-gj4j8s7g7h-nftvm",
        "payments, payments-v1-lhtgkpfglt-sqg8x",
        "production, ''",
        "payments, ''",
        "'', ''"
    })
    void should_name_both_sides_of_a_conflict_from_either_side(String namespace, String pod) {
        List<Finding> findings =
                run("mtls-disabled-vs-strict", new Scope(namespace, pod)).findings();

        assertThat(findings).hasSize(1);
        assertThat(findings.get(0).code()).isEqualTo("MDX0501");
        assertThat(findings.get(0).subject())
                .isEqualTo(ResourceRef.of("DestinationRule", "production", "payments-plain"));
        assertThat(findings.get(0).message())
                .contains("DestinationRule production/payments-plain", "PeerAuthentication payments/default");
    }

    @Test
    void should_see_what_the_proxies_really_have() {
        MtlsReport report = MtlsReader.read(
                Shared.recording("sidecar/mtls-disabled-vs-strict"),
                Scope.pod("production", "sleep-v1-gj4j8s7g7h-nftvm"));

        MtlsRow row = report.conflicts().get(0);
        assertThat(row.client().actual()).contains(ClientTlsMode.DISABLE);
        assertThat(row.server().actual()).contains(MtlsMode.STRICT);
        assertThat(report.servers()).singleElement().satisfies(server -> {
            assertThat(server.port()).isEqualTo(9080);
            assertThat(server.mtls().mode()).isEqualTo(MtlsMode.PERMISSIVE);
            assertThat(server.mtls().actual()).contains(MtlsMode.PERMISSIVE);
            assertThat(server.mtls().policy()).contains(ResourceRef.of("PeerAuthentication", "production", "default"));
        });
    }

    @ParameterizedTest
    @CsvSource({"cert-expired, MDX0502", "cert-other-root, MDX0504"})
    void should_blame_the_proxy_with_the_bad_certificate(String recording, String code) {
        ResourceRef details = ResourceRef.of("Pod", "production", "details-v1-6q27k7gw8d-jksf6");

        for (Scope scope :
                List.of(Scope.MESH, Scope.namespace("production"), Scope.pod("production", details.name()))) {
            List<Finding> findings = run(recording, scope).findings();
            assertThat(findings).as(scope.toString()).hasSize(1);
            assertThat(findings.get(0).code()).isEqualTo(code);
            assertThat(findings.get(0).subject()).isEqualTo(details);
        }
    }

    @Test
    void should_see_a_gateway_wait_for_its_certificate() {
        assertThat(run("gateway-cert-missing", Scope.namespace("istio-system")).findings())
                .extracting(Finding::code)
                .containsExactly("MDX0507");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"authz-denied", "envoy-hung", "istiod-down", "proxy-nack", "proxy-restarted", "subset-missing"})
    void should_blame_no_certificate_for_other_troubles(String recording) {
        assertThat(run(recording, Scope.MESH).findings()).isEmpty();
    }

    @Test
    void should_have_a_page_for_each_code() {
        Path pages = Path.of(System.getProperty("meshdx.root", "..")).resolve("docs/findings");
        SecurityCodes.all()
                .forEach(code -> assertThat(pages.resolve(code.code() + ".md"))
                        .as(code.toString())
                        .exists()
                        .content()
                        .startsWith("# " + code.code() + " " + code.name() + ": ")
                        .contains("## What it means", "## How it shows", "## What to do", "## Limits"));
        assertThat(Files.isDirectory(pages)).isTrue();
    }
}
