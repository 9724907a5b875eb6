package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A modular application compiles against meshdx and runs on the module path, without any flag. */
class ModulePathTest {
    @TempDir
    Path folder;

    @Test
    void should_run_from_the_module_path_without_flags() throws Exception {
        String modulePath = modulePath();
        compile(modulePath);

        Path out = folder.resolve("out.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--module-path",
                        folder.resolve("classes") + File.pathSeparator + modulePath,
                        "--module",
                        "consumer/consumer.Consumer")
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();

        String text = Files.readString(out, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(text).isZero();
        assertThat(text).contains("module dev.meshdx.sdk").contains("MDX0301");
    }

    private void compile(String modulePath) throws IOException {
        Path sources = Path.of("src/test/resources/module-path").toAbsolutePath();
        Path code = Files.createDirectories(folder.resolve("src/consumer")).resolve("Consumer.java");
        Files.copy(sources.resolve("Consumer.java"), code);
        Path module = folder.resolve("src/module-info.java");
        Files.copy(sources.resolve("module-info.java"), module);
        int result = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-d",
                        folder.resolve("classes").toString(),
                        "--module-path",
                        modulePath,
                        module.toString(),
                        code.toString());
        assertThat(result).isZero();
    }

    /** What a user of both artifacts gets, which is the test's class path without the tests and their tools. */
    private static String modulePath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            boolean ours = entry.endsWith("classes") && !entry.endsWith("test-classes");
            boolean tool = Stream.of(
                            "junit",
                            "assertj",
                            "archunit",
                            "mockito",
                            "byte-buddy",
                            "opentest4j",
                            "apiguardian",
                            "surefire")
                    .anyMatch(entry::contains);
            if (ours || (entry.endsWith(".jar") && !tool)) {
                entries.add(entry);
            }
        }
        assertThat(entries).hasSizeGreaterThan(10);
        return String.join(File.pathSeparator, entries);
    }
}
