package dev.meshdx.security.internal;

import dev.meshdx.annotation.Internal;
import dev.meshdx.check.StepReport;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.MtlsReport;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.List;

/** Step 5 of a diagnosis: mutual TLS and certificates. */
@Internal
public final class SecurityStep {
    private SecurityStep() {}

    /** Runs the step; what cannot be read is a gap. */
    public static StepReport run(Session session, Scope scope) {
        List<Finding> findings = new ArrayList<>();
        List<Inconclusive> gaps = new ArrayList<>();
        List<String> summary = new ArrayList<>();
        Session own = session.fork();
        // One after the other: both look at the same pages, which the first one reads in parallel.
        try {
            MtlsReport mtls = MtlsReader.read(session, scope);
            findings.addAll(mtls.findings());
            gaps.addAll(mtls.inconclusive());
            summary.add("mTLS: " + mtls.conflicts().size() + " conflicts in " + mtls.size()
                    + " pairs of clients and service ports");
        } catch (MeshException e) {
            own.gap("mTLS of " + scope, null, e);
        }
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            gaps.add(Inconclusive.of(
                    "certificates",
                    null,
                    Reason.UNSUPPORTED,
                    "Manifests do not hold the certificates that proxies use.",
                    "Ask a live mesh or a recording."));
            return new StepReport(String.join("; ", summary), findings, gaps);
        }
        try {
            Certificates certificates = CertificatesReader.read(session, scope);
            findings.addAll(certificates.findings());
            gaps.addAll(certificates.inconclusive());
            summary.add(summary(certificates));
        } catch (MeshException e) {
            own.gap("certificates of " + scope, null, e);
        }
        gaps.addAll(own.gaps());
        return new StepReport(
                summary.isEmpty() ? "mTLS and certificates could not be read" : String.join("; ", summary),
                findings,
                gaps);
    }

    /**
     * Takes what this step needs from a proxy's dump, so that nobody needs the dump afterwards. A proxy that cannot be read is
     * reported by the step itself.
     */
    public static void prepare(Session session, ResourceRef pod) {
        ProxyTlsReader.prepare(session.fork(), pod);
    }

    private static String summary(Certificates certificates) {
        int proxies = certificates.proxies().size();
        if (proxies == 0) {
            return "no certificates read";
        }
        long bad = certificates.findings().stream()
                .filter(finding -> finding.severity() == Severity.ERROR
                        && finding.subject().kind().equals("Pod"))
                .map(Finding::subject)
                .distinct()
                .count();
        return "certificates: " + (proxies - bad) + " of " + proxies + " proxies good"
                + certificates
                        .endsFirst()
                        .map(first -> {
                            String span = Durations.text(first.remaining(certificates.now()));
                            return first.expired(certificates.now())
                                    ? ", the first ended " + span + " ago"
                                    : ", the first ends in " + span;
                        })
                        .orElse("");
    }
}
