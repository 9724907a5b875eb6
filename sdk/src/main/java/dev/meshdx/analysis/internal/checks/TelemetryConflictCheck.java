package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.TELEMETRY;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
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

/** Pods that several Telemetries select: one of them holds, and nobody says which. Source: istio/istio, {@code telemetry/selector.go}. */
public final class TelemetryConflictCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0159",
            "ConflictingTelemetryWorkloadSelectors",
            Severity.ERROR,
            "Several Telemetries select the same pod.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(TELEMETRY, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<Resource, List<Resource>> byPod = new LinkedHashMap<>();
        for (Resource telemetry : configuration.all(TELEMETRY)) {
            Map<String, String> labels = labels(telemetry).value().textMap();
            if (!labels.isEmpty()) {
                configuration
                        .matching(POD, labels, configuration.namespaceOf(telemetry))
                        .forEach(pod -> byPod.computeIfAbsent(pod, unused -> new ArrayList<>())
                                .add(telemetry));
            }
        }
        byPod.forEach((pod, telemetries) -> {
            if (telemetries.size() < 2) {
                return;
            }
            List<String> names =
                    telemetries.stream().map(Resource::name).sorted().toList();
            for (Resource telemetry : telemetries) {
                Finding.Builder finding = configuration
                        .finding(CODE, telemetry, labels(telemetry))
                        .message("Pod " + configuration.qualifiedName(pod) + " is selected by several Telemetries: "
                                + String.join(", ", names) + ". One of them holds; which, is not defined.")
                        .evidence("metadata.labels", pod.toString(), Configuration.text(pod.labels()));
                telemetries.stream()
                        .filter(other -> !other.equals(telemetry))
                        .limit(5)
                        .forEach(other -> finding.evidence(
                                labels(other).path(),
                                other.toString(),
                                labels(other).quoted()));
                report.accept(finding.remedy("Merge them, or make their selectors exclude one another: "
                                + ReferencedResources.edit(telemetry))
                        .build());
            }
        });
    }

    private static Field labels(Resource telemetry) {
        return Field.spec(telemetry).at("selector", "matchLabels");
    }
}
