package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.REFERENCE_GRANT;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * ReferenceGrants for namespaces that do not exist. Source: Gateway API, "ReferenceGrant", field from.namespace; Kiali,
 * KIA1601.
 */
public final class ReferenceGrantNamespaceCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0243",
            "ReferenceGrantNamespaceNotFound",
            Severity.WARNING,
            "A ReferenceGrant is given to a namespace that does not exist.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(REFERENCE_GRANT, NAMESPACE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Set<String> namespaces = new TreeSet<>();
        configuration.all(NAMESPACE).forEach(namespace -> namespaces.add(namespace.name()));
        // Files without any Namespace say nothing of which there are.
        if (namespaces.isEmpty() || !configuration.complete(NAMESPACE)) {
            return;
        }
        boolean files = configuration.fromFiles();
        for (Resource grant : configuration.all(REFERENCE_GRANT)) {
            for (Field from : Field.spec(grant).at("from").items()) {
                Field namespace = from.at("namespace");
                if (namespace.text().isEmpty() || namespaces.contains(namespace.text())) {
                    continue;
                }
                List<String> near = configuration.near(namespace.text(), namespaces);
                if (files && near.isEmpty()) {
                    // Of files that know nothing of it, only a slip is worth a word.
                    continue;
                }
                report.accept(configuration
                        .finding(CODE, grant, namespace)
                        .severity(files ? Severity.INFO : Severity.WARNING)
                        .message((files
                                        ? "These files have no Namespace \"" + namespace.text()
                                                + "\": if it does not exist, the grant for "
                                        : "Namespace \"" + namespace.text() + "\" does not exist, so the grant for ")
                                + from.at("kind").text() + " from there permits nothing."
                                + ReferencedResources.didYouMean(near))
                        .remedy((near.isEmpty()
                                        ? "Correct the namespace or take the entry out: "
                                        : "Write " + near.get(0) + ": ")
                                + ReferencedResources.edit(grant))
                        .build());
            }
        }
    }
}
