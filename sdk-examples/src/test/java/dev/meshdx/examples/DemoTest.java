package dev.meshdx.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.testkit.Scenario;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DemoTest {
    private static String run(Scenario scenario) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Demo.run(scenario, new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(names = {"HEALTHY", "PATH_CASE", "MTLS_CONFLICT", "ISTIOD_DOWN"})
    void should_print_verdict_steps_and_what_to_type_next(Scenario scenario) {
        String said = run(scenario);

        assertThat(said)
                .contains(scenario.title())
                .contains("  health  ")
                .contains("  security  ")
                .contains("To type these commands yourself");
        if (scenario.expectedCodes().isEmpty()) {
            assertThat(said).contains("Nothing is wrong with");
            assertThat(said).doesNotContainPattern("(?m)^(ERROR|WARNING|INFO) ");
        } else {
            assertThat(said)
                    .containsPattern("Broken|Degraded")
                    .contains("Next:")
                    .contains("meshdx explain");
            assertThat(scenario.expectedCodes()).anyMatch(said::contains);
        }
        // Nothing about namespaces that do not matter to the pod.
        assertThat(said).doesNotContain("IST0102");
    }
}
