package dev.meshdx.security.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.security.CertificateChain;
import dev.meshdx.security.CertificateInfo;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.ProxyCertificates;
import dev.meshdx.security.SecurityCodes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * MDX0506: a proxy's own certificate does not lead to the roots that the same proxy holds, is not valid yet, cannot be read,
 * or is not the pod's. Whether the rest of the mesh trusts those roots is MDX0504's business.
 */
public final class CertificateChainInvalidCheck implements Check<Certificates> {
    @Override
    public List<FindingCode> codes() {
        return List.of(SecurityCodes.CERTIFICATE_CHAIN_INVALID);
    }

    @Override
    public void run(Certificates model, Consumer<Finding> report) {
        for (ProxyCertificates proxy : model) {
            proxy.workload().ifPresent(chain -> check(model, proxy, chain, report));
        }
    }

    private static void check(
            Certificates model, ProxyCertificates proxy, CertificateChain chain, Consumer<Finding> report) {
        List<String> problems = new ArrayList<>(chain.unreadable());
        for (CertificateInfo certificate : chain.certificates()) {
            if (certificate.notYetValid(model.now())) {
                problems.add(certificate.name() + " is not valid before " + certificate.notBefore() + " (judged at "
                        + model.now() + "): compare the clocks of the nodes");
            }
        }
        problems.addAll(chain.verify(proxy.roots()));
        chain.leaf().ifPresent(leaf -> {
            problems.addAll(identity(model, proxy, leaf));
            List<String> missing = leaf.missingUsages();
            if (!missing.isEmpty()) {
                problems.add("its extended key usage lacks " + String.join(" and ", missing)
                        + ": a sidecar is server and client");
            }
        });
        if (problems.isEmpty()) {
            return;
        }
        Finding.Builder finding = Finding.of(SecurityCodes.CERTIFICATE_CHAIN_INVALID, proxy.pod())
                .message("The certificate of " + proxy.pod() + " is not right: " + String.join("; ", problems) + ".");
        chain.leaf()
                .ifPresent(leaf -> finding.evidence(
                        "leaf", CertificateChecks.secretOf(proxy.pod(), HeldCertificates.WORKLOAD), leaf.toString()));
        finding.evidence(
                "roots",
                CertificateChecks.secretOf(proxy.pod(), HeldCertificates.ROOT),
                RootMismatchCheck.describe(proxy.roots()));
        report.accept(finding.remedy("Restart the pod so that it asks istiod for a new one: kubectl -n "
                        + proxy.pod().namespace() + " delete pod " + proxy.pod().name()
                        + ". If it stays so, look at which authority signs (istiod's log at start, Secret cacerts).")
                .build());
    }

    private static List<String> identity(Certificates model, ProxyCertificates proxy, CertificateInfo leaf) {
        List<String> identities = leaf.identities();
        if (model.trustDomains().isEmpty()) {
            String tail = proxy.identity("").substring("spiffe://".length());
            return identities.stream().anyMatch(identity -> identity.startsWith("spiffe://") && identity.endsWith(tail))
                    ? List.of()
                    : List.of("it says " + say(identities) + ", the pod is spiffe://…" + tail);
        }
        boolean own = model.trustDomains().stream().anyMatch(domain -> identities.contains(proxy.identity(domain)));
        return own
                ? List.of()
                : List.of("it says " + say(identities) + ", the pod is "
                        + proxy.identity(model.trustDomains().get(0)));
    }

    private static String say(List<String> identities) {
        return identities.isEmpty() ? "no identity" : String.join(", ", identities);
    }
}
