package dev.meshdx.analysis.internal.checks.ambient;

import static dev.meshdx.model.ResourceKind.KUBERNETES_GATEWAY;
import static dev.meshdx.model.ResourceKind.REQUEST_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.TELEMETRY;
import static dev.meshdx.model.ResourceKind.TRAFFIC_EXTENSION;
import static dev.meshdx.model.ResourceKind.WASM_PLUGIN;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.DataPlane.Mode;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Policies that need a proxy for requests, for workloads that have none: ztunnel does not know these kinds, and a waypoint
 * takes them only where {@code targetRefs} name what they are for (a Telemetry for a whole namespace is the exception).
 * Sources: Istio, "Request Authentication", "Wasm Plugin", "Telemetry", "Traffic Extension", field {@code targetRefs}
 * ("waypoint proxies are required to use this field"), and "Use Layer 7 features" (ambient).
 */
public final class IgnoredPolicyCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0247",
            "PolicyWithoutTargetInAmbient",
            Severity.WARNING,
            "The policy selects only workloads in ambient mode, where it needs a target reference to have an effect.");

    private static final List<ResourceKind> KINDS =
            List.of(REQUEST_AUTHENTICATION, TELEMETRY, WASM_PLUGIN, TRAFFIC_EXTENSION);

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(DataPlane.INPUTS);
        inputs.addAll(KINDS);
        inputs.add(KUBERNETES_GATEWAY);
        return Set.copyOf(inputs);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        DataPlane dataPlane = DataPlane.of(configuration);
        for (ResourceKind kind : KINDS) {
            for (Resource policy : configuration.all(kind)) {
                Map<String, String> selector = Policies.selector(policy);
                String scope = Policies.scope(configuration, policy);
                if (Policies.hasTargets(policy)
                        || (selector.isEmpty() && (scope.isEmpty() || servesNamespace(configuration, policy, scope)))
                        || dataPlane.one(Mode.SIDECAR, selector, scope).isPresent()
                        || dataPlane.one(Mode.PROXY, selector, scope).isPresent()) {
                    continue;
                }
                Optional<Workload> workload = dataPlane.one(Mode.AMBIENT, selector, scope);
                workload.ifPresent(found -> report.accept(finding(configuration, policy, selector, found)));
            }
        }
    }

    /** A Telemetry without selector holds for the waypoints and gateways of its namespace as well. */
    private static boolean servesNamespace(Configuration configuration, Resource policy, String namespace) {
        return policy.kind().equals(TELEMETRY)
                && !configuration.in(KUBERNETES_GATEWAY, namespace).isEmpty();
    }

    private static Finding finding(
            Configuration configuration, Resource policy, Map<String, String> selector, Workload workload) {
        boolean tokens = policy.kind().equals(REQUEST_AUTHENTICATION);
        Field spec = Field.spec(policy);
        Field place = selector.isEmpty()
                ? spec.at("selector")
                : spec.at("selector", "matchLabels").entries().get(0);
        boolean telemetry = policy.kind().equals(TELEMETRY) && selector.isEmpty();
        return Policies.ambient(configuration, configuration.finding(CODE, policy, place), workload)
                .severity(tokens ? Severity.ERROR : Severity.WARNING)
                .message("The " + policy.kind().kind() + " is for " + workload + " in ambient mode"
                        + (selector.isEmpty() ? " and the rest of its namespace" : "")
                        + ": ztunnel does not know this kind, and "
                        + (telemetry
                                ? "the namespace has no waypoint that could follow it."
                                : "waypoints take it only with targetRefs"
                                        + (tokens ? ", so nobody checks tokens." : ", so it has no effect.")))
                .remedy(
                        telemetry
                                ? "Give the namespace a waypoint: istioctl waypoint apply -n "
                                        + configuration.namespaceOf(policy) + " --enroll-namespace; or delete it."
                                : "Name the Service in spec.targetRefs in place of a selector, and send its traffic"
                                        + " through a waypoint: " + ReferencedResources.edit(policy))
                .build();
    }
}
