package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpstreamConnectionTerminatedCheckTest {
    private final UpstreamConnectionTerminatedCheck check = new UpstreamConnectionTerminatedCheck();

    @Test
    void should_report_MDX0412() {
        List<Finding> findings = LogFixtures.run(
                check,
                LogFixtures.request(
                        503,
                        "UC",
                        "upstream_reset_before_response_started{connection_termination}",
                        LogFixtures.OUTBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0412");
        assertThat(findings.get(0).message()).contains("closed the connection before it had answered");
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
    void should_say_that_the_application_closed_it() {
        assertThat(LogFixtures.run(check, LogFixtures.request(503, "UR", "x", LogFixtures.INBOUND))
                        .get(0)
                        .message())
                .contains("The application of client reset the stream");
    }
}
