package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;

/** What a WorkloadEntry must look like. Source: istio/istio, {@code validation.go}, {@code ValidateWorkloadEntry}. */
public final class WorkloadEntrySchemaCheck extends SchemaCheck {
    private static final String UNIX = "unix://";

    public WorkloadEntrySchemaCheck() {
        super(ResourceKind.WORKLOAD_ENTRY, "WorkloadEntry");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        Field address = spec.at("address");
        String text = address.text();
        if (text.isEmpty() && spec.at("network").text().isEmpty()) {
            problems.error(address, "a WorkloadEntry must have an address, or a network whose gateway leads to it");
            return;
        }
        problems.advise(
                !text.isEmpty(),
                address,
                "a WorkloadEntry has a network but no address; it is reached through the network's gateway");
        Field ports = spec.at("ports");
        if (text.startsWith(UNIX)) {
            problems.require(
                    Values.isUnixPath(text.substring(UNIX.length())),
                    address,
                    "\"" + text + "\" is not a path of a unix socket");
            problems.require(ports.value().size() == 0, ports, "an address on a unix socket does not go with ports");
        } else if (!text.isEmpty()) {
            problems.require(
                    Values.isIp(text) || Values.isHostName(text),
                    address,
                    "\"" + text + "\" is not a host name or an address");
        }
        for (Field port : ports.entries()) {
            String name = port.path().substring(ports.path().length() + 1);
            problems.require(Values.isLabel(name), port, "\"" + name + "\" is not a valid port name");
            Values.checkPort(port, problems);
        }
        Values.checkLabels(spec.at("labels"), problems);
    }
}
