package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class CircuitBreakerOpenCheckTest {
    private final CircuitBreakerOpenCheck check = new CircuitBreakerOpenCheck();

    @Test
    void should_report_MDX0406() {
        List<Finding> findings = LogFixtures.run(
                check,
                LogFixtures.request(
                        503, "UO", "upstream_reset_before_response_started{overflow}", LogFixtures.OUTBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0406");
        assertThat(findings.get(0).message()).contains("connection pool", "web.shop.svc.cluster.local:80");
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
}
