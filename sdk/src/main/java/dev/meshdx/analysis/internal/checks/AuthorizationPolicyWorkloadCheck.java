package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.MeshMembership;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * AuthorizationPolicies that protect nothing, because no pod of the mesh is meant. Source: istio/istio,
 * {@code authz/authorizationpolicies.go}. References to targets are not considered there either.
 */
public final class AuthorizationPolicyWorkloadCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0127",
            "NoMatchingWorkloadsFound",
            Severity.WARNING,
            "An AuthorizationPolicy holds for no pod of the mesh.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(AUTHORIZATION_POLICY, NAMESPACE, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        String root = configuration.mesh().rootNamespace();
        for (Resource policy : configuration.all(AUTHORIZATION_POLICY)) {
            String namespace = configuration.namespaceOf(policy);
            Field labels = Field.spec(policy).at("selector", "matchLabels");
            Map<String, String> selector = labels.value().textMap();
            boolean everywhere = namespace.equals(root);
            if (everywhere && !policy.spec().at("selector").exists()) {
                continue;
            }
            String where = everywhere ? "" : namespace;
            boolean known = everywhere
                    ? configuration.complete(POD) && configuration.complete(NAMESPACE)
                    : configuration.complete(POD, namespace) && configuration.complete(NAMESPACE, namespace);
            if (known
                    && configuration.matching(POD, selector, where).stream()
                            .noneMatch(pod -> isInMesh(configuration, pod))) {
                report(configuration, policy, labels, where, report);
            }
        }
    }

    private static boolean isInMesh(Configuration configuration, Resource pod) {
        return MeshMembership.isAmbient(pod) || MeshMembership.hasSidecar(configuration, pod);
    }

    private static void report(
            Configuration configuration, Resource policy, Field labels, String namespace, Consumer<Finding> report) {
        Map<String, String> selector = labels.value().textMap();
        String text = Configuration.text(selector);
        String where = namespace.isEmpty() ? "of the mesh" : "in namespace " + namespace + " that is in the mesh";
        int outside = configuration.matching(POD, selector, namespace).size();
        String why =
                outside == 0 ? "" : " (" + outside + " outside the mesh " + (outside == 1 ? "is" : "are") + " meant)";
        Finding.Builder finding = configuration
                .finding(CODE, policy, selector.isEmpty() ? Field.spec(policy).at("selector") : labels)
                .message(
                        selector.isEmpty()
                                ? "There is no pod " + where + why + ", so the policy protects nothing."
                                : "No pod " + where + " has the labels \"" + text + "\"" + why
                                        + ", so the policy protects nothing."
                                        + ReferencedResources.didYouMean(near(configuration, selector, namespace)));
        configuration.matching(POD, selector, namespace).stream()
                .limit(3)
                .forEach(pod -> finding.evidence("spec.containers[].name", pod.toString(), "no istio-proxy"));
        String scope = namespace.isEmpty() ? "-A" : "-n " + namespace;
        report.accept(finding.remedy((outside == 0
                                ? "Compare with the labels of the pods: kubectl get pods " + scope
                                        + " --show-labels; then correct the selector: "
                                : "Take the pods into the mesh (kubectl label namespace "
                                        + (namespace.isEmpty() ? "NAMESPACE" : namespace)
                                        + " istio-injection=enabled, and restart them) or correct the policy: ")
                        + ReferencedResources.edit(policy))
                .build());
    }

    /** Pairs that differ from those of the selector a little. */
    private static List<String> near(Configuration configuration, Map<String, String> selector, String namespace) {
        List<Resource> pods = configuration.matching(POD, Map.of(), namespace);
        Set<String> suggestions = new LinkedHashSet<>();
        selector.forEach((key, value) -> {
            Set<String> values = new TreeSet<>();
            pods.forEach(pod -> pod.label(key).ifPresent(values::add));
            if (!values.contains(value)) {
                configuration.near(value, values).forEach(other -> suggestions.add(key + "=" + other));
            }
        });
        return suggestions.stream().limit(3).toList();
    }
}
