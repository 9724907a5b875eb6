package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.logs.LogCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each code of the health and logs steps has its page. */
class FindingPagesTest {
    static Stream<FindingCode> codes() {
        return Stream.concat(HealthCodes.all().stream(), LogCodes.all().stream());
    }

    @ParameterizedTest
    @MethodSource("codes")
    void should_have_a_page(FindingCode code) throws IOException {
        Path page = Path.of(System.getProperty("meshdx.root", "..")).resolve(code.documentation());

        assertThat(Files.readString(page))
                .startsWith("# " + code.code() + " " + code.name() + ": ")
                .contains("\n## What it means\n", "\n## How it shows\n", "\n## What to do\n", "\n## Limits\n");
    }
}
