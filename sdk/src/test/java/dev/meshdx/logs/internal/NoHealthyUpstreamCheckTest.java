package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoHealthyUpstreamCheckTest {
    private final NoHealthyUpstreamCheck check = new NoHealthyUpstreamCheck();

    @Test
    void should_report_MDX0402() {
        List<Finding> findings =
                LogFixtures.run(check, LogFixtures.request(503, "UH", "no_healthy_upstream", LogFixtures.OUTBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0402");
        assertThat(findings.get(0).message())
                .contains("no healthy endpoint for web.shop.svc.cluster.local:80 subset v1");
        assertThat(findings.get(0).remedy()).isNotEmpty();
        assertThat(findings.get(0).evidence()).isNotEmpty();
    }

    @Test
    void should_stay_silent_for_other_lines() {
        assertThat(LogFixtures.run(
                        check,
                        LogFixtures.request(503, "UO", "overflow", LogFixtures.OUTBOUND),
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEmpty();
    }

    @Test
    void should_name_the_command_for_the_service() {
        assertThat(LogFixtures.run(check, LogFixtures.request(503, "UH", "no_healthy_upstream", LogFixtures.OUTBOUND))
                        .get(0)
                        .remedy())
                .startsWith("kubectl -n shop get endpointslices -l kubernetes.io/service-name=web:");
    }
}
