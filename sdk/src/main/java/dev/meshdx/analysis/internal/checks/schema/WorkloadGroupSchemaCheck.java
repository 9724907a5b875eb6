package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;

/** What a WorkloadGroup must look like. Source: istio/istio, {@code validation.go}, {@code ValidateWorkloadGroup}. */
public final class WorkloadGroupSchemaCheck extends SchemaCheck {
    private static final List<String> NUMBERS =
            List.of("periodSeconds", "initialDelaySeconds", "timeoutSeconds", "successThreshold", "failureThreshold");

    public WorkloadGroupSchemaCheck() {
        super(ResourceKind.WORKLOAD_GROUP, "WorkloadGroup");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        if (!spec.at("template").exists()) {
            problems.error(spec.at("template"), "a WorkloadGroup must have a template");
            return;
        }
        Values.checkLabels(spec.at("metadata", "labels"), problems);
        if (problems.isEmpty() && spec.at("probe").exists()) {
            checkProbe(spec.at("probe"), problems);
        }
    }

    private static void checkProbe(Field probe, Problems problems) {
        NUMBERS.forEach(name -> Values.checkNotNegative(probe.at(name), problems));
        Field http = probe.at("httpGet");
        if (http.exists()) {
            Values.checkPort(http.at("port"), problems);
            String scheme = http.at("scheme").text();
            problems.require(
                    Set.of("", "HTTP", "HTTPS").contains(scheme),
                    http.at("scheme"),
                    "the scheme of a probe must be HTTP or HTTPS, not \"" + scheme + "\"");
            for (Field header : http.at("httpHeaders").items()) {
                String name = header.at("name").text();
                problems.require(
                        name.matches("[A-Za-z0-9-]+"), header.at("name"), "\"" + name + "\" is not a header's name");
            }
        } else if (probe.at("tcpSocket").exists()) {
            Values.checkPort(probe.at("tcpSocket", "port"), problems);
        } else if (probe.at("exec").exists()) {
            problems.require(
                    probe.at("exec", "command").value().size() > 0,
                    probe.at("exec", "command"),
                    "a probe with exec must have a command");
        } else {
            problems.error(probe, "a probe must have httpGet, tcpSocket or exec");
        }
    }
}
