package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SIDECAR;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Sidecar resources whose selector matches no pod of their namespace. Source: istio/istio, {@code sidecar/selector.go}. */
public final class SidecarSelectorCheck implements ConfigurationCheck {
    @Override
    public List<FindingCode> codes() {
        return List.of(ReferencedResources.NOT_FOUND);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SIDECAR, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource resource : configuration.all(SIDECAR)) {
            Field labels = Field.spec(resource).at("workloadSelector", "labels");
            WorkloadSelectors.requirePod(configuration, resource, labels, report);
        }
    }
}
