package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnknownHostRefusedCheckTest {
    private final UnknownHostRefusedCheck check = new UnknownHostRefusedCheck();

    private static String http(String authority, String address) {
        return "[2026-01-02T11:59:00.000Z] \"GET /v1 HTTP/1.1\" 502 - direct_response - \"-\" 0 0 0 - \"-\" \"curl\" \"id-1\" \""
                + authority + "\" \"-\" - - " + address + " 10.0.0.5:4000 - block_all";
    }

    private static String tcp(String address, String serverName) {
        return "[2026-01-02T11:59:00.000Z] \"- - -\" 0 UH - - \"-\" 0 0 0 - \"-\" \"-\" \"-\" \"-\" \"-\" BlackHoleCluster - "
                + address + " 10.0.0.5:4000 " + serverName + " -";
    }

    @Test
    void should_report_MDX0416_for_requests_by_host() {
        List<Finding> findings = LogFixtures.run(
                check,
                http("api.example.com", "203.0.113.7:80"),
                http("api.example.com", "203.0.113.8:80"),
                http("reviews:9080", "10.96.0.7:9080"));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0416", "MDX0416");
        assertThat(findings).extracting(Finding::severity).containsOnly(Severity.ERROR);
        assertThat(findings)
                .anySatisfy(finding -> {
                    assertThat(finding.message()).contains("2 requests to api.example.com:80", "REGISTRY_ONLY");
                    assertThat(finding.remedy()).contains("hosts: [api.example.com]", "number: 80", "protocol: HTTP");
                })
                .anySatisfy(finding -> {
                    assertThat(finding.message()).contains("1 request to reviews:9080");
                    assertThat(finding.remedy()).contains("MDX0268");
                });
    }

    @Test
    void should_name_the_server_name_of_a_connection_else_the_address() {
        List<Finding> findings =
                LogFixtures.run(check, tcp("203.0.113.7:443", "bank.example.com"), tcp("203.0.113.9:5432", "-"));

        assertThat(findings)
                .anySatisfy(finding -> {
                    assertThat(finding.message()).contains("1 connection to bank.example.com:443");
                    assertThat(finding.remedy()).contains("hosts: [bank.example.com]", "protocol: TLS");
                })
                .anySatisfy(finding -> {
                    assertThat(finding.message()).contains("1 connection to 203.0.113.9:5432");
                    assertThat(finding.remedy()).contains("addresses: [203.0.113.9]");
                })
                .hasSize(2);
        assertThat(LogFixtures.run(new NoHealthyUpstreamCheck(), tcp("203.0.113.9:5432", "-")))
                .isEmpty();
    }

    @Test
    void should_stay_silent_for_other_lines() {
        assertThat(LogFixtures.run(
                        check,
                        LogFixtures.request(502, "-", "via_upstream", LogFixtures.OUTBOUND),
                        LogFixtures.connection("UH", "-", "-"),
                        tcp("10.0.0.5:15001", "-"),
                        LogFixtures.ok("11:59:00", "PassthroughCluster")))
                .isEmpty();
    }
}
