package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meshdx.testkit.Scenario;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code meshdx fake}: a cluster that other programs can talk to. */
class FakeCommandTest {
    @TempDir
    private Path folder;

    /** Runs the fake cluster in the background, waits for its line, and ends it as Ctrl-C would. */
    private void withFake(String scenario, ThrowingConsumer<Path> work) throws Exception {
        Path kubeconfig = folder.resolve("kubeconfig.yaml");
        StringWriter out = new StringWriter();
        AtomicInteger exit = new AtomicInteger(-1);
        Thread fake = new Thread(
                () -> exit.set(Meshdx.run(
                        new PrintWriter(out),
                        new PrintWriter(out),
                        "fake",
                        "--scenario",
                        scenario,
                        "--write-kubeconfig",
                        kubeconfig.toString())),
                "fake");
        fake.setDaemon(true);
        fake.start();
        try {
            for (int i = 0; i < 300 && !out.toString().contains("\n"); i++) {
                Thread.sleep(100);
            }
            assertThat(out.toString()).startsWith("ready: https://").contains(kubeconfig.toString());
            assertThat(out.toString().lines()).hasSize(1);
            work.accept(kubeconfig);
        } finally {
            fake.interrupt();
            fake.join(10_000);
        }
        assertThat(exit).hasValue(0);
    }

    private interface ThrowingConsumer<T> {
        void accept(T value) throws Exception;
    }

    private String kubectl(Path kubeconfig, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kubectl", "--kubeconfig", kubeconfig.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", folder.toString());
        builder.environment().remove("HTTPS_PROXY");
        builder.environment().remove("https_proxy");
        Process process = builder.start();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (InputStream in = process.getInputStream()) {
            in.transferTo(said);
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        String text = said.toString(StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as("%s: %s", command, text).isZero();
        return text;
    }

    @Test
    void should_serve_kubectl() throws Exception {
        assumeTrue(
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "kubectl"))),
                "there is no kubectl on the PATH: skipped");
        String web = Scenario.PATH_CASE.pod();

        withFake("path-case", kubeconfig -> {
            assertThat(kubectl(kubeconfig, "get", "pods", "-A")).contains(web).contains("istiod-");
            assertThat(kubectl(kubeconfig, "-n", "production", "get", "virtualservice", "reviews", "-o", "yaml"))
                    .contains("/api/v1/Reviews");
            assertThat(kubectl(kubeconfig, "-n", "production", "describe", "pod", web))
                    .contains("istio-proxy");
            assertThat(kubectl(kubeconfig, "-n", "production", "logs", web, "-c", "istio-proxy"))
                    .contains("GET /api/v1/reviews/7");
            assertThat(kubectl(kubeconfig, "auth", "can-i", "list", "pods")).contains("yes");
        });
    }

    @Test
    void should_serve_the_command_line_itself() throws Exception {
        withFake("missing-subset", kubeconfig -> {
            for (List<String> command : List.of(
                    List.of("diagnose"),
                    List.of("control-plane"),
                    List.of("proxy-status"),
                    List.of("analyze", "-A"),
                    List.of("proxy-config", "clusters", Scenario.PATH_CASE.pod(), "-n", "production"),
                    List.of("trace", Scenario.PATH_CASE.pod(), "http://reviews:9080/", "-n", "production"),
                    List.of("logs", Scenario.PATH_CASE.pod(), "-n", "production"),
                    List.of("mtls"),
                    List.of("certificates"))) {
                List<String> args = new ArrayList<>(command);
                args.addAll(List.of("--kubeconfig", kubeconfig.toString(), "--format", "json"));
                Run run = Run.meshdx(args.toArray(String[]::new));
                assertThat(run.exit()).as("%s: %s", command, run.err()).isLessThan(2);
                assertThat(run.err()).as("%s", command).isEmpty();
                assertThat(run.json().at("result").exists()).as("%s", command).isTrue();
            }
        });
    }

    @Test
    void should_list_the_scenarios() {
        Run run = Run.meshdx("fake", "--list");

        assertThat(run.exit()).isZero();
        Scenario.all().forEach(scenario -> assertThat(run.out()).contains(scenario.id()));
    }

    @Test
    void should_refuse_what_it_cannot_write() {
        assertThat(Run.meshdx("fake", "--write-kubeconfig", "/no/such/folder/kubeconfig")
                        .exit())
                .isBetween(2, 3);
        assertThat(Run.meshdx("fake", "--recording", "/no/such/recording").exit())
                .isEqualTo(2);
    }
}
