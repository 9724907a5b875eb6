package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.TELEMETRY;

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
 * Access logging that names no provider where the mesh has no default one: nothing is logged. Source: istio/istio,
 * {@code telemetry/provider.go}; Istio, "Global Mesh Options", defaultProviders.
 */
public final class TelemetryProviderCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0157",
            "InvalidTelemetryProvider",
            Severity.WARNING,
            "Access logging names no provider, and the mesh has no default one.");

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
        Json mesh = configuration.mesh().raw();
        if (mesh.at("defaultProviders", "accessLogging").size() > 0) {
            return;
        }
        List<String> known = mesh.at("extensionProviders").items().stream()
                .map(provider -> provider.at("name").text(""))
                .filter(name -> !name.isEmpty())
                .toList();
        for (Resource telemetry : configuration.all(TELEMETRY)) {
            List<Field> without = Field.spec(telemetry).at("accessLogging").items().stream()
                    .filter(logging -> !logging.at("disabled").value().bool(false)
                            && logging.at("providers").value().size() == 0)
                    .toList();
            if (without.isEmpty()) {
                continue;
            }
            Finding.Builder finding = Finding.of(CODE, telemetry)
                    .message("Access logging is configured without a provider, and the mesh configuration has no"
                            + " defaultProviders.accessLogging: nothing is logged.");
            for (Field logging : without) {
                finding.evidence(
                        logging.at("providers").path(),
                        telemetry.toString(),
                        logging.at("providers").quoted());
            }
            report.accept(finding.evidence("defaultProviders.accessLogging", "mesh configuration", "absent")
                    .remedy("Name a provider, such as providers: [{name: envoy}]"
                            + (known.isEmpty() ? "" : " (the mesh configuration has " + String.join(", ", known) + ")")
                            + ": " + ReferencedResources.edit(telemetry))
                    .build());
        }
    }
}
