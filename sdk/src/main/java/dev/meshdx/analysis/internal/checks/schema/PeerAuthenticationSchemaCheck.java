package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;

/** What a PeerAuthentication must look like. Source: istio/istio, {@code validation.go}, {@code ValidatePeerAuthentication}. */
public final class PeerAuthenticationSchemaCheck extends SchemaCheck {
    public PeerAuthenticationSchemaCheck() {
        super(ResourceKind.PEER_AUTHENTICATION, "PeerAuthentication");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        Field ports = spec.at("portLevelMtls");
        if (ports.value().isObject()) {
            problems.require(ports.value().size() > 0, ports, "portLevelMtls must not be empty");
            problems.require(
                    spec.at("selector", "matchLabels").value().size() > 0,
                    ports,
                    "portLevelMtls needs a selector: ports are those of workloads");
            for (Field port : ports.entries()) {
                String name = port.path().substring(ports.path().length() + 1);
                problems.require(
                        name.matches("[0-9]{1,5}") && Values.isPort(Long.parseLong(name)),
                        port,
                        "\"" + name + "\" in portLevelMtls is not a port number");
            }
        }
        Values.checkSelector(spec.at("selector", "matchLabels"), problems);
        Values.adviseLabels(spec.at("selector"), "matchLabels", problems);
    }
}
