package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an authorization filter (RBAC) decides: Istio's AuthorizationPolicies as the proxy holds them. Immutable. Source:
 * Envoy, {@code extensions/filters/http/rbac/v3/rbac.proto}, {@code config/rbac/v3/rbac.proto}; Istio,
 * {@code pilot/pkg/security/authz/builder/builder.go} for the names.
 */
public final class Rbac {
    private static final Pattern NAME = Pattern.compile("ns\\[([^\\]]*)]-policy\\[([^\\]]*)]-rule\\[\\d*]");
    private static final int SHOWN = 4;

    private final Json raw;

    Rbac(Json raw) {
        this.raw = raw;
    }

    /** What is done with what a policy matches: {@code ALLOW}, {@code DENY}, {@code LOG}; empty where nothing is enforced. */
    public Optional<String> action() {
        return action("rules");
    }

    /** The same of the rules that are only tried ({@code istio.io/dry-run}); empty where there are none. */
    public Optional<String> shadowAction() {
        return action("shadow_rules");
    }

    private Optional<String> action(String rules) {
        return raw.at(rules).exists()
                ? Optional.of(ProtoValues.enumText(raw.at(rules, "action"), "ALLOW"))
                : Optional.empty();
    }

    /** The names of the policies, one for each rule of an AuthorizationPolicy: {@code ns[shop]-policy[readers]-rule[0]}. */
    public List<String> policies() {
        return raw.at("rules", "policies").names();
    }

    /** The names of the policies that are only tried. */
    public List<String> shadowPolicies() {
        return raw.at("shadow_rules", "policies").names();
    }

    /** The AuthorizationPolicies that these names tell of, those that are only tried too. */
    public List<ResourceRef> configuredBy() {
        Set<ResourceRef> refs = new LinkedHashSet<>();
        for (List<String> names : List.of(policies(), shadowPolicies())) {
            for (String name : names) {
                Matcher matcher = NAME.matcher(name);
                if (matcher.find()) {
                    refs.add(ResourceRef.of("AuthorizationPolicy", matcher.group(1), matcher.group(2)));
                }
            }
        }
        return List.copyOf(refs);
    }

    /** Whether the decision is written as a matcher tree, which this does not take apart. */
    public boolean usesMatcher() {
        return raw.at("matcher").exists() || raw.at("shadow_matcher").exists();
    }

    /** The whole filter configuration as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** {@code DENY shop/deny-admin; dry run ALLOW shop/readers}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        action().ifPresent(action -> parts.add(text(action, policies())));
        shadowAction().ifPresent(action -> parts.add("dry run " + text(action, shadowPolicies())));
        if (usesMatcher()) {
            parts.add("by a matcher tree");
        }
        return parts.isEmpty() ? "no rules" : String.join("; ", parts);
    }

    private static String text(String action, List<String> policies) {
        if (policies.isEmpty()) {
            return action + (action.equals("ALLOW") ? " nothing: refuses everything" : " nothing");
        }
        Set<String> names = new LinkedHashSet<>();
        for (String policy : policies) {
            Matcher matcher = NAME.matcher(policy);
            names.add(matcher.find() ? matcher.group(1) + "/" + matcher.group(2) : policy);
        }
        return action + " " + ProtoValues.some(List.copyOf(names), SHOWN);
    }
}
