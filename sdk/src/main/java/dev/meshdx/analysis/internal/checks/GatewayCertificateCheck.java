package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SECRET;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.TlsSecret;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Secrets of Gateways that exist but hold no certificate that can be used now. Source: istio/istio,
 * {@code gateway/secret.go}; which looks at {@code credentialName} only; the keys
 * are those of {@code pilot/pkg/credentials/kube}.
 */
public final class GatewayCertificateCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0161",
            "InvalidGatewayCredential",
            Severity.ERROR,
            "The Secret that a Gateway uses holds no usable certificate.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(GATEWAY, POD, SECRET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        GatewayCredentials.forEach(
                configuration,
                (gateway, credential, name, namespaces) ->
                        check(configuration, gateway, credential, name, namespaces, report));
    }

    private static void check(
            Configuration configuration,
            Resource gateway,
            Field credential,
            String name,
            Set<String> namespaces,
            Consumer<Finding> report) {
        String reference = credential.text();
        Map<Resource, String> problems = new LinkedHashMap<>();
        for (String namespace : namespaces) {
            Optional<Resource> secret = configuration.find(SECRET, namespace, name);
            String problem = secret.map(found -> TlsSecret.of(found).problem(configuration.now()))
                    .orElse("unseen");
            if (secret.isEmpty() ? !configuration.complete(SECRET, namespace) : problem.isEmpty()) {
                return;
            }
            secret.ifPresent(found -> problems.put(found, problem));
        }
        if (problems.isEmpty()) {
            // There is none at all, which is another finding.
            return;
        }
        Resource secret = problems.keySet().iterator().next();
        String namespace = configuration.namespaceOf(secret);
        Finding.Builder finding = configuration
                .finding(CODE, gateway, credential)
                .message("The credential \"" + reference + "\" cannot be used: in Secret "
                        + configuration.qualifiedName(secret) + " " + problems.get(secret) + ".");
        problems.forEach((bad, problem) ->
                finding.evidence("data: " + String.join(", ", TlsSecret.of(bad).keys()), bad.toString(), problem));
        report.accept(finding.remedy("Put a valid certificate and its key there: kubectl -n " + namespace
                        + " create secret tls " + name
                        + " --cert=CERT --key=KEY --dry-run=client -o yaml | kubectl apply -f -")
                .build());
    }
}
