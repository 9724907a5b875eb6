package dev.meshdx.analysis.internal.checks.ambient;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.GATEWAY_CLASS;
import static dev.meshdx.model.ResourceKind.KUBERNETES_GATEWAY;
import static dev.meshdx.model.ResourceKind.REQUEST_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Policies for something that does not exist, and policies for a class of gateways that are not in the root namespace.
 * Sources: Istio, "Policy target reference" (the target is in the policy's own namespace) and "Authorization Policy" (a
 * GatewayClass may be named in the root namespace only); istio/istio, {@code pilot/pkg/model/policyattachment.go}.
 */
public final class PolicyTargetCheck implements ConfigurationCheck {
    static final FindingCode NOT_FOUND = new FindingCode(
            "MDX0248",
            "PolicyTargetNotFound",
            Severity.WARNING,
            "The policy is for something that does not exist in its namespace.");

    static final FindingCode OUTSIDE_ROOT = new FindingCode(
            "MDX0261",
            "GatewayClassPolicyOutsideRoot",
            Severity.WARNING,
            "The policy is for a class of gateways, which holds in the root namespace only.");

    /** istiod creates these by itself. */
    private static final Set<String> CLASSES = Set.of("istio", "istio-remote", "istio-waypoint", "istio-east-west");

    @Override
    public List<FindingCode> codes() {
        return List.of(NOT_FOUND, OUTSIDE_ROOT);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(Policies.KINDS);
        inputs.addAll(List.of(SERVICE, SERVICE_ENTRY, KUBERNETES_GATEWAY, GATEWAY_CLASS));
        return Set.copyOf(inputs);
    }

    /** By kind and name, the namespaces that have it; made when the first name is missing. */
    private static final class Names {
        private final Map<ResourceKind, Map<String, Set<String>>> namespaces = new HashMap<>();

        private final Map<ResourceKind, Map<String, List<String>>> names = new HashMap<>();

        List<String> in(Configuration configuration, ResourceKind kind, String namespace) {
            return names.computeIfAbsent(kind, any -> new HashMap<>())
                    .computeIfAbsent(
                            namespace,
                            any -> configuration.in(kind, namespace).stream()
                                    .map(Resource::name)
                                    .toList());
        }

        Set<String> namespaces(Configuration configuration, ResourceKind kind, String name) {
            return namespaces
                    .computeIfAbsent(kind, any -> {
                        Map<String, Set<String>> names = new HashMap<>();
                        configuration
                                .byNamespace(kind)
                                .forEach((namespace, all) ->
                                        all.forEach(one -> names.computeIfAbsent(one.name(), unused -> new TreeSet<>())
                                                .add(namespace)));
                        return names;
                    })
                    .getOrDefault(name, Set.of());
        }
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Names names = new Names();
        for (ResourceKind kind : Policies.KINDS) {
            for (Resource policy : configuration.all(kind)) {
                for (Policies.Target target : Policies.targets(policy)) {
                    target.known().ifPresent(named -> check(configuration, names, policy, target, named, report));
                }
            }
        }
    }

    private static void check(
            Configuration configuration,
            Names names,
            Resource policy,
            Policies.Target target,
            ResourceKind kind,
            Consumer<Finding> report) {
        String namespace = configuration.namespaceOf(policy);
        if (kind.equals(GATEWAY_CLASS) && !namespace.equals(configuration.mesh().rootNamespace())) {
            report.accept(outsideRoot(configuration, policy, target));
        } else if (configuration.find(kind, namespace, target.name()).isEmpty()
                && configuration.knows(kind, kind.namespaced() ? namespace : "")
                && !(kind.equals(GATEWAY_CLASS) && CLASSES.contains(target.name()))) {
            report.accept(notFound(configuration, names, policy, target, kind));
        }
    }

    private static Severity severity(Resource policy) {
        return policy.kind().equals(AUTHORIZATION_POLICY) || policy.kind().equals(REQUEST_AUTHENTICATION)
                ? Severity.ERROR
                : Severity.WARNING;
    }

    private static Finding outsideRoot(Configuration configuration, Resource policy, Policies.Target target) {
        String root = configuration.mesh().rootNamespace();
        Field name = target.field().at("name");
        return configuration
                .finding(OUTSIDE_ROOT, policy, name)
                .severity(severity(policy))
                .message("The policy is for all gateways of class " + target.name() + ", but is in namespace "
                        + configuration.namespaceOf(policy) + ": such a policy has an effect in the root namespace "
                        + root + " only.")
                .evidence(target.field().at("kind").path(), policy.toString(), "GatewayClass")
                .remedy("Create it in " + root + " if it is meant for all waypoints, else name the Gateway or Service: "
                        + ReferencedResources.edit(policy))
                .build();
    }

    private static Finding notFound(
            Configuration configuration, Names names, Resource policy, Policies.Target target, ResourceKind kind) {
        String namespace = configuration.namespaceOf(policy);
        List<String> own = names.in(configuration, kind, kind.namespaced() ? namespace : "");
        Set<String> elsewhere = kind.namespaced() ? names.namespaces(configuration, kind, target.name()) : Set.of();
        String what = kind.kind() + " " + target.name();
        Finding.Builder finding = configuration
                .finding(NOT_FOUND, policy, target.field().at("name"))
                // Waypoints are often created by a command, so files lack them.
                .severity(
                        configuration.fromFiles() && kind.equals(KUBERNETES_GATEWAY)
                                ? Severity.WARNING
                                : severity(policy))
                .message("The policy is for " + what + ", which does not exist"
                        + (kind.namespaced() ? " in namespace " + namespace : "") + ": it has no effect"
                        + (elsewhere.isEmpty()
                                ? "." + ReferencedResources.didYouMean(configuration.near(target.name(), own))
                                : ". There is one in " + String.join(", ", elsewhere)
                                        + ", but a policy reaches its own namespace only."));
        elsewhere.stream()
                .limit(3)
                .forEach(other ->
                        finding.evidence("metadata.namespace", kind.kind() + " " + other + "/" + target.name(), other));
        return finding.remedy(
                        elsewhere.isEmpty()
                                ? "Correct the name: " + ReferencedResources.edit(policy)
                                : policy.spec().at("targetRefs").size() > 1
                                        ? "Create a policy for it in namespace "
                                                + elsewhere.iterator().next() + ", and take the target out here: "
                                                + ReferencedResources.edit(policy)
                                        : "Create the policy in namespace "
                                                + elsewhere.iterator().next() + ", and delete it here:"
                                                + " kubectl -n " + namespace + " delete "
                                                + policy.kind().qualifiedPlural() + " " + policy.name())
                .build();
    }
}
