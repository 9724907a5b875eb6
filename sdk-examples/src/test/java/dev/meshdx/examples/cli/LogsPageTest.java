package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.examples.LogsSnippets;
import dev.meshdx.model.Json;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the page about logs print what the page shows. */
@Timeout(60)
class LogsPageTest {
    private static final String FAILED =
            "[2026-01-02T03:04:05.678Z] \"GET /x HTTP/1.1\" 503 UH no_healthy_upstream - \"-\" 0 19 0 - \"-\" \"curl\" \"id\" \"web\" \"-\""
                    + " outbound|80||web.shop.svc.cluster.local - 10.96.0.9:80 10.0.0.5:4000 - default\n";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void should_print_what_the_page_shows() throws IOException {
        try (FakeMesh cluster = FakeMesh.start(Scenario.NO_HEALTHY_UPSTREAM);
                Mesh mesh = cluster.connect()) {
            assertThat(ConsolePage.run(Path.of("../docs/logs.md"), cluster, folder))
                    .isEqualTo(2);
            assertThat(LogsSnippets.read(mesh, "web-7vh6hc7ch-2k6v6"))
                    .contains("no-healthy-upstream ×6", "[UH]", "container ratings ended");
        }
    }

    @Test
    void should_read_all_pods_of_a_service_and_name_those_that_cannot_be_read() throws IOException {
        try (FakeMesh cluster = FakeMesh.start(Scenario.NO_HEALTHY_UPSTREAM)) {
            String kubeconfig =
                    cluster.writeKubeconfig(folder.resolve("kubeconfig")).toString();

            Json both = Json.parse(Run.meshdx(
                            "logs",
                            "--service",
                            "web",
                            "-n",
                            "production",
                            "--kubeconfig",
                            kubeconfig,
                            "--format",
                            "json")
                    .out());
            assertThat(both.at("result", "pods").size()).isEqualTo(2);
            assertThat(both.at("result", "access", "failed").number(0)).isEqualTo(6);

            Json some = Json.parse(Run.meshdx(
                            "logs",
                            "-l",
                            "app=web",
                            "-n",
                            "production",
                            "--kubeconfig",
                            kubeconfig,
                            "--tail",
                            "3",
                            "--format",
                            "json")
                    .out());
            assertThat(some.at("result", "lines").number(0)).isEqualTo(6);

            Json previous = Json.parse(Run.meshdx(
                            "logs",
                            "-l",
                            "app=web",
                            "-n",
                            "production",
                            "--kubeconfig",
                            kubeconfig,
                            "--previous",
                            "--format",
                            "json")
                    .out());
            assertThat(previous.at("inconclusive").size()).isEqualTo(2);
        }
    }

    @Test
    void should_read_files_count_lines_and_list_patterns() throws IOException {
        Path file = Files.writeString(folder.resolve("proxy.log"), FAILED.repeat(3) + "C=503 R=default\n");

        assertThat(Run.meshdx("logs", "--file", file.toString()).out())
                .contains("3 of 3 requests failed", "not understood: C=503", "ERROR no-healthy-upstream ×3");
        assertThat(Run.meshdx("logs", "--file", file.toString(), "--log-format", "C=%RESPONSE_CODE% R=%ROUTE_NAME%")
                        .out())
                .contains("4 of 4 requests failed");
        assertThat(Run.meshdx("logs", "--file", file.toString(), "--count", "healthy_upstream", "--count", "C=503")
                        .out())
                .isEqualTo("4\n");
        assertThat(Run.meshdx("logs", "--patterns").out()).contains("no-healthy-upstream", "hbone-blocked");
        assertThat(Run.meshdx("logs", "--file", file.toString(), "pod").err()).contains("one of: a POD");
        assertThat(Run.meshdx("logs", "--file", file.toString(), "--count", "abc")
                        .err())
                .contains("four letters");
    }
}
