package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.MeshPod;
import dev.meshdx.changes.LogLevelChange;
import dev.meshdx.changes.LoggerChange;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.LogLevels.Level;
import dev.meshdx.examples.Processes;
import dev.meshdx.testkit.FakeMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the page about changes print what the page shows, and leave nothing behind. */
@Timeout(60)
class ChangesPageTest {
    private static final Path PAGE = Path.of("../docs/changes.md");
    private static final String POD = "web-7vh6hc7ch-2k6v6";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static LogLevels levels(FakeMesh cluster) {
        try (Mesh mesh = cluster.connect()) {
            return mesh.namespace("production").pod(POD).envoy().logLevels();
        }
    }

    private static Mesh open(FakeMesh cluster) {
        return Mesh.connect(cluster.options().toBuilder().allowChanges().build());
    }

    @Test
    void should_print_what_the_page_shows() throws IOException {
        try (FakeMesh cluster = TracingPageTest.shop()) {
            Map<String, Level> before = levels(cluster).all();

            assertThat(ConsolePage.run(PAGE, cluster, folder)).isGreaterThan(5);
            assertThat(levels(cluster).all()).isEqualTo(before);
        }
    }

    @Test
    void should_refuse_without_permission_and_send_nothing() throws IOException {
        try (FakeMesh cluster = TracingPageTest.shop()) {
            Path kubeconfig = cluster.writeKubeconfig(folder.resolve("kubeconfig"));
            String file = kubeconfig.toString();
            Run refused = Run.meshdx("log-level", POD, "debug", "-n", "production", "--kubeconfig", file);
            assertThat(refused.exit()).isEqualTo(2);
            assertThat(refused.err()).contains("--allow-changes");
            assertThat(cluster.requests()).isEmpty();

            assertThat(Run.meshdx("log-level", POD, "--allow-changes", "--kubeconfig", file)
                            .exit())
                    .isEqualTo(2);
            assertThat(Run.meshdx("log-level", POD, "debg", "-n", "production", "--allow-changes", "--kubeconfig", file)
                            .exit())
                    .isEqualTo(2);
            Run planned = Run.meshdx(
                    "log-level",
                    POD,
                    "rbac:debug",
                    "-n",
                    "production",
                    "--dry-run",
                    "--format",
                    "json",
                    "--kubeconfig",
                    file);
            assertThat(planned.exit()).isZero();
            assertThat(planned.json().at("result", "status").text("")).isEqualTo("PLANNED");
            assertThat(planned.json().at("result", "loggers").at(0).at("to").text(""))
                    .isEqualTo("debug");
        }
    }

    /** As Ctrl-C, or an orchestrator that ends a job. */
    @Test
    void should_put_back_when_the_process_is_ended() throws Exception {
        try (FakeMesh cluster = TracingPageTest.shop()) {
            Path kubeconfig = cluster.writeKubeconfig(folder.resolve("kubeconfig"));
            Path said = folder.resolve("said");
            Process process = new ProcessBuilder(
                            Processes.jdk("java"),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            Processes.classPath(),
                            "dev.meshdx.examples.cli.Meshdx",
                            "log-level",
                            POD,
                            "rbac:debug",
                            "-n",
                            "production",
                            "--allow-changes",
                            "--for",
                            "1h",
                            "--kubeconfig",
                            kubeconfig.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            try {
                for (int i = 0; i < 300 && !Files.readString(said).contains("Ctrl-C puts it back"); i++) {
                    TimeUnit.MILLISECONDS.sleep(100);
                }
                assertThat(levels(cluster).level("rbac")).contains(Level.DEBUG);

                process.destroy();

                assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(levels(cluster).level("rbac")).contains(Level.WARNING);
                assertThat(Files.readString(said)).contains("interrupted").contains("rbac: debug → warning");
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void should_last_as_long_as_it_is_needed() {
        try (FakeMesh cluster = TracingPageTest.shop();
                Mesh mesh = open(cluster)) {
            MeshPod pod = mesh.namespace("production").pod(POD);
            // #region while
            try (LogLevelChange change =
                    mesh.changes().lasting(Duration.ofMinutes(5)).logLevel(pod, "rbac:debug")) {
                System.out.println(change); // APPLIED … until …, and the loggers: from, to
                // make the request that is refused, then look:
                System.out.println(pod.logs().tail(200));
            } // back
            // #endregion
            assertThat(levels(cluster).verbose()).isEmpty();
        }
    }

    @Test
    void should_take_levels_as_values() {
        try (FakeMesh cluster = TracingPageTest.shop();
                Mesh mesh = open(cluster)) {
            MeshPod pod = mesh.namespace("production").pod(POD);
            // #region typed
            for (LoggerChange one :
                    mesh.changes().dryRun().logLevel(pod, "debug").changed()) {
                System.out.println(one.logger() + " " + one.from() + " " + one.to());
            }
            LogLevelChange rbac = mesh.changes().logLevel(pod, "rbac", LogLevels.Level.TRACE);
            LogLevelChange two =
                    mesh.changes().logLevel(pod, Map.of("http", LogLevels.Level.DEBUG, "jwt", LogLevels.Level.DEBUG));
            two.undo(); // in any order
            rbac.undo();
            // #endregion
            assertThat(List.of(rbac, two))
                    .extracting(LogLevelChange::status)
                    .containsOnly(LogLevelChange.Status.UNDONE);
            assertThat(levels(cluster).verbose()).isEmpty();
        }
    }
}
