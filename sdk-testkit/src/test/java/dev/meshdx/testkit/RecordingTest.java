package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recordings that lie beside the project, served as if they were clusters; and a tiny one that is made here. */
class RecordingTest {
    @TempDir
    Path directory;

    private static Path recording(String name) {
        String named = System.getenv("MESHDX_SHARED");
        Path shared = named != null && !named.isEmpty()
                ? Path.of(named)
                : Path.of(System.getProperty("meshdx.root", ".."))
                        .toAbsolutePath()
                        .normalize()
                        .resolveSibling("shared");
        Path folder = shared.resolve("real").resolve(name);
        assumeTrue(Files.isDirectory(folder), () -> name + " is not beside the project: skipped");
        return folder;
    }

    private static String get(FakeMesh mesh, String path) throws IOException {
        OkHttpClient client = FakeMeshTest.client(mesh);
        try (Response response = client.newCall(new Request.Builder()
                        .url(mesh.url() + path)
                        .header("Authorization", "Bearer " + mesh.token())
                        .build())
                .execute()) {
            return response.body().string();
        } finally {
            client.connectionPool().evictAll();
            client.dispatcher().executorService().shutdown();
        }
    }

    private static HttpResponse<String> ask(int port, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .timeout(Duration.ofSeconds(2))
                                .build(),
                        BodyHandlers.ofString());
    }

    @Test
    void should_serve_a_healthy_mesh() throws Exception {
        try (FakeMesh mesh = FakeMesh.fromRecording(recording("sidecar/healthy"))) {
            Kubectl kubectl = new Kubectl(mesh, directory);
            assertThat(kubectl.run("get", "pods", "-A").out())
                    .contains("reviews-v1-sft6dx7h8d-6dh8f")
                    .as("a native sidecar counts")
                    .containsPattern("ratings-v1-kmf4m9t5f2-fpb99 +2/2 +Running");
            assertThat(kubectl.run("get", "vs,dr,pa,gtw,leases,hpa", "-A").err())
                    .isEmpty();
            assertThat(kubectl.run("describe", "pod", "-n", "production", "-l", "app=sleep")
                            .out())
                    .contains("istio-proxy");
            String pod = "reviews-v1-sft6dx7h8d-6dh8f";
            assertThat(kubectl.run("logs", "-n", "production", pod, "-c", "istio-proxy", "--tail=3")
                            .out()
                            .lines())
                    .hasSize(3);
            assertThat(kubectl.run("version").out()).contains("v1.34.2");
            try (Kubectl.Forward forward = kubectl.forward(true, "production", pod, 15000)) {
                Json dump = Json.parse(
                        ask(forward.port(), "/config_dump?include_eds").body());
                assertThat(dump.at("configs").size()).isGreaterThan(4);
                assertThat(ask(forward.port(), "/ready").body()).startsWith("LIVE");
                assertThat(ask(forward.port(), "/clusters?format=json").body()).startsWith("{");
            }
            try (Kubectl.Forward forward = kubectl.forward(true, "istio-system", "istiod-rhr6nql7gz-r8bdc", 15014)) {
                assertThat(Json.parse(ask(forward.port(), "/debug/syncz").body())
                                .exists())
                        .isTrue();
                assertThat(ask(forward.port(), "/version").body()).contains("1.32");
            }
            mesh.verifyNoUnexpectedRequests();
        }
    }

    @Test
    void should_refuse_what_was_refused_and_hang_where_it_hung() throws Exception {
        try (FakeMesh mesh = FakeMesh.fromRecording(recording("sidecar/admin-unreachable"))) {
            Kubectl kubectl = new Kubectl(mesh, directory);
            try (Kubectl.Forward forward = kubectl.forward(true, "production", "details-v1-6q27k7gw8d-jksf6", 15000)) {
                Assertions.assertThatIOException().isThrownBy(() -> ask(forward.port(), "/config_dump"));
            }
        }
        try (FakeMesh mesh = FakeMesh.fromRecording(recording("sidecar/envoy-hung"))) {
            Kubectl kubectl = new Kubectl(mesh, directory);
            try (Kubectl.Forward forward = kubectl.forward(true, "production", "reviews-v1-sft6dx7h8d-6dh8f", 15000)) {
                Assertions.assertThatExceptionOfType(HttpTimeoutException.class)
                        .isThrownBy(() -> ask(forward.port(), "/config_dump"));
            }
            try (Kubectl.Forward forward = kubectl.forward(true, "production", "reviews-v1-sft6dx7h8d-6dh8f", 15020)) {
                assertThat(ask(forward.port(), "/healthz/ready").statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void should_open_every_recording() throws Exception {
        for (String kind : List.of("sidecar", "ambient")) {
            Path folder = recording(kind);
            List<Path> all;
            try (Stream<Path> children = Files.list(folder)) {
                all = children.filter(Files::isDirectory).sorted().toList();
            }
            assertThat(all).isNotEmpty();
            for (Path each : all) {
                try (FakeMesh mesh = FakeMesh.fromRecording(each)) {
                    assertThat(mesh.objects(ResourceKind.POD)).as("%s", each).isNotEmpty();
                    assertThat(mesh.recordedAt()).as("%s", each).isPresent();
                }
            }
        }
    }

    @Test
    void should_serve_a_zip_with_kinds_of_which_only_the_list_is_known() throws Exception {
        Path zip = directory.resolve("tiny.zip");
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file)) {
            entry(out, "tiny/scenario.json", "{\"recordedAt\":\"2026-01-01T00:10:00Z\"}");
            entry(
                    out,
                    "tiny/api/pods.core.json",
                    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"web\",\"namespace\":\"a\","
                            + "\"creationTimestamp\":\"2026-01-01T00:00:00Z\"},"
                            + "\"spec\":{\"containers\":[{\"name\":\"istio-proxy\"}]},\"status\":{\"phase\":\"Running\"}}]}");
            entry(
                    out,
                    "tiny/api/widgets.example.org.json",
                    "{\"kind\":\"WidgetList\",\"apiVersion\":\"example.org/v2\","
                            + "\"items\":[{\"metadata\":{\"name\":\"one\",\"namespace\":\"a\"}}]}");
            entry(out, "tiny/envoy/a/web/ready", "LIVE\n");
            entry(
                    out,
                    "tiny/envoy/a/web/errors.json",
                    "{\"certs.json\":{\"path\":\"/certs\",\"code\":500,\"error\":\"\"}}");
            entry(out, "tiny/logs/a/web.log", "2026-01-01T00:05:00.000000Z\tinfo\tstarts\n");
        }
        try (FakeMesh mesh = FakeMesh.fromRecording(zip)) {
            assertThat(Json.parse(get(mesh, "/apis/example.org/v2/widgets"))
                            .at("items")
                            .size())
                    .isEqualTo(1);
            assertThat(get(mesh, "/api/v1/namespaces/a/pods/web/log?sinceSeconds=400"))
                    .contains("starts");
            assertThat(get(mesh, "/api/v1/namespaces/a/pods/web/log?sinceSeconds=200"))
                    .isEmpty();
            Kubectl kubectl = new Kubectl(mesh, directory);
            assertThat(kubectl.run("get", "pod", "-n", "a").out()).containsPattern("web .* 10m");
            try (Kubectl.Forward forward = kubectl.forward(true, "a", "web", 15000)) {
                assertThat(ask(forward.port(), "/ready").body()).isEqualTo("LIVE\n");
                assertThat(ask(forward.port(), "/certs").statusCode()).isEqualTo(500);
                assertThat(ask(forward.port(), "/config_dump").statusCode()).isEqualTo(404);
            }
        }
    }

    private static void entry(ZipOutputStream out, String name, String text) throws IOException {
        out.putNextEntry(new ZipEntry(name));
        out.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        out.closeEntry();
    }
}
