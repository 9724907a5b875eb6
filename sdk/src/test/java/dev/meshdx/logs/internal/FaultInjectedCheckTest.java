package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultInjectedCheckTest {
    private final FaultInjectedCheck check = new FaultInjectedCheck();

    @Test
    void should_report_MDX0410() {
        List<Finding> findings =
                LogFixtures.run(check, LogFixtures.request(418, "FI", "fault_filter_abort", LogFixtures.OUTBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0410");
        assertThat(findings.get(0).message()).contains("aborts 1 request", "with 418");
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
    void should_only_inform_of_delays() {
        Finding finding = LogFixtures.run(check, LogFixtures.request(200, "DI", "via_upstream", LogFixtures.OUTBOUND))
                .get(0);

        assertThat(finding.severity()).isEqualTo(dev.meshdx.finding.Severity.INFO);
        assertThat(finding.message()).contains("delays 1 request");
    }
}
