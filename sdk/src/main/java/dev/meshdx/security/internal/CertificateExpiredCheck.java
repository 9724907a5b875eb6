package dev.meshdx.security.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.SecurityCodes;
import java.util.List;
import java.util.function.Consumer;

/** MDX0502: a certificate that a proxy holds has expired. */
public final class CertificateExpiredCheck implements Check<Certificates> {
    @Override
    public List<FindingCode> codes() {
        return List.of(SecurityCodes.CERTIFICATE_EXPIRED);
    }

    @Override
    public void run(Certificates model, Consumer<Finding> report) {
        CertificateChecks.visit(model, (proxy, name, certificate, role) -> {
            if (!certificate.expired(model.now())) {
                return;
            }
            String what = switch (role) {
                case WORKLOAD -> "The workload certificate of " + proxy.pod() + " (" + certificate.name() + ")";
                case AUTHORITY ->
                    "The authority " + certificate.name() + ", on which the certificates of the mesh rest,";
                case CREDENTIAL ->
                    "The certificate " + certificate.name() + " that gateway " + proxy.pod() + " shows as " + name;
            };
            String effect = switch (role) {
                case WORKLOAD -> " Its peers refuse new connections in both directions.";
                case AUTHORITY -> " Everything that it signed is refused.";
                case CREDENTIAL -> " Its clients refuse it.";
            };
            report.accept(Finding.of(SecurityCodes.CERTIFICATE_EXPIRED, proxy.pod())
                    .message(what + " expired " + Durations.text(certificate.remaining(model.now())) + " ago, at "
                            + certificate.notAfter() + "." + effect)
                    .evidence(
                            "notAfter",
                            CertificateChecks.secretOf(proxy.pod(), name),
                            certificate.notAfter().toString())
                    .evidence(
                            "serial number", CertificateChecks.secretOf(proxy.pod(), name), certificate.serialNumber())
                    .evidence("judged at", "", model.now().toString())
                    .remedy(CertificateChecks.renewal(proxy, name, role))
                    .build());
        });
    }
}
