package dev.meshdx.security.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.CertificateChain;
import dev.meshdx.security.CertificateInfo;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.ProxyCertificates;
import dev.meshdx.security.RootCertificates;
import dev.meshdx.security.SecurityCodes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        Map<ResourceRef, List<String>> refusals = new HashMap<>();
        Map<ResourceRef, CertificateChain> good = new LinkedHashMap<>();
        for (ProxyCertificates proxy : model) {
            proxy.workload().ifPresent(chain -> {
                List<String> refused = chain.verify(mesh);
                refusals.put(proxy.pod(), refused);
                if (refused.isEmpty()) {
                    good.put(proxy.pod(), chain);
                }
            });
        }
        // Signatures are checked once for each set of roots: there are few of them, however many proxies hold them.
        Map<Set<CertificateInfo>, Set<ResourceRef>> refusedBy = new HashMap<>();
        for (ProxyCertificates proxy : model) {
            boolean foreignRoots = !RootCertificates.overlap(proxy.roots(), mesh);
            List<String> refused = refusals.getOrDefault(proxy.pod(), List.of());
            Set<ResourceRef> peers = foreignRoots
                    ? Set.of()
                    : refusedBy.computeIfAbsent(new HashSet<>(proxy.roots()), any -> refusedBy(proxy.roots(), good));
            int refusedPeers = peers.size() - (peers.contains(proxy.pod()) ? 1 : 0);
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

    /** The proxies, good in the mesh's eyes, whose certificates do not lead to these roots. */
    private static Set<ResourceRef> refusedBy(List<CertificateInfo> roots, Map<ResourceRef, CertificateChain> good) {
        Set<ResourceRef> refused = new HashSet<>();
        if (!roots.isEmpty()) {
            good.forEach((pod, chain) -> {
                if (!chain.verify(roots).isEmpty()) {
                    refused.add(pod);
                }
            });
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
