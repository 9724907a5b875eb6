package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlPlaneStreamClosedCheckTest {
    private final ControlPlaneStreamClosedCheck check = new ControlPlaneStreamClosedCheck();

    @Test
    void should_report_MDX0414() {
        List<Finding> findings = LogFixtures.run(
                check,
                "2026-01-02T11:59:00.000000Z\twarning\tenvoy config x.h:1\tDeltaAggregatedResources gRPC config stream to xds-grpc closed since 41s ago: 14, connection refused\tthread=1");

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0414");
        assertThat(findings.get(0).message()).contains("lost its connection to istiod", "closed since 41s ago");
        assertThat(findings.get(0).remedy()).isNotEmpty();
        assertThat(findings.get(0).evidence()).isNotEmpty();
    }

    @Test
    void should_stay_silent_for_other_lines() {
        assertThat(LogFixtures.run(
                        check,
                        "2026-01-02T11:59:00.000000Z\tinfo\txdsproxy\tconnected to delta upstream XDS server: istiod:15012\tid=1",
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEmpty();
    }

    @Test
    void should_only_inform_when_it_is_connected_again() {
        Finding finding = LogFixtures.run(
                        check,
                        "2026-01-02T11:59:00.000000Z\twarn\txdsproxy\tupstream terminated with unexpected error EOF\tid=1",
                        "2026-01-02T11:59:01.000000Z\tinfo\txdsproxy\tconnected to delta upstream XDS server: istiod:15012\tid=2")
                .get(0);

        assertThat(finding.severity()).isEqualTo(dev.meshdx.finding.Severity.INFO);
        assertThat(finding.message()).contains("made it again");
    }
}
