package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.TELEMETRY;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Namespaces with several Telemetries for all workloads. Source: istio/istio, {@code telemetry/default_selector.go}. */
public final class DefaultTelemetryCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0160",
            "MultipleTelemetriesWithoutWorkloadSelectors",
            Severity.ERROR,
            "A namespace has several Telemetries without a selector.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(TELEMETRY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        configuration.byNamespace(TELEMETRY).forEach((namespace, all) -> {
            List<Resource> telemetries = all.stream()
                    .filter(telemetry -> !selector(telemetry).exists())
                    .toList();
            if (telemetries.size() < 2) {
                return;
            }
            List<String> names =
                    telemetries.stream().map(Resource::name).sorted().toList();
            for (Resource telemetry : telemetries) {
                report.accept(configuration
                        .finding(CODE, telemetry, selector(telemetry))
                        .message("Namespace " + namespace + " has several Telemetries without a selector: "
                                + String.join(", ", names) + ". Only the oldest holds.")
                        .remedy("Merge them into one, or give the others a selector: "
                                + ReferencedResources.edit(telemetry))
                        .build());
            }
        });
    }

    private static Field selector(Resource telemetry) {
        return Field.spec(telemetry).at("selector");
    }
}
