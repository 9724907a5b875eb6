package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.WORKLOAD_GROUP;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * WorkloadGroups of one namespace whose machines have the same labels: Services, subsets and policies cannot tell them apart.
 * Source: Istio, "WorkloadGroup", field metadata; Kiali, KIA1702.
 */
public final class WorkloadGroupLabelsCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0234",
            "WorkloadGroupSameLabels",
            Severity.WARNING,
            "Two WorkloadGroups give their machines the same labels.");

    /** Groups for two places or networks have the same labels on purpose. */
    private record Key(String namespace, Map<String, String> labels, String network, String locality) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(WORKLOAD_GROUP);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<Key, List<Resource>> groups = new LinkedHashMap<>();
        for (Resource group : configuration.all(WORKLOAD_GROUP)) {
            Map<String, String> labels = new TreeMap<>(labels(group).value().textMap());
            labels.putAll(group.spec().at("template", "labels").textMap());
            if (!labels.isEmpty()) {
                groups.computeIfAbsent(
                                new Key(
                                        configuration.namespaceOf(group),
                                        labels,
                                        group.spec().at("template", "network").text(""),
                                        group.spec().at("template", "locality").text("")),
                                unused -> new ArrayList<>())
                        .add(group);
            }
        }
        groups.forEach((key, same) -> {
            if (same.size() > 1) {
                for (Resource group : same) {
                    report.accept(finding(configuration, key, group, same));
                }
            }
        });
    }

    private static Field labels(Resource group) {
        return Field.spec(group).at("metadata", "labels");
    }

    private static Finding finding(Configuration configuration, Key key, Resource group, List<Resource> same) {
        Resource other = same.get(0).equals(group) ? same.get(1) : same.get(0);
        return configuration
                .finding(
                        CODE,
                        group,
                        labels(group).exists()
                                ? labels(group)
                                : Field.spec(group).at("template", "labels"))
                .message("The machines of this WorkloadGroup have the labels " + Configuration.text(key.labels())
                        + ", and so have those of " + configuration.qualifiedName(other)
                        + (same.size() > 2 ? " and " + (same.size() - 2) + " more" : "")
                        + ": Services and policies cannot tell them apart.")
                .evidence(labels(other).path(), other.toString(), labels(other).quoted())
                .remedy("Give one of them another label (a version, say), or join the two groups: "
                        + ReferencedResources.edit(group))
                .build();
    }
}
