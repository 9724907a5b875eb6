package dev.meshdx.analysis.internal.checks.policy;

import static dev.meshdx.model.ResourceKind.PEER_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.REQUEST_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.WORKLOAD_ENTRY;
import static dev.meshdx.model.ResourceKind.WORKLOAD_GROUP;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * PeerAuthentications and RequestAuthentications that select nothing. Sources: Istio, "PeerAuthentication" and
 * "RequestAuthentication" (a policy with a selector holds for workloads of its own namespace; a RequestAuthentication in the
 * root namespace for those of all); istiod, {@code pilot/pkg/model/authentication.go} and
 * {@code pilot/pkg/security/authn/policy_applier.go} (of the root namespace's PeerAuthentications only those without selector
 * are used).
 */
public final class AuthenticationSelectorCheck implements ConfigurationCheck {
    static final FindingCode NO_WORKLOAD = new FindingCode(
            "MDX0203",
            "AuthenticationWithoutWorkload",
            Severity.WARNING,
            "The selector of a PeerAuthentication or RequestAuthentication matches no workload.");

    static final FindingCode IN_ROOT = new FindingCode(
            "MDX0204",
            "PeerAuthenticationSelectorInRootNamespace",
            Severity.WARNING,
            "A PeerAuthentication with a selector in the root namespace is ignored.");

    /** Pods of such Gateways come from istiod, so manifests do not have them; IST0166 speaks of the selector. */
    private static final Set<String> GATEWAY_NAMES =
            Set.of("gateway.networking.k8s.io/gateway-name", "istio.io/gateway-name");

    @Override
    public List<FindingCode> codes() {
        return List.of(NO_WORKLOAD, IN_ROOT);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                PEER_AUTHENTICATION,
                REQUEST_AUTHENTICATION,
                WORKLOAD_ENTRY,
                WORKLOAD_GROUP,
                ResourceKind.POD,
                ResourceKind.DEPLOYMENT,
                ResourceKind.STATEFUL_SET,
                ResourceKind.DAEMON_SET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        String root = configuration.mesh().rootNamespace();
        Workloads workloads = Workloads.of(configuration);
        Map<String, Set<Map<String, String>>> machines = machines(configuration);
        for (ResourceKind kind : List.of(PEER_AUTHENTICATION, REQUEST_AUTHENTICATION)) {
            for (Resource policy : configuration.all(kind)) {
                Field labels = Field.spec(policy).at("selector", "matchLabels");
                Map<String, String> selector = labels.value().textMap();
                String namespace = configuration.namespaceOf(policy);
                boolean inRoot = namespace.equals(root);
                if (selector.isEmpty() || !GATEWAY_NAMES.stream().noneMatch(selector::containsKey)) {
                    continue;
                }
                if (inRoot && kind.equals(PEER_AUTHENTICATION)) {
                    reportRoot(configuration, policy, labels, report);
                    continue;
                }
                String where = inRoot ? "" : namespace;
                if (canTell(configuration, where)
                        && workloads.matching(selector, where).isEmpty()
                        && machines.getOrDefault(where, Set.of()).stream()
                                .noneMatch(machine -> Selectors.matchesMap(selector, machine))) {
                    reportNone(configuration, policy, labels, where, workloads, report);
                }
            }
        }
    }

    /** Distinct labels of virtual machines by namespace, and with an empty name of all. */
    private static Map<String, Set<Map<String, String>>> machines(Configuration configuration) {
        Map<String, Set<Map<String, String>>> machines = new HashMap<>();
        for (ResourceKind kind : List.of(WORKLOAD_ENTRY, WORKLOAD_GROUP)) {
            for (Resource machine : configuration.all(kind)) {
                Map<String, String> labels = new HashMap<>(machine.labels());
                labels.putAll(machine.spec().at("metadata", "labels").textMap());
                labels.putAll(machine.spec().at("template", "labels").textMap());
                labels.putAll(machine.spec().at("labels").textMap());
                for (String where : List.of("", configuration.namespaceOf(machine))) {
                    machines.computeIfAbsent(where, any -> new LinkedHashSet<>())
                            .add(labels);
                }
            }
        }
        return machines;
    }

    private static boolean canTell(Configuration configuration, String namespace) {
        return Workloads.shown(configuration, namespace)
                && Stream.of(WORKLOAD_ENTRY, WORKLOAD_GROUP).allMatch(kind -> configuration.knows(kind, namespace));
    }

    private static void reportRoot(
            Configuration configuration, Resource policy, Field labels, Consumer<Finding> report) {
        report.accept(configuration
                .finding(IN_ROOT, policy, labels.entries().get(0))
                .message("The policy has a selector and lies in the root namespace "
                        + configuration.namespaceOf(policy)
                        + ", where only PeerAuthentications without selector are used: it has no effect anywhere.")
                .evidence(
                        "rootNamespace",
                        "mesh configuration",
                        configuration.mesh().rootNamespace())
                .remedy("Create it in the namespace of the workloads that it is meant for, and delete this one: kubectl"
                        + " -n " + configuration.namespaceOf(policy)
                        + " delete peerauthentications.security.istio.io " + policy.name())
                .build());
    }

    private static void reportNone(
            Configuration configuration,
            Resource policy,
            Field labels,
            String namespace,
            Workloads workloads,
            Consumer<Finding> report) {
        Map<String, String> selector = labels.value().textMap();
        Set<String> near = new TreeSet<>();
        selector.forEach((key, value) -> {
            Set<String> values = new TreeSet<>();
            // Bounded, so that many broken policies stay cheap.
            workloads.matching(Map.of(), namespace).stream()
                    .limit(500)
                    .map(workload -> workload.labels().getOrDefault(key, ""))
                    .filter(text -> !text.isEmpty())
                    .forEach(values::add);
            if (!values.contains(value)) {
                configuration.near(value, values).forEach(other -> near.add(key + "=" + other));
            }
        });
        report.accept(configuration
                .finding(NO_WORKLOAD, policy, labels.entries().get(0))
                .message("No workload " + (namespace.isEmpty() ? "of the mesh" : "in namespace " + namespace)
                        + " has the labels \"" + Configuration.text(selector) + "\", so the policy has no effect."
                        + ReferencedResources.didYouMean(near.stream().limit(3).toList()))
                .remedy("Compare with the labels of the pods: kubectl get pods "
                        + (namespace.isEmpty() ? "-A" : "-n " + namespace)
                        + " --show-labels; then correct the selector: " + ReferencedResources.edit(policy))
                .build());
    }
}
