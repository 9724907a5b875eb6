package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.REFERENCE_GRANT;
import static dev.meshdx.model.ResourceKind.SECRET;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.analysis.internal.checks.gateway.GatewayServers.Credential;
import dev.meshdx.analysis.internal.checks.gateway.GatewayServers.Server;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.internal.TlsSecret;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Secrets that listeners of the Gateway API name: they must be there, may lie in another namespace only with its leave, and
 * must hold a certificate with its key. Source: Gateway API, {@code GatewayTLSConfig.certificateRefs}, {@code ReferenceGrant},
 * and the reasons {@code InvalidCertificateRef} and {@code RefNotPermitted}; istio/istio, {@code pilot/pkg/config/kube/gateway},
 * {@code buildSecretReference}. For Istio's own Gateways that is IST0101 and IST0161.
 */
public final class ListenerCertificateCheck implements ConfigurationCheck {
    static final FindingCode MISSING = new FindingCode(
            "MDX0280",
            "ListenerCertificateNotFound",
            Severity.ERROR,
            "A listener of the Gateway API names a Secret that does not exist.");

    static final FindingCode NOT_PERMITTED = new FindingCode(
            "MDX0281",
            "ListenerCertificateNotPermitted",
            Severity.ERROR,
            "A listener names a Secret of another namespace, which does not permit it.");

    static final FindingCode UNUSABLE = new FindingCode(
            "MDX0282",
            "ListenerCertificateUnusable",
            Severity.ERROR,
            "The Secret that a listener of the Gateway API names holds no usable certificate.");

    @Override
    public List<FindingCode> codes() {
        return List.of(MISSING, NOT_PERMITTED, UNUSABLE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(GatewayServers.INPUTS);
        inputs.add(SECRET);
        inputs.add(REFERENCE_GRANT);
        return inputs;
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Server server : GatewayServers.of(configuration)) {
            if (server.isKubernetes()) {
                for (Credential credential : server.credentials()) {
                    check(configuration, server, credential, report);
                }
            }
        }
    }

    private static void check(
            Configuration configuration, Server server, Credential credential, Consumer<Finding> report) {
        Resource gateway = server.gateway();
        String own = configuration.namespaceOf(gateway);
        String namespace = credential.namespaces().iterator().next();
        String name = credential.name();
        String listener = "Listener " + server.field().at("name").text();
        if (!namespace.equals(own)
                && configuration.knows(REFERENCE_GRANT, namespace)
                && configuration.in(REFERENCE_GRANT, namespace).stream()
                        .noneMatch(grant -> permits(grant, own, name))) {
            report.accept(configuration
                    .finding(NOT_PERMITTED, gateway, credential.field())
                    .message(listener + " names Secret " + name + " of namespace " + namespace
                            + ", where no ReferenceGrant permits it to Gateways of namespace " + own
                            + ": the listener serves nothing.")
                    .evidence(
                            "ReferenceGrants of namespace " + namespace,
                            "",
                            configuration.in(REFERENCE_GRANT, namespace).isEmpty()
                                    ? "none"
                                    : configuration.in(REFERENCE_GRANT, namespace).stream()
                                            .map(Resource::name)
                                            .collect(Collectors.joining(", ")))
                    .remedy("Apply in namespace " + namespace
                            + ": {apiVersion: gateway.networking.k8s.io/v1beta1, kind:"
                            + " ReferenceGrant, metadata: {name: " + name + ", namespace: " + namespace
                            + "}, spec: {from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: " + own
                            + "}], to: [{group: \"\", kind: Secret, name: " + name + "}]}}")
                    .build());
            return;
        }
        if (credential.isMissing(configuration)) {
            missing(configuration, server, credential, namespace, listener, report);
            return;
        }
        Optional<Resource> secret = credential.secret(configuration);
        String problem = secret.map(found -> TlsSecret.of(found).problem(configuration.now()))
                .orElse("");
        if (secret.isPresent() && !problem.isEmpty()) {
            report.accept(configuration
                    .finding(UNUSABLE, gateway, credential.field())
                    .message(listener + " cannot use Secret " + configuration.qualifiedName(secret.get()) + ": "
                            + problem + ".")
                    .evidence(
                            "data: "
                                    + String.join(
                                            ", ", TlsSecret.of(secret.get()).keys()),
                            secret.get().toString(),
                            problem)
                    .remedy("Put a valid certificate and its key there: kubectl -n " + namespace + " create secret tls "
                            + name + " --cert=CERT --key=KEY --dry-run=client -o yaml | kubectl apply -f -")
                    .build());
        }
    }

    private static void missing(
            Configuration configuration,
            Server server,
            Credential credential,
            String namespace,
            String listener,
            Consumer<Finding> report) {
        String name = credential.name();
        Finding.Builder finding = configuration.finding(MISSING, server.gateway(), credential.field());
        Set<String> names = new TreeSet<>();
        configuration.in(SECRET, namespace).forEach(secret -> names.add(secret.name()));
        String hint = ReferencedResources.didYouMean(configuration.near(name, names));
        List<Resource> elsewhere = TlsSecret.named(configuration, name);
        if (!elsewhere.isEmpty()) {
            String other = configuration.namespaceOf(elsewhere.get(0));
            hint = " There is one in namespace " + other + ".";
            finding.evidence("metadata.name", elsewhere.get(0).toString(), name);
        }
        report.accept(finding.message(listener + " names Secret " + name + ", which does not exist in namespace "
                        + namespace + ": the listener serves nothing." + hint)
                .remedy("Create it: kubectl -n " + namespace + " create secret tls " + name
                        + " --cert=CERT --key=KEY; or write under certificateRefs one that exists, for another namespace"
                        + " with \"namespace: NAMESPACE\" and a ReferenceGrant: "
                        + ReferencedResources.edit(server.gateway()))
                .build());
    }

    private static boolean permits(Resource grant, String from, String secret) {
        boolean gateways = grant.spec().at("from").items().stream()
                .anyMatch(item -> item.at("group").text("").equals("gateway.networking.k8s.io")
                        && item.at("kind").text("").equals("Gateway")
                        && item.at("namespace").text("").equals(from));
        return gateways && grant.spec().at("to").items().stream().anyMatch(item -> isSecret(item, secret));
    }

    private static boolean isSecret(Json to, String name) {
        return to.at("group").text("").isEmpty()
                && to.at("kind").text("").equals("Secret")
                && to.at("name").text(name).equals(name);
    }
}
