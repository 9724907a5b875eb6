package dev.meshdx.security.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.security.CertificateChain;
import dev.meshdx.security.CertificateInfo;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.ProxyCertificates;
import dev.meshdx.security.RootCertificates;
import dev.meshdx.security.SecurityCodes;
import java.util.List;
import java.util.function.Consumer;

/**
 * MDX0504: a proxy trusts other roots than the rest of the mesh, or has a certificate that the rest does not trust. Roots are
 * compared by key, so that bundles and renewed roots are not mistaken for others.
 */
public final class RootMismatchCheck implements Check<Certificates> {
    @Override
    public List<FindingCode> codes() {
        return List.of(SecurityCodes.ROOT_MISMATCH);
    }

    @Override
    public void run(Certificates model, Consumer<Finding> report) {
        List<CertificateInfo> mesh = model.roots().mesh();
        if (mesh.isEmpty()) {
            undecided(model, report);
            return;
        }
        for (ProxyCertificates proxy : model) {
            boolean foreignRoots = !RootCertificates.overlap(proxy.roots(), mesh);
            List<String> refused =
                    proxy.workload().map(chain -> chain.verify(mesh)).orElse(List.of());
            int refusedPeers = foreignRoots ? 0 : refusedPeers(model, proxy, mesh);
            if (!foreignRoots && refused.isEmpty() && refusedPeers == 0) {
                continue;
            }
            String issuer = proxy.workload()
                    .flatMap(CertificateChain::leaf)
                    .map(CertificateInfo::issuer)
                    .orElse("");
            String message = foreignRoots
                    ? proxy.pod() + " trusts the root " + describe(proxy.roots()) + ", the rest of the mesh "
                            + describe(mesh)
                            + (refused.isEmpty() ? "" : "; its own certificate is from the other authority too")
                            + ": it and its peers refuse each other."
                    : refusedPeers > 0
                            ? proxy.pod() + " does not trust the root that signed the certificates of " + refusedPeers
                                    + " of the other proxies: it refuses them. It has "
                                    + describe(proxy.roots()) + ", the mesh " + describe(mesh) + "."
                            : "The certificate of " + proxy.pod() + " does not lead to the mesh's root "
                                    + describe(mesh) + ": its peers refuse it (" + refused.get(0) + ").";
            Finding.Builder finding = Finding.of(SecurityCodes.ROOT_MISMATCH, proxy.pod())
                    .message(message)
                    .evidence(
                            "roots",
                            CertificateChecks.secretOf(proxy.pod(), HeldCertificates.ROOT),
                            describe(proxy.roots()))
                    .evidence("roots of the mesh", where(model, mesh), describe(mesh));
            if (!issuer.isEmpty()) {
                finding.evidence(
                        "issuer of its certificate",
                        CertificateChecks.secretOf(proxy.pod(), HeldCertificates.WORKLOAD),
                        "\"" + issuer + "\"");
            }
            report.accept(finding.remedy("Find out from which istiod (revision, cluster) it got its certificate, then"
                            + " restart it so that it asks the right one: kubectl -n "
                            + proxy.pod().namespace() + " delete pod "
                            + proxy.pod().name()
                            + ". If the mesh's authority is being replaced, keep old and new root together in"
                            + " root-cert.pem until all proxies have both.")
                    .build());
        }
    }

    /** How many proxies, good in the mesh's eyes, have certificates that this one cannot verify. */
    private static int refusedPeers(Certificates model, ProxyCertificates proxy, List<CertificateInfo> mesh) {
        if (proxy.roots().isEmpty()) {
            return 0;
        }
        int refused = 0;
        for (ProxyCertificates other : model) {
            CertificateChain chain = other.workload().orElse(null);
            if (other != proxy
                    && chain != null
                    && chain.verify(mesh).isEmpty()
                    && !chain.verify(proxy.roots()).isEmpty()) {
                refused++;
            }
        }
        return refused;
    }

    /** Two camps of the same size: no majority, but they refuse each other all the same. */
    private static void undecided(Certificates model, Consumer<Finding> report) {
        List<ProxyCertificates> proxies = model.proxies();
        for (ProxyCertificates proxy : proxies) {
            if (!RootCertificates.overlap(proxies.get(0).roots(), proxy.roots())) {
                report.accept(Finding.of(SecurityCodes.ROOT_MISMATCH, proxy.pod())
                        .message(proxy.pod() + " trusts the root " + describe(proxy.roots()) + ", "
                                + proxies.get(0).pod() + " "
                                + describe(proxies.get(0).roots())
                                + ": they refuse each other. Which of them is the mesh's cannot be told from here.")
                        .evidence(
                                "roots",
                                CertificateChecks.secretOf(proxy.pod(), HeldCertificates.ROOT),
                                describe(proxy.roots()))
                        .remedy(
                                "Compare both with the ConfigMap istio-ca-root-cert in istiod's namespace and restart the"
                                        + " pods that differ.")
                        .build());
                return;
            }
        }
    }

    private static String where(Certificates model, List<CertificateInfo> mesh) {
        long proxies = model.proxies().stream()
                .filter(proxy -> !proxy.roots().isEmpty() && RootCertificates.overlap(proxy.roots(), mesh))
                .count();
        long copies = model.roots().copies().stream()
                .filter(copy -> !copy.certificates().isEmpty() && RootCertificates.overlap(copy.certificates(), mesh))
                .count();
        return proxies + " proxies, " + copies + " ConfigMaps istio-ca-root-cert";
    }

    static String describe(List<CertificateInfo> roots) {
        if (roots.isEmpty()) {
            return "none";
        }
        return String.join(
                        " and ",
                        roots.stream().limit(3).map(RootCertificates::describe).toList())
                + (roots.size() > 3 ? " and " + (roots.size() - 3) + " more" : "");
    }
}
