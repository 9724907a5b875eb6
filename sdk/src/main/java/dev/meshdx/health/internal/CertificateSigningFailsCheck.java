package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** MDX0122: an istiod does not issue the certificates that proxies ask for, or will not be able to for long. */
final class CertificateSigningFailsCheck implements Check<HealthModel> {
    private static final Duration SOON = Duration.ofDays(30);

    /** Source: Istio, {@code security/pkg/server/ca/monitoring.go}. */
    private static final Map<String, String> ERRORS = new TreeMap<>(Map.of(
            "citadel_server_authentication_failure_count", "the caller could not be authenticated",
            "citadel_server_csr_parsing_err_count", "the request could not be read",
            "citadel_server_csr_sign_err_count", "signing failed",
            "citadel_server_csr_sign_error_count", "signing failed",
            "citadel_server_id_extraction_err_count", "the identity could not be read"));

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.CERTIFICATE_SIGNING_FAILS);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (IstiodInstance istiod : model.istiods) {
            model.controlPlane.metrics(istiod).ifPresent(metrics -> signing(istiod, metrics, report));
            istiod.authorityNotAfter()
                    .filter(notAfter -> notAfter.isBefore(model.now.plus(SOON)))
                    .ifPresent(notAfter -> report.accept(expiry(istiod, notAfter, model.now)));
        }
    }

    private static void signing(IstiodInstance istiod, IstiodMetrics metrics, Consumer<Finding> report) {
        long all = 0;
        Set<String> what = new TreeSet<>();
        Finding.Builder finding = Finding.of(HealthCodes.CERTIFICATE_SIGNING_FAILS, istiod.podRef());
        for (Map.Entry<String, String> error : ERRORS.entrySet()) {
            long count = metrics.count(error.getKey());
            if (count > 0) {
                all += count;
                what.add(error.getValue() + ": " + Failures.text(count, istiod.uptime()));
                finding.evidence(error.getKey(), istiod.podRef().toString(), String.valueOf(count));
            }
        }
        if (all == 0) {
            return;
        }
        long issued = metrics.count("citadel_server_success_cert_issuance_count");
        finding.evidence(
                "citadel_server_success_cert_issuance_count", istiod.podRef().toString(), String.valueOf(issued));
        Severity severity = Failures.severity(all, istiod.uptime());
        report.accept(finding.severity(severity == Severity.WARNING && issued == 0 ? Severity.ERROR : severity)
                .message(istiod.pod() + " did not issue certificates that were asked for (" + String.join("; ", what)
                        + "); it issued " + issued + ". Proxies without one do not become ready, and those whose"
                        + " certificate expires lose their connections.")
                .remedy("kubectl -n " + istiod.namespace() + " logs " + istiod.pod()
                        + " -c discovery | grep -iE 'authenticat|CSR|sign'; tokens of another cluster or issuer fail to"
                        + " authenticate, a wrong Secret cacerts fails to sign")
                .build());
    }

    private static Finding expiry(IstiodInstance istiod, Instant notAfter, Instant now) {
        boolean expired = notAfter.isBefore(now);
        return Finding.of(HealthCodes.CERTIFICATE_SIGNING_FAILS, istiod.podRef())
                .severity(expired ? Severity.ERROR : Severity.WARNING)
                .message("The root certificate that " + istiod.pod() + " issues with "
                        + (expired ? "expired at " : "expires at ") + notAfter
                        + (expired
                                ? ": no proxy accepts another one's certificate."
                                : ", in " + IstiodUnstableCheck.text(Duration.between(now, notAfter)) + "."))
                .evidence(
                        "citadel_server_root_cert_expiry_timestamp",
                        istiod.podRef().toString(),
                        notAfter.toString())
                .remedy(
                        "Renew the root with the same key, or let proxies trust both roots before istiod issues with the new"
                                + " one (Istio, \"Plug in CA Certificates\")")
                .build();
    }
}
