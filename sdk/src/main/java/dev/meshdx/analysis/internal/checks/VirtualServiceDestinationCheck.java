package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Hosts and ports to which VirtualServices send traffic. Source: istio/istio, {@code virtualservice/destinationhosts.go};
 * the proxy answers 503 with flag NC ("no cluster") for a host that does not exist.
 */
public final class VirtualServiceDestinationCheck implements ConfigurationCheck {
    static final FindingCode PORT_REQUIRED = new FindingCode(
            "IST0112",
            "VirtualServiceDestinationPortSelectorRequired",
            Severity.ERROR,
            "The destination names no port, but its service has several.");

    @Override
    public List<FindingCode> codes() {
        return List.of(ReferencedResources.NOT_FOUND, PORT_REQUIRED);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, SERVICE, SERVICE_ENTRY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        ServiceRegistry services = ServiceRegistry.of(configuration);
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            String namespace = configuration.namespaceOf(virtualService);
            List<String> exportTo = virtualService.spec().at("exportTo").texts();
            for (VirtualServices.Destination destination : VirtualServices.destinations(virtualService)) {
                String host = destination.host().text();
                Optional<ServiceRegistry.Host> found = services.find(namespace, exportTo, host);
                if (found.isPresent()) {
                    checkPort(configuration, virtualService, destination, found.get(), report);
                } else if (ServiceRegistry.canTell(configuration, namespace, host)) {
                    reportHost(configuration, virtualService, destination, report);
                }
            }
        }
    }

    private static void reportHost(
            Configuration configuration,
            Resource virtualService,
            VirtualServices.Destination destination,
            Consumer<Finding> report) {
        String namespace = configuration.namespaceOf(virtualService);
        String host = destination.host().text();
        List<String> near =
                host.isEmpty() ? List.of() : ServiceRegistry.of(configuration).near(configuration, namespace, host);
        String what = destination.mirror() ? "Mirror host" : "Destination host";
        report.accept(configuration
                .finding(ReferencedResources.NOT_FOUND, virtualService, destination.host())
                .message(
                        host.isEmpty()
                                ? (destination.mirror() ? "A mirror" : "A destination") + " names no host."
                                : what + " \"" + host
                                        + "\" does not exist: there is neither a Service nor a ServiceEntry"
                                        + " for it that namespace " + namespace + " can see."
                                        + ReferencedResources.didYouMean(near))
                .remedy((near.isEmpty()
                                ? "Create the Service or a ServiceEntry for the host, or correct it: "
                                : "Write " + near.get(0) + " as the host: ")
                        + ReferencedResources.edit(virtualService))
                .build());
    }

    private static void checkPort(
            Configuration configuration,
            Resource virtualService,
            VirtualServices.Destination destination,
            ServiceRegistry.Host host,
            Consumer<Finding> report) {
        String written = destination.host().text();
        if (!destination.field().at("port").exists()) {
            if (host.ports().size() > 1) {
                report.accept(configuration
                        .finding(PORT_REQUIRED, virtualService, destination.host())
                        .message("The destination \"" + written + "\" names no port, but " + host.resource()
                                + " has several: " + host.ports() + ".")
                        .evidence(
                                "spec.ports",
                                host.resource().toString(),
                                host.ports().toString())
                        .remedy("Add port.number to the destination: " + ReferencedResources.edit(virtualService))
                        .build());
            }
            return;
        }
        long port = destination.port().value().number(0);
        if (!host.ports().contains(port)) {
            report.accept(configuration
                    .finding(ReferencedResources.NOT_FOUND, virtualService, destination.port())
                    .message("Destination \"" + written + ":" + port + "\" does not exist: " + host.resource()
                            + " has the ports " + host.ports() + ".")
                    .evidence(
                            "spec.ports",
                            host.resource().toString(),
                            host.ports().toString())
                    .remedy("Name one of the service's ports (not its target port): "
                            + ReferencedResources.edit(virtualService))
                    .build());
        }
    }
}
