package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.NODE;
import static dev.meshdx.model.ResourceKind.POD;
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
import dev.meshdx.model.internal.Selectors;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Subsets whose labels no pod has. Pods offer the labels of their nodes' places too. Source: istio/istio,
 * {@code destinationrule/pod_not_selected.go}.
 */
public final class DestinationRuleSubsetCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0173",
            "DestinationRuleSubsetNotSelectPods",
            Severity.ERROR,
            "A subset of a DestinationRule selects no pod.");

    private static final String HOSTNAME = "kubernetes.io/hostname";
    private static final String REGION = "topology.kubernetes.io/region";
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String SUBZONE = "topology.istio.io/subzone";

    /** Labels that a pod has from its node. */
    private static final Set<String> PLACES = Set.of(HOSTNAME, REGION, ZONE, SUBZONE);

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(DESTINATION_RULE, POD, SERVICE, SERVICE_ENTRY, NODE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        if (!configuration.complete(POD)) {
            // A pod of any namespace will do.
            return;
        }
        Map<String, Map<String, String>> nodes = new HashMap<>();
        for (Resource node : configuration.all(NODE)) {
            nodes.put(node.name(), places(node));
        }
        for (Resource rule : configuration.all(DESTINATION_RULE)) {
            Optional<ServiceRegistry.Host> host = ServiceRegistry.of(configuration)
                    .find(
                            configuration.namespaceOf(rule),
                            rule.spec().at("exportTo").texts(),
                            rule.spec().at("host").text(""));
            if (host.isEmpty()) {
                continue;
            }
            Map<String, Field> subsets = new LinkedHashMap<>();
            // Of two with the same name the last one counts.
            Field.spec(rule)
                    .at("subsets")
                    .items()
                    .forEach(subset -> subsets.put(subset.at("name").text(), subset));
            subsets.values().forEach(subset -> check(configuration, rule, host.get(), subset, nodes, report));
        }
    }

    private static Map<String, String> places(Resource node) {
        Map<String, String> places = new HashMap<>();
        String zone = node.label(ZONE).orElse("");
        node.label(REGION).filter(region -> !region.isEmpty()).ifPresent(region -> places.put(REGION, region));
        if (!zone.isEmpty()) {
            places.put(ZONE, zone);
            node.label(SUBZONE)
                    .filter(subzone -> !subzone.isEmpty())
                    .ifPresent(subzone -> places.put(SUBZONE, subzone));
        }
        return places;
    }

    private static void check(
            Configuration configuration,
            Resource rule,
            ServiceRegistry.Host host,
            Field subset,
            Map<String, Map<String, String>> nodes,
            Consumer<Finding> report) {
        Map<String, String> wanted = new TreeMap<>(
                host.resource().kind().equals(SERVICE_ENTRY)
                        ? host.resource()
                                .spec()
                                .at("workloadSelector", "labels")
                                .textMap()
                        : Map.of());
        wanted.putAll(subset.at("labels").value().textMap());
        if (exists(configuration, wanted, nodes)) {
            return;
        }
        Field labels = subset.at("labels");
        Finding.Builder finding = configuration
                .finding(
                        CODE,
                        rule,
                        labels.entries().size() == 1 ? labels.entries().get(0) : labels)
                .message("Subset " + subset.at("name").text() + " of host " + host.host() + " selects no pod: none has "
                        + (wanted.isEmpty() ? "been created" : Configuration.text(wanted)) + ".");
        similar(configuration, host, wanted)
                .ifPresent(others -> finding.evidence(
                        "labels that its pods have", host.resource().toString(), others));
        report.accept(finding.remedy("Compare with the labels of the pods: kubectl get pods -A --show-labels"
                        + (wanted.isEmpty() ? "" : " -l " + Configuration.text(wanted))
                        + "; then correct the subset: " + ReferencedResources.edit(rule))
                .build());
    }

    private static boolean exists(
            Configuration configuration, Map<String, String> wanted, Map<String, Map<String, String>> nodes) {
        Map<String, String> own = new TreeMap<>(wanted);
        if (!own.keySet().removeAll(PLACES)) {
            return configuration.anyMatching(POD, wanted, "");
        }
        for (Resource pod : configuration.matching(POD, own, "")) {
            Map<String, String> labels = new HashMap<>(pod.labels());
            String node = pod.spec().at("nodeName").text("");
            if (!node.isEmpty()) {
                labels.put(HOSTNAME, node);
                labels.putAll(nodes.getOrDefault(node, Map.of()));
            }
            if (Selectors.matchesMap(wanted, labels)) {
                return true;
            }
        }
        return false;
    }

    /** The values that the service's own pods have for the wanted labels. */
    private static Optional<String> similar(
            Configuration configuration, ServiceRegistry.Host host, Map<String, String> wanted) {
        Map<String, String> selector = host.resource().spec().at("selector").textMap();
        if (!host.resource().kind().equals(SERVICE) || selector.isEmpty()) {
            return Optional.empty();
        }
        Set<String> values = new TreeSet<>();
        for (Resource pod : configuration.matching(POD, selector, configuration.namespaceOf(host.resource()))) {
            for (String key : wanted.keySet()) {
                pod.label(key).ifPresent(value -> values.add(key + "=" + value));
            }
        }
        return values.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", values));
    }
}
