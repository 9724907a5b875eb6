package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SIDECAR;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.MeshMembership;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Sidecar resources that compete for the same pods: a proxy follows one of them. Source: istio/istio,
 * {@code sidecar/selector.go} and {@code sidecar/defaultselector.go}; Istio, "Sidecar".
 */
public final class ConflictingSidecarsCheck implements ConfigurationCheck {
    static final FindingCode SAME_POD = new FindingCode(
            "IST0110",
            "ConflictingSidecarWorkloadSelectors",
            Severity.ERROR,
            "Several Sidecars with a selector pick the same pod.");

    static final FindingCode SAME_NAMESPACE = new FindingCode(
            "IST0111",
            "MultipleSidecarsWithoutWorkloadSelectors",
            Severity.ERROR,
            "Several Sidecars without a selector are in one namespace.");

    @Override
    public List<FindingCode> codes() {
        return List.of(SAME_POD, SAME_NAMESPACE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SIDECAR, POD, NAMESPACE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        configuration.byNamespace(SIDECAR).forEach((namespace, sidecars) -> {
            List<Resource> wide = new ArrayList<>();
            Map<Resource, List<Resource>> byPod = new LinkedHashMap<>();
            for (Resource sidecar : sidecars) {
                Map<String, String> labels = labels(sidecar).value().textMap();
                if (labels.isEmpty()) {
                    wide.add(sidecar);
                } else {
                    configuration
                            .matching(POD, labels, namespace)
                            .forEach(pod -> byPod.computeIfAbsent(pod, unused -> new ArrayList<>())
                                    .add(sidecar));
                }
            }
            byPod.forEach((pod, competing) -> {
                if (competing.size() > 1 && !MeshMembership.isAmbient(pod)) {
                    competing.forEach(sidecar -> reportPod(configuration, sidecar, competing, pod, report));
                }
            });
            if (wide.size() > 1 && !MeshMembership.isAmbientNamespace(configuration, namespace)) {
                wide.forEach(sidecar -> reportNamespace(configuration, sidecar, wide, namespace, report));
            }
        });
    }

    private static Field labels(Resource sidecar) {
        return Field.spec(sidecar).at("workloadSelector", "labels");
    }

    private static String names(List<Resource> sidecars) {
        return String.join(", ", sidecars.stream().map(Resource::name).sorted().toList());
    }

    private static void reportPod(
            Configuration configuration,
            Resource sidecar,
            List<Resource> competing,
            Resource pod,
            Consumer<Finding> report) {
        Finding.Builder finding = configuration
                .finding(SAME_POD, sidecar, labels(sidecar))
                .message("The Sidecars " + names(competing) + " all select pod " + configuration.qualifiedName(pod)
                        + "; its proxy follows one of them only.")
                .evidence("metadata.labels", pod.toString(), Configuration.text(pod.labels()));
        for (Resource other : competing) {
            if (!other.equals(sidecar)) {
                Field labels = labels(other);
                finding.evidence(labels.path(), other.toString(), labels.quoted());
            }
        }
        report.accept(finding.remedy(
                        "Merge them, or make their selectors exclude each other: " + ReferencedResources.edit(sidecar))
                .build());
    }

    private static void reportNamespace(
            Configuration configuration,
            Resource sidecar,
            List<Resource> wide,
            String namespace,
            Consumer<Finding> report) {
        Finding.Builder finding = configuration
                .finding(SAME_NAMESPACE, sidecar, Field.spec(sidecar).at("workloadSelector"))
                .message("The Sidecars " + names(wide) + " all hold for the whole namespace " + namespace
                        + "; its proxies follow one of them only.");
        for (Resource other : wide) {
            if (!other.equals(sidecar)) {
                Field selector = Field.spec(other).at("workloadSelector");
                finding.evidence(selector.path(), other.toString(), selector.quoted());
            }
        }
        report.accept(finding.remedy(
                        "Keep one of them and give the others a workloadSelector: " + ReferencedResources.edit(sidecar))
                .build());
    }
}
