package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.TELEMETRY;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Tracing by a provider of type Lightstep, which is gone. Source: istio/istio, {@code telemetry/lightstep.go}. */
public final class LightstepProviderCheck implements ConfigurationCheck {
    @Override
    public List<FindingCode> codes() {
        return List.of(Deprecations.CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(TELEMETRY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Set<String> providers = new TreeSet<>();
        for (Json provider : configuration.mesh().raw().at("extensionProviders").items()) {
            if (provider.at("lightstep").exists()) {
                providers.add(provider.at("name").text(""));
            }
        }
        for (Resource telemetry : configuration.all(TELEMETRY)) {
            Map<String, Field> named = new LinkedHashMap<>();
            for (Field tracing : Field.spec(telemetry).at("tracing").items()) {
                for (Field provider : tracing.at("providers").items()) {
                    if (providers.contains(provider.at("name").text())) {
                        named.putIfAbsent(provider.at("name").text(), provider.at("name"));
                    }
                }
            }
            named.forEach((name, field) -> report.accept(configuration
                    .finding(Deprecations.CODE, telemetry, field)
                    .message("The tracing provider \"" + name + "\" is of type lightstep, which is deprecated; its"
                            + " successor is opentelemetry.")
                    .evidence("extensionProviders[].lightstep", "mesh configuration", name)
                    .remedy("Define a provider of type opentelemetry in the mesh configuration and name it here: "
                            + ReferencedResources.edit(telemetry))
                    .build()));
        }
    }
}
