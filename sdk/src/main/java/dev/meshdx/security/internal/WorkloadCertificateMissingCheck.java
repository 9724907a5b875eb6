package dev.meshdx.security.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.ProxyCertificates;
import dev.meshdx.security.SecurityCodes;
import java.util.List;
import java.util.function.Consumer;

/** MDX0508: a proxy waits for its own certificate or its roots. */
public final class WorkloadCertificateMissingCheck implements Check<Certificates> {
    @Override
    public List<FindingCode> codes() {
        return List.of(SecurityCodes.WORKLOAD_CERTIFICATE_MISSING);
    }

    @Override
    public void run(Certificates model, Consumer<Finding> report) {
        for (ProxyCertificates proxy : model) {
            List<String> own = proxy.awaited().stream()
                    .filter(name -> name.equals(HeldCertificates.WORKLOAD) || name.equals(HeldCertificates.ROOT))
                    .toList();
            // One that is renewed is active and warming at once: the old one still serves.
            boolean held = proxy.workload().isPresent() && !proxy.roots().isEmpty();
            if (own.isEmpty() || held) {
                continue;
            }
            Finding.Builder finding = Finding.of(SecurityCodes.WORKLOAD_CERTIFICATE_MISSING, proxy.pod())
                    .message(
                            proxy.pod() + " has not received " + String.join(" and ", own)
                                    + ": it can neither accept nor open mutual TLS connections (\"Secret is not supplied by SDS\").");
            own.forEach(name -> finding.evidence(
                    "secret " + name, CertificateChecks.secretOf(proxy.pod(), name), "WARMING, no value"));
            report.accept(finding.remedy("Its agent asks istiod for it: kubectl -n "
                            + proxy.pod().namespace() + " logs " + proxy.pod().name()
                            + " -c istio-proxy | grep -i -E \"sds|csr|ca\"; check that istiod answers on port 15012 and that"
                            + " the pod's token (volume istio-token) is accepted.")
                    .build());
        }
    }
}
