package dev.meshdx.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the command line. */
class LauncherTest {
    @TempDir
    private Path folder;

    @Test
    void should_start_the_command_line_with_flags_of_the_callers() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no /bin/sh: skipped");
        String said = Processes.run(
                folder,
                Map.of(
                        "MESHDX_CLASSPATH",
                        Processes.classPath(),
                        "MESHDX_JAVA_OPTS",
                        "-Xmx64m -XX:+PrintCommandLineFlags",
                        "JAVA_HOME",
                        System.getProperty("java.home")),
                "",
                List.of(Path.of("src/main/shell/meshdx").toAbsolutePath().toString(), "analyze", "--list"));

        assertThat(said).contains("UseSerialGC", "MaxHeapSize=67108864", "IST0101", "MDX0201");
    }
}
