package dev.meshdx.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.analysis.internal.AnalysisRunner;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OwnChecksTest {
    private static final FindingCode CODE = new FindingCode("ACME0001", "Everything", Severity.INFO, "A Service.");

    /** Reports every Service. */
    public static class EverythingCheck implements ConfigurationCheck {
        @Override
        public List<FindingCode> codes() {
            return List.of(CODE);
        }

        @Override
        public Set<ResourceKind> inputs() {
            return Set.of(ResourceKind.SERVICE);
        }

        @Override
        public void run(Configuration configuration, Consumer<Finding> report) {
            configuration
                    .all(ResourceKind.SERVICE)
                    .forEach(service -> report.accept(configuration
                            .finding(CODE, service, Field.in(service, "metadata", "name"))
                            .message("It is there.")
                            .build()));
        }
    }

    /** Runs only when somebody asks for it. */
    private static final class ReluctantCheck extends EverythingCheck {
        @Override
        public boolean onRequest() {
            return true;
        }
    }

    /** Fails. */
    private static final class BrokenCheck extends EverythingCheck {
        @Override
        public void run(Configuration configuration, Consumer<Finding> report) {
            throw new IllegalStateException("a bug");
        }
    }

    private static Analysis analyze(AnalysisOptions options, Consumer<? super Finding> listener) {
        return AnalysisRunner.analyze(Shared.session(ManifestSource.of("mesh", """
                        apiVersion: v1
                        kind: Service
                        metadata:
                          name: web
                          namespace: production
                        spec: {ports: [{port: 80, name: http}]}
                        ---
                        apiVersion: networking.istio.io/v1
                        kind: VirtualService
                        metadata: {name: web, namespace: production}
                        spec: {hosts: [web], http: [{route: [{destination: {host: wbe}}]}]}
                        """)), Scope.MESH, options, listener);
    }

    @Test
    void should_run_beside_the_others_with_file_and_line() {
        Analysis analysis = analyze(AnalysisOptions.DEFAULT.with(new EverythingCheck()), finding -> {});

        assertThat(analysis.withCode("ACME0001")).singleElement().satisfies(finding -> {
            assertThat(finding.location().orElseThrow().line()).isEqualTo(4);
            assertThat(finding.documentation()).isEmpty();
        });
        assertThat(analysis.withCode("IST0101")).isNotEmpty();
        assertThat(analysis.checks()).extracting(check -> check.code()).contains("ACME0001");
        assertThat(analyze(AnalysisOptions.DEFAULT, finding -> {}).withCode("ACME0001"))
                .isEmpty();
    }

    @Test
    void should_cost_only_its_own_findings_when_it_fails() {
        Analysis analysis = analyze(AnalysisOptions.DEFAULT.with(new BrokenCheck()), finding -> {});

        assertThat(analysis.withCode("IST0101")).isNotEmpty();
        assertThat(analysis.checks())
                .filteredOn(check -> check.code().equals("ACME0001"))
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.ran()).isFalse();
                    assertThat(check.reason()).contains("BrokenCheck failed");
                });
    }

    @Test
    void should_run_on_request_only_where_it_is_a_matter_of_taste() {
        AnalysisOptions options = AnalysisOptions.DEFAULT.with(new ReluctantCheck());

        assertThat(analyze(options, finding -> {}).withCode("ACME0001")).isEmpty();
        assertThat(analyze(options.only("ACME0001"), finding -> {}).withCode("ACME0001"))
                .hasSize(1);
    }

    @Test
    void should_hand_out_each_finding_before_the_next_check_runs() {
        List<String> events = new ArrayList<>();
        ConfigurationCheck last = new EverythingCheck() {
            @Override
            public void run(Configuration configuration, Consumer<Finding> report) {
                events.add("last check");
                super.run(configuration, report);
            }
        };
        Analysis analysis = analyze(AnalysisOptions.DEFAULT.with(last), finding -> events.add(finding.code()));

        assertThat(events.indexOf("IST0101")).isBetween(0, events.indexOf("last check"));
        assertThat(events.get(events.size() - 1)).isEqualTo("ACME0001");
        assertThat(events).hasSize(analysis.findings().size() + 1);
    }
}
