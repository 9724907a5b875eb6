package dev.meshdx.security.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.security.CertificateInfo;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.SecurityCodes;
import dev.meshdx.security.internal.CertificateChecks.Role;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * MDX0503: a certificate should have been renewed by now.
 *
 * <p>Workload certificates are renewed at half of their lifetime (Source: Istio, {@code SECRET_GRACE_PERIOD_RATIO}, 0.5), so
 * less than 30 % left is a warning and less than 10 % an error, whatever the lifetime. Authorities: 60 and 14 days
 * (Source: Linkerd's check has 60 days), or 30 % and 10 % of a lifetime so short that this is sooner. A gateway's: 30 and 7
 * days, or 20 % and 10 % (cert-manager renews with a third left).
 */
public final class CertificateExpiringSoonCheck implements Check<Certificates> {
    private static final Duration UNLIMITED = Duration.ofDays(100_000);

    @Override
    public List<FindingCode> codes() {
        return List.of(SecurityCodes.CERTIFICATE_EXPIRING_SOON);
    }

    @Override
    public void run(Certificates model, Consumer<Finding> report) {
        CertificateChecks.visit(model, (proxy, name, certificate, role) -> {
            Duration left = certificate.remaining(model.now());
            Optional<Severity> severity = severity(certificate, role, left);
            if (certificate.expired(model.now()) || severity.isEmpty()) {
                return;
            }
            String what = switch (role) {
                case WORKLOAD -> "The workload certificate of " + proxy.pod() + " (" + certificate.name() + ")";
                case AUTHORITY ->
                    "The authority " + certificate.name() + ", on which the certificates of the mesh rest,";
                case CREDENTIAL ->
                    "The certificate " + certificate.name() + " that gateway " + proxy.pod() + " shows as " + name;
            };
            report.accept(Finding.of(SecurityCodes.CERTIFICATE_EXPIRING_SOON, proxy.pod())
                    .severity(severity.get())
                    .message(what + " expires in " + Durations.text(left) + ", at " + certificate.notAfter() + ": "
                            + percent(certificate, left) + " % of its lifetime is left"
                            + (role == Role.WORKLOAD ? "; it should have been renewed at half." : "."))
                    .evidence(
                            "notAfter",
                            CertificateChecks.secretOf(proxy.pod(), name),
                            certificate.notAfter().toString())
                    .evidence("lifetime", "", Durations.text(certificate.lifetime()))
                    .evidence("judged at", "", model.now().toString())
                    .remedy(CertificateChecks.renewal(proxy, name, role))
                    .build());
        });
    }

    private static long percent(CertificateInfo certificate, Duration left) {
        long total = Math.max(1, certificate.lifetime().toSeconds());
        return left.toSeconds() * 100 / total;
    }

    private static Optional<Severity> severity(CertificateInfo certificate, Role role, Duration left) {
        Duration life = certificate.lifetime();
        Duration warning = switch (role) {
            case WORKLOAD -> sooner(UNLIMITED, life, 30);
            case AUTHORITY -> sooner(Duration.ofDays(60), life, 30);
            case CREDENTIAL -> sooner(Duration.ofDays(30), life, 20);
        };
        Duration error = switch (role) {
            case WORKLOAD -> sooner(UNLIMITED, life, 10);
            case AUTHORITY -> sooner(Duration.ofDays(14), life, 10);
            case CREDENTIAL -> sooner(Duration.ofDays(7), life, 10);
        };
        if (left.compareTo(error) < 0) {
            return Optional.of(Severity.ERROR);
        }
        return left.compareTo(warning) < 0 ? Optional.of(Severity.WARNING) : Optional.empty();
    }

    private static Duration sooner(Duration limit, Duration life, int percent) {
        Duration share = life.multipliedBy(percent).dividedBy(100);
        return share.compareTo(limit) < 0 ? share : limit;
    }
}
