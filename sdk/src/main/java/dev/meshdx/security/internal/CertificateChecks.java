package dev.meshdx.security.internal;

import dev.meshdx.check.Check;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.CertificateChain;
import dev.meshdx.security.CertificateInfo;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.ProxyCertificates;
import java.util.List;

/** The checks of certificates, and what they share. */
public final class CertificateChecks {
    private CertificateChecks() {}

    /** All of them. */
    public static List<Check<Certificates>> all() {
        return List.of(
                new CertificateExpiredCheck(),
                new CertificateExpiringSoonCheck(),
                new RootMismatchCheck(),
                new RootConfigMapMismatchCheck(),
                new CertificateChainInvalidCheck(),
                new GatewayCertificateMissingCheck(),
                new WorkloadCertificateMissingCheck());
    }

    /** Where a certificate sits, which decides how it is renewed. */
    enum Role {
        /** A proxy's own: renewed by its agent at half of its lifetime. */
        WORKLOAD,
        /** In a chain above the leaf, or a root. */
        AUTHORITY,
        /** A gateway's: renewed by the user, or by something like cert-manager. */
        CREDENTIAL
    }

    /** What is done with each certificate of the model, once for each holder and name. */
    interface Visitor {
        void visit(ProxyCertificates proxy, String name, CertificateInfo certificate, Role role);
    }

    /** Goes through all certificates. Roots that many proxies hold are shown with the first of them only. */
    static void visit(Certificates model, Visitor visitor) {
        java.util.Set<CertificateInfo> authorities = new java.util.HashSet<>();
        for (ProxyCertificates proxy : model) {
            proxy.workload().ifPresent(chain -> {
                chain.leaf().ifPresent(leaf -> visitor.visit(proxy, HeldCertificates.WORKLOAD, leaf, Role.WORKLOAD));
                chain.certificates().stream()
                        .skip(1)
                        .filter(authorities::add)
                        .forEach(above -> visitor.visit(proxy, HeldCertificates.WORKLOAD, above, Role.AUTHORITY));
            });
            proxy.roots().stream()
                    .filter(authorities::add)
                    .forEach(root -> visitor.visit(proxy, HeldCertificates.ROOT, root, Role.AUTHORITY));
            for (CertificateChain chain : proxy.credentials()) {
                chain.certificates()
                        .forEach(credential -> visitor.visit(proxy, chain.name(), credential, Role.CREDENTIAL));
            }
        }
    }

    /** Evidence: where a secret of a proxy was seen. */
    static String secretOf(ResourceRef pod, String secret) {
        return pod + " /config_dump secret " + secret;
    }

    /** What to do about a certificate that was not, or will not be, renewed. */
    static String renewal(ProxyCertificates proxy, String name, Role role) {
        String in = "kubectl -n " + proxy.pod().namespace() + " ";
        return switch (role) {
            case WORKLOAD ->
                "The agent renews it at half of its lifetime and did not: look for why (" + in + "logs "
                        + proxy.pod().name()
                        + " -c istio-proxy | grep -i -E \"sds|csr|ca\"), check that istiod answers,"
                        + " then restart the pod: " + in + "delete pod "
                        + proxy.pod().name() + ".";
            case AUTHORITY ->
                "Renew the mesh's authority: with a plugged-in CA replace the Secret cacerts in istiod's namespace (old and"
                        + " new root together in root-cert.pem while workloads change over), then restart istiod; a"
                        + " self-signed root is renewed by istiod, look at its log.";
            case CREDENTIAL ->
                "Replace the Secret that " + name + " names: " + in + "create secret tls "
                        + secretName(name) + " --cert=FILE --key=FILE --dry-run=client -o yaml | kubectl apply -f -; if"
                        + " cert-manager owns it, look at its Certificate.";
        };
    }

    /** The Secret behind {@code kubernetes://NAME} or {@code kubernetes://NAMESPACE/NAME}. */
    static String secretName(String name) {
        String plain = name.replaceFirst("^kubernetes://", "");
        return plain.substring(plain.lastIndexOf('/') + 1);
    }
}
