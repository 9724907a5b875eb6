package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
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
 * Subsets that neither choose endpoints nor say how to connect: they are the whole service under another name. Source:
 * Istio, "Destination Rule", Subset (field labels: "Labels apply a filter over the endpoints of a service"); Kiali, KIA0209.
 */
public final class SubsetWithoutLabelsCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0221",
            "SubsetWithoutLabels",
            Severity.INFO,
            "A subset has no labels and stands for all endpoints of the host.");

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
        ServiceRegistry registry = ServiceRegistry.of(configuration);
        for (Resource rule : configuration.all(DESTINATION_RULE)) {
            List<Field> subsets = Field.spec(rule).at("subsets").items();
            for (Field subset : subsets) {
                if (subset.at("labels").value().size() > 0
                        || subset.at("trafficPolicy").exists()) {
                    continue;
                }
                String host = rule.spec().at("host").text("");
                if (registry.find(configuration.namespaceOf(rule), List.of(), host)
                        .isEmpty()) {
                    continue;
                }
                String name = subset.at("name").text();
                report.accept(configuration
                        .finding(CODE, rule, subset.at("name"))
                        .message("Subset \"" + name + "\" of host " + host
                                + " has no labels and no traffic policy: it is the whole service under another name.")
                        .evidence(
                                subset.at("labels").path(),
                                rule.toString(),
                                subset.at("labels").quoted())
                        .remedy("Give it the labels of the pods that are meant (labels: {version: " + name
                                + "}), or remove it and route to the host itself: " + ReferencedResources.edit(rule))
                        .build());
            }
        }
    }
}
