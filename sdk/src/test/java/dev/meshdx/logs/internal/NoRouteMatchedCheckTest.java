package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoRouteMatchedCheckTest {
    private final NoRouteMatchedCheck check = new NoRouteMatchedCheck();

    @Test
    void should_report_MDX0404() {
        List<Finding> findings = LogFixtures.run(check, LogFixtures.request(404, "NR", "route_not_found", "-"));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0404");
        assertThat(findings.get(0).message()).contains("No route", "web:80", "GET /cart");
        assertThat(findings.get(0).remedy()).isNotEmpty();
        assertThat(findings.get(0).evidence()).isNotEmpty();
    }

    @Test
    void should_stay_silent_for_other_lines() {
        assertThat(LogFixtures.run(
                        check,
                        LogFixtures.connection("NR", "filter_chain_not_found", "-"),
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEmpty();
    }

    @Test
    void should_tell_that_the_routes_were_never_delivered() {
        assertThat(LogFixtures.run(check, LogFixtures.request(404, "NR", "route_configuration_not_found", "-"))
                        .get(0)
                        .message())
                .contains("never delivered");
    }
}
