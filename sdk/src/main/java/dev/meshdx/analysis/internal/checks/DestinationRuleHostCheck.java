package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * DestinationRules for hosts that neither a Service nor a ServiceEntry offers. Source: istio/istio,
 * {@code destinationrule/pod_not_selected.go}.
 */
public final class DestinationRuleHostCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0174", "UnknownDestinationRuleHost", Severity.WARNING, "The host of a DestinationRule does not exist.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(DESTINATION_RULE, SERVICE, SERVICE_ENTRY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource rule : configuration.all(DESTINATION_RULE)) {
            String namespace = configuration.namespaceOf(rule);
            Field host = Field.spec(rule).at("host");
            ServiceRegistry services = ServiceRegistry.of(configuration);
            if (services.find(namespace, rule.spec().at("exportTo").texts(), host.text())
                            .isPresent()
                    || !ServiceRegistry.canTell(configuration, namespace, host.text())) {
                continue;
            }
            List<String> near = services.near(configuration, namespace, host.text());
            report.accept(configuration
                    .finding(CODE, rule, host)
                    .message("The host \"" + host.text()
                            + "\" is neither a Service nor in a ServiceEntry that namespace "
                            + namespace + " sees: the rule applies to nothing."
                            + ReferencedResources.didYouMean(near))
                    .remedy((near.isEmpty()
                                    ? "Correct the host, or delete the rule: "
                                    : "Write " + near.get(0) + " as the host: ")
                            + ReferencedResources.edit(rule))
                    .build());
        }
    }
}
