package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpstreamErrorRelayedCheckTest {
    private final UpstreamErrorRelayedCheck check = new UpstreamErrorRelayedCheck();

    @Test
    void should_report_MDX0415() {
        List<Finding> findings =
                LogFixtures.run(check, LogFixtures.request(503, "URX", "via_upstream", LogFixtures.OUTBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0415");
        assertThat(findings.get(0).message()).contains("1 request with 503, even after retries");
        assertThat(findings.get(0).remedy()).isNotEmpty();
        assertThat(findings.get(0).evidence()).isNotEmpty();
    }

    @Test
    void should_stay_silent_for_other_lines() {
        assertThat(LogFixtures.run(
                        check,
                        LogFixtures.request(503, "UH", "no_healthy_upstream", LogFixtures.OUTBOUND),
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEmpty();
    }

    @Test
    void should_say_that_the_application_answers_so() {
        assertThat(LogFixtures.run(check, LogFixtures.request(500, "-", "via_upstream", LogFixtures.INBOUND))
                        .get(0)
                        .message())
                .contains("The application of client answers 1 request with 500");
    }
}
