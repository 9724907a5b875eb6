package dev.meshdx.analysis.internal.checks.ambient;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.REQUEST_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.internal.Waypoints;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Policies for a Service or ServiceEntry that goes through no waypoint: nobody enforces them, neither ztunnel nor sidecars
 * take policies with target references. Sources: Istio, "Use Layer 7 features" (ambient) and "Authorization Policy",
 * field {@code targetRefs}; istio/istio, {@code pilot/pkg/model/policyattachment.go}; seen on a real mesh: what the policy
 * forbids is answered with 200.
 */
public final class PolicyWaypointCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0245",
            "PolicyTargetWithoutWaypoint",
            Severity.WARNING,
            "The policy is for a service that goes through no waypoint, so nothing enforces it.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(Policies.KINDS);
        inputs.add(SERVICE);
        inputs.add(SERVICE_ENTRY);
        inputs.addAll(Waypoints.INPUTS);
        return Set.copyOf(inputs);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (ResourceKind kind : Policies.KINDS) {
            for (Resource policy : configuration.all(kind)) {
                for (Policies.Target target : Policies.targets(policy)) {
                    target.known()
                            .filter(named -> named.equals(SERVICE) || named.equals(SERVICE_ENTRY))
                            .flatMap(named ->
                                    configuration.find(named, configuration.namespaceOf(policy), target.name()))
                            .flatMap(service -> ServiceWithoutWaypoint.any(configuration, service))
                            .ifPresent(service -> report.accept(finding(configuration, policy, target, service)));
                }
            }
        }
    }

    private static Finding finding(
            Configuration configuration, Resource policy, Policies.Target target, ServiceWithoutWaypoint service) {
        boolean authorization = policy.kind().equals(AUTHORIZATION_POLICY);
        boolean tokens = policy.kind().equals(REQUEST_AUTHENTICATION);
        Waypoints.Binding binding = service.binding();
        Finding.Builder finding = service.evidence(
                        configuration.finding(CODE, policy, target.field().at("name")))
                .severity(authorization || tokens ? Severity.ERROR : Severity.WARNING)
                .message("The policy is for " + service.resource() + ", which goes through no waypoint ("
                        + service.why() + "): nothing enforces the policy"
                        + (authorization
                                ? ", and what it forbids is let through."
                                : tokens ? ", and requests with a bad token are let through." : "."));
        binding.found()
                .ifPresent(gateway -> finding.evidence(
                        "metadata.labels." + Waypoints.FOR,
                        gateway.toString(),
                        Waypoints.of(configuration).takes(gateway)));
        return finding.remedy("Send the service's traffic through a waypoint: "
                        + binding.found()
                                .map(gateway -> "kubectl -n " + binding.namespace() + " label "
                                        + gateway.kind().qualifiedPlural() + " " + gateway.name() + " "
                                        + Waypoints.FOR + "=all --overwrite")
                                .orElseGet(() -> Policies.giveWaypoint(configuration, service.resource())))
                .build();
    }
}
