package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpstreamConnectionFailedCheckTest {
    private final UpstreamConnectionFailedCheck check = new UpstreamConnectionFailedCheck();

    @Test
    void should_report_MDX0401() {
        List<Finding> findings = LogFixtures.run(
                check,
                LogFixtures.request(
                        "11:59:00",
                        503,
                        "URX,UF",
                        "x",
                        "delayed_connect_error:_No_route_to_host",
                        LogFixtures.OUTBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0401");
        assertThat(findings.get(0).message())
                .contains("web.shop.svc.cluster.local:80 subset v1 at 10.0.0.9:8080", "no route to host");
        assertThat(findings.get(0).remedy()).isNotEmpty();
        assertThat(findings.get(0).evidence()).isNotEmpty();
    }

    @Test
    void should_stay_silent_for_other_lines() {
        assertThat(LogFixtures.run(
                        check,
                        LogFixtures.request(
                                "11:59:00",
                                503,
                                "UF",
                                "x",
                                "TLS_error:|1:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER",
                                LogFixtures.OUTBOUND),
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEmpty();
    }

    @Test
    void should_say_that_the_application_does_not_listen() {
        assertThat(LogFixtures.run(
                                check,
                                LogFixtures.request(
                                        "11:59:00", 503, "UF", "x", "delayed connect error: 111", LogFixtures.INBOUND))
                        .get(0)
                        .message())
                .contains("application of client does not listen on port 8080");
    }

    @Test
    void should_tell_timeouts_and_resets() {
        assertThat(LogFixtures.run(
                                check,
                                LogFixtures.request(
                                        503,
                                        "UF",
                                        "upstream_reset_before_response_started{connection_timeout}",
                                        LogFixtures.OUTBOUND))
                        .get(0)
                        .message())
                .contains("connection timed out");
        assertThat(LogFixtures.run(
                                check,
                                LogFixtures.request(
                                        "11:59:00",
                                        503,
                                        "UF",
                                        "x",
                                        "delayed_connect_error:_Connection_reset_by_peer",
                                        LogFixtures.OUTBOUND))
                        .get(0)
                        .message())
                .contains("connection reset");
    }
}
