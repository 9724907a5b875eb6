package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Routes that name one destination twice: the weights add up, and the traffic is not split. Source: Istio, "Virtual
 * Service", HTTPRouteDestination; Kiali, KIA1105.
 */
public final class DuplicateDestinationCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0228",
            "DuplicateDestination",
            Severity.WARNING,
            "A route splits its traffic between a destination and the same one again.");

    /** Different headers make a difference: requests of one share are marked. */
    private record Target(String host, String subset, String port, Json headers) {}

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
            String namespace = configuration.namespaceOf(virtualService);
            for (Field route : Routes.of(virtualService)) {
                Map<Target, Field> seen = new HashMap<>();
                for (Field split : route.at("route").items()) {
                    Field destination = split.at("destination");
                    String host = destination.at("host").text();
                    if (host.isEmpty()) {
                        continue;
                    }
                    Field first = seen.putIfAbsent(
                            new Target(
                                    ServiceRegistry.qualify(namespace, host),
                                    destination.at("subset").text(),
                                    destination.at("port", "number").text(),
                                    split.at("headers").value()),
                            split);
                    if (first != null) {
                        report.accept(finding(configuration, virtualService, first, split));
                    }
                }
            }
        }
    }

    private static Finding finding(Configuration configuration, Resource virtualService, Field first, Field again) {
        Field subset = again.at("destination", "subset");
        Field place = subset.exists() ? subset : again.at("destination", "host");
        Field earlier = first.at("destination", subset.exists() ? "subset" : "host");
        long weight = first.at("weight").value().number(0)
                + again.at("weight").value().number(0);
        return configuration
                .finding(CODE, virtualService, place)
                .message("The destination " + Routes.text(again.at("destination")) + " stands twice in one route"
                        + (weight == 0 ? "" : "; together it gets the weight " + weight)
                        + ". Another host or subset was probably meant.")
                .evidence(earlier.path(), virtualService.toString(), earlier.quoted())
                .evidence(
                        "the weights",
                        virtualService.toString(),
                        first.at("weight").quoted() + " and "
                                + again.at("weight").quoted())
                .remedy("Name the other subset or host, or leave one of the two out: "
                        + ReferencedResources.edit(virtualService))
                .build();
    }
}
