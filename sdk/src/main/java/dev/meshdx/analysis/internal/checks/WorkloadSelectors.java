package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.Resource;
import java.util.Map;
import java.util.function.Consumer;

/** Selectors of workloads in the resource's own namespace. */
public final class WorkloadSelectors {
    private WorkloadSelectors() {}

    /** Reports labels that no pod of the resource's namespace has. No labels select the whole namespace and are fine. */
    public static void requirePod(
            Configuration configuration, Resource resource, Field labels, Consumer<Finding> report) {
        Map<String, String> selector = labels.value().textMap();
        String namespace = configuration.namespaceOf(resource);
        if (selector.isEmpty()
                || !configuration.complete(POD, namespace)
                || configuration.anyMatching(POD, selector, namespace)) {
            return;
        }
        String text = Configuration.text(selector);
        report.accept(configuration
                .finding(ReferencedResources.NOT_FOUND, resource, labels)
                .message("The selector \"" + text + "\" matches no pod in namespace " + namespace
                        + ", so the resource has no effect.")
                .remedy("Compare with the labels of the pods: kubectl -n " + namespace
                        + " get pods --show-labels; then correct it: " + ReferencedResources.edit(resource))
                .build());
    }
}
