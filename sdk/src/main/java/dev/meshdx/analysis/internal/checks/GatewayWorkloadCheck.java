package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.analysis.internal.configuration.Configuration;
import dev.meshdx.analysis.internal.configuration.ConfigurationCheck;
import dev.meshdx.analysis.internal.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Gateways that select no pod. Source: istio/istio, {@code gateway/gateway.go}. */
public final class GatewayWorkloadCheck implements ConfigurationCheck {
    @Override
    public List<FindingCode> codes() {
        return List.of(ReferencedResources.NOT_FOUND);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(GATEWAY, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource gateway : configuration.all(GATEWAY)) {
            Field selector = Field.spec(gateway).at("selector");
            Map<String, String> labels = selector.value().textMap();
            if (configuration.complete(POD)
                    && configuration.matching(POD, labels, "").isEmpty()) {
                String text = Configuration.text(labels);
                report.accept(configuration
                        .finding(ReferencedResources.NOT_FOUND, gateway, selector)
                        .message("The selector \"" + text + "\" matches no pod, so nothing serves this Gateway.")
                        .remedy("Compare with the labels of the gateway's pods: kubectl get pods -A --show-labels -l "
                                + (text.isEmpty() ? "istio" : text))
                        .build());
            }
        }
    }
}
