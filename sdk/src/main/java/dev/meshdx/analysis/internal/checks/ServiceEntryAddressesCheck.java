package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;

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
 * ServiceEntries whose TCP ports have no address to be told apart by. Source: istio/istio,
 * {@code serviceentry/protocoladdresses.go}; Istio, "Service Entry", field addresses.
 */
public final class ServiceEntryAddressesCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0134",
            "ServiceEntryAddressesRequired",
            Severity.WARNING,
            "A TCP port of a ServiceEntry has no address to match traffic by.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SERVICE_ENTRY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        if (allocates(configuration.mesh().raw().at("defaultConfig", "proxyMetadata"))) {
            return;
        }
        for (Resource entry : configuration.all(SERVICE_ENTRY)) {
            if (entry.spec().at("addresses").size() > 0
                    || entry.status().at("addresses").size() > 0) {
                continue;
            }
            List<Field> ports = Field.spec(entry).at("ports").items().stream()
                    .filter(ServiceEntryAddressesCheck::isPlain)
                    .toList();
            List<String> numbers =
                    ports.stream().map(port -> port.at("number").text()).toList();
            for (Field port : ports) {
                // One message for all ports: what is told apart is the line.
                report.accept(configuration
                        .finding(CODE, entry, port.at("name"))
                        .message("Traffic to TCP ports of this ServiceEntry (" + String.join(", ", numbers)
                                + ") is told apart by address, and it has none.")
                        .evidence(
                                port.at("protocol").path(),
                                entry.toString(),
                                port.at("protocol").quoted())
                        .evidence("spec.addresses", entry.toString(), "absent")
                        .remedy("Add spec.addresses, name the protocol of the port (HTTP, TLS), or let the proxies"
                                + " allocate addresses (proxyMetadata ISTIO_META_DNS_CAPTURE and"
                                + " ISTIO_META_DNS_AUTO_ALLOCATE \"true\"): " + ReferencedResources.edit(entry))
                        .build());
            }
        }
    }

    private static boolean isPlain(Field port) {
        String protocol = port.at("protocol").text();
        return protocol.isEmpty() || protocol.equalsIgnoreCase("TCP");
    }

    /** Whether proxies allocate addresses for hosts that have none. Source: Istio, "DNS Proxying". */
    private static boolean allocates(Json metadata) {
        return metadata.at("ISTIO_META_DNS_CAPTURE").text("").equals("true")
                && (metadata.at("ISTIO_META_DNS_AUTO_ALLOCATE").text("").equals("true")
                        || metadata.at("PILOT_ENABLE_IP_AUTOALLOCATE").text("").equals("true"));
    }
}
