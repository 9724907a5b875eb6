package dev.meshdx.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstQuestionTest {
    @TempDir
    private Path folder;

    @Test
    void should_print_the_verdict_and_the_findings_of_the_context_that_it_names() throws Exception {
        try (FakeMesh cluster = FakeMesh.start(Scenario.PATH_CASE)) {
            Path kubeconfig = Files.writeString(
                    folder.resolve("kubeconfig"),
                    cluster.kubeconfig().replaceAll("(name|current-context|cluster): \"?fake\"?", "$1: prod-eu"));

            String said = Processes.run(
                    folder,
                    Map.of("KUBECONFIG", kubeconfig.toString()),
                    "",
                    List.of(Processes.jdk("java"), "-cp", Processes.classPath(), FirstQuestion.class.getName()));

            assertThat(said)
                    .startsWith("Broken: ")
                    .contains("upper and lower case")
                    .contains("MDX0301 error");
        }
    }
}
