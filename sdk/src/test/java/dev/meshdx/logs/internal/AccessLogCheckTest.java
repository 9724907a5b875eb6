package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What all rules about access logs have in common: grouping, counting, severity. */
class AccessLogCheckTest {
    private final NoHealthyUpstreamCheck check = new NoHealthyUpstreamCheck();

    private static String failed(String time) {
        return LogFixtures.request(time, 503, "UH", "no_healthy_upstream", "-", LogFixtures.OUTBOUND);
    }

    @Test
    void should_make_one_finding_of_many_requests_to_the_same_place() {
        List<Finding> findings = LogFixtures.run(
                check,
                LogFixtures.log("client-1", failed("11:58:00")),
                LogFixtures.log("client-2", failed("11:57:00"), failed("11:59:00"), "noise"));

        Finding finding = findings.get(0);
        assertThat(findings).hasSize(1);
        assertThat(finding.subject().toString()).isEqualTo("Pod shop/client-2");
        assertThat(finding.message()).contains("3 requests failed");
        assertThat(finding.evidence())
                .extracting(Object::toString)
                .anyMatch(text -> text.contains("first 2026-01-02T11:57:00Z, last 2026-01-02T11:59:00Z"))
                .anyMatch(text -> text.contains("2: shop/client-1, shop/client-2"))
                .anyMatch(text -> text.contains("GET /cart (") && !text.contains("id=7"));
    }

    @Test
    void should_keep_inbound_clusters_of_different_pods_apart() {
        String refused = LogFixtures.request(
                "11:59:00", 503, "UF", "x", "delayed_connect_error:_Connection_refused", LogFixtures.INBOUND);

        assertThat(LogFixtures.run(
                        new UpstreamConnectionFailedCheck(),
                        LogFixtures.log("web-1", refused),
                        LogFixtures.log("web-2", refused)))
                .extracting(finding -> finding.subject().name())
                .containsExactly("web-1", "web-2");
    }

    @Test
    void should_be_an_error_while_requests_fail() {
        assertThat(severity(failed("11:59:00"))).isEqualTo(Severity.ERROR);
        assertThat(severity(LogFixtures.ok("11:58:00", LogFixtures.OUTBOUND), failed("11:59:00")))
                .isEqualTo(Severity.ERROR);
    }

    @Test
    void should_be_a_warning_when_it_works_again_or_is_rare() {
        assertThat(severity(
                        failed("11:58:00"),
                        LogFixtures.ok("11:58:30", LogFixtures.OUTBOUND),
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEqualTo(Severity.WARNING);
        List<String> rare = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            rare.add(LogFixtures.ok("11:58:" + (10 + i), LogFixtures.OUTBOUND));
        }
        rare.add(failed("11:59:00"));
        assertThat(severity(rare.toArray(String[]::new))).isEqualTo(Severity.WARNING);
    }

    @Test
    void should_be_less_the_longer_it_is_ago() {
        assertThat(severity(failed("10:30:00"))).isEqualTo(Severity.WARNING);
        assertThat(severity(failed("11:59:00").replace("2026-01-02", "2025-12-30")))
                .isEqualTo(Severity.INFO);
    }

    @Test
    void should_count_successes_of_the_same_host_for_requests_that_reached_no_cluster() {
        Finding finding = LogFixtures.run(
                        new ClusterNotFoundCheck(),
                        LogFixtures.request(503, "NC", "cluster_not_found", "-"),
                        LogFixtures.ok("11:59:30", LogFixtures.OUTBOUND))
                .get(0);

        assertThat(finding.message()).contains("1 of 2 requests failed");
    }

    private Severity severity(String... lines) {
        return LogFixtures.run(check, lines).get(0).severity();
    }
}
