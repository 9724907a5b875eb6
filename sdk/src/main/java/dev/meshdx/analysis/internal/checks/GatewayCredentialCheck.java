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
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Secrets with certificates that Gateways name. They must lie in the namespace of the gateway's pods. Source: istio/istio,
 * {@code gateway/secret.go}. The listener stays warming without its secret, so an old certificate may be served for a while.
 */
public final class GatewayCredentialCheck implements ConfigurationCheck {
    @Override
    public List<FindingCode> codes() {
        return List.of(ReferencedResources.NOT_FOUND);
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
        if (namespaces.stream()
                .anyMatch(
                        namespace -> configuration.find(SECRET, namespace, name).isPresent()
                                || !configuration.complete(SECRET, namespace))) {
            return;
        }
        String where = String.join(", ", namespaces);
        Finding.Builder finding = configuration.finding(ReferencedResources.NOT_FOUND, gateway, credential);
        String missing = "The credential \"" + reference + "\" does not exist: there is no Secret " + name
                + " in namespace " + where + ", where the gateway's pods run.";
        List<Resource> elsewhere = TlsSecret.named(configuration, name);
        if (!elsewhere.isEmpty()) {
            String other = configuration.namespaceOf(elsewhere.get(0));
            elsewhere.forEach(secret -> finding.evidence(
                    "data: " + String.join(", ", TlsSecret.of(secret).keys()),
                    secret.toString(),
                    "not where it counts"));
            report.accept(finding.message(missing + " It lies in namespace " + other
                            + ", where the gateway does not look; that of the Gateway resource does not count.")
                    .remedy("Copy it: kubectl -n " + other + " get secret " + name
                            + " -o json | jq 'del(.metadata.namespace,.metadata.resourceVersion,.metadata.uid)'"
                            + " | kubectl -n " + namespaces.iterator().next() + " apply -f -")
                    .build());
            return;
        }
        Set<String> names = new TreeSet<>();
        namespaces.forEach(
                namespace -> configuration.in(SECRET, namespace).forEach(secret -> names.add(secret.name())));
        List<String> near = configuration.near(name, names);
        report.accept(finding.message(missing + ReferencedResources.didYouMean(near))
                .remedy("Create it (kubectl -n " + namespaces.iterator().next() + " create secret tls " + name
                        + " --cert=CERT --key=KEY) or name one that exists: " + ReferencedResources.edit(gateway))
                .build());
    }
}
