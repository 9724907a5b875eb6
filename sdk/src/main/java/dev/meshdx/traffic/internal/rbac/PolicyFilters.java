package dev.meshdx.traffic.internal.rbac;

import dev.meshdx.configuration.AuthorizationPolicy;
import dev.meshdx.configuration.AuthorizationPolicy.Action;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.AuthorizationPolicies;
import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The authorization filters that istiod makes of AuthorizationPolicies: what was meant, in the form of what is in force, so that
 * one evaluator decides both. Pure. Sources: istio/istio, {@code pilot/pkg/security/authz/builder/builder.go}; Envoy,
 * {@code extensions/filters/http/rbac/v3/rbac.proto}.
 *
 * <p>In the order of the filter chain: what external authorizers are asked about (CUSTOM), what is noted (AUDIT), refused (DENY),
 * allowed (ALLOW). In ambient mode ztunnel has no such filters.
 */
public final class PolicyFilters {
    /** The kinds that it reads. */
    public static final Set<ResourceKind> INPUTS = Set.of(ResourceKind.AUTHORIZATION_POLICY);

    private static final String HTTP = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC";
    private static final String TCP = "type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC";

    /** Before the names of policies that an external authorizer is asked about. */
    private static final String CUSTOM_PREFIX = "istio-ext-authz-";

    private static final String BAD_CUSTOM_SUFFIX = "-deny-due-to-bad-CUSTOM-action";

    private static final String GRPC_PROVIDER = "envoyExtAuthzGrpc";

    /** A policy without rules: nothing matches it. */
    private static final Json NEVER = Json.object(
            "permissions",
            Json.array(List.of(Json.object("not_rule", Json.object("any", true)))),
            "principals",
            Json.array(List.of(Json.object("not_id", Json.object("any", true)))));

    /** How much of a policy is meant. */
    public enum Part {
        /** The policy is not for this proxy. */
        POLICY,
        /** A rule is dropped. */
        RULE,
        /** A rule holds without a field, or without one of its values. */
        FIELD
    }

    /**
     * What is not in the filters.
     *
     * @param policy of which policy
     * @param part how much of it
     * @param path the field that is the reason
     * @param why why, in a few words
     */
    public record LeftOut(AuthorizationPolicy policy, Part part, String path, String why) {
        @Override
        public String toString() {
            return policy.ref() + " " + path + ": " + why;
        }
    }

    /**
     * One filter.
     *
     * @param action what its policies do
     * @param policies those that it is made of, in the order of istiod; also those of which no rule is left
     * @param config its {@code typed_config}
     */
    public record Filter(Action action, List<AuthorizationPolicy> policies, Json config) {
        public Filter {
            policies = List.copyOf(policies);
        }
    }

    /**
     * The filters of a chain.
     *
     * @param filters in the order of the chain
     * @param leftOut what is not in them
     */
    public record Result(List<Filter> filters, List<LeftOut> leftOut) {
        public Result {
            filters = List.copyOf(filters);
            leftOut = List.copyOf(leftOut);
        }

        /** The {@code typed_config} of each filter. */
        public List<Json> configs() {
            return filters.stream().map(Filter::config).toList();
        }
    }

    private final Configuration configuration;
    private final PolicyTarget target;
    private final boolean tcp;
    private final TrustDomains domains;
    private final List<LeftOut> leftOut = new ArrayList<>();

    private PolicyFilters(Configuration configuration, PolicyTarget target, boolean tcp) {
        this.configuration = configuration;
        this.target = target;
        this.tcp = tcp;
        this.domains = new TrustDomains(
                configuration.mesh().trustDomain(), configuration.mesh().trustDomainAliases());
    }

    /** Those of chains for HTTP: {@code envoy.filters.http.rbac}. */
    public static Result http(Configuration configuration, PolicyTarget target) {
        return new PolicyFilters(configuration, target, false).result();
    }

    /** Those of chains for TCP: {@code envoy.filters.network.rbac}. */
    public static Result tcp(Configuration configuration, PolicyTarget target) {
        return new PolicyFilters(configuration, target, true).result();
    }

    private Result result() {
        Map<Action, List<AuthorizationPolicy>> byAction = new TreeMap<>();
        for (AuthorizationPolicies.Candidate candidate :
                AuthorizationPolicies.of(configuration).candidates(target)) {
            AuthorizationPolicy policy = candidate.policy();
            if (candidate.applies()) {
                byAction.computeIfAbsent(policy.action(), any -> new ArrayList<>())
                        .add(policy);
            } else {
                String path = policy.targets().isEmpty() ? "spec.selector" : "spec.targetRefs";
                leftOut.add(new LeftOut(policy, Part.POLICY, path, "not for " + target + ": " + candidate.because()));
            }
        }
        List<Filter> filters = new ArrayList<>();
        for (Action action : List.of(Action.CUSTOM, Action.AUDIT, Action.DENY, Action.ALLOW)) {
            List<AuthorizationPolicy> policies = byAction.getOrDefault(action, List.of());
            if (!policies.isEmpty()) {
                filter(action, policies).ifPresent(config -> filters.add(new Filter(action, policies, config)));
            }
        }
        return new Result(filters, leftOut);
    }

    private Optional<Json> filter(Action action, List<AuthorizationPolicy> policies) {
        Optional<Json> enforced = rules(action, policies, false);
        Optional<Json> tried = rules(action, policies, true);
        if (action == Action.CUSTOM) {
            return custom(policies, enforced, tried);
        }
        // Without rules to try, istiod reads their action as Envoy's default, which is ALLOW.
        String prefix = tried.isEmpty() || action == Action.ALLOW
                ? "istio_dry_run_allow_"
                : action == Action.DENY ? "istio_dry_run_deny_" : "";
        return Optional.of(config(enforced, tried, prefix));
    }

    /**
     * The filter in front of an external authorizer: its result says whether that one is asked. Where no authorizer can be
     * asked, what would have been asked about is refused.
     */
    private Optional<Json> custom(List<AuthorizationPolicy> policies, Optional<Json> enforced, Optional<Json> tried) {
        Optional<Json> provider = provider(policies);
        if (provider.isEmpty()) {
            Map<String, Json> refused = new TreeMap<>();
            enforced.ifPresent(rules ->
                    rules.at("policies").forEachField((name, policy) -> refused.put(name + BAD_CUSTOM_SUFFIX, policy)));
            return Optional.of(config(Optional.of(rules("DENY", refused)), Optional.empty(), ""));
        }
        if (tcp && !provider.get().at(GRPC_PROVIDER).exists()) {
            for (AuthorizationPolicy policy : policies) {
                leftOut.add(new LeftOut(
                        policy,
                        Part.POLICY,
                        "spec.provider.name",
                        "provider " + policy.provider() + " speaks HTTP, and is not asked about TCP"));
            }
            return Optional.empty();
        }
        return Optional.of(config(tried, enforced, "istio_ext_authz_"));
    }

    /**
     * The external authorizer of a proxy, of which there can be only one; empty where it is not defined. Of a mesh whose settings
     * were not read it is taken for defined.
     */
    private Optional<Json> provider(List<AuthorizationPolicy> policies) {
        String name = policies.get(0).provider();
        Json mesh = configuration.mesh().raw();
        if (name.isEmpty()
                || policies.stream().anyMatch(policy -> !policy.provider().equals(name))) {
            return Optional.empty();
        }
        if (!mesh.exists()) {
            return Optional.of(Json.object("name", name, GRPC_PROVIDER, Json.object()));
        }
        return mesh.at("extensionProviders").items().stream()
                .filter(one -> one.at("name").text("").equals(name))
                .filter(one -> one.at("envoyExtAuthzHttp").exists()
                        || one.at(GRPC_PROVIDER).exists())
                .findFirst();
    }

    private Json config(Optional<Json> rules, Optional<Json> shadowRules, String prefix) {
        return Json.object(
                "@type",
                tcp ? TCP : HTTP,
                "rules",
                rules.orElse(null),
                "shadow_rules",
                shadowRules.orElse(null),
                "shadow_rules_stat_prefix",
                prefix.isEmpty() ? null : prefix,
                "stat_prefix",
                tcp ? "tcp." : null);
    }

    /** The rules of the policies that are enforced, or of those that are only tried; empty where there are no such policies. */
    private Optional<Json> rules(Action action, List<AuthorizationPolicy> policies, boolean dryRun) {
        List<AuthorizationPolicy> concerned =
                policies.stream().filter(policy -> policy.dryRun() == dryRun).toList();
        if (concerned.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Json> made = new TreeMap<>();
        for (AuthorizationPolicy policy : concerned) {
            List<Json> rules = policy.rules();
            if (rules.isEmpty()) {
                made.put(name(policy, 0), NEVER);
            }
            for (int i = 0; i < rules.size(); i++) {
                String path = "spec.rules[" + i + "]";
                if (rules.get(i).isNull()) {
                    leftOut.add(new LeftOut(policy, Part.RULE, path, "it is null"));
                    continue;
                }
                RuleTranslation.Outcome outcome = new RuleTranslation(
                                action,
                                tcp,
                                target.waypoint(),
                                configuration.namespaceOf(policy.resource()),
                                domains,
                                (field, why) -> leftOut.add(new LeftOut(policy, Part.FIELD, field, why)))
                        .translate(rules.get(i), path);
                if (outcome.policy().isPresent()) {
                    made.put(name(policy, i), outcome.policy().get());
                } else {
                    leftOut.add(new LeftOut(policy, Part.RULE, outcome.path(), outcome.why()));
                }
            }
        }
        return Optional.of(rules(
                switch (action) {
                    case ALLOW -> "ALLOW";
                    case AUDIT -> "LOG";
                    case CUSTOM, DENY -> "DENY";
                },
                made));
    }

    /** As Envoy prints them: without the default action, and without an empty map. */
    private static Json rules(String action, Map<String, Json> policies) {
        return Json.object(
                "action", action.equals("ALLOW") ? null : action, "policies", policies.isEmpty() ? null : policies);
    }

    private String name(AuthorizationPolicy policy, int rule) {
        return (policy.action() == Action.CUSTOM ? CUSTOM_PREFIX : "") + "ns["
                + configuration.namespaceOf(policy.resource()) + "]-policy[" + policy.name() + "]-rule[" + rule + "]";
    }
}
