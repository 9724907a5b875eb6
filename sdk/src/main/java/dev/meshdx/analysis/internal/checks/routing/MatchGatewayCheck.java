package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.KUBERNETES_GATEWAY;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Matches of a VirtualService that name a gateway which the VirtualService as a whole does not: istiod gives a VirtualService
 * to the gateways in {@code spec.gateways} only, so that the match never applies. Source: istio/istio,
 * {@code pilot/pkg/model/push_context.go} ({@code initVirtualServices}); Istio, "Virtual Service", field gateways; Kiali,
 * KIA1102.
 */
public final class MatchGatewayCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0230",
            "MatchGatewayNotListed",
            Severity.WARNING,
            "A match names a gateway that the VirtualService is not bound to.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, GATEWAY, KUBERNETES_GATEWAY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            if (virtualService.spec().at("hosts").size() == 0) {
                // A delegate is bound to what its root is bound to.
                continue;
            }
            String namespace = configuration.namespaceOf(virtualService);
            Map<String, String> bound = Routes.gateways(configuration, virtualService);
            for (Field route : Routes.of(virtualService)) {
                for (Field match : route.at("match").items()) {
                    for (Field gateway : match.at("gateways").items()) {
                        if (!gateway.text().isEmpty()
                                && !bound.containsKey(Routes.gateway(namespace, gateway.text()))) {
                            report.accept(finding(configuration, virtualService, gateway, bound));
                        }
                    }
                }
            }
        }
    }

    private static Finding finding(
            Configuration configuration, Resource virtualService, Field gateway, Map<String, String> bound) {
        String namespace = configuration.namespaceOf(virtualService);
        String full = Routes.gateway(namespace, gateway.text());
        boolean known = full.equals("mesh")
                || configuration.resolve(GATEWAY, namespace, full).isPresent()
                || configuration.resolve(KUBERNETES_GATEWAY, namespace, full).isPresent();
        boolean missing = !known
                && configuration.canResolve(GATEWAY, namespace, full)
                && configuration.canResolve(KUBERNETES_GATEWAY, namespace, full);
        List<String> near = known ? List.of() : configuration.near(gateway.text(), new ArrayList<>(bound.values()));
        Field listed = Field.spec(virtualService).at("gateways");
        String alternatives = String.join(", ", bound.values());
        return configuration
                .finding(CODE, virtualService, gateway)
                .message("The match applies to gateway \"" + gateway.text() + "\", "
                        + (missing ? "which does not exist, and " : "")
                        + "to which the VirtualService is not bound; it is bound to " + alternatives
                        + ". The match never applies there." + ReferencedResources.didYouMean(near))
                .evidence(listed.path(), virtualService.toString(), listed.quoted())
                .remedy((missing
                                ? "Write " + (near.isEmpty() ? alternatives : near.get(0)) + " in the match: "
                                : "Add " + gateway.text() + " to spec.gateways"
                                        + (listed.exists() ? "" : " (together with mesh, which is bound by default)")
                                        + ", or correct the match: ")
                        + ReferencedResources.edit(virtualService))
                .build();
    }
}
