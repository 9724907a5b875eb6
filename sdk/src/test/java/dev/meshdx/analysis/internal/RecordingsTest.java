package dev.meshdx.analysis.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Scope;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
                "authz-denied",
                "external-unreachable",
                "fault-injection"
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
    }

    /** istioctl says it too; it is not what these meshes suffer from. */
    @ParameterizedTest
    @CsvSource({"proxy-nack, EnvoyFilter broken/bad-listener", "rate-limited, EnvoyFilter production/ratings-limit"})
    void should_warn_of_patches_that_depend_on_others(String recording, String subject) {
        assertThat(analyze(recording).findings())
                .allSatisfy(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                    assertThat(finding.subject()).hasToString(subject);
                })
                .extracting(Finding::code)
                .containsExactly("IST0133", "IST0151");
    }

    @ParameterizedTest
    @CsvSource({"production, 1", "payments, 1", "broken, 0"})
    void should_keep_what_matters_to_a_namespace(String namespace, int findings) {
        assertThat(ConfigurationStep.run(
                                Shared.recording("sidecar/mtls-disabled-vs-strict"), Scope.namespace(namespace))
                        .findings())
                .hasSize(findings);
    }

    /** Everywhere: what istioctl said to the same mesh, for istioctl's codes; mTLS it leaves out. */
    @Test
    void should_agree_with_istioctl_on_every_recording() throws IOException {
        Path root = Shared.folder("real");
        Set<String> codes = Checks.codes().stream().map(FindingCode::code).collect(Collectors.toSet());
        List<String> differences = new ArrayList<>();
        List<Path> recordings;
        try (Stream<Path> files = Files.walk(root, 4)) {
            recordings = files.filter(file -> file.endsWith("expected/analyze.json"))
                    .sorted()
                    .toList();
        }
        int compared = 0;
        for (Path file : recordings) {
            Path recording = file.getParent().getParent();
            String said = Files.readString(file);
            if (said.isBlank()) {
                continue;
            }
            List<String> expected = Json.parse(said).items().stream()
                    .map(message -> message.at("code").text("") + " "
                            + message.at("origin").text(""))
                    .filter(text -> codes.contains(text.substring(0, 7)))
                    .sorted()
                    .toList();
            List<String> found = AnalysisRunner.analyze(
                            Shared.recording(root.relativize(recording).toString()),
                            Scope.MESH,
                            AnalysisOptions.DEFAULT)
                    .findings()
                    .stream()
                    .filter(finding ->
                            finding.code().startsWith("IST") && !finding.code().equals("IST0113"))
                    .map(finding -> finding.code() + " " + finding.subject())
                    .sorted()
                    .toList();
            compared++;
            if (!found.equals(expected)) {
                differences.add(root.relativize(recording) + ": istioctl " + expected + ", here " + found);
            }
        }
        assertThat(compared).isPositive();
        assertThat(differences).isEmpty();
    }

    @Test
    void should_find_no_conflict_of_mtls_where_there_is_none() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Shared.folder("real"), 4)) {
            for (Path api : files.filter(file -> file.endsWith("api")).sorted().toList()) {
                String name = Shared.folder("real").relativize(api.getParent()).toString();
                AnalysisRunner.analyze(Shared.recording(name), Scope.MESH, AnalysisOptions.DEFAULT.only("IST0113"))
                        .findings()
                        .forEach(finding -> found.add(name + " " + finding.subject()));
            }
        }
        assertThat(found).containsExactly("sidecar/mtls-disabled-vs-strict DestinationRule production/payments-plain");
    }

    private static Analysis analyze(String recording) {
        return AnalysisRunner.analyze(Shared.recording("sidecar/" + recording), Scope.MESH, AnalysisOptions.DEFAULT);
    }
}
