package dev.meshdx.analysis.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.Scope;
import dev.meshdx.testing.Shared;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A real mesh in ambient mode, in states that are right or wrong by their configuration. */
class AmbientRecordingsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ambient-healthy",
                "app-port-closed-ambient",
                "hbone-blocked",
                "l4-denied",
                "sidecar-without-hbone",
                "strict-vs-plaintext",
                "waypoint-down",
                "ztunnel-disconnected",
                "ztunnel-down"
            })
    void should_stay_silent(String recording) {
        assertThat(ambient(analyze(recording))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "l7-policy-without-waypoint, MDX0246, AuthorizationPolicy shop/orders-callers, allows nobody",
        "l7-targetref-without-waypoint, MDX0245, AuthorizationPolicy shop/orders-get-only, Service shop/orders",
        "not-enrolled, MDX0262, Pod shop/orders-v1-kf4q46zb6f-h47sj, plain text",
        "waypoint-missing, MDX0249, Service shop/orders, orders-waypoint"
    })
    void should_find_the_cause(String recording, String code, String subject, String quoted) {
        assertThat(ambient(analyze(recording))).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(code);
            assertThat(finding.subject()).hasToString(subject);
            assertThat(finding.message()).contains(quoted);
            assertThat(finding.evidence()).isNotEmpty();
            assertThat(finding.remedy()).containsAnyOf("kubectl", "istioctl");
        });
    }

    /** The status says it all, and istioctl reads it too. */
    @ParameterizedTest
    @CsvSource("httproute-wrong-parent, HTTPRoute shop/catalog, parent service: \"catalogue\" not found")
    void should_leave_to_the_status_what_it_says(String recording, String subject, String quoted) {
        Analysis analysis = analyze(recording);

        assertThat(ambient(analysis)).isEmpty();
        assertThat(analysis.withCode("IST0171")).singleElement().satisfies(finding -> {
            assertThat(finding.subject()).hasToString(subject);
            assertThat(finding.message()).contains(quoted);
        });
    }

    private static List<Finding> ambient(Analysis analysis) {
        assertThat(analysis.inconclusive()).isEmpty();
        return analysis.findings().stream()
                .filter(finding -> finding.code().compareTo("MDX0245") >= 0
                        && finding.code().compareTo("MDX0264") <= 0)
                .toList();
    }

    private static Analysis analyze(String recording) {
        return AnalysisRunner.analyze(Shared.recording("ambient/" + recording), Scope.MESH, AnalysisOptions.DEFAULT);
    }
}
