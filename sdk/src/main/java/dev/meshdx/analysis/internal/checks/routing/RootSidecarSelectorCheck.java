package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.SIDECAR;

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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Sidecars in the root namespace with a selector: they are not the default of the mesh, and select workloads of the root
 * namespace only. Source: Istio, "Sidecar" ("This global default Sidecar configuration should not have any
 * workloadSelector"); Kiali, KIA1006.
 */
public final class RootSidecarSelectorCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0225",
            "RootSidecarSelector",
            Severity.WARNING,
            "A Sidecar in the root namespace has a selector, so that it is not the default of the mesh.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(Workloads.INPUTS);
        inputs.add(SIDECAR);
        return Set.copyOf(inputs);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        String root = configuration.mesh().rootNamespace();
        for (Resource sidecar : configuration.in(SIDECAR, root)) {
            Field labels = Field.spec(sidecar).at("workloadSelector", "labels");
            Map<String, String> selector = labels.value().textMap();
            if (selector.isEmpty() || !Workloads.complete(configuration, root)) {
                continue;
            }
            Workloads workloads = Workloads.of(configuration);
            if (!workloads.matching(selector, root).isEmpty()) {
                continue;
            }
            String elsewhere = workloads.matching(selector, "").stream()
                    .findFirst()
                    .map(workload -> " " + workload + " has these labels, and is not selected.")
                    .orElse("");
            report.accept(configuration
                    .finding(CODE, sidecar, labels)
                    .message("The Sidecar lies in the root namespace " + root + " and selects "
                            + Configuration.text(selector)
                            + ": it applies to workloads of that namespace only, where none has these labels. The default"
                            + " of the mesh is a Sidecar without selector." + elsewhere)
                    .evidence("root namespace", "mesh config", root)
                    .remedy(
                            "Take the workloadSelector out to make it the default, or move the Sidecar into the namespace"
                                    + " of the workloads: " + ReferencedResources.edit(sidecar))
                    .build());
        }
    }
}
