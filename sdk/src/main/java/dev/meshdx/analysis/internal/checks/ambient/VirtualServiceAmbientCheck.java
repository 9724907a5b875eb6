package dev.meshdx.analysis.internal.checks.ambient;

import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.configuration.internal.Waypoints;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * VirtualServices for traffic in the mesh that ambient clients do not follow: ztunnel reads none, and a waypoint reads those
 * of the service's own namespace. Sources: Istio, "Use Layer 7 features" (ambient); Kiali's checks KIA1109, KIA1113, KIA1114
 * for the namespace.
 */
public final class VirtualServiceAmbientCheck implements ConfigurationCheck {
    static final FindingCode WITHOUT_WAYPOINT = new FindingCode(
            "MDX0257",
            "VirtualServiceWithoutWaypoint",
            Severity.WARNING,
            "The VirtualService is for a host that ambient clients reach through no waypoint, so they do not follow it.");

    static final FindingCode ELSEWHERE = new FindingCode(
            "MDX0258",
            "VirtualServiceAwayFromService",
            Severity.WARNING,
            "The VirtualService is for an ambient service of another namespace, whose waypoint does not look for it here.");

    @Override
    public List<FindingCode> codes() {
        return List.of(WITHOUT_WAYPOINT, ELSEWHERE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(DataPlane.INPUTS);
        inputs.addAll(Waypoints.INPUTS);
        inputs.addAll(List.of(VIRTUAL_SERVICE, ResourceKind.SERVICE, ResourceKind.SERVICE_ENTRY));
        return Set.copyOf(inputs);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            Field spec = Field.spec(virtualService);
            List<String> gateways = spec.at("gateways").value().texts();
            boolean routes = List.of("http", "tls", "tcp").stream()
                    .anyMatch(protocol -> spec.at(protocol).value().size() > 0);
            if (!routes || !(gateways.isEmpty() || gateways.contains("mesh"))) {
                continue;
            }
            for (Field host : spec.at("hosts").items()) {
                if (!host.text().isEmpty() && !host.text().contains("*")) {
                    check(configuration, virtualService, host, report);
                }
            }
        }
    }

    private static void check(
            Configuration configuration, Resource virtualService, Field host, Consumer<Finding> report) {
        String namespace = configuration.namespaceOf(virtualService);
        Optional<Resource> service = ServiceRegistry.of(configuration)
                .find(namespace, virtualService.spec().at("exportTo").texts(), host.text())
                .map(ServiceRegistry.Host::resource);
        if (service.isEmpty()) {
            return;
        }
        String owner = configuration.namespaceOf(service.get());
        if (owner.equals(namespace)) {
            ServiceWithoutWaypoint.ambient(configuration, service.get())
                    .ifPresent(found ->
                            report.accept(found.evidence(configuration.finding(WITHOUT_WAYPOINT, virtualService, host))
                                    .message("Host " + host.text() + " is " + found.resource()
                                            + " in ambient mode, which goes through no waypoint (" + found.why()
                                            + "): ztunnel follows no VirtualService, only clients with sidecars do.")
                                    .remedy("Send the service's traffic through a waypoint: "
                                            + Policies.giveWaypoint(configuration, found.resource()))
                                    .build()));
        } else if (Clients.areAmbientIn(configuration, namespace)
                && DataPlane.of(configuration).isAmbient(service.get(), owner)) {
            report.accept(configuration
                    .finding(ELSEWHERE, virtualService, host)
                    .message("Host " + host.text() + " is " + service.get()
                            + " in ambient mode, in another namespace: its waypoint reads the VirtualServices of namespace "
                            + owner + " only, and the clients here have no sidecar that would follow it.")
                    .evidence("metadata.namespace", service.get().toString(), owner)
                    .remedy("Create it in namespace " + owner + " and delete it here: kubectl -n " + namespace
                            + " delete " + virtualService.kind().qualifiedPlural() + " " + virtualService.name())
                    .build());
        }
    }
}
