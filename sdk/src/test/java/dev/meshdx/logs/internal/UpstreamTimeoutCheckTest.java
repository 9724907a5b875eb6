package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpstreamTimeoutCheckTest {
    private final UpstreamTimeoutCheck check = new UpstreamTimeoutCheck();

    @Test
    void should_report_MDX0407() {
        List<Finding> findings =
                LogFixtures.run(check, LogFixtures.request(504, "UT", "response_timeout", LogFixtures.OUTBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0407");
        assertThat(findings.get(0).message()).contains("within the timeout (about 100 ms)");
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
    void should_name_the_timeout_of_one_try() {
        assertThat(LogFixtures.run(
                                check, LogFixtures.request(504, "UT", "upstream_per_try_timeout", LogFixtures.OUTBOUND))
                        .get(0)
                        .remedy())
                .contains("perTryTimeout");
    }
}
