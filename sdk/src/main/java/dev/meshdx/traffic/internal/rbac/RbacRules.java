package dev.meshdx.traffic.internal.rbac;

import dev.meshdx.model.Json;
import dev.meshdx.traffic.AuthorizationDecision.Outcome;
import dev.meshdx.traffic.AuthorizationDecision.Result;
import dev.meshdx.traffic.internal.Regexes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A set of authorization policies with one action, made ready for many requests. Envoy tries them in the order of their names,
 * and the first that matches counts. Source: Envoy, {@code config/rbac/v3/rbac.proto}, {@code RBAC}; measured on Envoy 1.40.
 * Immutable.
 */
final class RbacRules {
    private record Policy(Rule permissions, Rule principals, boolean conditional) {}

    private final String action;
    private final Map<String, Policy> policies = new TreeMap<>();

    RbacRules(Json rules, Regexes regexes) {
        this.action = rules.at("action").text("ALLOW");
        rules.at("policies").forEachField((name, policy) -> {
            List<Rule> permissions = new ArrayList<>();
            policy.at("permissions").items().forEach(one -> permissions.add(Rule.permission(one, regexes)));
            List<Rule> principals = new ArrayList<>();
            policy.at("principals").items().forEach(one -> principals.add(Rule.principal(one, regexes)));
            boolean conditional = policy.at("condition").exists()
                    || policy.at("checked_condition").exists()
                    || policy.at("cel_config").exists();
            policies.put(name, new Policy(Rule.any(permissions), Rule.any(principals), conditional));
        });
    }

    /** {@code ALLOW}, {@code DENY} or {@code LOG}. */
    String action() {
        return action;
    }

    /** The names of its policies, in the order in which they are tried. */
    Set<String> names() {
        return policies.keySet();
    }

    boolean isEmpty() {
        return policies.isEmpty();
    }

    Outcome decide(Call call) {
        if (action.equals("LOG")) {
            return new Outcome(Result.ALLOWED, "");
        }
        boolean deny = action.equals("DENY");
        String open = "";
        for (Map.Entry<String, Policy> entry : policies.entrySet()) {
            Policy policy = entry.getValue();
            Answer answer = policy.permissions.holds(call);
            if (answer != Answer.NO) {
                answer = answer.and(policy.principals.holds(call));
            }
            if (answer == Answer.YES && policy.conditional) {
                answer = Answer.UNKNOWN;
            }
            if (answer == Answer.YES) {
                return new Outcome(deny ? Result.DENIED : Result.ALLOWED, entry.getKey());
            }
            if (answer == Answer.UNKNOWN && open.isEmpty()) {
                open = entry.getKey();
            }
        }
        if (!open.isEmpty()) {
            return new Outcome(Result.UNDECIDED, open);
        }
        return new Outcome(deny ? Result.ALLOWED : Result.DENIED, "");
    }
}
