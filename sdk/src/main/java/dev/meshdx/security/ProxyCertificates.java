package dev.meshdx.security;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The certificates that one proxy holds, without any private key. Immutable; safe for use by several threads. */
public final class ProxyCertificates {
    private final ResourceRef pod;
    private final String serviceAccount;
    private final @Nullable CertificateChain workload;
    private final List<CertificateInfo> roots;
    private final List<CertificateChain> credentials;
    private final List<String> awaited;

    private ProxyCertificates(
            ResourceRef pod,
            String serviceAccount,
            @Nullable CertificateChain workload,
            List<CertificateInfo> roots,
            List<CertificateChain> credentials,
            List<String> awaited) {
        this.pod = pod;
        this.serviceAccount = serviceAccount;
        this.workload = workload;
        this.roots = List.copyOf(roots);
        this.credentials = List.copyOf(credentials);
        this.awaited = List.copyOf(awaited);
    }

    /** Puts them together. */
    @Internal
    public static ProxyCertificates of(
            ResourceRef pod,
            String serviceAccount,
            @Nullable CertificateChain workload,
            List<CertificateInfo> roots,
            List<CertificateChain> credentials,
            List<String> awaited) {
        return new ProxyCertificates(pod, serviceAccount, workload, roots, credentials, awaited);
    }

    /** The pod. */
    public ResourceRef pod() {
        return pod;
    }

    /** The pod's service account. */
    public String serviceAccount() {
        return serviceAccount;
    }

    /**
     * The identity that the proxy should have in a trust domain. Source: Istio, "Security", Istio identity; SPIFFE.
     */
    public String identity(String trustDomain) {
        return "spiffe://" + trustDomain + "/ns/" + pod.namespace() + "/sa/" + serviceAccount;
    }

    /** Its own certificate (secret {@code default}); empty where it has none, or none that could be read. */
    public Optional<CertificateChain> workload() {
        return Optional.ofNullable(workload);
    }

    /** The roots that it trusts in the mesh (secret {@code ROOTCA}). */
    public List<CertificateInfo> roots() {
        return roots;
    }

    /** Other certificates that it holds, such as a gateway's {@code kubernetes://…}. */
    public List<CertificateChain> credentials() {
        return credentials;
    }

    /** Names of the secrets that it waits for. */
    public List<String> awaited() {
        return awaited;
    }

    /** One line. */
    @Override
    public String toString() {
        return pod + ": "
                + (workload == null
                        ? "no certificate"
                        : workload.leaf()
                                .map(leaf -> leaf.name() + " until " + leaf.notAfter())
                                .orElse("no certificate that can be read"))
                + ", " + roots.size() + " roots" + (credentials.isEmpty() ? "" : ", " + credentials.size() + " more")
                + (awaited.isEmpty() ? "" : ", waits for " + awaited);
    }
}
