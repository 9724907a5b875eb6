package dev.meshdx.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a verdict says where there is little to see: it must not read as more than it is. */
class VerdictTest {
    private static final String NAMESPACES =
            "{\"items\": [{\"metadata\": {\"name\": \"production\"}}, {\"metadata\": {\"name\": \"empty\"}}]}";
    private static final String WEB = "{\"items\": [{\"metadata\": {\"name\": \"web\", \"namespace\": \"production\"},"
            + " \"spec\": {\"containers\": [{\"name\": \"web\"}]}, \"status\": {\"phase\": \"Running\"}}]}";
    private static final String WITH_ISTIOD = "{\"items\": [{\"metadata\": {\"name\": \"web\", \"namespace\":"
            + " \"production\"}, \"spec\": {\"containers\": [{\"name\": \"web\"}]}, \"status\": {\"phase\":"
            + " \"Running\"}}, {\"metadata\": {\"name\": \"istiod-1\", \"namespace\": \"istio-system\", \"labels\": {\"app\":"
            + " \"istiod\"}}, \"spec\": {\"containers\": [{\"name\": \"discovery\"}]}, \"status\": {\"phase\": \"Running\","
            + " \"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}}]}";

    @TempDir
    Path folder;

    private Mesh recording(String namespaces, String pods) throws IOException {
        Path api = Files.createDirectories(folder.resolve("api"));
        Files.writeString(api.resolve("namespaces.core.json"), namespaces);
        Files.writeString(api.resolve("pods.core.json"), pods);
        return Mesh.snapshot(folder);
    }

    private static Mesh manifests(String destination) {
        String yaml = """
                apiVersion: v1
                kind: Service
                metadata: {name: web, namespace: production}
                spec: {selector: {app: web}, ports: [{port: 80, name: http}]}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: web, namespace: production}
                spec: {hosts: [web], http: [{route: [{destination: {host: %s}}]}]}
                """.formatted(destination);
        return Mesh.manifests(
                "mesh.yaml", new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)), MeshOptions.defaults());
    }

    @Test
    void should_say_that_manifests_tell_of_the_configuration_only() {
        try (Mesh mesh = manifests("web")) {
            Diagnosis diagnosis = mesh.diagnose();

            assertThat(diagnosis.verdict())
                    .isEqualTo("Nothing is wrong with the configuration of the mesh. Only manifests were looked at:"
                            + " they say nothing of health, traffic, logs and certificates.");
            assertThat(diagnosis.steps())
                    .filteredOn(step -> step.status() == StepOutcome.Status.INCONCLUSIVE)
                    .extracting(StepOutcome::step)
                    .containsExactly(Step.HEALTH, Step.TRAFFIC, Step.LOGS, Step.SECURITY);
            assertThat(diagnosis.inconclusive())
                    .filteredOn(gap -> gap.reason() == Reason.UNSUPPORTED)
                    .hasSize(4);
        }
    }

    @Test
    void should_name_what_is_wrong_in_manifests() {
        try (Mesh mesh = manifests("wob")) {
            Diagnosis diagnosis = mesh.namespace("production").diagnose();

            assertThat(diagnosis.rootCauses()).extracting(Finding::code).containsExactly("IST0101");
            assertThat(diagnosis.verdict()).startsWith("Broken: ").contains("wob", "Only manifests were looked at");
            assertThatThrownBy(() -> mesh.namespace("prodution").diagnose()).isInstanceOf(MeshNotFoundException.class);
        }
    }

    @Test
    void should_say_that_there_is_no_mesh() throws IOException {
        for (String pods : List.of("{\"items\": []}", WEB)) {
            try (Mesh mesh = recording(NAMESPACES, pods)) {
                Diagnosis diagnosis = mesh.diagnose();

                assertThat(diagnosis.rootCauses()).extracting(Finding::code).containsExactly("MDX0101");
                assertThat(diagnosis.verdict()).contains("Istio is not installed in this cluster");
            }
        }
    }

    @Test
    void should_say_that_a_namespace_or_a_pod_is_outside_the_mesh() throws IOException {
        try (Mesh mesh = recording(NAMESPACES, WITH_ISTIOD)) {
            assertThat(mesh.namespace("production").diagnose().verdict())
                    .startsWith("No pod of namespace production has a proxy: it is outside the mesh. Nothing is wrong");
            assertThat(mesh.namespace("empty").diagnose().verdict())
                    .startsWith("There are no pods in namespace empty. Nothing is wrong");
            assertThat(mesh.namespace("production").pod("web").diagnose().verdict())
                    .startsWith("Pod production/web has no proxy: it is outside the mesh. Nothing is wrong");
            assertThat(mesh.namespace("istio-system").pod("istiod-1").diagnose().verdict())
                    .startsWith("Pod istio-system/istiod-1 is part of the control plane and has no proxy.");
        }
    }

    @Test
    void should_refuse_what_does_not_exist() throws IOException {
        try (Mesh mesh = recording(NAMESPACES, WITH_ISTIOD)) {
            assertThatThrownBy(() -> mesh.namespace("prodution").diagnose())
                    .isInstanceOf(MeshNotFoundException.class)
                    .hasMessage("There is no namespace prodution.")
                    .satisfies(e -> assertThat(((MeshException) e).remedy()).contains("production"));
            assertThatThrownBy(() -> mesh.namespace("prodution").pod("web").diagnose())
                    .isInstanceOf(MeshNotFoundException.class)
                    .hasMessage("There is no namespace prodution.");
            assertThatThrownBy(() -> mesh.namespace("production").pod("wob").diagnose())
                    .isInstanceOf(MeshNotFoundException.class)
                    .hasMessage("There is no Pod wob in namespace production.");
        }
    }

    /** A recording may leave Namespaces out: what is not known is not refused. */
    @Test
    void should_not_refuse_a_namespace_that_may_exist() throws IOException {
        try (Mesh mesh = recording("{\"items\": []}", WITH_ISTIOD)) {
            assertThat(mesh.namespace("unknown").diagnose().verdict()).startsWith("There are no pods");
        }
    }
}
