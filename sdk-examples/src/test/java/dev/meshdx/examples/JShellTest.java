package dev.meshdx.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meshdx.Mesh;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start-up files, in the real JShell. */
class JShellTest {
    private static final Path FILES = Path.of("src/main/jshell").toAbsolutePath();

    @TempDir
    private Path folder;

    private String jshell(String input, String... arguments) throws Exception {
        assumeTrue(Files.isExecutable(Path.of(Processes.jdk("jshell"))), "this JDK has no jshell: skipped");
        List<String> command = new ArrayList<>(List.of(
                Processes.jdk("jshell"),
                "-J-Djava.util.prefs.userRoot=" + folder,
                "--class-path",
                Processes.classPath(),
                "--startup",
                "DEFAULT",
                "--startup",
                FILES.resolve("mesh.jsh").toString()));
        command.addAll(List.of(arguments));
        return Processes.run(folder, Map.of(), input, command);
    }

    private static String verdict() {
        try (FakeMesh cluster = FakeMesh.start(Scenario.PATH_CASE);
                Mesh mesh = cluster.connect()) {
            return mesh.namespace("production").service("web").diagnose().verdict();
        }
    }

    @Test
    void should_print_a_whole_diagnosis_from_the_demo_file() throws Exception {
        String said = jshell("", FILES.resolve("demo.jsh").toString());

        assertThat(said)
                .contains(verdict())
                .contains("Next:")
                .contains("MDX0301")
                .contains("7 in sync");
        assertThat(said).doesNotContain("|  Error").doesNotContain("|  Exception");
    }

    @Test
    void should_show_results_at_the_prompt() throws Exception {
        String shown = jshell("""
                Mesh mesh = fake("path-case")
                mesh.diagnose()
                mesh.proxyStatus()
                mesh.namespace("production").pods("app=web").size()
                /exit
                """);
        assertThat(shown)
                .contains("Broken: ")
                .contains("health        OK")
                .contains("SYNCED")
                .contains("==> 2")
                .doesNotContain("|  Error");
    }

    @Test
    void should_show_longer_results_whole_after_opening_the_mode() throws Exception {
        String said = jshell("""
                /open %s
                String longText = "x".repeat(3000) + "END"
                Documents.of(fake("path-case").diagnose())
                /exit
                """.formatted(FILES.resolve("mesh-open.jsh")));

        assertThat(said).contains("xEND").contains("Next:").doesNotContain("Does not match any current feedback mode");
    }

    @Test
    void should_start_through_the_script() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no /bin/sh: skipped");
        String said = Processes.run(
                folder,
                Map.of("MESHDX_CLASSPATH", Processes.classPath(), "JAVA_HOME", System.getProperty("java.home")),
                "",
                List.of(
                        FILES.resolve("mesh-jshell").toString(),
                        FILES.resolve("demo.jsh").toString()));

        assertThat(said).contains("Broken: ");
    }
}
