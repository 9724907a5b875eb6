package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

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
 * Routes with a single destination of a weight below 100: it gets everything. Source: Istio, "Virtual Service", field weight
 * ("If there is only one destination in a rule, it will receive all traffic"); Kiali, KIA1104.
 */
public final class SingleDestinationWeightCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0227",
            "SingleDestinationWeight",
            Severity.WARNING,
            "The only destination of a route has a weight below 100 and gets everything all the same.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            for (Field route : Routes.of(virtualService)) {
                List<Field> splits = route.at("route").items();
                if (splits.size() != 1) {
                    continue;
                }
                Field weight = splits.get(0).at("weight");
                long value = weight.value().number(0);
                if (value < 1 || value > 99) {
                    continue;
                }
                Field destination = splits.get(0).at("destination");
                report.accept(configuration
                        .finding(CODE, virtualService, weight)
                        .message("The weight " + value + " is that of the only destination of the route, "
                                + Routes.text(destination) + ": it gets all requests, not " + value + " of 100.")
                        .evidence(destination.path(), virtualService.toString(), destination.quoted())
                        .remedy("Add the destination that shall get the other " + (100 - value)
                                + ", or take the weight out: " + ReferencedResources.edit(virtualService))
                        .build());
            }
        }
    }
}
