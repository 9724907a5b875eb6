package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.SECRET;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.analysis.internal.checks.gateway.GatewayServers.Credential;
import dev.meshdx.analysis.internal.checks.gateway.GatewayServers.Server;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.TlsSecret;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Servers that ask clients for certificates, and have no authority to judge them by. It is {@code cacert} or {@code ca.crt} of
 * the Secret {@code NAME-cacert}, or, where there is none of that name, of {@code NAME} itself. Source: istio/istio,
 * {@code pilot/pkg/credentials/kube/secrets.go}, {@code GetCaCert}; Istio, "Secure Gateways", mutual TLS.
 */
public final class GatewayClientAuthorityCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0285",
            "GatewayMutualTlsWithoutAuthority",
            Severity.ERROR,
            "A gateway wants certificates of its clients, and has no authority to verify them with.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(GatewayServers.INPUTS);
        inputs.add(SECRET);
        return inputs;
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Server server : GatewayServers.of(configuration)) {
            Field tls = server.field().at("tls");
            boolean mutual = server.mode().equals("MUTUAL") || server.mode().equals("OPTIONAL_MUTUAL");
            if (mutual
                    && !server.credentials().isEmpty()
                    && !tls.at("caCertificates").exists()
                    && !tls.at("caCertCredentialName").exists()
                    && !tls.at("frontendValidation").exists()
                    && !server.gateway().spec().at("tls", "frontend").exists()
                    && server.credentials().stream().allMatch(credential -> lacks(configuration, credential))) {
                report.accept(finding(configuration, server));
            }
        }
    }

    /** Whether it is known that a credential has no authority; where it is missing itself, that is another finding. */
    private static boolean lacks(Configuration configuration, Credential credential) {
        Optional<Resource> own = credential.secret(configuration);
        if (own.isEmpty()) {
            return false;
        }
        String namespace = configuration.namespaceOf(own.get());
        if (!configuration.knows(SECRET, namespace)) {
            return false;
        }
        Optional<Resource> beside = configuration.find(SECRET, namespace, credential.name() + "-cacert");
        return !TlsSecret.of(beside.orElse(own.get())).hasAuthority();
    }

    private static Finding finding(Configuration configuration, Server server) {
        Credential credential = server.credentials().get(0);
        List<Resource> looked = new ArrayList<>();
        String namespace = "";
        for (Credential one : server.credentials()) {
            Optional<Resource> own = one.secret(configuration);
            if (own.isPresent()) {
                namespace = configuration.namespaceOf(own.get());
                looked.add(configuration
                        .find(SECRET, namespace, one.name() + "-cacert")
                        .orElse(own.get()));
            }
        }
        String authority = credential.name() + "-cacert";
        boolean beside = looked.stream().anyMatch(secret -> secret.name().equals(authority));
        Finding.Builder finding = configuration
                .finding(CODE, server.gateway(), server.modeField())
                .message("The server's mode is " + server.mode() + ", but "
                        + (beside
                                ? "Secret " + authority + " has neither ca.crt nor cacert"
                                : "there is no Secret " + authority + " in namespace " + namespace + ", and Secret "
                                        + credential.name() + " has neither ca.crt nor cacert")
                        + ": without an authority to verify clients with, no connection succeeds.")
                .evidence(
                        credential.field().path(),
                        server.gateway().toString(),
                        credential.field().quoted());
        looked.forEach(secret -> finding.evidence(
                "data",
                secret.toString(),
                TlsSecret.of(secret).keys().isEmpty()
                        ? "empty"
                        : String.join(", ", TlsSecret.of(secret).keys())));
        return finding.remedy("Add the authority that issues the clients' certificates: kubectl -n " + namespace
                        + " create secret generic " + authority
                        + " --from-file=ca.crt=CA.crt --dry-run=client -o yaml | kubectl apply -f -; or write mode: SIMPLE: "
                        + ReferencedResources.edit(server.gateway()))
                .build();
    }
}
