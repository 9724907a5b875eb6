package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterNotFoundCheckTest {
    private final ClusterNotFoundCheck check = new ClusterNotFoundCheck();

    @Test
    void should_report_MDX0405() {
        List<Finding> findings = LogFixtures.run(check, LogFixtures.request(503, "NC", "cluster_not_found", "-"));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0405");
        assertThat(findings.get(0).message()).contains("route for web:80 leads to a cluster");
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
