package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.Mesh;
import dev.meshdx.analysis.Analysis;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The scenarios, diagnosed over the wire: what they say must come out does, and is the first thing that is said. */
class ScenarioDiagnosesTest {
    private static void diagnose(Scenario scenario, Consumer<FakeMesh> change, Consumer<Mesh> look) {
        try (FakeMesh cluster = FakeMesh.start(scenario)) {
            change.accept(cluster);
            try (Mesh mesh = cluster.connect()) {
                look.accept(mesh);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void should_name_the_cause_in_the_mesh(Scenario scenario) {
        diagnose(scenario, cluster -> {}, mesh -> check(scenario, mesh.diagnose()));
    }

    @ParameterizedTest
    @EnumSource
    void should_name_the_cause_for_the_pod(Scenario scenario) {
        diagnose(
                scenario,
                cluster -> {},
                mesh -> check(
                        scenario,
                        mesh.namespace(scenario.namespace()).pod(scenario.pod()).diagnose()));
    }

    private static void check(Scenario scenario, Diagnosis diagnosis) {
        if (scenario.expectedCodes().isEmpty()) {
            assertThat(diagnosis.isHealthy()).as(diagnosis.toString()).isTrue();
            assertThat(diagnosis.verdict()).startsWith("Nothing is wrong with ");
            assertThat(diagnosis.inconclusive()).isEmpty();
            return;
        }
        assertThat(diagnosis.findings()).extracting(Finding::code).containsAll(scenario.expectedCodes());
        // Replicas share their faults: one cause, not one for each of them.
        assertThat(diagnosis.rootCauses()).hasSize(1);
        assertThat(diagnosis.verdict()).startsWith("Broken: ");
        Finding cause = diagnosis.rootCauses().get(0);
        StringBuilder said = new StringBuilder(diagnosis.verdict());
        cause.evidence().forEach(evidence -> said.append('\n').append(evidence));
        diagnosis.findings().forEach(finding -> said.append('\n').append(finding.message()));
        assertThat(said.toString().toLowerCase(Locale.ROOT))
                .contains(scenario.expectedWords().stream()
                        .map(word -> word.toLowerCase(Locale.ROOT))
                        .toArray(String[]::new));
        assertThat(diagnosis.next()).contains("meshdx explain " + cause.code());
    }

    /** The client's log only tells that the server's certificate was refused; the server itself tells why. */
    @Test
    void should_look_at_the_other_end_of_what_failed() {
        diagnose(Scenario.CERTIFICATE_EXPIRED, cluster -> {}, mesh -> {
            String client = FakeMeshBuilder.podName(1, "production", "web", 0);
            String server = Scenario.CERTIFICATE_EXPIRED.pod();

            Diagnosis diagnosis = mesh.namespace("production").pod(client).diagnose();

            assertThat(diagnosis.rootCauses()).singleElement().satisfies(cause -> {
                assertThat(cause.code()).isEqualTo("MDX0502");
                assertThat(cause.subject().name()).isEqualTo(server);
            });
            assertThat(diagnosis.next()).contains("meshdx diagnose " + server + " -n production");
        });
    }

    @Test
    void should_look_at_the_service_behind_a_client_without_endpoints() {
        diagnose(Scenario.NO_HEALTHY_UPSTREAM, cluster -> {}, mesh -> {
            Diagnosis diagnosis = mesh.namespace("production")
                    .pod(Scenario.NO_HEALTHY_UPSTREAM.pod())
                    .diagnose();

            assertThat(diagnosis.verdict()).startsWith("Broken: Service ratings has no pod that is ready");
            assertThat(diagnosis.next()).contains("meshdx diagnose --service ratings -n production");
        });
    }

    @Test
    void should_say_what_may_not_be_seen() {
        diagnose(
                Scenario.HEALTHY,
                cluster -> cluster.deny("list", "virtualservices"),
                mesh -> assertThat(mesh.diagnose().verdict())
                        .contains("as far as it could be seen", "virtualservices", "FORBIDDEN"));
        diagnose(Scenario.MISSING_SUBSET, cluster -> cluster.deny("create", "pods/portforward"), mesh -> {
            Diagnosis diagnosis = mesh.diagnose();

            assertThat(diagnosis.rootCauses()).extracting(Finding::code).containsExactly("IST0101");
            assertThat(diagnosis.verdict())
                    .contains("There may be more to it: not everything may be seen", "configuration of the proxy");
        });
        diagnose(
                Scenario.HEALTHY,
                cluster -> cluster.deny(FakeMesh.ADMIN, "list", "pods", "istio-system"),
                mesh -> assertThat(mesh.diagnose().verdict())
                        .contains("istiod pods in namespace istio-system could not be seen (FORBIDDEN)"));
    }

    @Test
    void should_not_call_healthy_what_nobody_may_see() {
        diagnose(Scenario.HEALTHY, cluster -> cluster.denyAll(FakeMesh.ADMIN), mesh -> {
            assertThatThrownBy(mesh::diagnose)
                    .isInstanceOf(MeshException.class)
                    .satisfies(e -> assertThat(((MeshException) e).reason()).isEqualTo(Reason.FORBIDDEN));
            assertThatThrownBy(() -> mesh.namespace("production").diagnose()).isInstanceOf(MeshException.class);
        });
        diagnose(
                Scenario.HEALTHY,
                FakeMesh::down,
                mesh -> assertThatThrownBy(mesh::diagnose).isInstanceOf(MeshException.class));
    }

    /** Not even advice: the example that people start from. */
    @Test
    void should_find_nothing_in_the_configuration_of_the_healthy_mesh() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = fake.connect()) {
            Analysis analysis = mesh.analyze();

            assertThat(analysis.findings()).isEmpty();
            assertThat(analysis.inconclusive()).isEmpty();
            assertThat(analysis.checks()).hasSizeGreaterThan(130).allMatch(check -> check.ran());
        }
    }
}
