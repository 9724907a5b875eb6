package dev.meshdx.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.MeshPod;
import dev.meshdx.changes.LogLevelChange.Status;
import dev.meshdx.envoy.EnvoySource;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.LogLevels.Level;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.source.PodRequest;
import dev.meshdx.testing.Shared;
import java.io.File;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The levels of a real Envoy. Skipped where there is none on the PATH. */
@Timeout(60)
class RealEnvoyLevelsTest {
    private final List<Process> started = new ArrayList<>();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @BeforeEach
    void requireEnvoy() {
        assumeTrue(
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "envoy"))),
                "there is no envoy on the PATH: skipped");
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : started) {
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private EnvoySource start(String... more) throws Exception {
        Path config = Files.writeString(directory.resolve("envoy.json"), """
                {"admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
                 "static_resources": {"clusters": [{"name": "here", "type": "STATIC",
                  "load_assignment": {"cluster_name": "here"}}]}}""");
        Path address = Files.createTempFile(directory, "address", "");
        Path log = directory.resolve("log");
        List<String> command = new ArrayList<>(List.of(
                "envoy",
                "-c",
                config.toString(),
                "--admin-address-path",
                address.toString(),
                "--concurrency",
                "1",
                "--use-dynamic-base-id"));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        started.add(process);
        for (int i = 0; i < 300 && process.isAlive(); i++) {
            if (Files.size(address) > 0 && ready(Files.readString(address).strip())) {
                return new EnvoySource(Files.readString(address).strip());
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assumeTrue(process.isAlive(), () -> "envoy does not run here: skipped");
        throw new AssertionError("Envoy does not become ready: " + Files.readString(log));
    }

    private static boolean ready(String address) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://" + address + "/ready").toURL().openConnection();
            return connection.getResponseCode() == 200;
        } catch (java.io.IOException e) {
            return false;
        }
    }

    private static Mesh connect(EnvoySource source) {
        return Mesh.over(source, MeshOptions.builder().allowChanges().build());
    }

    private static LogLevels levels(MeshPod pod) {
        return pod.envoy().logLevels();
    }

    private static void send(EnvoySource source, @Nullable String query) {
        LogLevels answer = Shared.session(source)
                .change(
                        new PodRequest("edge", "gw-1", 15000, "POST", "/logging" + (query == null ? "" : "?" + query)),
                        LogLevels::parse);
        assertThat(answer.all()).isNotEmpty();
    }

    @Test
    void should_set_and_put_back_in_all_forms() throws Exception {
        EnvoySource source = start("-l", "warning", "--component-log-level", "misc:error,upstream:info");
        try (Mesh mesh = connect(source)) {
            MeshPod pod = mesh.namespace("edge").pod("gw-1");
            Map<String, Level> before = levels(pod).all();
            for (Level level : Level.values()) {
                try (LogLevelChange change = mesh.changes().logLevel(pod, level)) {
                    assertThat(change.status()).isEqualTo(Status.APPLIED);
                    assertThat(levels(pod).all().values()).containsOnly(level);
                }
                assertThat(levels(pod).all()).isEqualTo(before);
                try (LogLevelChange change = mesh.changes().logLevel(pod, "rbac", level)) {
                    assertThat(change.status()).isEqualTo(Status.APPLIED);
                    assertThat(levels(pod).level("rbac")).contains(level);
                    assertThat(levels(pod).level("misc")).contains(Level.ERROR);
                }
                assertThat(levels(pod).all()).isEqualTo(before);
            }
            source.changes().clear();
            try (LogLevelChange change = mesh.changes().logLevel(pod, "info,rbac:trace,misc:off")) {
                assertThat(change.status()).isEqualTo(Status.APPLIED);
                assertThat(levels(pod).level("misc")).contains(Level.OFF);
                assertThat(levels(pod).usual()).isEqualTo(Level.INFO);
            }
            assertThat(source.changes()).hasSize(2).allMatch(path -> path.startsWith("/logging?paths="));
            assertThat(levels(pod).all()).isEqualTo(before);
        }
    }

    @Test
    void should_put_back_each_way_that_it_says_one_can_type() throws Exception {
        EnvoySource source = start("-l", "warning", "--component-log-level", "misc:error,upstream:info");
        try (Mesh mesh = connect(source)) {
            MeshPod pod = mesh.namespace("edge").pod("gw-1");
            Map<String, Level> before = levels(pod).all();
            for (String wanted : List.of("debug", "rbac:debug", "rbac:debug,http:trace")) {
                LogLevelChange change = mesh.changes().logLevel(pod, wanted);
                for (String command : change.commands()) {
                    send(source, command.replaceAll(".*logging\\?([^']*)'", "$1"));
                }
                assertThat(levels(pod).all()).isEqualTo(before);
                source.changes().clear();
                change.close();
                assertThat(source.changes()).as("nothing is left to put back").isEmpty();
            }
        }
    }

    /** Envoy 1.40 lists few of its files, and which ones is its own business. */
    @Test
    void should_change_files_with_fine_grain_logging() throws Exception {
        EnvoySource source = start("-l", "warning", "--enable-fine-grain-logging");
        send(source, "level=info");
        try (Mesh mesh = connect(source)) {
            MeshPod pod = mesh.namespace("edge").pod("gw-1");
            assertThat(levels(pod).isFineGrain()).isTrue();
            Map<String, Level> before = levels(pod).all();
            String file = before.keySet().iterator().next();

            try (LogLevelChange change = mesh.changes().logLevel(pod, file, Level.TRACE)) {
                assertThat(change.status()).isEqualTo(Status.APPLIED);
                assertThat(levels(pod).level(file)).contains(Level.TRACE);
            }
            assertThat(levels(pod).all()).containsAllEntriesOf(before);
            try (LogLevelChange change = mesh.changes().logLevel(pod, Level.DEBUG)) {
                assertThat(change.status()).isEqualTo(Status.APPLIED);
                assertThat(levels(pod).all().values()).containsOnly(Level.DEBUG);
            }
            assertThat(levels(pod).all()).containsAllEntriesOf(before);
            assertThat(levels(pod).verbose())
                    .as("files that logged first meanwhile")
                    .isEmpty();
            // Patterns would set all others to the default level.
            assertThat(source.changes()).noneMatch(path -> path.contains("paths="));
        }
    }

    @Test
    void should_say_what_to_type_when_the_process_ends() throws Exception {
        EnvoySource source = start("-l", "warning");
        try (Mesh mesh = connect(source)) {
            MeshPod pod = mesh.namespace("edge").pod("gw-1");
            LogLevelChange change = mesh.changes().logLevel(pod, "rbac:debug");
            stop();
            assertThatThrownBy(change::undo).isInstanceOf(MeshConnectionException.class);
            assertThat(change.status()).isEqualTo(Status.UNKNOWN);
            assertThatThrownBy(mesh::close)
                    .isInstanceOfSatisfying(
                            MeshConnectionException.class,
                            e -> assertThat(e.remedy()).contains("'logging?rbac=warning'"));
        }
    }

    @Test
    void should_show_what_envoy_says_to_a_request_that_it_refuses() throws Exception {
        EnvoySource source = start("-l", "warning");
        assertThatThrownBy(() -> send(source, "nobody=debug"))
                .isInstanceOf(MeshUnsupportedException.class)
                .hasMessageContaining("unknown logger name");
        assertThatThrownBy(() -> send(source, "paths=rbac:debug,nobody:debug"))
                .isInstanceOf(MeshUnsupportedException.class);
        assertThat(Shared.session(source)
                        .fetch(new PodRequest("edge", "gw-1", 15000, "POST", "/logging"), LogLevels::parse)
                        .level("rbac"))
                .as("several are set together or not at all")
                .contains(Level.WARNING);
    }
}
