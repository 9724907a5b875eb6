package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a DestinationRule must look like. Source: istio/istio, {@code validation.go}, {@code ValidateDestinationRule}. */
public final class DestinationRuleSchemaCheck extends SchemaCheck {
    public DestinationRuleSchemaCheck() {
        super(ResourceKind.DESTINATION_RULE, "DestinationRule");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        Values.checkWildcardHost(spec.at("host"), problems);
        TrafficPolicies.check(spec.at("trafficPolicy"), namespace, problems);
        Set<String> names = new HashSet<>();
        for (Field subset : spec.at("subsets").items()) {
            if (subset.value().isNull()) {
                problems.error(subset, "a subset must not be null");
                continue;
            }
            String name = subset.at("name").text();
            problems.require(names.add(name), subset.at("name"), "the subset \"" + name + "\" is defined twice");
            problems.require(
                    Values.isLabel(name), subset.at("name"), "\"" + name + "\" is not a valid name of a subset");
            Values.checkLabels(subset.at("labels"), problems);
            TrafficPolicies.check(subset.at("trafficPolicy"), namespace, problems.errorsOnly());
        }
        Values.checkExportTo(spec.at("exportTo"), namespace, false, problems);
        List<String> exportTo = spec.at("exportTo").value().texts();
        if (spec.at("workloadSelector").exists() && !exportTo.isEmpty()) {
            problems.require(
                    exportTo.equals(List.of(".")) || exportTo.equals(List.of(namespace)),
                    spec.at("exportTo"),
                    "a rule with a workloadSelector can be exported to its own namespace only");
        }
        Values.checkSelector(spec.at("workloadSelector", "matchLabels"), problems);
        Values.adviseLabels(spec.at("workloadSelector"), "matchLabels", problems);
    }
}
