package dev.meshdx.security.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.security.CertificateInfo;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.RootCertificates;
import dev.meshdx.security.SecurityCodes;
import java.util.List;
import java.util.function.Consumer;

/** MDX0505: the namespace's copy of the root, with which new pods start, is missing or is not the mesh's. */
public final class RootConfigMapMismatchCheck implements Check<Certificates> {
    @Override
    public List<FindingCode> codes() {
        return List.of(SecurityCodes.ROOT_CONFIG_MAP_MISMATCH);
    }

    @Override
    public void run(Certificates model, Consumer<Finding> report) {
        List<CertificateInfo> mesh = model.roots().mesh();
        for (RootCertificates.Copy copy : model.roots().copies()) {
            String namespace = copy.configMap().namespace();
            String remedy =
                    "istiod writes it and puts it right by itself: look for \"namespace controller\" in its log, check"
                            + " that it may write ConfigMaps in " + namespace + ", then kubectl -n " + namespace
                            + " delete configmap " + copy.configMap().name() + " lets it write anew.";
            if (!copy.present()) {
                if (copy.needed()) {
                    report.accept(Finding.of(SecurityCodes.ROOT_CONFIG_MAP_MISMATCH, copy.configMap())
                            .message("Namespace " + namespace + " has proxies but no " + copy.configMap()
                                    + ": new pods there cannot start their sidecar.")
                            .evidence("ConfigMap", namespace, "not found")
                            .remedy(remedy)
                            .build());
                }
            } else if (copy.certificates().isEmpty()) {
                report.accept(Finding.of(SecurityCodes.ROOT_CONFIG_MAP_MISMATCH, copy.configMap())
                        .message("The copy of the root in namespace " + namespace + " holds no certificate that can be"
                                + " read: new pods there do not trust istiod.")
                        .evidence("data[root-cert.pem]", copy.configMap().toString(), "no certificate")
                        .remedy(remedy)
                        .build());
            } else if (!RootCertificates.overlap(copy.certificates(), mesh)) {
                report.accept(Finding.of(SecurityCodes.ROOT_CONFIG_MAP_MISMATCH, copy.configMap())
                        .message("The copy of the root in namespace " + namespace + " is "
                                + RootMismatchCheck.describe(copy.certificates()) + ", the mesh has "
                                + RootMismatchCheck.describe(mesh) + ": new pods there do not trust istiod.")
                        .evidence(
                                "data[root-cert.pem]",
                                copy.configMap().toString(),
                                RootMismatchCheck.describe(copy.certificates()))
                        .evidence("roots of the mesh", "", RootMismatchCheck.describe(mesh))
                        .remedy(remedy)
                        .build());
            }
        }
    }
}
