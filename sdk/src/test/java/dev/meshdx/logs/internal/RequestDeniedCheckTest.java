package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestDeniedCheckTest {
    private final RequestDeniedCheck check = new RequestDeniedCheck();

    @Test
    void should_report_MDX0408() {
        List<Finding> findings = LogFixtures.run(
                check,
                LogFixtures.request(
                        403,
                        "-",
                        "rbac_access_denied_matched_policy[ns[shop]-policy[deny-admin]-rule[0]]",
                        LogFixtures.INBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0408");
        assertThat(findings.get(0).message()).contains("AuthorizationPolicy shop/deny-admin matches them");
        assertThat(findings.get(0).remedy()).isNotEmpty();
        assertThat(findings.get(0).evidence()).isNotEmpty();
    }

    @Test
    void should_stay_silent_for_other_lines() {
        assertThat(LogFixtures.run(
                        check,
                        LogFixtures.request(404, "-", "via_upstream", LogFixtures.OUTBOUND),
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEmpty();
    }

    @Test
    void should_tell_the_kinds_of_denial_apart() {
        assertThat(message("rbac_access_denied_matched_policy[none]", 403, "-")).contains("none of them matches");
        assertThat(message("jwt_authn_access_denied{Jwt_is_expired}", 401, "-")).contains("Jwt is expired");
        assertThat(message("ext_authz_denied", 403, "UAEX")).contains("external authorizer denied it");
        assertThat(message("ext_authz_error", 403, "UAEX")).contains("did not answer");
    }

    @Test
    void should_guess_on_the_side_of_the_client() {
        Finding finding = LogFixtures.run(check, LogFixtures.request(403, "-", "via_upstream", LogFixtures.OUTBOUND))
                .get(0);

        assertThat(finding.severity()).isEqualTo(dev.meshdx.finding.Severity.WARNING);
        assertThat(finding.remedy()).contains("10.0.0.9:8080");
    }

    private String message(String details, int code, String flags) {
        return LogFixtures.run(check, LogFixtures.request(code, flags, details, LogFixtures.INBOUND))
                .get(0)
                .message();
    }

    @Test
    void should_only_inform_while_most_requests_pass() {
        Finding finding = LogFixtures.run(
                        check,
                        LogFixtures.request(403, "-", "rbac_access_denied_matched_policy[none]", LogFixtures.INBOUND),
                        LogFixtures.ok("11:58:00", LogFixtures.INBOUND),
                        LogFixtures.ok("11:58:10", LogFixtures.INBOUND))
                .get(0);

        assertThat(finding.severity()).isEqualTo(dev.meshdx.finding.Severity.INFO);
    }
}
