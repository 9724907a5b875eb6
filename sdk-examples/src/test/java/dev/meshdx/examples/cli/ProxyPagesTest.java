package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The subcommands of {@code proxy-config} about a proxy's process. */
class ProxyPagesTest {
    private static final String WEB = Scenario.byName("healthy").pod();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            stats           | name,value                                                    | 30
            log-levels      | logger,level                                                  | 20
            server-info     | name,value                                                    | 10
            certs           | use,names,serialNumber,notBefore,notAfter,valid,path          | 2
            memory          | name,bytes,mebibytes                                          | 6
            bound-listeners | name,addresses,internal,state                                 | 5
            """)
    void should_show_a_page_of_a_pod(String page, String columns, int atLeast) {
        Run run = Run.meshdx("proxy-config", page, WEB, "--demo", "healthy", "--format", "json");

        assertThat(run.exit()).isZero();
        assertThat(run.err()).isEmpty();
        Json document = run.json();
        assertThat(document.names())
                .containsExactly("schema", "command", "source", "at", "result", "findings", "inconclusive");
        assertThat(document.at("command").text("")).isEqualTo("proxy-config " + page);
        assertThat(document.at("result", "rows").size()).isGreaterThanOrEqualTo(atLeast);
        assertThat(document.at("result", "rows").at(0).names()).containsExactly(columns.split(","));

        Run text = Run.meshdx("proxy-config", page, WEB, "--demo", "healthy");
        assertThat(text.exit()).isZero();
        assertThat(text.out().lines().count()).isGreaterThan(atLeast);
    }

    @Test
    void should_say_that_nothing_is_waited_for() {
        Run run = Run.meshdx("proxy-config", "init", WEB, "--demo", "healthy");

        assertThat(run.exit()).isZero();
        assertThat(run.out()).startsWith("It waits for nothing.");
    }

    @Test
    void should_tell_listeners_with_a_port_from_others() {
        Run run = Run.meshdx("proxy-config", "bound-listeners", WEB, "--demo", "healthy");

        assertThat(run.out().lines().filter(line -> line.startsWith("virtualInbound")))
                .singleElement()
                .asString()
                .endsWith(" BOUND");
        assertThat(run.out()).contains("HANDED OVER").doesNotContain("NOT BOUND");
    }

    @Test
    void should_choose_statistics() {
        Run run = Run.meshdx(
                "proxy-config",
                "stats",
                WEB,
                "--demo",
                "healthy",
                "--filter",
                "^server\\.",
                "--nonzero",
                "--format",
                "json");

        assertThat(run.json().at("result", "rows").items()).isNotEmpty().allSatisfy(row -> {
            assertThat(row.at("name").text("")).startsWith("server.");
            assertThat(row.at("value").text("")).isNotEqualTo("0");
        });
        Run missing =
                Run.meshdx("proxy-config", "stats", WEB, "--demo", "healthy", "--name", "server.lives", "--strict");
        assertThat(missing.exit()).isEqualTo(4);
        assertThat(missing.out()).contains("not mean", "server.live", "proxyStatsMatcher");
        assertThat(Run.meshdx("proxy-config", "stats", WEB, "--demo", "healthy", "--filter", "*"))
                .satisfies(wrong -> assertThat(wrong.exit()).isEqualTo(2))
                .satisfies(wrong -> assertThat(wrong.err()).contains("no regular expression"));
    }

    @Test
    void should_read_pages_from_files_and_standard_input() throws IOException {
        String memory = "{\"allocated\": \"1048576\", \"heap_size\": \"2097152\"}";
        Path file = Files.writeString(folder.resolve("memory.json"), memory);

        for (Run run : List.of(
                Run.meshdx("proxy-config", "memory", "--file", file.toString()),
                Run.with(memory, Terminal.NONE, "proxy-config", "memory", "--file", "-"))) {
            assertThat(run.exit()).isZero();
            assertThat(run.out()).contains("1048576").contains("2.0");
        }
        assertThat(Run.with("<html></html>", Terminal.NONE, "proxy-config", "memory", "--file", "-"))
                .satisfies(run -> assertThat(run.exit()).isEqualTo(3))
                .satisfies(run -> assertThat(run.err()).contains("standard input", "/memory", "web page"));
        assertThat(Run.with("server.live: 1\nserver.idle: 0\n", Terminal.NONE, "proxy-config", "stats", "--file", "-")
                        .out())
                .contains("server.live", "server.idle");
        assertThat(Run.meshdx("proxy-config", "certs"))
                .satisfies(run -> assertThat(run.exit()).isEqualTo(2))
                .satisfies(run -> assertThat(run.err()).contains("either a POD or --file"));
    }
}
