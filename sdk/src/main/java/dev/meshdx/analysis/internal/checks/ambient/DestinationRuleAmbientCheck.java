package dev.meshdx.analysis.internal.checks.ambient;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.configuration.internal.Waypoints;
import dev.meshdx.configuration.internal.Waypoints.State;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * DestinationRules that ambient clients do not follow: ztunnel reads none; a waypoint looks in its own namespace, then in the
 * service's, then in the root namespace. Sources: Istio, "Use Layer 7 features" (ambient) and "Destination Rule";
 * istio/istio, {@code pilot/pkg/model/push_context.go}, {@code destinationRule}.
 */
public final class DestinationRuleAmbientCheck implements ConfigurationCheck {
    static final FindingCode WITHOUT_WAYPOINT = new FindingCode(
            "MDX0259",
            "DestinationRuleWithoutWaypoint",
            Severity.WARNING,
            "The DestinationRule is for a host that ambient clients reach through no waypoint, so they do not follow it.");

    static final FindingCode ELSEWHERE = new FindingCode(
            "MDX0260",
            "DestinationRuleAwayFromService",
            Severity.WARNING,
            "The DestinationRule is for an ambient service of another namespace, whose waypoint does not look for it"
                    + " here.");

    @Override
    public List<FindingCode> codes() {
        return List.of(WITHOUT_WAYPOINT, ELSEWHERE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(DataPlane.INPUTS);
        inputs.addAll(Waypoints.INPUTS);
        inputs.addAll(List.of(DESTINATION_RULE, ResourceKind.SERVICE, ResourceKind.SERVICE_ENTRY));
        return Set.copyOf(inputs);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource rule : configuration.all(DESTINATION_RULE)) {
            Field host = Field.spec(rule).at("host");
            if (host.text().isEmpty() || host.text().contains("*")) {
                continue;
            }
            List<Field> features = features(rule);
            if (features.isEmpty()) {
                continue;
            }
            String namespace = configuration.namespaceOf(rule);
            Optional<Resource> service = ServiceRegistry.of(configuration)
                    .find(namespace, rule.spec().at("exportTo").texts(), host.text())
                    .map(ServiceRegistry.Host::resource);
            service.ifPresent(found -> check(configuration, rule, host, features, found, report));
        }
    }

    /** Settings that need a proxy that knows requests, or at least picks the connection. */
    private static List<Field> features(Resource rule) {
        List<Field> policies = new ArrayList<>();
        Field spec = Field.spec(rule);
        policies.add(spec.at("trafficPolicy"));
        policies.addAll(spec.at("trafficPolicy", "portLevelSettings").items());
        for (Field subset : spec.at("subsets").items()) {
            policies.add(subset.at("trafficPolicy"));
            policies.addAll(subset.at("trafficPolicy", "portLevelSettings").items());
        }
        List<Field> features = new ArrayList<>();
        for (Field policy : policies) {
            for (Field feature : List.of(
                    policy.at("loadBalancer", "consistentHash"),
                    policy.at("connectionPool", "http"),
                    policy.at("connectionPool", "tcp"),
                    policy.at("outlierDetection"),
                    policy.at("retryBudget"))) {
                if (feature.value().isObject()) {
                    features.add(feature);
                }
            }
        }
        return features;
    }

    private static void check(
            Configuration configuration,
            Resource rule,
            Field host,
            List<Field> features,
            Resource service,
            Consumer<Finding> report) {
        String namespace = configuration.namespaceOf(rule);
        String owner = configuration.namespaceOf(service);
        Set<String> names = new LinkedHashSet<>();
        features.forEach(feature -> names.add(
                feature.path().contains("connectionPool.") ? "connectionPool." + feature.name() : feature.name()));
        String what = String.join(", ", names);
        if (owner.equals(namespace)) {
            ServiceWithoutWaypoint.ambient(configuration, service)
                    .ifPresent(found -> report.accept(
                            found.evidence(quote(configuration.finding(WITHOUT_WAYPOINT, rule, host), rule, features))
                                    .message("The rule sets " + what + " for " + service
                                            + " in ambient mode, which goes through no waypoint (" + found.why()
                                            + "): ztunnel follows no DestinationRule, only clients with sidecars do.")
                                    .remedy("Send the service's traffic through a waypoint: "
                                            + Policies.giveWaypoint(configuration, service))
                                    .build()));
            return;
        }
        Waypoints.Binding binding = Waypoints.of(configuration).of(service, owner);
        boolean found = binding.state() == State.UNKNOWN
                || (binding.state() == State.BOUND && binding.namespace().equals(namespace));
        if (!found
                && Clients.areAmbientIn(configuration, namespace)
                && DataPlane.of(configuration).isAmbient(service, owner)) {
            report.accept(quote(configuration.finding(ELSEWHERE, rule, host), rule, features)
                    .message("The rule sets " + what + " for " + service
                            + " in ambient mode, in another namespace: its waypoint looks for rules in namespace "
                            + owner
                            + " and not here, and the clients here have no sidecar that would follow it.")
                    .evidence("metadata.namespace", service.toString(), owner)
                    .remedy("Create it in namespace " + owner + " and delete it here: kubectl -n " + namespace
                            + " delete " + rule.kind().qualifiedPlural() + " " + rule.name())
                    .build());
        }
    }

    private static Finding.Builder quote(Finding.Builder finding, Resource rule, List<Field> features) {
        features.stream()
                .limit(3)
                .forEach(feature -> finding.evidence(feature.path(), rule.toString(), feature.quoted()));
        return finding;
    }
}
