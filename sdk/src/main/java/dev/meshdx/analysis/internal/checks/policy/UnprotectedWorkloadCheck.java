package dev.meshdx.analysis.internal.checks.policy;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.MeshMembership;
import dev.meshdx.configuration.internal.SelectorIndex;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
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
 * Workloads of the mesh that no AuthorizationPolicy is about: everybody may call them. A matter of taste, so it runs on
 * request. Source: Istio, "Authorization Policy" ("If there are no ALLOW policies for the workload, allow the request") and
 * "Security Best Practices" (default-deny).
 */
public final class UnprotectedWorkloadCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0215",
            "WorkloadWithoutAuthorizationPolicy",
            Severity.INFO,
            "No AuthorizationPolicy holds for the workload.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public boolean onRequest() {
        return true;
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                AUTHORIZATION_POLICY,
                NAMESPACE,
                SERVICE,
                POD,
                ResourceKind.DEPLOYMENT,
                ResourceKind.STATEFUL_SET,
                ResourceKind.DAEMON_SET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        String root = configuration.mesh().rootNamespace();
        Map<String, SelectorIndex<Resource>> policies = new HashMap<>();
        for (Resource policy : configuration.all(AUTHORIZATION_POLICY)) {
            SelectorIndex<Resource> index =
                    policies.computeIfAbsent(configuration.namespaceOf(policy), any -> new SelectorIndex<>());
            if (AuthorizationRules.hasTarget(policy)) {
                addTargets(configuration, policy, index);
            } else {
                index.add(policy.spec().at("selector", "matchLabels").textMap(), policy);
            }
        }
        for (Workload workload : Workloads.of(configuration).all()) {
            String namespace = workload.namespace();
            if (!isInMesh(configuration, workload)
                    || !configuration.complete(AUTHORIZATION_POLICY, namespace)
                    || !configuration.complete(AUTHORIZATION_POLICY, root)) {
                continue;
            }
            boolean found = List.of(namespace, root).stream()
                    .map(policies::get)
                    .anyMatch(index ->
                            index != null && index.first(workload.labels()).isPresent());
            if (!found) {
                report(configuration, workload, report);
            }
        }
    }

    /** A policy for a Service holds for the workloads behind it; one for a waypoint for all of its namespace. */
    private static void addTargets(Configuration configuration, Resource policy, SelectorIndex<Resource> index) {
        List<Json> targets = policy.spec().at("targetRef").exists()
                ? List.of(policy.spec().at("targetRef"))
                : policy.spec().at("targetRefs").items();
        for (Json target : targets) {
            String name = target.at("name").text("");
            switch (target.at("kind").text("")) {
                case "Service" ->
                    configuration
                            .find(SERVICE, configuration.namespaceOf(policy), name)
                            .map(service -> service.spec().at("selector").textMap())
                            .filter(selector -> !selector.isEmpty())
                            .ifPresent(selector -> index.add(selector, policy));
                case "Gateway" -> index.add(Map.of(), policy);
                default -> {
                    // Not about workloads of a namespace.
                }
            }
        }
    }

    /** What stands for itself: a controller, or a pod that no controller owns. */
    private static boolean isInMesh(Configuration configuration, Workload workload) {
        Resource resource = workload.resource();
        if (workload.podPath().isEmpty()) {
            return resource.raw().at("metadata", "ownerReferences").size() == 0
                    && (MeshMembership.isAmbient(resource) || MeshMembership.hasSidecar(configuration, resource));
        }
        return MeshMembership.isAmbientNamespace(configuration, workload.namespace())
                || MeshMembership.hasSidecar(configuration, resource, workload.pod());
    }

    private static void report(Configuration configuration, Workload workload, Consumer<Finding> report) {
        Field labels = workload.podPath().isEmpty()
                ? new Field("metadata.labels", workload.pod().at("metadata", "labels"))
                : new Field(
                        workload.podPath() + "metadata.labels", workload.pod().at("metadata", "labels"));
        report.accept(configuration
                .finding(CODE, workload.resource(), labels)
                .message("No AuthorizationPolicy of namespace " + workload.namespace() + " or of the root namespace "
                        + configuration.mesh().rootNamespace() + " holds for " + workload
                        + ", so every caller is let in.")
                .remedy("Say who may call it: an AuthorizationPolicy in namespace " + workload.namespace()
                        + " with selector: {matchLabels: {" + selector(workload)
                        + "}} and rules; or deny by default with an empty spec for the whole namespace.")
                .build());
    }

    private static String selector(Workload workload) {
        return workload.labels().entrySet().stream()
                .filter(pair -> Set.of("app", "app.kubernetes.io/name").contains(pair.getKey()))
                .findFirst()
                .map(pair -> pair.getKey() + ": " + pair.getValue())
                .orElse("LABEL: VALUE");
    }
}
