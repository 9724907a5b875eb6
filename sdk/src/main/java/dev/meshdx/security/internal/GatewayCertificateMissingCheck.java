package dev.meshdx.security.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.ProxyCertificates;
import dev.meshdx.security.SecurityCodes;
import java.util.List;
import java.util.function.Consumer;

/** MDX0507: a gateway (or a sidecar with TLS of its own) waits for a certificate that a Gateway or a rule names. */
public final class GatewayCertificateMissingCheck implements Check<Certificates> {
    @Override
    public List<FindingCode> codes() {
        return List.of(SecurityCodes.GATEWAY_CERTIFICATE_MISSING);
    }

    @Override
    public void run(Certificates model, Consumer<Finding> report) {
        for (ProxyCertificates proxy : model) {
            for (String name : proxy.awaited()) {
                if (name.equals(HeldCertificates.WORKLOAD) || name.equals(HeldCertificates.ROOT)) {
                    continue;
                }
                String plain = name.replaceFirst("^kubernetes://", "");
                int slash = plain.indexOf('/');
                String namespace =
                        slash > 0 ? plain.substring(0, slash) : proxy.pod().namespace();
                String secret = CertificateChecks.secretName(name);
                report.accept(Finding.of(SecurityCodes.GATEWAY_CERTIFICATE_MISSING, proxy.pod())
                        .message(proxy.pod() + " waits for the certificate " + name
                                + ", which istiod does not send. What needs it does not go live: a listener keeps its old"
                                + " certificate, and after a restart of the pod it serves none.")
                        .evidence("secret " + name, CertificateChecks.secretOf(proxy.pod(), name), "WARMING, no value")
                        .remedy("kubectl -n " + namespace + " get secret " + secret
                                + ": if it is missing, create it (type kubernetes.io/tls, in the namespace of the gateway's"
                                + " pods) or correct credentialName; if it exists, look at its keys (tls.crt, tls.key) and"
                                + " at istiod's log (\"failed to fetch key and certificate\").")
                        .build());
            }
        }
    }
}
