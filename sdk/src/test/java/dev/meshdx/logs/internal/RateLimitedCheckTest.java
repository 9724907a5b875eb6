package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateLimitedCheckTest {
    private final RateLimitedCheck check = new RateLimitedCheck();

    @Test
    void should_report_MDX0409() {
        List<Finding> findings =
                LogFixtures.run(check, LogFixtures.request(429, "RL", "local_rate_limited", LogFixtures.INBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0409");
        assertThat(findings.get(0).message()).contains("local rate limit");
        assertThat(findings.get(0).remedy()).isNotEmpty();
        assertThat(findings.get(0).evidence()).isNotEmpty();
    }

    @Test
    void should_stay_silent_for_other_lines() {
        assertThat(LogFixtures.run(
                        check,
                        LogFixtures.request(429, "-", "via_upstream", LogFixtures.OUTBOUND),
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEmpty();
    }
}
