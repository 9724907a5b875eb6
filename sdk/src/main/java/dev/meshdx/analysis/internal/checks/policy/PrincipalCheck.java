package dev.meshdx.analysis.internal.checks.policy;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.SERVICE_ACCOUNT;
import static dev.meshdx.model.ResourceKind.WORKLOAD_ENTRY;
import static dev.meshdx.model.ResourceKind.WORKLOAD_GROUP;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.GatewayDeployments;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Identities that AuthorizationPolicies name and nobody has. Sources: Istio, "Authorization Policy" ({@code principals} are
 * {@code TRUST_DOMAIN/ns/NAMESPACE/sa/ACCOUNT}, {@code serviceAccounts} are {@code NAMESPACE/ACCOUNT} or an account of the
 * policy's namespace; exact, prefix, suffix and presence match); Istio, "Authorization Policy Trust Domain Migration" and
 * istiod's {@code pilot/pkg/security/trustdomain/bundle.go} (aliases; {@code cluster.local} stands for the mesh's own).
 */
public final class PrincipalCheck implements ConfigurationCheck {
    static final FindingCode UNKNOWN = new FindingCode(
            "MDX0210",
            "UnknownPrincipal",
            Severity.WARNING,
            "An AuthorizationPolicy names an identity that no service account has.");

    static final FindingCode FOREIGN = new FindingCode(
            "MDX0211",
            "ForeignTrustDomain",
            Severity.INFO,
            "An AuthorizationPolicy names an identity of a trust domain that the mesh does not know.");

    /** What may have an account of which there is no ServiceAccount here. */
    private static final List<ResourceKind> HOLDERS = List.of(
            WORKLOAD_ENTRY,
            WORKLOAD_GROUP,
            ResourceKind.POD,
            ResourceKind.DEPLOYMENT,
            ResourceKind.STATEFUL_SET,
            ResourceKind.DAEMON_SET);

    @Override
    public List<FindingCode> codes() {
        return List.of(UNKNOWN, FOREIGN);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                AUTHORIZATION_POLICY,
                SERVICE_ACCOUNT,
                WORKLOAD_ENTRY,
                WORKLOAD_GROUP,
                ResourceKind.KUBERNETES_GATEWAY,
                ResourceKind.POD,
                ResourceKind.DEPLOYMENT,
                ResourceKind.STATEFUL_SET,
                ResourceKind.DAEMON_SET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        if (!configuration.all(AUTHORIZATION_POLICY).isEmpty()) {
            new Run(configuration, report).run();
        }
    }

    private static final class Run {
        private final Configuration configuration;
        private final Consumer<Finding> report;
        private final Set<String> domains = new LinkedHashSet<>();
        private final Map<String, Set<String>> accounts = new TreeMap<>();
        private final NavigableSet<String> principals = new TreeSet<>();
        private final NavigableSet<String> reversed = new TreeSet<>();

        Run(Configuration configuration, Consumer<Finding> report) {
            this.configuration = configuration;
            this.report = report;
            domains.add(configuration.mesh().trustDomain());
            domains.addAll(configuration.mesh().trustDomainAliases());
            domains.add("cluster.local");
            for (Resource account : configuration.all(SERVICE_ACCOUNT)) {
                add(configuration.namespaceOf(account), account.name());
            }
            Workloads.of(configuration).all().forEach(workload -> add(workload.namespace(), workload.serviceAccount()));
            for (Resource entry : configuration.all(WORKLOAD_ENTRY)) {
                add(
                        configuration.namespaceOf(entry),
                        entry.spec().at("serviceAccount").text("default"));
            }
            for (Resource group : configuration.all(WORKLOAD_GROUP)) {
                add(
                        configuration.namespaceOf(group),
                        group.spec().at("template", "serviceAccount").text("default"));
            }
            GatewayDeployments.of(configuration)
                    .accounts()
                    .forEach((namespace, names) -> names.forEach(name -> add(namespace, name)));
            accounts.forEach((namespace, names) -> names.forEach(name -> {
                for (String domain : domains) {
                    String principal = domain + "/ns/" + namespace + "/sa/" + name;
                    principals.add(principal);
                    reversed.add(reverse(principal));
                }
            }));
        }

        private void add(String namespace, String account) {
            // Kubernetes creates the account "default" in every namespace.
            accounts.computeIfAbsent(namespace, any -> new TreeSet<>(Set.of("default")))
                    .add(account);
        }

        void run() {
            for (Resource policy : configuration.all(AUTHORIZATION_POLICY)) {
                for (Field rule : AuthorizationRules.rules(policy)) {
                    for (Field source : AuthorizationRules.sources(rule)) {
                        for (String list : List.of("principals", "notPrincipals")) {
                            source.at(list).items().forEach(item -> principal(policy, item));
                        }
                        for (String list : List.of("serviceAccounts", "notServiceAccounts")) {
                            source.at(list).items().forEach(item -> account(policy, item));
                        }
                    }
                    for (Field condition : rule.at("when").items()) {
                        for (String list : List.of("values", "notValues")) {
                            for (Field item : condition.at(list).items()) {
                                switch (condition.at("key").text()) {
                                    case "source.principal" -> principal(policy, item);
                                    case "source.serviceAccount" -> account(policy, item);
                                    default -> {
                                        // Not about accounts.
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }

        private void principal(Resource policy, Field item) {
            String text = item.text();
            if (text.isEmpty() || text.equals("*")) {
                return;
            }
            if (text.startsWith("spiffe://")) {
                report(
                        policy,
                        item,
                        "Principals are written without \"spiffe://\", so \"" + text + "\" matches nobody.",
                        List.of(text.substring("spiffe://".length())));
                return;
            }
            if (text.startsWith("*")) {
                String suffix = reverse(text.substring(1));
                if (!startsWith(reversed, suffix) && complete()) {
                    report(policy, item, "No service account fits \"" + text + "\", so it matches nobody.", List.of());
                }
                return;
            }
            boolean prefix = text.endsWith("*");
            String wanted = prefix ? text.substring(0, text.length() - 1) : text;
            int ns = wanted.indexOf("/ns/");
            String domain = ns < 0 ? wanted : wanted.substring(0, ns);
            if (prefix && ns < 0) {
                if (domains.stream().noneMatch(own -> (own + "/ns/").startsWith(wanted))) {
                    foreign(policy, item, wanted);
                }
                return;
            }
            if (ns < 0) {
                report(
                        policy,
                        item,
                        "\"" + text
                                + "\" is not of the form TRUST_DOMAIN/ns/NAMESPACE/sa/ACCOUNT, so it matches nobody.",
                        List.of());
                return;
            }
            if (!domains.contains(domain)) {
                foreign(policy, item, domain);
                return;
            }
            String[] parts = wanted.substring(ns + 4).split("/", -1);
            String namespace = parts[0];
            if (prefix) {
                boolean whole = parts.length > 1;
                if (!startsWith(principals, wanted) && (whole ? canTell(namespace) : complete())) {
                    report(policy, item, "No service account fits \"" + text + "\", so it matches nobody.", List.of());
                }
            } else if (parts.length != 3 || !parts[1].equals("sa")) {
                report(
                        policy,
                        item,
                        "\"" + text
                                + "\" is not of the form TRUST_DOMAIN/ns/NAMESPACE/sa/ACCOUNT, so it matches nobody.",
                        List.of());
            } else if (!principals.contains(wanted) && canTell(namespace)) {
                missing(policy, item, namespace, parts[2], domain + "/ns/" + namespace + "/sa/");
            }
        }

        private void account(Resource policy, Field item) {
            String text = item.text();
            int slash = text.indexOf('/');
            String namespace = slash < 0 ? configuration.namespaceOf(policy) : text.substring(0, slash);
            String name = text.substring(slash + 1);
            if (!name.isEmpty()
                    && !namespace.isEmpty()
                    && !text.contains("*")
                    && name.indexOf('/') < 0
                    && !accounts.getOrDefault(namespace, Set.of()).contains(name)
                    && canTell(namespace)) {
                missing(policy, item, namespace, name, slash < 0 ? "" : namespace + "/");
            }
        }

        /** That an account is missing is said where accounts are known; never of the control plane's namespace. */
        private boolean canTell(String namespace) {
            return !namespace.equals(configuration.istioNamespace())
                    && configuration.knows(SERVICE_ACCOUNT, namespace)
                    && HOLDERS.stream().allMatch(kind -> configuration.complete(kind, namespace));
        }

        private boolean complete() {
            return configuration.knows(SERVICE_ACCOUNT, "")
                    && HOLDERS.stream().allMatch(configuration::complete)
                    && !configuration.all(SERVICE_ACCOUNT).isEmpty();
        }

        private void missing(Resource policy, Field item, String namespace, String name, String before) {
            Set<String> known = accounts.getOrDefault(namespace, Set.of());
            List<String> near =
                    configuration.near(name, known).stream().map(before::concat).toList();
            String why = known.isEmpty()
                    ? "There is no service account in namespace \"" + namespace + "\", so \"" + item.text()
                            + "\" matches nobody."
                    : "Service account \"" + name + "\" does not exist in namespace " + namespace
                            + ", and no pod uses it, so \"" + item.text() + "\" matches nobody.";
            // Files of one chart seldom have the accounts of another one.
            report(
                    policy,
                    item,
                    why,
                    near,
                    configuration.fromFiles() && near.isEmpty() ? Severity.INFO : Severity.WARNING);
        }

        private void report(Resource policy, Field item, String message, List<String> near) {
            report(policy, item, message, near, Severity.WARNING);
        }

        private void report(Resource policy, Field item, String message, List<String> near, Severity severity) {
            report.accept(configuration
                    .finding(UNKNOWN, policy, item)
                    .severity(severity)
                    .message(message + ReferencedResources.didYouMean(near))
                    .evidence(
                            "trustDomain",
                            "mesh configuration",
                            configuration.mesh().trustDomain())
                    .remedy((near.isEmpty() ? "Correct the identity" : "Write " + near.get(0))
                            + " (kubectl get serviceaccounts -A): " + ReferencedResources.edit(policy))
                    .build());
        }

        private void foreign(Resource policy, Field item, String domain) {
            report.accept(configuration
                    .finding(FOREIGN, policy, item)
                    .message("Trust domain \"" + domain + "\" is neither the mesh's own ("
                            + configuration.mesh().trustDomain()
                            + ") nor one of its aliases, so whether anybody has this identity cannot be told."
                            + ReferencedResources.didYouMean(configuration.near(domain, domains)))
                    .evidence(
                            "trustDomain",
                            "mesh configuration",
                            configuration.mesh().trustDomain())
                    .evidence(
                            "trustDomainAliases",
                            "mesh configuration",
                            configuration.mesh().trustDomainAliases().isEmpty()
                                    ? "none"
                                    : String.join(", ", configuration.mesh().trustDomainAliases()))
                    .remedy(
                            "If it is a former name of this mesh, add it to trustDomainAliases; if it is another mesh's,"
                                    + " nothing is wrong; else correct it: " + ReferencedResources.edit(policy))
                    .build());
        }

        private static boolean startsWith(NavigableSet<String> sorted, String prefix) {
            String first = sorted.ceiling(prefix);
            return first != null && first.startsWith(prefix);
        }

        private static String reverse(String text) {
            return new StringBuilder(text).reverse().toString();
        }
    }
}
