package dev.meshdx.health.internal;

import dev.meshdx.configuration.internal.InjectionWebhooks;
import dev.meshdx.error.MeshException;
import dev.meshdx.health.RevisionTag;
import dev.meshdx.health.Webhook;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.Session;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the webhooks of injection and validation, what is behind them, and whether the API server can trust that. Secrets are not
 * asked: the control plane's root is in the ConfigMap {@code istio-ca-root-cert}, which istiod writes for everybody. Sources:
 * Kubernetes, "Dynamic Admission Control"; Istio, {@code manifests/charts/istio-control/istio-discovery/templates}, files {@code
 * mutatingwebhook.yaml}, {@code validatingwebhookconfiguration.yaml} and {@code revision-tags.yaml}.
 */
final class WebhookReader {
    static final String TAG = "istio.io/tag";

    private static final int HTTPS = 443;
    private static final int LARGEST_BUNDLE = 1024 * 1024;

    private final Session session;
    private final Roots roots;
    private final Map<String, Backend> backends;

    /** What is behind a Service. */
    private record Backend(Webhook.Backend state, int ready) {}

    /**
     * The control plane's roots.
     *
     * @param keys of them; empty where they are not known, or say nothing of the webhooks' certificate
     * @param text for evidence
     */
    record Roots(Set<String> keys, String text) {
        static final Roots UNKNOWN = new Roots(Set.of(), "");
    }

    private WebhookReader(Session session, Roots roots, Map<String, Backend> backends) {
        this.session = session;
        this.roots = roots;
        this.backends = backends;
    }

    /** The webhooks; a kind that cannot be read is a gap, and is left out. Costs the services behind them, each once. */
    static List<Webhook> read(Session session, Roots roots) {
        WebhookReader reader = new WebhookReader(session, roots, new java.util.concurrent.ConcurrentHashMap<>());
        List<List<Webhook>> both = session.parallel(
                List.of(Webhook.Kind.INJECTION, Webhook.Kind.VALIDATION),
                kind -> kind == Webhook.Kind.INJECTION ? reader.injection() : reader.validation());
        return both.stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparing(Webhook::kind)
                        .thenComparing(Webhook::configuration)
                        .thenComparing(Webhook::name))
                .toList();
    }

    private List<Webhook> injection() {
        List<Resource> all = session.resourcesOrGap(ResourceKind.MUTATING_WEBHOOK_CONFIGURATION, "");
        List<Webhook> webhooks = new ArrayList<>();
        for (InjectionWebhooks.Webhook webhook : InjectionWebhooks.of(all).all()) {
            webhooks.add(webhook(
                    Webhook.Kind.INJECTION, webhook.owner(), webhook.field().value()));
        }
        return webhooks;
    }

    private List<Webhook> validation() {
        List<Webhook> webhooks = new ArrayList<>();
        for (Resource owner : session.resourcesOrGap(ResourceKind.VALIDATING_WEBHOOK_CONFIGURATION, "")) {
            for (Json webhook : owner.raw().at("webhooks").items()) {
                if (webhook.at("name").text("").endsWith("istio.io")) {
                    webhooks.add(webhook(Webhook.Kind.VALIDATION, owner, webhook));
                }
            }
        }
        return webhooks;
    }

    private Webhook webhook(Webhook.Kind kind, Resource owner, Json webhook) {
        Json client = webhook.at("clientConfig");
        Json service = client.at("service");
        Backend backend = new Backend(Webhook.Backend.EXTERNAL, -1);
        String name = "";
        if (service.exists()) {
            int port = (int) service.at("port").number(HTTPS);
            name = service.at("namespace").text("") + "/" + service.at("name").text("") + ":" + port;
            backend = backends.computeIfAbsent(
                    name,
                    key -> backend(
                            service.at("namespace").text(""), service.at("name").text(""), port));
        }
        Judged judged = authority(client.at("caBundle").text(""), service.exists());
        return new Webhook(new Webhook.Fields(
                kind,
                owner.name(),
                webhook.at("name").text(""),
                owner.label(InjectionWebhooks.REVISION).orElse(""),
                owner.label(TAG).orElse(""),
                // Kubernetes, "Dynamic Admission Control": the default of v1.
                webhook.at("failurePolicy").text("Fail"),
                name,
                client.at("url").text(""),
                backend.state(),
                backend.ready(),
                judged.authority(),
                judged.notAfter(),
                judged.text()));
    }

    private Backend backend(String namespace, String name, int port) {
        try {
            Optional<Resource> service = session.resources(ResourceKind.SERVICE, namespace).stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst();
            if (service.isEmpty()) {
                return new Backend(Webhook.Backend.SERVICE_MISSING, 0);
            }
            Json spec = service.get().spec();
            if (spec.at("type").text("").equals("ExternalName")) {
                return new Backend(Webhook.Backend.EXTERNAL, -1);
            }
            if (spec.at("ports").items().stream()
                    .noneMatch(one -> one.at("port").number(-1) == port)) {
                return new Backend(Webhook.Backend.PORT_MISSING, -1);
            }
            int ready = 0;
            for (Resource slice : session.resources(ResourceKind.ENDPOINT_SLICE, namespace)) {
                if (slice.label("kubernetes.io/service-name").orElse("").equals(name)) {
                    for (Json endpoint : slice.raw().at("endpoints").items()) {
                        ready += endpoint.at("conditions", "ready").bool(true) ? 1 : 0;
                    }
                }
            }
            return new Backend(ready > 0 ? Webhook.Backend.READY : Webhook.Backend.NO_ENDPOINT, ready);
        } catch (MeshException e) {
            session.gap("what is behind webhooks that call Service " + namespace + "/" + name, null, e);
            return new Backend(Webhook.Backend.UNKNOWN, -1);
        }
    }

    private record Judged(
            Webhook.Authority authority, @Nullable Instant notAfter, String text) {}

    private Judged authority(String bundle, boolean service) {
        if (bundle.isEmpty()) {
            return service
                    ? new Judged(Webhook.Authority.EMPTY, null, "empty")
                    : new Judged(Webhook.Authority.NOT_COMPARED, null, "empty");
        }
        List<X509Certificate> certificates;
        try {
            certificates =
                    certificates(new String(Base64.getMimeDecoder().decode(bundle), StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            certificates = List.of();
        }
        if (certificates.isEmpty()) {
            return new Judged(Webhook.Authority.UNREADABLE, null, "no certificate in PEM form");
        }
        Instant notAfter = certificates.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .max(Comparator.naturalOrder())
                .orElseThrow();
        String text = text(certificates);
        if (notAfter.isBefore(session.now())) {
            return new Judged(Webhook.Authority.EXPIRED, notAfter, text);
        }
        if (roots.keys().isEmpty() || !service) {
            return new Judged(Webhook.Authority.NOT_COMPARED, notAfter, text);
        }
        boolean matches = certificates.stream().anyMatch(one -> roots.keys().contains(key(one)));
        return new Judged(matches ? Webhook.Authority.MATCHES : Webhook.Authority.DIFFERS, notAfter, text);
    }

    /** The control plane's roots, as it tells everybody. */
    static Roots roots(List<Resource> istiods, Optional<Resource> configMap) {
        // With another provider the webhooks' certificate is not istiod's own. Source: Istio, pilot-discovery,
        // PILOT_CERT_PROVIDER.
        boolean others = istiods.stream()
                .flatMap(pod -> Pods.containers(pod).stream())
                .flatMap(container -> container.at("env").items().stream())
                .anyMatch(variable -> variable.at("name").text("").equals("PILOT_CERT_PROVIDER")
                        && !variable.at("value").text("istiod").equals("istiod"));
        if (others || configMap.isEmpty()) {
            return Roots.UNKNOWN;
        }
        List<X509Certificate> certificates =
                certificates(configMap.get().raw().at("data", "root-cert.pem").text(""));
        Set<String> keys = new HashSet<>();
        certificates.forEach(certificate -> keys.add(key(certificate)));
        return new Roots(keys, text(certificates));
    }

    /** Name and key: a root that was renewed with its key verifies what the old one did. */
    private static String key(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName() + " "
                + sha256(certificate.getPublicKey().getEncoded());
    }

    private static String text(List<X509Certificate> certificates) {
        Set<String> all = new TreeSet<>();
        for (X509Certificate certificate : certificates) {
            try {
                all.add(certificate.getSubjectX500Principal().getName() + ", SHA-256 "
                        + sha256(certificate.getEncoded()).substring(0, 16) + "…, until "
                        + certificate.getNotAfter().toInstant());
            } catch (CertificateException e) {
                all.add(certificate.getSubjectX500Principal().getName());
            }
        }
        return String.join("; ", all);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The certificates in a text in PEM form; empty where it is none. */
    static List<X509Certificate> certificates(String pem) {
        if (pem.length() > LARGEST_BUNDLE) {
            return List.of();
        }
        List<X509Certificate> found = new ArrayList<>();
        try {
            Collection<? extends Certificate> all = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1)));
            for (Certificate one : all) {
                if (one instanceof X509Certificate certificate) {
                    found.add(certificate);
                }
            }
        } catch (CertificateException e) {
            return List.of();
        }
        return found;
    }

    /** The tags that webhooks of injection make. */
    static List<RevisionTag> tags(List<Webhook> webhooks, List<Resource> istiods) {
        Set<RevisionTag> tags = new TreeSet<>();
        for (Webhook webhook : webhooks) {
            if (webhook.kind() == Webhook.Kind.INJECTION && webhook.tag().isPresent()) {
                tags.add(new RevisionTag(webhook.tag().get(), webhook.revision(), webhook.configuration(), (int)
                        istiods.stream()
                                .filter(pod -> Pods.revision(pod).equals(webhook.revision()))
                                .count()));
            }
        }
        return List.copyOf(tags);
    }
}
