package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Subsets to which VirtualServices send traffic, and that no DestinationRule defines. Source: istio/istio,
 * {@code virtualservice/destinationrules.go}; the proxy answers 503 with flag NC.
 */
public final class VirtualServiceSubsetCheck implements ConfigurationCheck {
    /** A service as subset references mean it: {@code reviews} and its fully qualified name are the same. */
    private record Name(String namespace, String name) {
        static Name of(String namespace, String host) {
            return ServiceRegistry.namespaceOf(host)
                    .map(owner -> new Name(
                            owner,
                            host.substring(0, host.length() - ServiceRegistry.SUFFIX.length() - owner.length() - 1)))
                    .orElseGet(() -> new Name(namespace, host));
        }
    }

    @Override
    public List<FindingCode> codes() {
        return List.of(ReferencedResources.NOT_FOUND);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, DESTINATION_RULE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<Name, List<Resource>> rules = new HashMap<>();
        for (Resource rule : configuration.all(DESTINATION_RULE)) {
            Name name = Name.of(
                    configuration.namespaceOf(rule), rule.spec().at("host").text(""));
            rules.computeIfAbsent(name, unused -> new ArrayList<>()).add(rule);
        }
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            String namespace = configuration.namespaceOf(virtualService);
            for (VirtualServices.Destination destination : VirtualServices.destinations(virtualService)) {
                String subset = destination.subset().text();
                if (subset.isEmpty()) {
                    continue;
                }
                Name host = Name.of(namespace, destination.host().text());
                List<Resource> found = rules.getOrDefault(host, List.of());
                Set<String> known = new TreeSet<>();
                found.forEach(rule -> rule.spec()
                        .at("subsets")
                        .items()
                        .forEach(one -> known.add(one.at("name").text(""))));
                if (!known.contains(subset) && canTell(configuration, namespace, host.namespace())) {
                    report(configuration, virtualService, destination, found, known, report);
                }
            }
        }
    }

    /** Proxies look for rules in their own namespace, the service's and the root one. Source: Istio, "Destination Rule". */
    private static boolean canTell(Configuration configuration, String namespace, String owner) {
        return configuration.complete(DESTINATION_RULE, namespace)
                && configuration.complete(DESTINATION_RULE, owner)
                && configuration.complete(DESTINATION_RULE, configuration.mesh().rootNamespace());
    }

    private static void report(
            Configuration configuration,
            Resource virtualService,
            VirtualServices.Destination destination,
            List<Resource> rules,
            Set<String> known,
            Consumer<Finding> report) {
        String subset = destination.subset().text();
        String host = destination.host().text();
        List<String> near = configuration.near(subset, known);
        String why = rules.isEmpty()
                ? "there is no DestinationRule for the host."
                : known.isEmpty()
                        ? rules.get(0) + " defines no subsets."
                        : rules.get(0) + " defines " + String.join(", ", known) + ".";
        Finding.Builder finding = configuration
                .finding(ReferencedResources.NOT_FOUND, virtualService, destination.subset())
                .message("Subset \"" + subset + "\" of " + (destination.mirror() ? "mirror " : "destination ") + "\""
                        + host + "\" does not exist: " + why + ReferencedResources.didYouMean(near));
        for (Resource rule : rules) {
            Field subsets = Field.spec(rule).at("subsets");
            finding.evidence(
                    subsets.path() + "[].name", rule.toString(), known.isEmpty() ? "absent" : String.join(", ", known));
        }
        report.accept(finding.remedy(
                        rules.isEmpty()
                                ? "Create a DestinationRule for " + host + " with a subset named " + subset
                                        + ", or take the subset out of the route: "
                                        + ReferencedResources.edit(virtualService)
                                : "Add the subset to the rule (" + ReferencedResources.edit(rules.get(0))
                                        + ") or correct the route (" + ReferencedResources.edit(virtualService) + ").")
                .build());
    }
}
