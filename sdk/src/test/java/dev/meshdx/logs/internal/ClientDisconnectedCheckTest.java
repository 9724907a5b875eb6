package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientDisconnectedCheckTest {
    private final ClientDisconnectedCheck check = new ClientDisconnectedCheck();

    @Test
    void should_report_MDX0411() {
        List<Finding> findings = LogFixtures.run(
                check, LogFixtures.request(0, "DC", "downstream_remote_disconnect", LogFixtures.OUTBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0411");
        assertThat(findings.get(0).message()).contains("went away", "100 ms");
        assertThat(findings.get(0).remedy()).isNotEmpty();
        assertThat(findings.get(0).evidence()).isNotEmpty();
    }

    @Test
    void should_stay_silent_for_other_lines() {
        assertThat(LogFixtures.run(
                        check,
                        LogFixtures.connection("DC", "-", "-"),
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEmpty();
    }
}
