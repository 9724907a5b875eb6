package dev.meshdx.analysis.internal.checks.policy;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.PEER_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.configuration.internal.MeshMembership;
import dev.meshdx.configuration.internal.PeerAuthentications;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Pods;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * AuthorizationPolicies that rest on the caller's identity where callers have none: an identity comes with mutual TLS only.
 * Sources: Istio, "Authorization Policy" (fields {@code principals}, {@code namespaces}, {@code serviceAccounts} require
 * mutual TLS) and "PeerAuthentication" (in mode DISABLE the connection is not tunnelled, in mode PERMISSIVE it may be either).
 */
public final class PeerIdentityCheck implements ConfigurationCheck {
    static final FindingCode NO_IDENTITY = new FindingCode(
            "MDX0208",
            "PeerIdentityWithoutMutualTls",
            Severity.ERROR,
            "An AuthorizationPolicy needs the caller's identity where mutual TLS is off.");

    static final FindingCode BYPASS = new FindingCode(
            "MDX0209",
            "PlaintextBypassesPolicy",
            Severity.WARNING,
            "An AuthorizationPolicy keeps callers out by identity, and plain text callers, which have none, get past it.");

    @Override
    public List<FindingCode> codes() {
        return List.of(NO_IDENTITY, BYPASS);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                AUTHORIZATION_POLICY,
                PEER_AUTHENTICATION,
                NAMESPACE,
                POD,
                ResourceKind.DEPLOYMENT,
                ResourceKind.STATEFUL_SET,
                ResourceKind.DAEMON_SET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        new Run(configuration, report).run();
    }

    private record Where(String namespace, Map<String, String> selector, int port) {}

    /** What the selected workloads accept, and examples of it. */
    private static final class Modes {
        int strict;
        int permissive;
        int disable;
        PeerAuthentications.@Nullable Decision disabled;
        PeerAuthentications.@Nullable Decision permitted;
        String who = "";

        void add(PeerAuthentications.Decision decision, String name) {
            switch (decision.mode()) {
                case STRICT -> strict++;
                case PERMISSIVE -> {
                    permissive++;
                    permitted = permitted == null ? decision : permitted;
                }
                case DISABLE -> {
                    disable++;
                    disabled = disabled == null ? decision : disabled;
                    who = who.isEmpty() ? name : who;
                }
                default -> {
                    // Cannot be told.
                }
            }
        }
    }

    private static final class Run {
        private final Configuration configuration;
        private final Consumer<Finding> report;
        private final PeerAuthentications peers;
        private final Workloads workloads;
        private final String root;
        private final Map<Where, Modes> known = new HashMap<>();

        /** Selectors of policies, by namespace, that turn away every caller without identity. */
        private final Map<String, Set<Map<String, String>>> denying = new HashMap<>();

        private final Map<String, Set<Map<String, String>>> allowing = new HashMap<>();

        /** Namespaces with an ALLOW rule that a caller without identity may match. */
        private final Set<String> open = new HashSet<>();

        Run(Configuration configuration, Consumer<Finding> report) {
            this.configuration = configuration;
            this.report = report;
            this.peers = PeerAuthentications.of(configuration);
            this.workloads = Workloads.of(configuration);
            this.root = configuration.mesh().rootNamespace();
        }

        void run() {
            List<Resource> policies = configuration.all(AUTHORIZATION_POLICY).stream()
                    .filter(policy -> !AuthorizationRules.hasTarget(policy))
                    .toList();
            policies.forEach(this::learn);
            policies.forEach(this::check);
        }

        private void learn(Resource policy) {
            String namespace = configuration.namespaceOf(policy);
            List<Field> rules = AuthorizationRules.rules(policy);
            Map<String, String> selector = selector(policy);
            if (AuthorizationRules.action(policy).equals("ALLOW")) {
                if (rules.stream().allMatch(AuthorizationRules::needsIdentity)) {
                    allowing.computeIfAbsent(namespace, any -> new HashSet<>()).add(selector);
                } else {
                    open.add(namespace);
                }
            } else if (AuthorizationRules.action(policy).equals("DENY")
                    && rules.stream().anyMatch(Run::deniesStrangers)) {
                denying.computeIfAbsent(namespace, any -> new HashSet<>()).add(selector);
            }
        }

        /** {@code notPrincipals: ["*"]}: everybody who has no identity. */
        private static boolean deniesStrangers(Field rule) {
            return rule.at("to").items().isEmpty()
                    && rule.at("when").items().isEmpty()
                    && AuthorizationRules.sources(rule).stream()
                            .anyMatch(source ->
                                    source.at("notPrincipals").value().texts().contains("*")
                                            && AuthorizationRules.positive(source)
                                                    .isEmpty()
                                            && !AuthorizationRules.asksMore(source));
        }

        private static Map<String, String> selector(Resource policy) {
            return policy.spec().at("selector", "matchLabels").textMap();
        }

        /** Whether another policy for the same workloads turns callers without identity away. */
        private boolean isGuarded(String namespace, Map<String, String> selector) {
            return contains(denying, namespace, selector)
                    || (contains(allowing, namespace, selector) && !open.contains(namespace) && !open.contains(root));
        }

        private boolean contains(
                Map<String, Set<Map<String, String>>> policies, String namespace, Map<String, String> selector) {
            return List.of(namespace, root).stream()
                    .map(where -> policies.getOrDefault(where, Set.of()))
                    .anyMatch(selectors -> selectors.contains(Map.of()) || selectors.contains(selector));
        }

        private void check(Resource policy) {
            String namespace = configuration.namespaceOf(policy);
            String where = namespace.equals(root) ? "" : namespace;
            if (AuthorizationRules.action(policy).equals("CUSTOM") || !canTell(namespace)) {
                return;
            }
            List<Field> without = new ArrayList<>();
            Modes worst = null;
            Field bypassed = null;
            Modes bypass = null;
            for (Field rule : AuthorizationRules.rules(policy)) {
                List<Field> identity = identity(rule);
                if (identity.isEmpty()) {
                    continue;
                }
                Modes modes = new Modes();
                for (int port : ports(rule)) {
                    Modes one = known.computeIfAbsent(new Where(where, selector(policy), port), this::modes);
                    modes.strict += one.strict;
                    modes.permissive += one.permissive;
                    modes.disable += one.disable;
                    modes.disabled = modes.disabled == null ? one.disabled : modes.disabled;
                    modes.permitted = modes.permitted == null ? one.permitted : modes.permitted;
                    modes.who = modes.who.isEmpty() ? one.who : modes.who;
                }
                if (modes.disable > 0) {
                    without.addAll(identity);
                    worst = worst == null ? modes : worst;
                } else if (modes.permissive > 0 && bypassed == null && isKnown(modes)) {
                    bypassed = hole(AuthorizationRules.action(policy), rule);
                    bypass = modes;
                }
            }
            if (worst != null) {
                reportNoIdentity(policy, without, worst);
            } else if (bypassed != null && bypass != null && !isGuarded(namespace, selector(policy))) {
                reportBypass(policy, bypassed, bypass);
            }
        }

        private boolean canTell(String namespace) {
            boolean all = namespace.equals(root);
            return (all
                            ? configuration.complete(PEER_AUTHENTICATION)
                            : configuration.complete(PEER_AUTHENTICATION, namespace)
                                    && configuration.complete(PEER_AUTHENTICATION, root))
                    && Workloads.complete(configuration, all ? "" : namespace)
                    && (all ? configuration.complete(NAMESPACE) : configuration.complete(NAMESPACE, namespace));
        }

        /** Files that leave the root namespace out do not say what holds where nothing else is said. */
        private boolean isKnown(Modes modes) {
            return (modes.permitted != null && modes.permitted.policy() != null)
                    || configuration.knows(PEER_AUTHENTICATION, root);
        }

        private static List<Field> identity(Field rule) {
            List<Field> fields = new ArrayList<>();
            for (Field source : AuthorizationRules.sources(rule)) {
                fields.addAll(AuthorizationRules.positive(source));
                fields.addAll(AuthorizationRules.negative(source));
            }
            fields.addAll(AuthorizationRules.conditions(rule, "values"));
            fields.addAll(AuthorizationRules.conditions(rule, "notValues"));
            return fields;
        }

        /** The ports that a rule is limited to; -1 for all that no portLevelMtls is about. */
        private static Set<Integer> ports(Field rule) {
            Set<Integer> ports = new LinkedHashSet<>();
            for (Field operation : AuthorizationRules.operations(rule)) {
                List<String> listed = operation.at("ports").value().texts();
                if (listed.isEmpty()) {
                    return Set.of(-1);
                }
                for (String port : listed) {
                    ports.add(port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : -1);
                }
            }
            return ports.isEmpty() ? Set.of(-1) : ports;
        }

        private Modes modes(Where where) {
            Modes modes = new Modes();
            List<Workload> selected = workloads.matching(where.selector(), where.namespace());
            List<Workload> pods = selected.stream()
                    .filter(workload -> workload.podPath().isEmpty() && Pods.isSidecar(workload.resource()))
                    .toList();
            List<Workload> served = !pods.isEmpty()
                    ? pods
                    : selected.stream()
                            .filter(workload -> !workload.podPath().isEmpty()
                                    && MeshMembership.hasSidecar(configuration, workload.resource(), workload.pod()))
                            .toList();
            for (Workload workload : served) {
                modes.add(peers.of(workload.namespace(), workload.labels(), where.port()), workload.toString());
            }
            if (selected.isEmpty() && !MeshMembership.isAmbientNamespace(configuration, where.namespace())) {
                String namespace = where.namespace().isEmpty() ? root : where.namespace();
                modes.add(
                        peers.of(namespace, where.selector(), where.port()),
                        where.namespace().isEmpty() ? "the mesh" : "namespace " + namespace);
            }
            return modes;
        }

        /** What of a rule lets callers without identity past; null where nothing does. */
        private static @Nullable Field hole(String action, Field rule) {
            List<Field> sources = AuthorizationRules.sources(rule);
            if (action.equals("DENY")) {
                List<Field> conditions = AuthorizationRules.conditions(rule, "values");
                return sources.stream()
                        .flatMap(source -> AuthorizationRules.positive(source).stream())
                        .findFirst()
                        .orElse(conditions.isEmpty() ? null : conditions.get(0));
            }
            if (!action.equals("ALLOW")
                    || !AuthorizationRules.conditions(rule, "values").isEmpty()) {
                return null;
            }
            for (Field source : sources) {
                List<Field> negative = AuthorizationRules.negative(source);
                if (!negative.isEmpty()
                        && AuthorizationRules.positive(source).isEmpty()
                        && !AuthorizationRules.asksMore(source)
                        && !source.at("notPrincipals").value().texts().contains("*")) {
                    return negative.get(0);
                }
            }
            List<Field> conditions = AuthorizationRules.conditions(rule, "notValues");
            return sources.isEmpty() && !conditions.isEmpty() ? conditions.get(0) : null;
        }

        private static Field first(Field list) {
            return list.items().isEmpty() ? list : list.items().get(0);
        }

        /** What a field is about: {@code principals}, or the key of a condition. */
        private static String name(Resource policy, Field field) {
            return AuthorizationRules.rules(policy).stream()
                    .flatMap(rule -> rule.at("when").items().stream())
                    .filter(condition ->
                            field.path().equals(condition.at(field.name()).path()))
                    .map(condition -> condition.at("key").text())
                    .findFirst()
                    .orElse(field.name());
        }

        private void reportNoIdentity(Resource policy, List<Field> fields, Modes modes) {
            PeerAuthentications.Decision decision = modes.disabled;
            Resource source = decision == null ? null : decision.policy();
            if (decision == null || source == null) {
                return;
            }
            int all = modes.strict + modes.permissive + modes.disable;
            Field field = fields.get(0);
            boolean excludes = field.name().startsWith("not");
            String effect = excludes
                    ? "fits every caller"
                    : switch (AuthorizationRules.action(policy)) {
                        case "DENY" -> "denies nobody";
                        case "AUDIT" -> "records nobody";
                        default -> "lets nobody in";
                    };
            String where = all == modes.disable
                    ? modes.who + (all > 1 ? " and " + (all - 1) + " more" : "") + " gets"
                    : modes.disable + " of " + all + " selected workloads (" + modes.who + ") get";
            Finding.Builder finding = configuration
                    .finding(NO_IDENTITY, policy, first(field))
                    .severity(all == modes.disable ? Severity.ERROR : Severity.WARNING)
                    .message(name(policy, field) + " needs the identity of the caller, but " + where
                            + " plain text only (mode DISABLE of " + source.ref()
                            + "), which has none: there the rule " + effect + ".")
                    .evidence(decision.field(), source.toString(), MtlsMode.DISABLE.toString());
            fields.stream()
                    .skip(1)
                    .limit(5)
                    .forEach(other -> finding.evidence(other.path(), policy.toString(), other.quoted()));
            report.accept(finding.remedy("Turn mutual TLS on (mode STRICT, or PERMISSIVE): "
                            + ReferencedResources.edit(source)
                            + "; or tell callers apart by something else, such as ipBlocks or requestPrincipals: "
                            + ReferencedResources.edit(policy))
                    .build());
        }

        private void reportBypass(Resource policy, Field field, Modes modes) {
            PeerAuthentications.Decision decision = modes.permitted;
            boolean deny = AuthorizationRules.action(policy).equals("DENY");
            Finding.Builder finding = configuration
                    .finding(BYPASS, policy, first(field))
                    .message(
                            "Callers without a sidecar send plain text and have no identity, and the selected workloads"
                                    + " accept it (PERMISSIVE): "
                                    + (deny
                                            ? "this DENY rule does not fit them, whoever they are."
                                            : "this ALLOW rule fits all of them, whoever they are."));
            Resource source = decision == null ? null : decision.policy();
            if (decision != null && source != null) {
                finding.evidence(decision.field(), source.toString(), MtlsMode.PERMISSIVE.toString());
            } else {
                finding.evidence("PeerAuthentication", "the mesh", "none sets a mode, so PERMISSIVE holds");
            }
            String namespace = configuration.namespaceOf(policy);
            report.accept(finding.remedy("Accept mutual TLS only (PeerAuthentication in namespace " + namespace
                            + " with mtls.mode STRICT), or deny callers without identity: a policy with action DENY and"
                            + " from: [{source: {notPrincipals: [\"*\"]}}]. The policy: "
                            + ReferencedResources.edit(policy))
                    .build());
        }
    }
}
