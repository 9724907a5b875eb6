package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Gateway traffic to a host whose routes to subsets stand in another VirtualService: the gateway follows its own
 * VirtualService only and spreads over all subsets. Source: istio/istio, {@code virtualservice/destinationhosts.go}; Istio,
 * "Common Problems: Route rules have no effect on ingress gateway requests".
 */
public final class IngressRouteCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0140",
            "IngressRouteRulesNotAffected",
            Severity.WARNING,
            "Gateway traffic does not follow the routes to subsets of another VirtualService.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE);
    }

    /** A VirtualService and its destination with a subset. */
    private record Splitter(Resource virtualService, Field destination) {}

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, List<Splitter>> splitters = new LinkedHashMap<>();
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            Set<String> hosts =
                    new LinkedHashSet<>(virtualService.spec().at("hosts").texts());
            for (Field destination : destinations(virtualService)) {
                String host = destination.at("host").text();
                if (!destination.at("subset").text().isEmpty() && hosts.contains(host)) {
                    splitters
                            .computeIfAbsent(host, unused -> new ArrayList<>())
                            .add(new Splitter(virtualService, destination));
                }
            }
        }
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            if (virtualService.spec().at("gateways").size() > 0) {
                check(configuration, virtualService, splitters, report);
            }
        }
    }

    private static List<Field> destinations(Resource virtualService) {
        List<Field> destinations = new ArrayList<>();
        for (Field route : Field.spec(virtualService).at("http").items()) {
            route.at("route").items().forEach(split -> destinations.add(split.at("destination")));
        }
        return destinations;
    }

    private static void check(
            Configuration configuration,
            Resource virtualService,
            Map<String, List<Splitter>> splitters,
            Consumer<Finding> report) {
        // Whose routes are passed by, and for which of our destinations.
        Map<Resource, Map<Field, Splitter>> passedBy = new LinkedHashMap<>();
        for (Field destination : destinations(virtualService)) {
            if (destination.at("subset").text().isEmpty()) {
                for (Splitter splitter :
                        splitters.getOrDefault(destination.at("host").text(), List.of())) {
                    passedBy.computeIfAbsent(splitter.virtualService(), unused -> new LinkedHashMap<>())
                            .putIfAbsent(destination.at("host"), splitter);
                }
            }
        }
        passedBy.forEach((other, hosts) -> {
            Set<String> names = new TreeSet<>();
            hosts.keySet().forEach(host -> names.add("\"" + host.text() + "\""));
            String name = configuration.qualifiedName(other);
            // One for all destinations: as upstream, which does not tell the places apart.
            Finding.Builder finding = configuration
                    .finding(CODE, virtualService, hosts.keySet().iterator().next())
                    .message("Gateway traffic to " + String.join(", ", names)
                            + " follows this VirtualService and not the routes to subsets in " + name
                            + ", so it reaches all subsets.");
            hosts.keySet().stream()
                    .skip(1)
                    .forEach(host -> finding.evidence(host.path(), virtualService.toString(), host.quoted()));
            hosts.values().stream().distinct().forEach(splitter -> {
                Field subset = splitter.destination().at("subset");
                finding.evidence(subset.path(), other.toString(), subset.quoted());
            });
            report.accept(
                    finding.remedy("Repeat the routes to subsets here: " + ReferencedResources.edit(virtualService))
                            .build());
        });
    }
}
