package dev.meshdx.analysis.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.model.Scope;
import dev.meshdx.testing.Shared;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real meshes in known states. */
class RecordingsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "healthy",
                "route-case",
                "scaled-to-zero",
                "circuit-breaker",
                "istiod-down",
                "proxy-nack",
                "authz-denied",
                "external-unreachable",
                "fault-injection",
                "rate-limited"
            })
    void should_stay_silent(String recording) {
        Analysis analysis = analyze(recording);

        assertThat(analysis.findings()).isEmpty();
        assertThat(analysis.inconclusive()).isEmpty();
        assertThat(analysis.checks()).allMatch(run -> run.ran() && run.reason().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "subset-missing, IST0101, VirtualService production/reviews, v9",
        "host-unknown, IST0101, VirtualService production/details, details-v2",
        "gateway-cert-missing, IST0101, Gateway istio-system/bookinfo-gateway, bookinfo-credential-2",
        "mtls-disabled-vs-strict, IST0113, DestinationRule production/payments-plain, PeerAuthentication payments/default"
    })
    void should_find_the_cause(String recording, String code, String subject, String quoted) {
        Analysis analysis = analyze(recording);

        assertThat(analysis.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(code);
            assertThat(finding.subject()).hasToString(subject);
            assertThat(finding.message()).contains(quoted);
            assertThat(finding.evidence()).isNotEmpty();
            assertThat(finding.remedy()).contains("kubectl");
        });
        System.out.println(analysis);
        System.out.println(analysis.findings().get(0).evidence() + " "
                + analysis.findings().get(0).remedy());
    }

    @ParameterizedTest
    @CsvSource({"production, 1", "payments, 1", "broken, 0"})
    void should_keep_what_matters_to_a_namespace(String namespace, int findings) {
        assertThat(ConfigurationStep.run(
                                Shared.recording("sidecar/mtls-disabled-vs-strict"), Scope.namespace(namespace))
                        .findings())
                .hasSize(findings);
    }

    private static Analysis analyze(String recording) {
        return AnalysisRunner.analyze(Shared.recording("sidecar/" + recording), Scope.MESH, AnalysisOptions.DEFAULT);
    }
}
