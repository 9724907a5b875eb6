package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.CUSTOM_RESOURCE_DEFINITION;

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

/** Definitions of kinds that Istio no longer reads. Source: istio/istio, {@code deprecation/deprecation.go}. */
public final class DeprecatedDefinitionCheck implements ConfigurationCheck {
    private static final Set<String> REMOVED =
            Set.of("ClusterRbacConfig", "RbacConfig", "ServiceRole", "ServiceRoleBinding");

    @Override
    public List<FindingCode> codes() {
        return List.of(Deprecations.CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(CUSTOM_RESOURCE_DEFINITION);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource definition : configuration.all(CUSTOM_RESOURCE_DEFINITION)) {
            Field spec = Field.spec(definition);
            Field kind = spec.at("names", "kind");
            if (spec.at("group").text().equals("rbac.istio.io") && REMOVED.contains(kind.text())) {
                report.accept(Finding.of(Deprecations.CODE, definition)
                        .message("Istio has removed the kind " + kind.text()
                                + " of rbac.istio.io: its resources have no effect. Its successor is"
                                + " AuthorizationPolicy.")
                        .evidence(kind.path(), definition.toString(), kind.quoted())
                        .evidence(
                                spec.at("group").path(),
                                definition.toString(),
                                spec.at("group").quoted())
                        .remedy("See whether rules are left that were never moved (kubectl get " + definition.name()
                                + " -A), then kubectl delete crd " + definition.name())
                        .build());
            }
        }
    }
}
