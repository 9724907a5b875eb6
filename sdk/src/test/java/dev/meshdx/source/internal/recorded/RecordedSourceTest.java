package dev.meshdx.source.internal.recorded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.internal.SecretRedaction;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedSourceTest {
    private static final Deadline SOON = Deadline.after(Duration.ofSeconds(30));
    private static final Map<String, String> FILES = Map.of(
            "scenario.json", "{\"name\":\"x\",\"recordedAt\":\"2026-01-02T03:04:05Z\"}",
            "api/pods.core.json",
                    "{\"items\":[{\"metadata\":{\"name\":\"web\",\"namespace\":\"a\",\"labels\":{\"app\":\"web\"}}},"
                            + "{\"metadata\":{\"name\":\"db\",\"namespace\":\"b\"}}]}",
            "api/secrets.core.json",
                    "{\"items\":[{\"metadata\":{\"name\":\"cacerts\",\"namespace\":\"a\"},\"data\":{\"ca-key.pem\":\"aHVzaA==\"}}]}",
            "envoy/a/web/config_dump.json", "{\"configs\":[",
            "envoy/a/web/errors.json",
                    "{\"certs.json\":{\"code\":0,\"error\":\"curl: (28) Operation timed out\"},"
                            + "\"ready\":{\"code\":0,\"error\":\"curl: (7) Couldn't connect\"}}",
            "envoy/a/web/agent_ready.txt", "503\nnot ready",
            "logs/a/web.log", "one\ntwo\nthree\n");

    @TempDir
    Path folder;

    private Path recording() throws IOException {
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            Path path = folder.resolve("rec").resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        return folder.resolve("rec");
    }

    private Path zip() throws IOException {
        Path zip = folder.resolve("rec.zip");
        try (OutputStream out = Files.newOutputStream(zip);
                ZipOutputStream archive = new ZipOutputStream(out)) {
            for (Map.Entry<String, String> file : FILES.entrySet()) {
                archive.putNextEntry(new ZipEntry("incident/" + file.getKey()));
                archive.write(file.getValue().getBytes(StandardCharsets.UTF_8));
                archive.closeEntry();
            }
        }
        return zip;
    }

    private static void answersTheSame(RecordedSource source) {
        assertThat(source.recordedAt().orElseThrow()).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(source.list(ListQuery.all(ResourceKind.POD), SOON)).hasSize(2);
        assertThat(source.list(ListQuery.in(ResourceKind.POD, "a"), SOON))
                .singleElement()
                .hasToString("Pod a/web");
        assertThat(source.list(ListQuery.all(ResourceKind.POD).labelled(Map.of("app", "web")), SOON))
                .hasSize(1);
        assertThat(source.find(ResourceKind.POD, "b", "db", SOON)).isPresent();
        assertThat(source.find(ResourceKind.POD, "a", "db", SOON)).isEmpty();
        assertThat(source.list(ListQuery.all(ResourceKind.SERVICE), SOON)).isEmpty();
        String tail = source.log(
                LogQuery.tail("a", "web", "istio-proxy", 2),
                in -> new String(in.readAllBytes(), StandardCharsets.UTF_8),
                SOON);
        assertThat(tail).isEqualTo("two\nthree\n");
    }

    @Test
    void should_keep_secrets_to_itself() throws IOException {
        try (RecordedSource source = RecordedSource.open(recording())) {
            assertThat(source.list(ListQuery.all(ResourceKind.SECRET), SOON))
                    .singleElement()
                    .satisfies(secret -> assertThat(
                                    secret.raw().at("data", "ca-key.pem").text(""))
                            .isEqualTo(SecretRedaction.REDACTED_DATA));
        }
    }

    @Test
    void should_read_a_folder() throws IOException {
        try (RecordedSource source = RecordedSource.open(recording())) {
            answersTheSame(source);
        }
    }

    @Test
    void should_read_a_zip_file_with_the_folder_in_it() throws IOException {
        try (RecordedSource source = RecordedSource.open(zip())) {
            answersTheSame(source);
        }
    }

    @Test
    void should_fail_as_the_mesh_did() throws IOException {
        try (RecordedSource source = RecordedSource.open(recording())) {
            assertThatThrownBy(() -> source.fetch(PodRequest.envoy("a", "web", "/certs"), Json::read, SOON))
                    .isInstanceOf(MeshTimeoutException.class);
            assertThatThrownBy(() -> source.fetch(PodRequest.envoy("a", "web", "/ready"), Json::read, SOON))
                    .isInstanceOf(MeshConnectionException.class);
            assertThatThrownBy(() -> source.fetch(PodRequest.envoy("a", "web", "/config_dump"), Json::read, SOON))
                    .isInstanceOf(MeshProtocolException.class)
                    .hasMessageContaining("cut off");
            assertThatThrownBy(() -> source.fetch(
                            new PodRequest("a", "web", PodRequest.AGENT, "GET", "/healthz/ready"), in -> "", SOON))
                    .hasMessageContaining("503");
        }
    }

    @Test
    void should_say_what_was_not_recorded() throws IOException {
        try (RecordedSource source = RecordedSource.open(recording())) {
            assertThatThrownBy(() -> source.fetch(PodRequest.envoy("a", "gone", "/certs"), Json::read, SOON))
                    .satisfies(e -> assertThat(((MeshException) e).reason()).isEqualTo(Reason.NOT_RECORDED));
            assertThatThrownBy(() -> source.log(LogQuery.tail("a", "web", "app", 5), in -> "", SOON))
                    .satisfies(e -> assertThat(((MeshException) e).reason()).isEqualTo(Reason.NOT_RECORDED));
        }
    }

    @Test
    void should_not_leave_the_recording_by_a_clever_name() throws IOException {
        Files.writeString(folder.resolve("secret.log"), "secret");
        try (RecordedSource source = RecordedSource.open(recording())) {
            assertThatThrownBy(() -> source.log(LogQuery.tail("../..", "secret", "istio-proxy", 5), in -> "", SOON))
                    .isInstanceOf(MeshException.class);
            assertThatThrownBy(() -> source.fetch(PodRequest.envoy("a", "../../x", "/certs"), Json::read, SOON))
                    .isInstanceOf(MeshException.class);
        }
    }

    @Test
    void should_refuse_what_is_no_recording() throws IOException {
        Files.createDirectories(folder.resolve("empty"));
        Files.writeString(folder.resolve("text.zip"), "no zip");

        for (String name : new String[] {"empty", "text.zip", "missing"}) {
            assertThatThrownBy(() -> RecordedSource.open(folder.resolve(name)))
                    .isInstanceOf(MeshConfigurationException.class)
                    .hasMessageContaining(name);
        }
    }

    @Test
    void should_take_the_time_of_one_of_several_clusters_from_the_folder_above() throws IOException {
        Path mesh = severalClusters();
        try (RecordedSource east = RecordedSource.open(mesh.resolve("east"))) {
            assertThat(east.recordedAt().orElseThrow()).isEqualTo("2026-01-02T03:04:05Z");
            assertThat(east.list(ListQuery.all(ResourceKind.POD), SOON)).isEmpty();
        }
    }

    @Test
    void should_ask_which_of_several_clusters_is_meant() throws IOException {
        Path mesh = severalClusters();
        assertThatThrownBy(() -> RecordedSource.open(mesh))
                .isInstanceOf(MeshConfigurationException.class)
                .hasMessageContaining("several recordings: east, west");
        Path zip = folder.resolve("several.zip");
        try (ZipOutputStream archive = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (String cluster : new String[] {"east", "west"}) {
                archive.putNextEntry(new ZipEntry("incident/" + cluster + "/api/pods.core.json"));
                archive.write("{}".getBytes(StandardCharsets.UTF_8));
                archive.closeEntry();
            }
        }
        assertThatThrownBy(() -> RecordedSource.open(zip))
                .isInstanceOf(MeshConfigurationException.class)
                .hasMessageContaining("several recordings: incident/east, incident/west");
    }

    private Path severalClusters() throws IOException {
        Path mesh = folder.resolve("clusters");
        for (String cluster : new String[] {"east", "west"}) {
            Files.createDirectories(mesh.resolve(cluster).resolve("api"));
        }
        Files.writeString(mesh.resolve("scenario.json"), "{\"recordedAt\":\"2026-01-02T03:04:05Z\"}");
        return mesh;
    }

    @Test
    void should_read_the_recordings_of_a_real_mesh_as_they_are() {
        try (RecordedSource source = RecordedSource.open(Shared.folder("real/sidecar/healthy"))) {
            assertThat(source.list(ListQuery.in(ResourceKind.POD, "production"), SOON))
                    .hasSizeGreaterThan(5);
            assertThat(source.list(ListQuery.all(ResourceKind.CUSTOM_RESOURCE_DEFINITION), SOON))
                    .isNotEmpty();
            assertThat(source.version(SOON).at("gitVersion").text("")).startsWith("v1.");
        }
    }
}
