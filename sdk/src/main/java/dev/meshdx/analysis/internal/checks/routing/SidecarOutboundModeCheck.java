package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.SIDECAR;

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
import java.util.function.Consumer;

/**
 * Sidecars that have an {@code outboundTrafficPolicy} without a mode: that is REGISTRY_ONLY, whatever the mesh says. Source:
 * Istio, "Sidecar", OutboundTrafficPolicy (REGISTRY_ONLY is the value 0 of the enum, hence the default of a policy that is
 * there); Kiali, KIA1007.
 */
public final class SidecarOutboundModeCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0226",
            "SidecarOutboundModeMissing",
            Severity.INFO,
            "An outboundTrafficPolicy without a mode blocks hosts that the mesh does not know.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SIDECAR);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource sidecar : configuration.all(SIDECAR)) {
            Field policy = Field.spec(sidecar).at("outboundTrafficPolicy");
            if (!policy.value().isObject() || policy.at("mode").exists()) {
                continue;
            }
            boolean open = configuration.mesh().allowsUnknownHosts();
            report.accept(configuration
                    .finding(CODE, sidecar, policy)
                    .message(
                            "The outboundTrafficPolicy names no mode, which means REGISTRY_ONLY: the workloads of this Sidecar"
                                    + " reach no host that the mesh does not know"
                                    + (open ? ", although the mesh as a whole allows it (ALLOW_ANY)." : "."))
                    .evidence("outboundTrafficPolicy.mode", "mesh config", open ? "ALLOW_ANY" : "REGISTRY_ONLY")
                    .remedy(
                            "Write mode: REGISTRY_ONLY if that is meant, or mode: ALLOW_ANY, or take the policy out so that"
                                    + " the mesh's own counts: " + ReferencedResources.edit(sidecar))
                    .build());
        }
    }
}
