package dev.meshdx.analysis.internal.checks.visibility;

import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.SIDECAR;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.configuration.internal.Visibility;
import dev.meshdx.configuration.internal.Visibility.Imports;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * VirtualServices for a host of another namespace that the Sidecar of their own namespace does not import, although it imports
 * the host itself: {@code prod/reviews.prod.svc.cluster.local} means the resources of namespace {@code prod}. Sources: Istio,
 * "Sidecar" (field hosts of an egress listener); istio/istio, {@code pilot/pkg/model/sidecar.go},
 * {@code SelectVirtualServices}.
 */
public final class SidecarRouteCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0270",
            "SidecarHidesRoutes",
            Severity.WARNING,
            "A Sidecar imports a host, but not the VirtualService for it.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SIDECAR, VIRTUAL_SERVICE, SERVICE, SERVICE_ENTRY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Visibility visibility = Visibility.of(configuration);
        ServiceRegistry services = ServiceRegistry.of(configuration);
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            String namespace = configuration.namespaceOf(virtualService);
            Imports imports = visibility.imports(namespace);
            Map<String, Field> hosts = HttpRoutes.hosts(configuration, virtualService);
            if (imports.everything()
                    || !imports.sidecar()
                            .filter(sidecar ->
                                    configuration.namespaceOf(sidecar).equals(namespace))
                            .isPresent()
                    || !HttpRoutes.gateways(configuration, virtualService).containsKey("mesh")
                    || hosts.keySet().stream().anyMatch(host -> imports.include(host, namespace, namespace))) {
                continue;
            }
            for (Map.Entry<String, Field> host : hosts.entrySet()) {
                Optional<ServiceRegistry.Host> found = services.find(namespace, List.of(), host.getKey());
                String owner = found.map(one -> configuration.namespaceOf(one.resource()))
                        .orElse(namespace);
                if (!owner.equals(namespace) && imports.include(host.getKey(), owner, namespace)) {
                    report(
                            configuration,
                            virtualService,
                            host.getValue(),
                            host.getKey(),
                            found.orElseThrow().resource(),
                            imports,
                            report);
                    break;
                }
            }
        }
    }

    private static void report(
            Configuration configuration,
            Resource virtualService,
            Field host,
            String name,
            Resource owner,
            Imports imports,
            Consumer<Finding> report) {
        Resource sidecar = imports.sidecar().orElseThrow();
        String namespace = configuration.namespaceOf(virtualService);
        Finding.Builder finding = configuration
                .finding(CODE, virtualService, host)
                .message("Clients of namespace " + namespace + " do not follow it: " + sidecar + " imports " + owner
                        + ", but from namespace " + namespace + " nothing for " + name + ".");
        imports.fields().stream()
                .limit(5)
                .forEach(field -> finding.evidence(field.path(), sidecar.toString(), field.quoted()));
        report.accept(finding.evidence("the host's owner", owner.toString(), name)
                .remedy("Add \"./" + name + "\" to spec.egress[].hosts: " + ReferencedResources.edit(sidecar))
                .build());
    }
}
