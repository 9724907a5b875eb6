package dev.meshdx.analysis.internal.checks.ambient;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * AuthorizationPolicies that ztunnel has to enforce, and that ask for what ztunnel cannot see. A policy without target
 * reference never reaches a waypoint. Of an ALLOW policy, ztunnel gets no rule that has such attributes; a policy that has no
 * rule left allows nobody. Of a DENY policy it gets the rules without them; what is empty then matches nothing. Other actions
 * it does not know. Sources: istio/istio, {@code pilot/pkg/serviceregistry/kube/controller/ambient/authorization.go};
 * istio/ztunnel, {@code src/rbac.rs}; Istio, "Use Layer 4 security policy" (ambient); all seen on a real mesh.
 */
public final class ZtunnelPolicyCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0246",
            "HttpPolicyAtZtunnel",
            Severity.WARNING,
            "ztunnel has to enforce the policy, and cannot see what the policy asks for.");

    private static final List<String> OPERATION = List.of("ports", "notPorts");
    private static final List<String> SOURCE = List.of(
            "principals",
            "notPrincipals",
            "namespaces",
            "notNamespaces",
            "serviceAccounts",
            "notServiceAccounts",
            "ipBlocks",
            "notIpBlocks");
    private static final List<String> HTTP_OPERATION =
            List.of("hosts", "notHosts", "methods", "notMethods", "paths", "notPaths");
    private static final List<String> HTTP_SOURCE =
            List.of("requestPrincipals", "notRequestPrincipals", "remoteIpBlocks", "notRemoteIpBlocks");
    private static final Set<String> CONDITIONS = Set.of(
            "source.ip",
            "source.namespace",
            "source.principal",
            "source.serviceAccount",
            "destination.ip",
            "destination.port");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(DataPlane.INPUTS);
        inputs.add(AUTHORIZATION_POLICY);
        return Set.copyOf(inputs);
    }

    /** What a rule asks for that ztunnel cannot see, and what becomes of the rule in a DENY policy. */
    private record Rule(List<Field> unseen, boolean empty) {}

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        DataPlane dataPlane = DataPlane.of(configuration);
        for (Resource policy : configuration.all(AUTHORIZATION_POLICY)) {
            if (Policies.hasTargets(policy)
                    || policy.annotation("istio.io/dry-run").orElse("").equals("true")) {
                continue;
            }
            Field action = Field.spec(policy).at("action");
            boolean unknown = action.text().equals("CUSTOM") || action.text().equals("AUDIT");
            List<Rule> rules = Field.spec(policy).at("rules").items().stream()
                    .map(ZtunnelPolicyCheck::rule)
                    .toList();
            if (!unknown && rules.stream().allMatch(rule -> rule.unseen().isEmpty())) {
                continue;
            }
            Optional<Workload> workload = dataPlane.one(
                    DataPlane.Mode.AMBIENT, Policies.selector(policy), Policies.scope(configuration, policy));
            if (workload.isPresent()) {
                report.accept(
                        unknown
                                ? unknownAction(configuration, policy, action, workload.get())
                                : unseen(configuration, policy, action, rules, workload.get()));
            }
        }
    }

    private static Rule rule(Field rule) {
        List<Field> unseen = new ArrayList<>();
        // Both are looked at, for what is unseen in either.
        boolean emptyTo = isEmpty(rule.at("to"), "operation", OPERATION, HTTP_OPERATION, unseen);
        boolean emptyFrom = isEmpty(rule.at("from"), "source", SOURCE, HTTP_SOURCE, unseen);
        boolean empty = emptyTo || emptyFrom;
        for (Field condition : rule.at("when").items()) {
            if (!CONDITIONS.contains(condition.at("key").text())
                    && condition.at("key").exists()) {
                unseen.add(condition.at("key"));
                empty = true;
            }
        }
        return new Rule(unseen, empty);
    }

    /** Whether nothing that ztunnel can match remains of any item, though there are items. */
    private static boolean isEmpty(Field list, String name, List<String> seen, List<String> http, List<Field> unseen) {
        int before = unseen.size();
        boolean remains = false;
        for (Field item : list.items()) {
            Field content = item.at(name);
            for (String attribute : http) {
                if (content.at(attribute).value().size() > 0) {
                    unseen.add(content.at(attribute));
                }
            }
            remains |= seen.stream()
                    .anyMatch(attribute -> content.at(attribute).value().size() > 0);
        }
        return unseen.size() > before && !remains;
    }

    private static Finding unknownAction(
            Configuration configuration, Resource policy, Field action, Workload workload) {
        boolean custom = action.text().equals("CUSTOM");
        return Policies.ambient(configuration, configuration.finding(CODE, policy, action), workload)
                .severity(custom ? Severity.ERROR : Severity.WARNING)
                .message("The policy has the action " + action.text() + ", which ztunnel does not know, and is for "
                        + workload + " in ambient mode: there it has no effect"
                        + (custom ? ", and everything is let through without asking the provider." : "."))
                .remedy(remedy(policy))
                .build();
    }

    private static Finding unseen(
            Configuration configuration, Resource policy, Field action, List<Rule> rules, Workload workload) {
        List<Rule> hit = rules.stream().filter(rule -> !rule.unseen().isEmpty()).toList();
        Set<String> names = new LinkedHashSet<>();
        hit.forEach(rule ->
                rule.unseen().forEach(field -> names.add(field.name().equals("key") ? field.text() : field.name())));
        boolean deny = action.text().equals("DENY");
        long without = hit.stream().filter(Rule::empty).count();
        String effect;
        Severity severity;
        if (!deny) {
            boolean none = hit.size() == rules.size();
            effect = none
                    ? "ztunnel drops every rule, and an ALLOW policy without rules allows nobody, so all is refused that no other policy allows."
                    : "ztunnel drops " + hit.size() + " of " + rules.size()
                            + " rules, and refuses what only these would allow.";
            severity = none ? Severity.ERROR : Severity.WARNING;
        } else if (without > 0) {
            effect = "nothing that ztunnel can match remains of " + without + " of " + rules.size()
                    + " DENY rules, so they refuse nothing.";
            severity = Severity.ERROR;
        } else {
            effect = "ztunnel ignores these attributes and refuses all connections that fit the rest of the rule.";
            severity = Severity.WARNING;
        }
        List<Field> fields =
                hit.stream().flatMap(rule -> rule.unseen().stream()).toList();
        Finding.Builder finding = configuration
                .finding(CODE, policy, first(fields.get(0)))
                .severity(severity)
                .message("The policy asks for " + String.join(", ", names) + " and is for " + workload
                        + " in ambient mode, where ztunnel enforces it without seeing requests: " + effect);
        fields.stream()
                .skip(1)
                .limit(4)
                .forEach(field -> finding.evidence(field.path(), policy.toString(), field.quoted()));
        return Policies.ambient(configuration, finding, workload)
                .remedy(remedy(policy))
                .build();
    }

    /** Of a list its first item, which has a line of its own. */
    private static Field first(Field field) {
        return field.items().isEmpty() ? field : field.items().get(0);
    }

    private static String remedy(Resource policy) {
        return "Let a waypoint enforce it: replace the selector by targetRefs to the Service, which needs the label"
                + " istio.io/use-waypoint; or leave only what ztunnel can see (principals, namespaces, ports): "
                + ReferencedResources.edit(policy);
    }
}
