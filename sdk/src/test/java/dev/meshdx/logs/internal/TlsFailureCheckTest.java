package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class TlsFailureCheckTest {
    private final TlsFailureCheck check = new TlsFailureCheck();

    @Test
    void should_report_MDX0403() {
        List<Finding> findings = LogFixtures.run(
                check,
                LogFixtures.request(
                        "11:59:00",
                        503,
                        "URX,UF",
                        "x",
                        "TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_certificate_has_expired:TLS_error_end",
                        LogFixtures.OUTBOUND));

        assertThat(findings).extracting(Finding::code).containsExactly("MDX0403");
        assertThat(findings.get(0).message()).contains("certificate has expired");
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
                                "delayed_connect_error:_Connection_refused",
                                LogFixtures.OUTBOUND),
                        LogFixtures.ok("11:59:00", LogFixtures.OUTBOUND)))
                .isEmpty();
    }

    @Test
    void should_tell_the_usual_reasons_apart() {
        assertThat(reason("CERTIFICATE_VERIFY_FAILED:x:_unable_to_get_local_issuer_certificate"))
                .contains("CA that this proxy does not trust");
        assertThat(reason("WRONG_VERSION_NUMBER")).contains("plain text");
        assertThat(reason("CERTIFICATE_VERIFY_FAILED:SAN_matcher,_certificate_SANs_are_[spiffe://west.local/x]"))
                .contains("another identity");
        assertThat(reason("SOMETHING_NEW")).contains("SOMETHING NEW");
    }

    private String reason(String name) {
        return LogFixtures.run(
                        check,
                        LogFixtures.request(
                                "11:59:00",
                                503,
                                "UF",
                                "x",
                                "TLS_error:|1:SSL_routines:OPENSSL_internal:" + name + ":TLS_error_end",
                                LogFixtures.OUTBOUND))
                .get(0)
                .message();
    }
}
