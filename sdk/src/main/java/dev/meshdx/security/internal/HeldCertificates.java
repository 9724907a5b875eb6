package dev.meshdx.security.internal;

import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.admin.LoadedCertificate;
import dev.meshdx.envoy.admin.LoadedCertificate.SubjectAlternativeName.Kind;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.security.CertificateChain;
import dev.meshdx.security.CertificateInfo;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.ProxyCertificates;
import dev.meshdx.security.RootCertificates;
import dev.meshdx.security.internal.ProxyTls.HeldSecret;
import dev.meshdx.source.Session;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/** Reads the certificates of proxies and the copies of the root in their namespaces. */
public final class HeldCertificates {
    /** The proxy's own certificate and its roots. Source: Istio, {@code security/pkg/nodeagent/cache}. */
    public static final String WORKLOAD = "default";

    /** The secret with the mesh's roots. */
    public static final String ROOT = "ROOTCA";

    private static final String CONFIG_MAP = "istio-ca-root-cert";

    private HeldCertificates() {}

    /** The model for the checks, without findings; what cannot be read is a gap of the session. */
    public static Certificates read(Session session, Scope scope) {
        MeshSettings settings = MeshSettings.read(session);
        List<Resource> pods = podsOf(session, scope);
        List<ProxyCertificates> proxies = session.parallel(pods, pod -> proxy(session, pod)).stream()
                .flatMap(Optional::stream)
                .toList();
        TreeSet<String> namespaces = new TreeSet<>();
        pods.forEach(pod -> namespaces.add(pod.namespace()));
        if (!namespaces.isEmpty()) {
            namespaces.add(session.istioNamespace());
        }
        List<RootCertificates.Copy> copies =
                session.parallel(List.copyOf(namespaces), namespace -> copy(session, namespace, pods)).stream()
                        .flatMap(Optional::stream)
                        .toList();
        List<String> trustDomains = new ArrayList<>();
        if (!settings.trustDomain().isEmpty()) {
            trustDomains.add(settings.trustDomain());
            trustDomains.addAll(settings.trustDomainAliases());
        }
        return Certificates.of(
                session.now(),
                trustDomains,
                proxies,
                RootCertificates.of(proxies, copies, session.istioNamespace()),
                List.of(),
                List.of());
    }

    /** The running pods with a proxy; a pod or a namespace needs no list of the whole mesh. */
    private static List<Resource> podsOf(Session session, Scope scope) {
        List<Resource> pods;
        if (scope.isPod()) {
            pods = session.resource(ResourceKind.POD, scope.namespace(), scope.pod()).stream()
                    .toList();
        } else if (scope.namespace().isEmpty()) {
            pods = session.resources(ResourceKind.POD);
        } else {
            pods = session.resources(ResourceKind.POD, scope.namespace());
        }
        return pods.stream()
                .filter(pod -> Pods.isRunning(pod) && Pods.hasEnvoy(pod))
                .toList();
    }

    private static Optional<RootCertificates.Copy> copy(Session session, String namespace, List<Resource> pods) {
        ResourceRef ref = ResourceRef.of("ConfigMap", namespace, CONFIG_MAP);
        boolean needed = pods.stream().anyMatch(pod -> pod.namespace().equals(namespace) && mountsConfigMap(pod));
        try {
            Optional<Resource> found = session.resource(ResourceKind.CONFIG_MAP, namespace, CONFIG_MAP);
            List<CertificateInfo> roots = found.map(map -> Pem.parse(
                                    CONFIG_MAP,
                                    map.raw().at("data", "root-cert.pem").text(""))
                            .certificates())
                    .orElse(List.of());
            return Optional.of(RootCertificates.Copy.of(ref, found.isPresent(), needed, roots));
        } catch (MeshException e) {
            session.gap("the namespace's copy of the root certificate", ref, e);
            return Optional.empty();
        }
    }

    /** Pods of meshes with ClusterTrustBundles mount those instead. Source: Istio, injection template. */
    private static boolean mountsConfigMap(Resource pod) {
        for (Json volume : pod.spec().at("volumes").items()) {
            for (Json source : volume.at("projected", "sources").items()) {
                if (source.at("clusterTrustBundle").exists()) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Optional<ProxyCertificates> proxy(Session session, Resource pod) {
        ResourceRef ref = pod.ref();
        ProxyTls tls;
        try {
            tls = ProxyTlsReader.read(session, ref);
        } catch (MeshException e) {
            session.gap("certificates and TLS configuration of the proxy", ref, e);
            // A proxy that does not answer would not answer the other page either.
            return e.reason() == Reason.MALFORMED || e.reason() == Reason.NOT_RECORDED
                    ? page(session, pod)
                    : Optional.empty();
        }
        if (tls.secrets().isEmpty()) {
            return page(session, pod);
        }
        CertificateChain workload = null;
        List<CertificateInfo> roots = new ArrayList<>();
        Map<String, CertificateChain> credentials = new LinkedHashMap<>();
        List<String> awaited = new ArrayList<>();
        for (HeldSecret secret : tls.secrets()) {
            if (secret.warming()) {
                awaited.add(secret.name());
            }
            if (secret.certificateChain().exists()) {
                Optional<CertificateChain> chain = chain(session, ref, secret.name(), secret.certificateChain());
                if (secret.name().equals(WORKLOAD)) {
                    workload = chain.orElse(workload);
                } else {
                    chain.ifPresent(found -> credentials.put(secret.name(), found));
                }
            } else if (secret.name().equals(ROOT)) {
                roots.addAll(roots(session, ref, secret.validation()));
            }
        }
        return Optional.of(ProxyCertificates.of(
                ref, Pods.serviceAccount(pod), workload, roots, List.copyOf(credentials.values()), awaited));
    }

    private static List<CertificateInfo> roots(Session session, ResourceRef pod, Json validation) {
        List<CertificateInfo> roots = new ArrayList<>();
        if (validation.at("trusted_ca").exists()) {
            chain(session, pod, ROOT, validation.at("trusted_ca"))
                    .ifPresent(found -> roots.addAll(found.certificates()));
        }
        // One bundle for each trust domain. Source: Envoy, SPIFFECertValidatorConfig.
        for (Json domain : validation
                .at("custom_validator_config", "typed_config", "trust_domains")
                .items()) {
            chain(session, pod, ROOT, domain.at("trust_bundle")).ifPresent(found -> roots.addAll(found.certificates()));
        }
        return roots;
    }

    /** Envoy's DataSource: bytes in base64, text, or the name of a file that only the proxy can read. */
    private static Optional<CertificateChain> chain(Session session, ResourceRef pod, String name, Json source) {
        String text;
        if (source.at("inline_bytes").exists()) {
            try {
                text = new String(
                        Base64.getMimeDecoder().decode(source.at("inline_bytes").text("")), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                text = "";
            }
        } else if (source.at("inline_string").exists()) {
            text = source.at("inline_string").text("");
        } else {
            session.gap(Inconclusive.of(
                    "certificate " + name,
                    pod,
                    Reason.UNSUPPORTED,
                    "The proxy reads it from the file " + source.at("filename").text("(not named)") + ".",
                    "kubectl -n " + pod.namespace() + " exec " + pod.name() + " -c istio-proxy -- cat "
                            + source.at("filename").text("FILE")));
            return Optional.empty();
        }
        CertificateChain chain = Pem.parse(name, text);
        if (chain.certificates().isEmpty() && chain.unreadable().isEmpty()) {
            return Optional.of(CertificateChain.of(name, List.of(), List.of("it holds no certificate")));
        }
        return Optional.of(chain);
    }

    /** The second source: identities and dates, but neither issuers nor keys. Source: Envoy, admin page {@code /certs}. */
    private static Optional<ProxyCertificates> page(Session session, Resource pod) {
        List<CertificateInfo> leaves = new ArrayList<>();
        List<CertificateInfo> roots = new ArrayList<>();
        try {
            var loaded = EnvoyProxy.certificates(session, pod.namespace(), pod.name());
            loaded.forEach(it -> info(it).ifPresent((it.isAuthority() ? roots : leaves)::add));
            loaded.gaps()
                    .forEach(gap -> session.gap(
                            Inconclusive.of(gap.what(), pod.ref(), gap.reason(), gap.message(), gap.remedy())));
        } catch (MeshException e) {
            // A recording without the first page rarely has the second: one gap says enough.
            if (e.reason() != Reason.NOT_RECORDED) {
                session.gap("certificates of the proxy (/certs)", pod.ref(), e);
            }
            return Optional.empty();
        }
        Optional<CertificateInfo> own = leaves.stream()
                .filter(leaf -> leaf.identities().stream().anyMatch(name -> name.startsWith("spiffe://")))
                .findFirst();
        CertificateChain workload = own.map(leaf -> CertificateChain.of(WORKLOAD, List.of(leaf), List.of()))
                .orElse(null);
        List<CertificateChain> others = leaves.stream()
                .filter(leaf -> !Objects.equals(leaf, own.orElse(null)))
                .map(leaf -> CertificateChain.of("/certs serial " + leaf.serialNumber(), List.of(leaf), List.of()))
                .toList();
        return Optional.of(
                ProxyCertificates.of(pod.ref(), Pods.serviceAccount(pod), workload, roots, others, List.of()));
    }

    /** Without dates there is nothing to judge. */
    private static Optional<CertificateInfo> info(LoadedCertificate certificate) {
        return certificate
                .notBefore()
                .flatMap(from -> certificate
                        .notAfter()
                        .map(to -> CertificateInfo.ofPage(
                                certificate.serialNumber(),
                                certificate.names(Kind.URI),
                                certificate.names(Kind.DNS),
                                from,
                                to,
                                certificate.isAuthority())));
    }
}
