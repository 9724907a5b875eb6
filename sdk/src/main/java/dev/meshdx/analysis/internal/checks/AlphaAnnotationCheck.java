package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Annotations of features that may change or go away with any release. Most of Istio's annotations are such, so this runs
 * only when its code is asked for, as istioctl runs it in {@code x precheck} only. Source: istio/istio,
 * {@code maturity/maturity.go}; the stages are those of istio/api, {@code annotation/annotations.yaml}.
 */
public final class AlphaAnnotationCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0136", "AlphaAnnotation", Severity.INFO, "An annotation belongs to a feature that may still change.");

    /** Istio's network plugin writes them by itself, and it brings no container that sets up the redirection. */
    private static final Set<String> BY_PLUGIN = Set.of(
            "sidecar.istio.io/interceptionMode",
            "traffic.sidecar.istio.io/includeInboundPorts",
            "traffic.sidecar.istio.io/excludeInboundPorts",
            "traffic.sidecar.istio.io/includeOutboundIPRanges");

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
        return Set.of(NAMESPACE, SERVICE, POD, DEPLOYMENT);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (ResourceKind kind : List.of(NAMESPACE, SERVICE, POD, DEPLOYMENT)) {
            for (Resource resource : configuration.all(kind)) {
                boolean byPlugin = kind.equals(POD) && !hasInit(resource);
                for (String name : resource.annotations().keySet()) {
                    if (AnnotationCheck.isAlpha(name) && !(byPlugin && BY_PLUGIN.contains(name))) {
                        report.accept(finding(configuration, resource, name));
                    }
                }
            }
        }
    }

    private static boolean hasInit(Resource pod) {
        return pod.spec().at("initContainers").items().stream()
                .anyMatch(container -> container.at("name").text("").equals("istio-init"));
    }

    private static Finding finding(Configuration configuration, Resource resource, String name) {
        return configuration
                .finding(
                        CODE,
                        resource,
                        new Field(
                                "metadata.annotations." + name,
                                Json.of(resource.annotations().get(name))))
                .message("The annotation \"" + name + "\" belongs to a feature in alpha: its meaning may change, or go"
                        + " away, with any release.")
                .remedy("Read the change notes before an upgrade, and look for a setting that is stable in Istio's"
                        + " reference, \"Resource Annotations\".")
                .build();
    }
}
