package dev.meshdx.traffic.authorization;

import dev.meshdx.configuration.AuthorizationPolicy.Action;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One rule of an AuthorizationPolicy as a proxy holds it. Source: istio/istio,
 * {@code pilot/pkg/security/authz/builder/builder.go}.
 *
 * @param action what it does
 * @param dryRun whether it is only tried
 * @param name under which name; empty for a set of rules without any, which as ALLOW lets nothing through
 * @param rule the rule, its fields sorted
 */
record NamedRule(Action action, boolean dryRun, String name, Json rule) {
    private static final Pattern NAME = Pattern.compile("ns\\[([^\\]]*)]-policy\\[([^\\]]*)]-rule\\[\\d*]");
    private static final String CUSTOM = "istio-ext-authz-";

    /** Which policy it belongs to. */
    record Owner(Action action, boolean dryRun, String namespace, String policy) {}

    /** The rules of filters, in the order in which a proxy tries them. */
    static List<NamedRule> of(List<Json> configs) {
        List<NamedRule> all = new ArrayList<>();
        for (Json config : configs) {
            boolean custom = config.at("shadow_rules_stat_prefix").text("").startsWith("istio_ext_authz_");
            add(all, config.at("shadow_rules"), !custom, custom);
            add(all, config.at("rules"), custom, custom);
        }
        return all;
    }

    private static void add(List<NamedRule> all, Json rules, boolean dryRun, boolean custom) {
        if (!rules.exists()) {
            return;
        }
        Map<String, Json> sorted = new TreeMap<>();
        rules.at("policies").forEachField((name, policy) -> sorted.put(name, canonical(policy)));
        Action action = switch (rules.at("action").text("ALLOW")) {
            case "DENY" -> Action.DENY;
            case "LOG" -> Action.AUDIT;
            default -> Action.ALLOW;
        };
        if (sorted.isEmpty() && action == Action.ALLOW && !custom) {
            all.add(new NamedRule(action, dryRun, "", Json.MISSING));
        }
        sorted.forEach((name, policy) -> all.add(
                new NamedRule(custom || name.startsWith(CUSTOM) ? Action.CUSTOM : action, dryRun, name, policy)));
    }

    private static Json canonical(Json json) {
        if (json.isObject()) {
            Map<String, Json> fields = new TreeMap<>();
            json.forEachField((name, value) -> fields.put(name, canonical(value)));
            return Json.of(fields);
        }
        return json.isArray()
                ? Json.array(json.items().stream().map(NamedRule::canonical).toList())
                : json.isNumber() ? Json.of(json.number(0)) : json;
    }

    /** Its policy; of one with another kind of name that name. */
    Owner owner() {
        Matcher matcher = NAME.matcher(name);
        return matcher.find()
                ? new Owner(action, dryRun, matcher.group(1), matcher.group(2))
                : new Owner(action, dryRun, "", name);
    }

    /** Whether it stands for a policy without rules. */
    boolean isNever() {
        return rule.at("permissions").at(0).at("not_rule", "any").bool(false);
    }

    /** The rules of each policy, in the order in which they are tried. */
    static Map<Owner, Map<String, NamedRule>> byOwner(List<NamedRule> rules) {
        Map<Owner, Map<String, NamedRule>> all = new LinkedHashMap<>();
        for (NamedRule rule : rules) {
            all.computeIfAbsent(rule.owner(), any -> new TreeMap<>()).put(rule.name(), rule);
        }
        return all;
    }
}
