package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Ages;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.configuration.internal.Visibility;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * DestinationRules of one namespace whose hosts overlap, so that a part of one of them has no effect. Rules for the same host,
 * audience and workloads are merged: subsets are added, of two of the same name the older rule's counts, and so does the older
 * rule's traffic policy. Rules for different hosts are never merged: the most specific one counts alone. Sources: Istio,
 * "Traffic Management Best Practices"; istio/istio, {@code pilot/pkg/model/destination_rule.go}
 * ({@code mergeDestinationRule}), {@code push_context.go} ({@code sortConfigByCreationTime}: by age, then by name); Kiali,
 * KIA0201.
 */
public final class OverlappingDestinationRuleCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0220",
            "OverlappingDestinationRule",
            Severity.WARNING,
            "A part of a DestinationRule has no effect, because another rule for the host comes first.");

    /** Rules that are merged. */
    private record Key(String namespace, String host, Set<String> audience, Map<String, String> workloads) {}

    /** A wildcard's traffic policy, for those who see it. */
    private record Wide(String namespace, Set<String> audience, Map<String, String> workloads) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(DESTINATION_RULE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<Key, List<Resource>> merged = new LinkedHashMap<>();
        Map<Wide, Map<String, Resource>> wildcards = new HashMap<>();
        for (Resource rule : configuration.all(DESTINATION_RULE).stream()
                .sorted(Ages.OLDEST_FIRST)
                .toList()) {
            String namespace = configuration.namespaceOf(rule);
            String written = rule.spec().at("host").text("");
            if (written.isEmpty()) {
                continue;
            }
            Key key = new Key(
                    namespace,
                    ServiceRegistry.qualify(namespace, written),
                    Visibility.audience(configuration, rule),
                    rule.spec().at("workloadSelector", "matchLabels").textMap());
            merged.computeIfAbsent(key, unused -> new ArrayList<>()).add(rule);
            if (key.host().startsWith("*") && saysMoreThanMutualTls(rule)) {
                wildcards
                        .computeIfAbsent(
                                new Wide(namespace, key.audience(), key.workloads()), unused -> new HashMap<>())
                        .putIfAbsent(key.host().substring(1), rule);
            }
        }
        merged.forEach((key, rules) -> {
            merge(configuration, rules, report);
            hidden(configuration, key, rules, wildcards, report);
        });
    }

    /** With automatic mutual TLS, losing ISTIO_MUTUAL loses nothing. */
    private static boolean saysMoreThanMutualTls(Resource rule) {
        Json policy = rule.spec().at("trafficPolicy");
        return policy.size() > 1
                || (policy.size() == 1 && !policy.at("tls", "mode").text("").equals("ISTIO_MUTUAL"));
    }

    private static void merge(Configuration configuration, List<Resource> rules, Consumer<Finding> report) {
        if (rules.size() < 2) {
            return;
        }
        Map<String, Field> subsets = new HashMap<>();
        Map<String, Resource> owners = new HashMap<>();
        Resource policyRule = null;
        for (Resource rule : rules) {
            for (Field subset : Field.spec(rule).at("subsets").items()) {
                String name = subset.at("name").text();
                Field first = subsets.putIfAbsent(name, subset);
                Resource owner = owners.computeIfAbsent(name, unused -> rule);
                if (first != null && !owner.equals(rule) && !first.value().equals(subset.value())) {
                    report.accept(finding(configuration, rule, subset.at("name"), owner)
                            .message("Subset \"" + name + "\" of " + host(rule) + " has no effect: "
                                    + configuration.qualifiedName(owner) + " defines it too, and " + why(owner, rule)
                                    + ".")
                            .evidence(first.path(), owner.toString(), first.quoted())
                            .evidence(subset.path(), rule.toString(), subset.quoted())
                            .remedy("Keep one definition, or give one another name: " + ReferencedResources.edit(rule))
                            .build());
                }
            }
            Field policy = Field.spec(rule).at("trafficPolicy");
            if (!policy.exists()) {
                continue;
            }
            if (policyRule == null) {
                policyRule = rule;
            } else if (!policy.value().equals(policyRule.spec().at("trafficPolicy"))) {
                Field first = Field.spec(policyRule).at("trafficPolicy");
                report.accept(finding(configuration, rule, policy, policyRule)
                        .message("The traffic policy for " + host(rule) + " has no effect: "
                                + configuration.qualifiedName(policyRule) + " has one for the same host, and "
                                + why(policyRule, rule) + ". Only subsets of several rules are added up.")
                        .evidence(first.path(), policyRule.toString(), first.quoted())
                        .remedy("Move the settings into " + configuration.qualifiedName(policyRule) + ": "
                                + ReferencedResources.edit(policyRule))
                        .build());
            }
        }
    }

    private static void hidden(
            Configuration configuration,
            Key key,
            List<Resource> rules,
            Map<Wide, Map<String, Resource>> wildcards,
            Consumer<Finding> report) {
        Map<String, Resource> suffixes =
                wildcards.getOrDefault(new Wide(key.namespace(), key.audience(), key.workloads()), Map.of());
        if (suffixes.isEmpty()
                || rules.stream()
                        .anyMatch(rule -> rule.spec().at("trafficPolicy").exists())) {
            return;
        }
        Resource wide = covering(suffixes, key.host());
        if (wide != null) {
            Resource rule = rules.get(0);
            Field policy = Field.spec(wide).at("trafficPolicy");
            report.accept(finding(configuration, rule, Field.spec(rule).at("host"), wide)
                    .message("The traffic policy of " + configuration.qualifiedName(wide) + " for "
                            + wide.spec().at("host").text("") + " no longer holds for " + host(rule)
                            + ": a rule for a more specific host replaces it as a whole, and "
                            + configuration.qualifiedName(rule) + " has no traffic policy of its own.")
                    .evidence(policy.path(), wide.toString(), policy.quoted())
                    .evidence("spec.trafficPolicy", rule.toString(), "absent")
                    .remedy("Repeat in " + configuration.qualifiedName(rule) + " the settings that shall hold: "
                            + ReferencedResources.edit(rule))
                    .build());
        }
    }

    /** The most specific wildcard, other than the host itself, that covers it. */
    private static @Nullable Resource covering(Map<String, Resource> suffixes, String host) {
        String name = host.startsWith("*") ? host.substring(1) : host;
        for (int i = host.startsWith("*") ? 1 : 0; i <= name.length(); i++) {
            Resource found = suffixes.get(name.substring(i));
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static Finding.Builder finding(Configuration configuration, Resource rule, Field field, Resource other) {
        return configuration
                .finding(CODE, rule, field)
                .evidence(
                        "spec.host",
                        other.toString(),
                        Field.spec(other).at("host").quoted());
    }

    private static String host(Resource rule) {
        return "host " + rule.spec().at("host").text("");
    }

    private static String why(Resource first, Resource second) {
        return first.createdAt().equals(second.createdAt())
                ? "of rules of the same age the one whose name comes first counts"
                : "the older rule counts";
    }
}
