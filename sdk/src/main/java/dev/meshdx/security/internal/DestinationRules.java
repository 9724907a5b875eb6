package dev.meshdx.security.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Selectors;
import dev.meshdx.security.ClientMtls;
import dev.meshdx.security.ClientTlsMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which DestinationRule a client follows, and what it says of TLS. Source: Istio, "Destination Rule" and "Traffic Management
 * Best Practices" (cross-namespace configuration), and istiod's {@code pilot/pkg/model/push_context.go},
 * {@code destination_rule.go}.
 *
 * <p>Looked up in the client's namespace, then the service's, then the root namespace; the first that has a visible rule
 * counts. In a namespace the most specific host counts; several rules for the same host are one: the oldest that has a
 * traffic policy gives it, subsets are added.
 */
final class DestinationRules {
    private static final Comparator<Resource> OLDEST = Comparator.comparing(
                    (Resource rule) -> rule.createdAt().orElse(Instant.MAX))
            .thenComparing(Resource::name);

    private final MeshSettings settings;
    private final Map<String, List<Resource>> byNamespace = new HashMap<>();

    DestinationRules(List<Resource> rules, MeshSettings settings) {
        this.settings = settings;
        for (Resource rule : rules.stream().sorted(OLDEST).toList()) {
            byNamespace
                    .computeIfAbsent(rule.namespace(), any -> new ArrayList<>())
                    .add(rule);
        }
    }

    /** The selectors of rules that apply to some clients of a namespace only. */
    List<Map<String, String>> workloadSelectors(String namespace) {
        return byNamespace.getOrDefault(namespace, List.of()).stream()
                .map(DestinationRules::workloadSelector)
                .filter(selector -> !selector.isEmpty())
                .distinct()
                .toList();
    }

    private static Map<String, String> workloadSelector(Resource rule) {
        return rule.spec().at("workloadSelector", "matchLabels").textMap();
    }

    /** The rules, merged, that a client follows for a host; empty where there is none. */
    Optional<Merged> of(
            String clientNamespace, Map<String, String> clientLabels, String host, String serviceNamespace) {
        boolean rootClient = clientNamespace.equals(settings.rootNamespace());
        Optional<Merged> found = in(clientNamespace, clientLabels, clientNamespace, host, rootClient);
        if (found.isEmpty()) {
            found = in(serviceNamespace, clientLabels, clientNamespace, host, false);
        }
        if (found.isEmpty()) {
            found = in(settings.rootNamespace(), clientLabels, clientNamespace, host, false);
        }
        return found;
    }

    private Optional<Merged> in(
            String namespace,
            Map<String, String> clientLabels,
            String clientNamespace,
            String host,
            boolean privateOnly) {
        List<Resource> candidates = new ArrayList<>();
        String best = null;
        for (Resource rule : byNamespace.getOrDefault(namespace, List.of())) {
            List<String> exportTo = exportTo(rule);
            if (!visible(exportTo, namespace, clientNamespace) || (privateOnly && !exportTo.contains("."))) {
                continue;
            }
            String pattern = Hosts.qualify(rule.spec().at("host").text(""), namespace);
            if (!Hosts.covers(pattern, host)) {
                continue;
            }
            Map<String, String> selector = workloadSelector(rule);
            if (!selector.isEmpty()
                    && !(namespace.equals(clientNamespace) && Selectors.matchesMap(selector, clientLabels))) {
                continue;
            }
            if (best == null || moreSpecific(pattern, best)) {
                best = pattern;
                candidates.clear();
            }
            if (pattern.equals(best)) {
                candidates.add(rule);
            }
        }
        // A rule for these very workloads comes before those for all.
        List<Resource> selected = candidates.stream()
                .filter(rule -> !workloadSelector(rule).isEmpty())
                .toList();
        List<Resource> merged = selected.isEmpty() ? candidates : selected.subList(0, 1);
        return merged.isEmpty() ? Optional.empty() : Optional.of(new Merged(merged));
    }

    private List<String> exportTo(Resource rule) {
        List<String> own = rule.spec().at("exportTo").texts();
        return own.isEmpty() ? settings.destinationRuleExportTo() : own;
    }

    /** Whether something in a namespace is visible to a client. Source: Istio, field {@code exportTo}. */
    static boolean visible(List<String> exportTo, String namespace, String clientNamespace) {
        return exportTo.isEmpty()
                || exportTo.contains("*")
                || exportTo.contains(clientNamespace)
                || (exportTo.contains(".") && namespace.equals(clientNamespace));
    }

    private static boolean moreSpecific(String pattern, String than) {
        boolean wild = pattern.startsWith("*");
        boolean otherWild = than.startsWith("*");
        if (wild != otherWild) {
            return otherWild;
        }
        return pattern.length() > than.length();
    }

    /** Rules for the same host, oldest first. */
    static final class Merged {
        private final @Nullable Resource policyRule;
        private final Map<String, Subset> subsets = new LinkedHashMap<>();
        private final ResourceRef first;

        private record Subset(Resource rule, Json raw, int index) {}

        Merged(List<Resource> rules) {
            this.first = rules.get(0).ref();
            Resource policy = null;
            for (Resource rule : rules) {
                if (policy == null && rule.spec().at("trafficPolicy").exists()) {
                    policy = rule;
                }
                List<Json> listed = rule.spec().at("subsets").items();
                for (int i = 0; i < listed.size(); i++) {
                    subsets.putIfAbsent(listed.get(i).at("name").text(""), new Subset(rule, listed.get(i), i));
                }
            }
            this.policyRule = policy;
        }

        /** The oldest of them. */
        ResourceRef first() {
            return first;
        }

        /** Subsets that say something of TLS themselves. */
        List<String> subsetsWithTls() {
            return subsets.entrySet().stream()
                    .filter(entry -> mentionsTls(entry.getValue().raw.at("trafficPolicy")))
                    .map(Map.Entry::getKey)
                    .toList();
        }

        private static boolean mentionsTls(Json policy) {
            return policy.at("tls").exists() || policy.at("portLevelSettings").size() > 0;
        }

        /** The labels of a subset's endpoints. */
        Map<String, String> labels(String subset) {
            Subset found = subsets.get(subset);
            return found == null ? Map.of() : found.raw.at("labels").textMap();
        }

        /** What is said of TLS; empty where nothing is. */
        Optional<ClientMtls> tls(int port, String subset) {
            Tls tls = null;
            if (policyRule != null) {
                tls = resolve(null, policyRule, policyRule.spec().at("trafficPolicy"), "spec.trafficPolicy", port);
            }
            Subset own = subsets.get(subset);
            if (own != null) {
                tls = resolve(
                        tls,
                        own.rule,
                        own.raw.at("trafficPolicy"),
                        "spec.subsets[" + own.index + "].trafficPolicy",
                        port);
            }
            if (tls == null) {
                return Optional.empty();
            }
            ClientTlsMode mode = switch (tls.raw.at("mode").text("DISABLE")) {
                case "SIMPLE" -> ClientTlsMode.SIMPLE;
                case "MUTUAL" -> ClientTlsMode.MUTUAL;
                case "ISTIO_MUTUAL" -> ClientTlsMode.ISTIO_MUTUAL;
                case "DISABLE" -> ClientTlsMode.DISABLE;
                default -> ClientTlsMode.UNKNOWN;
            };
            return Optional.of(
                    ClientMtls.of(mode, tls.rule.ref(), tls.field + ".mode", tls.rule.ref() + " sets " + mode));
        }

        private record Tls(Resource rule, Json raw, String field) {}

        /**
         * One level: its {@code tls} overrides what came before. A setting for the port replaces all of it, also when it has
         * no {@code tls}, which then is as if none were set.
         */
        private static @Nullable Tls resolve(@Nullable Tls before, Resource rule, Json policy, String path, int port) {
            Tls tls = policy.at("tls").exists() ? new Tls(rule, policy.at("tls"), path + ".tls") : before;
            List<Json> ports = policy.at("portLevelSettings").items();
            for (int i = 0; i < ports.size(); i++) {
                if (ports.get(i).at("port", "number").number(0) == port) {
                    Json own = ports.get(i).at("tls");
                    return own.exists() ? new Tls(rule, own, path + ".portLevelSettings[" + i + "].tls") : null;
                }
            }
            return tls;
        }
    }
}
