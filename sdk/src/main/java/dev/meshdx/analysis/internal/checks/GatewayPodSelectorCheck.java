package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.REQUEST_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.TELEMETRY;
import static dev.meshdx.model.ResourceKind.WASM_PLUGIN;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Policies that try to reach the pods of a Gateway of the Gateway API by their labels; those follow target references only.
 * Source: istio/istio, {@code k8sgateway/selector.go}; Istio, "PolicyTargetReference".
 */
public final class GatewayPodSelectorCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0166",
            "IneffectiveSelector",
            Severity.WARNING,
            "A policy selects the pods of a Gateway of the Gateway API, which only follow target references.");

    private static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION, TELEMETRY, WASM_PLUGIN, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (ResourceKind kind : List.of(AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION, TELEMETRY, WASM_PLUGIN)) {
            for (Resource policy : configuration.all(kind)) {
                Field spec = Field.spec(policy);
                if (spec.at("selector").exists() && !spec.at("targetRef").exists()) {
                    check(configuration, policy, spec, report);
                }
            }
        }
    }

    private static void check(Configuration configuration, Resource policy, Field spec, Consumer<Finding> report) {
        Field labels = spec.at("selector", "matchLabels");
        Map<String, Resource> gateways = new TreeMap<>();
        configuration
                .matching(POD, labels.value().textMap(), configuration.namespaceOf(policy))
                .forEach(pod -> pod.label(GATEWAY_NAME).ifPresent(gateway -> gateways.putIfAbsent(gateway, pod)));
        gateways.forEach((gateway, pod) -> report.accept(configuration
                .finding(CODE, policy, labels)
                .message("The selector matches pod " + pod.name() + " of the Gateway " + gateway
                        + " (Gateway API), which ignores selectors: there the policy has no effect.")
                .evidence("metadata.labels." + GATEWAY_NAME, pod.toString(), gateway)
                .remedy("Name the Gateway as the target instead: targetRefs: [{group: gateway.networking.k8s.io, kind:"
                        + " Gateway, name: " + gateway + "}]; " + ReferencedResources.edit(policy))
                .build()));
    }
}
