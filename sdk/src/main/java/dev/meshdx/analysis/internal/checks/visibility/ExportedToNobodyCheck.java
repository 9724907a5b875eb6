package dev.meshdx.analysis.internal.checks.visibility;

import static dev.meshdx.model.ResourceKind.DAEMON_SET;
import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.STATEFUL_SET;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Resources that only namespaces without workloads see: no proxy ever gets them. Source: Istio, fields {@code exportTo} of
 * "Virtual Service", "Destination Rule" and "Service Entry".
 */
public final class ExportedToNobodyCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0271",
            "ExportedToNobody",
            Severity.INFO,
            "A resource is exported only to namespaces in which nothing runs.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY, NAMESPACE, POD, DEPLOYMENT, STATEFUL_SET, DAEMON_SET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Workloads workloads = Workloads.of(configuration);
        if (workloads.all().stream()
                .allMatch(workload -> workload.resource().name().endsWith("-dummypod"))) {
            // Files that hold no workloads say nothing about where there are some.
            return;
        }
        for (ResourceKind kind : List.of(VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY)) {
            for (Resource resource : configuration.all(kind)) {
                Field exportTo = Field.spec(resource).at("exportTo");
                Set<String> namespaces = new LinkedHashSet<>();
                exportTo.value()
                        .texts()
                        .forEach(item -> namespaces.add(item.equals(".") ? configuration.namespaceOf(resource) : item));
                if (!namespaces.isEmpty()
                        && namespaces.stream().allMatch(namespace -> isEmpty(configuration, workloads, namespace))) {
                    report(configuration, resource, exportTo, namespaces, report);
                }
            }
        }
    }

    /** A namespace that there is, and in which nothing runs. One that there is not is another mistake. */
    private static boolean isEmpty(Configuration configuration, Workloads workloads, String namespace) {
        return configuration.find(NAMESPACE, "", namespace).isPresent()
                && Workloads.complete(configuration, namespace)
                && workloads.in(namespace).isEmpty();
    }

    private static void report(
            Configuration configuration,
            Resource resource,
            Field exportTo,
            Set<String> namespaces,
            Consumer<Finding> report) {
        Field first = exportTo.items().stream().findFirst().orElse(exportTo);
        report.accept(configuration
                .finding(CODE, resource, first)
                .message("No proxy gets it: it is exported to " + String.join(", ", namespaces)
                        + " only, where no pod runs and no Deployment, StatefulSet or DaemonSet is.")
                .evidence(exportTo.path(), resource.toString(), exportTo.quoted())
                .remedy(
                        "Export it to the namespaces of its callers, and of the gateway's pods where it names a gateway: "
                                + ReferencedResources.edit(resource))
                .build());
    }
}
