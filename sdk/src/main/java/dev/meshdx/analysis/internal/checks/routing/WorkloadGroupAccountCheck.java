package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.SERVICE_ACCOUNT;
import static dev.meshdx.model.ResourceKind.WORKLOAD_GROUP;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * WorkloadGroups whose service account does not exist: their machines get no token and no identity. Sources: Istio,
 * "WorkloadGroup" (field template.serviceAccount) and "Virtual Machine Installation"; Kiali, KIA1701.
 */
public final class WorkloadGroupAccountCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0233",
            "WorkloadGroupAccountNotFound",
            Severity.WARNING,
            "The service account of a WorkloadGroup does not exist.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(WORKLOAD_GROUP, SERVICE_ACCOUNT);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, List<String>> names = new HashMap<>();
        for (Resource group : configuration.all(WORKLOAD_GROUP)) {
            Field account = Field.spec(group).at("template", "serviceAccount");
            String name = account.text();
            String namespace = configuration.namespaceOf(group);
            // Kubernetes makes the one called default in each namespace.
            if (name.isEmpty()
                    || name.equals("default")
                    || !configuration.knows(SERVICE_ACCOUNT, namespace)
                    || configuration.find(SERVICE_ACCOUNT, namespace, name).isPresent()) {
                continue;
            }
            List<String> near = configuration.near(
                    name,
                    names.computeIfAbsent(
                            namespace,
                            any -> configuration.in(SERVICE_ACCOUNT, namespace).stream()
                                    .map(Resource::name)
                                    .toList()));
            report.accept(configuration
                    .finding(CODE, group, account)
                    // Files of one chart seldom have the accounts of another one.
                    .severity(configuration.fromFiles() && near.isEmpty() ? Severity.INFO : Severity.WARNING)
                    .message("Service account \"" + name + "\" does not exist in namespace " + namespace
                            + ": machines of this group can get no token and do not join the mesh."
                            + ReferencedResources.didYouMean(near))
                    .remedy(
                            near.isEmpty()
                                    ? "Create it: kubectl -n " + namespace + " create serviceaccount " + name
                                    : "Write " + near.get(0) + ": " + ReferencedResources.edit(group))
                    .build());
        }
    }
}
