package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlaintextRefusedCheckTest {
    private final PlaintextRefusedCheck check = new PlaintextRefusedCheck();

    @Test
    void should_report_MDX0413() {
        List<Finding> findings = LogFixtures.run(check, LogFixtures.connection("NR", "filter_chain_not_found", "-"));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0413");
        assertThat(findings.get(0).message()).contains("10.0.0.9:8080", "not mutual TLS");
        assertThat(findings.get(0).remedy()).isNotEmpty();
        assertThat(findings.get(0).evidence()).isNotEmpty();
    }

    @Test
    void should_stay_silent_for_other_lines() {
        assertThat(LogFixtures.run(
                        check,
                        LogFixtures.request(404, "NR", "route_not_found", "-"),
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEmpty();
    }

    @Test
    void should_name_the_server_name_that_is_not_known() {
        Finding finding = LogFixtures.run(
                        check, LogFixtures.connection("NR", "filter_chain_not_found", "other.example"))
                .get(0);

        assertThat(finding.severity()).isEqualTo(dev.meshdx.finding.Severity.WARNING);
        assertThat(finding.message()).contains("server name other.example");
    }

    @Test
    void should_take_a_stray_name_among_connections_that_work_for_information() {
        String taken = LogFixtures.connection("-", "-", "known.example");

        Finding finding = LogFixtures.run(
                        check, taken, taken, LogFixtures.connection("NR", "filter_chain_not_found", "other.example"))
                .get(0);

        assertThat(finding.severity()).isEqualTo(dev.meshdx.finding.Severity.INFO);
    }
}
