package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.SIDECAR;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Fields of VirtualServices and Sidecars that are going away. Source: istio/istio, {@code deprecation/deprecation.go}. */
public final class DeprecatedFieldCheck implements ConfigurationCheck {
    @Override
    public List<FindingCode> codes() {
        return List.of(Deprecations.CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, SIDECAR);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            List<Field> percents = Field.spec(virtualService).at("http").items().stream()
                    .map(route -> route.at("fault", "delay", "percent"))
                    .filter(percent -> percent.value().number(0) > 0)
                    .toList();
            if (!percents.isEmpty()) {
                Finding.Builder finding = Finding.of(Deprecations.CODE, virtualService)
                        .message("The field fault.delay.percent is deprecated; its successor is"
                                + " fault.delay.percentage.value.");
                percents.forEach(
                        percent -> finding.evidence(percent.path(), virtualService.toString(), percent.quoted()));
                report.accept(finding.remedy("Write percentage: {value: "
                                + percents.get(0).text() + "} in place of percent: "
                                + ReferencedResources.edit(virtualService))
                        .build());
            }
        }
        for (Resource sidecar : configuration.all(SIDECAR)) {
            Field proxy = Field.spec(sidecar).at("outboundTrafficPolicy", "egressProxy");
            if (proxy.exists()) {
                report.accept(configuration
                        .finding(Deprecations.CODE, sidecar, proxy)
                        .message("The field outboundTrafficPolicy.egressProxy is deprecated.")
                        .remedy("Send traffic through an egress gateway with a ServiceEntry, a Gateway and a"
                                + " VirtualService, and remove the field: " + ReferencedResources.edit(sidecar))
                        .build());
            }
        }
    }
}
