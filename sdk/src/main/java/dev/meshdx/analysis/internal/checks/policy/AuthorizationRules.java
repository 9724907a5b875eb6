package dev.meshdx.analysis.internal.checks.policy;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The rules of an AuthorizationPolicy as checks look at them. Source: Istio, "Authorization Policy" and "Authorization Policy
 * Conditions": which fields derive from the caller's certificate.
 */
final class AuthorizationRules {
    private static final Set<String> IDENTITY_KEYS =
            Set.of("source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain");

    private static final List<String> IDENTITY = List.of("principals", "namespaces", "serviceAccounts", "trustDomains");

    private static final List<String> NOT_IDENTITY =
            List.of("notPrincipals", "notNamespaces", "notServiceAccounts", "notTrustDomains");

    /** What a caller without identity cannot have either, or what names it by other means. */
    private static final List<String> OTHER = List.of("requestPrincipals", "ipBlocks", "remoteIpBlocks");

    private AuthorizationRules() {}

    /** {@code ALLOW} where nothing else is said. */
    static String action(Resource policy) {
        return policy.spec().at("action").text("ALLOW");
    }

    /** Whether it holds for a waypoint, a gateway or a Service by name, not for workloads by labels. */
    static boolean hasTarget(Resource policy) {
        return policy.spec().at("targetRef").exists()
                || policy.spec().at("targetRefs").size() > 0;
    }

    static List<Field> rules(Resource policy) {
        return Field.spec(policy).at("rules").items();
    }

    static List<Field> sources(Field rule) {
        return rule.at("from").items().stream().map(from -> from.at("source")).toList();
    }

    static List<Field> operations(Field rule) {
        return rule.at("to").items().stream().map(to -> to.at("operation")).toList();
    }

    /** Fields that hold only for a caller with an identity. */
    static List<Field> positive(Field source) {
        return present(source, IDENTITY);
    }

    /** Fields that hold for every caller without identity. */
    static List<Field> negative(Field source) {
        return present(source, NOT_IDENTITY);
    }

    /** Whether a source asks for something else too, that keeps strangers out. */
    static boolean asksMore(Field source) {
        return !present(source, OTHER).isEmpty();
    }

    private static List<Field> present(Field source, List<String> names) {
        return names.stream()
                .map(source::at)
                .filter(field -> field.value().size() > 0)
                .toList();
    }

    /** Conditions about the identity: {@code values} or {@code notValues}. */
    static List<Field> conditions(Field rule, String values) {
        List<Field> found = new ArrayList<>();
        for (Field condition : rule.at("when").items()) {
            if (IDENTITY_KEYS.contains(condition.at("key").text())
                    && condition.at(values).value().size() > 0) {
                found.add(condition.at(values));
            }
        }
        return found;
    }

    /** Whether a rule can never match a caller without identity. */
    static boolean needsIdentity(Field rule) {
        List<Field> sources = sources(rule);
        return !conditions(rule, "values").isEmpty()
                || (!sources.isEmpty()
                        && sources.stream().noneMatch(source -> positive(source).isEmpty()));
    }
}
