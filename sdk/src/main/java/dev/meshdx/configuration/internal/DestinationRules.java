package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
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
public final class DestinationRules {
    /**
     * What a client does.
     *
     * @param mode the mode
     * @param rule who says so
     * @param field where it says so
     */
    public record ClientTls(ClientTlsMode mode, Resource rule, String field) {}

    private final String rootNamespace;
    private final List<String> defaultExportTo;
    private final Map<String, Rules> byNamespace = new HashMap<>();

    /** Of a configuration. */
    public static DestinationRules of(Configuration configuration) {
        return configuration.shared(
                DestinationRules.class,
                Set.of(ResourceKind.DESTINATION_RULE),
                whole -> new DestinationRules(
                        whole.all(ResourceKind.DESTINATION_RULE),
                        whole.mesh().rootNamespace(),
                        whole.mesh().destinationRuleExportTo(),
                        whole::namespaceOf));
    }

    /** Of resources that all name their namespaces. */
    public DestinationRules(List<Resource> rules, String rootNamespace, List<String> defaultExportTo) {
        this(rules, rootNamespace, defaultExportTo, Resource::namespace);
    }

    private DestinationRules(
            List<Resource> rules,
            String rootNamespace,
            List<String> defaultExportTo,
            Function<? super Resource, String> namespaceOf) {
        this.rootNamespace = rootNamespace;
        this.defaultExportTo = defaultExportTo;
        for (Resource rule : rules.stream().sorted(Ages.OLDEST_FIRST).toList()) {
            String namespace = namespaceOf.apply(rule);
            byNamespace.computeIfAbsent(namespace, any -> new Rules()).add(rule, namespace);
        }
    }

    private record Ruled(String pattern, Resource rule) {}

    /** The rules of one namespace, oldest first, so that a host finds its own without looking at all. */
    private static final class Rules {
        private final Map<String, List<Ruled>> exact = new HashMap<>();
        private final List<Ruled> wild = new ArrayList<>();
        private final Set<Map<String, String>> selectors = new LinkedHashSet<>();

        void add(Resource rule, String namespace) {
            Ruled ruled = new Ruled(Hosts.qualify(rule.spec().at("host").text(""), namespace), rule);
            (ruled.pattern.startsWith("*") ? wild : exact.computeIfAbsent(ruled.pattern, any -> new ArrayList<>()))
                    .add(ruled);
            Map<String, String> selector = workloadSelector(rule);
            if (!selector.isEmpty()) {
                selectors.add(selector);
            }
        }

        List<Ruled> covering(String host) {
            List<Ruled> found = new ArrayList<>(exact.getOrDefault(host, List.of()));
            wild.stream().filter(ruled -> Hosts.covers(ruled.pattern, host)).forEach(found::add);
            return found;
        }
    }

    /** The selectors of rules that apply to some clients of a namespace only. */
    public List<Map<String, String>> workloadSelectors(String namespace) {
        Rules rules = byNamespace.get(namespace);
        return rules == null ? List.of() : List.copyOf(rules.selectors);
    }

    private static Map<String, String> workloadSelector(Resource rule) {
        return rule.spec().at("workloadSelector", "matchLabels").textMap();
    }

    /** The rules, merged, that a client follows for a host; empty where there is none. */
    public Optional<Merged> of(
            String clientNamespace, Map<String, String> clientLabels, String host, String serviceNamespace) {
        boolean rootClient = clientNamespace.equals(rootNamespace);
        Optional<Merged> found = in(clientNamespace, clientLabels, clientNamespace, host, rootClient);
        if (found.isEmpty()) {
            found = in(serviceNamespace, clientLabels, clientNamespace, host, false);
        }
        if (found.isEmpty()) {
            found = in(rootNamespace, clientLabels, clientNamespace, host, false);
        }
        return found;
    }

    /** The rules of another place that a client would follow, were there none before it: the service's, then the root's. */
    public List<Merged> hidden(
            String clientNamespace, Map<String, String> clientLabels, String host, String serviceNamespace) {
        Set<String> places = new LinkedHashSet<>(List.of(serviceNamespace, rootNamespace));
        places.remove(clientNamespace);
        return places.stream()
                .flatMap(namespace -> in(namespace, clientLabels, clientNamespace, host, false).stream())
                .toList();
    }

    private Optional<Merged> in(
            String namespace,
            Map<String, String> clientLabels,
            String clientNamespace,
            String host,
            boolean privateOnly) {
        List<Resource> candidates = new ArrayList<>();
        String best = null;
        Rules rules = byNamespace.get(namespace);
        for (Ruled ruled : rules == null ? List.<Ruled>of() : rules.covering(host)) {
            Resource rule = ruled.rule;
            String pattern = ruled.pattern;
            List<String> exportTo = exportTo(rule);
            if (!visible(exportTo, namespace, clientNamespace) || (privateOnly && !exportTo.contains("."))) {
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
        return own.isEmpty() ? defaultExportTo : own;
    }

    /** Whether something in a namespace is visible to a client. Source: Istio, field {@code exportTo}. */
    public static boolean visible(List<String> exportTo, String namespace, String clientNamespace) {
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
    public static final class Merged {
        private final List<Resource> rules;
        private final @Nullable Resource policyRule;
        private final Map<String, Subset> subsets = new LinkedHashMap<>();
        private final ResourceRef first;

        private record Subset(Resource rule, Json raw, int index) {}

        Merged(List<Resource> rules) {
            this.rules = List.copyOf(rules);
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

        /** All of them, oldest first. */
        public List<Resource> rules() {
            return rules;
        }

        /** The one whose traffic policy counts. */
        public Optional<Resource> policyRule() {
            return Optional.ofNullable(policyRule);
        }

        /** The names of their subsets. */
        public Set<String> subsets() {
            return Collections.unmodifiableSet(subsets.keySet());
        }

        /** The oldest of them. */
        public ResourceRef first() {
            return first;
        }

        /** Subsets that say something of TLS themselves. */
        public List<String> subsetsWithTls() {
            return subsets.entrySet().stream()
                    .filter(entry -> mentionsTls(entry.getValue().raw.at("trafficPolicy")))
                    .map(Map.Entry::getKey)
                    .toList();
        }

        private static boolean mentionsTls(Json policy) {
            return policy.at("tls").exists() || policy.at("portLevelSettings").size() > 0;
        }

        /** The labels of a subset's endpoints. */
        public Map<String, String> labels(String subset) {
            Subset found = subsets.get(subset);
            return found == null ? Map.of() : found.raw.at("labels").textMap();
        }

        /** What is said of TLS; empty where nothing is. */
        public Optional<ClientTls> tls(int port, String subset) {
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
            return Optional.of(new ClientTls(mode, tls.rule, tls.field + ".mode"));
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
