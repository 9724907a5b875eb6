package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.NAMESPACE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Namespaces that AuthorizationPolicies name as sources. Source: istio/istio, {@code authz/authorizationpolicies.go}. */
public final class AuthorizationPolicyNamespaceCheck implements ConfigurationCheck {
    @Override
    public List<FindingCode> codes() {
        return List.of(ReferencedResources.NOT_FOUND);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(AUTHORIZATION_POLICY, NAMESPACE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        if (!configuration.complete(NAMESPACE)) {
            return;
        }
        Set<String> namespaces = new TreeSet<>();
        configuration.all(NAMESPACE).forEach(namespace -> namespaces.add(namespace.name()));
        for (Resource policy : configuration.all(AUTHORIZATION_POLICY)) {
            for (Field rule : Field.spec(policy).at("rules").items()) {
                for (Field from : rule.at("from").items()) {
                    for (String list : List.of("namespaces", "notNamespaces")) {
                        for (Field item : from.at("source", list).items()) {
                            if (namespaces.stream().noneMatch(name -> matches(item.text(), name))) {
                                report(configuration, policy, item, namespaces, report);
                            }
                        }
                    }
                }
            }
        }
    }

    private static boolean matches(String pattern, String namespace) {
        if (pattern.equals("*")) {
            return true;
        }
        if (pattern.startsWith("*")) {
            return namespace.endsWith(pattern.substring(1));
        }
        return pattern.endsWith("*")
                ? namespace.startsWith(pattern.substring(0, pattern.length() - 1))
                : namespace.equalsIgnoreCase(pattern);
    }

    private static void report(
            Configuration configuration,
            Resource policy,
            Field item,
            Set<String> namespaces,
            Consumer<Finding> report) {
        List<String> near = configuration.near(item.text(), namespaces);
        report.accept(configuration
                .finding(ReferencedResources.NOT_FOUND, policy, item)
                .message("Namespace \"" + item.text() + "\" does not exist, so this source matches nobody."
                        + ReferencedResources.didYouMean(near))
                .remedy((near.isEmpty() ? "Correct the namespace: " : "Write " + near.get(0) + ": ")
                        + ReferencedResources.edit(policy))
                .build());
    }
}
