package dev.meshdx.analysis.internal.checks.visibility;

import static dev.meshdx.model.ResourceKind.DAEMON_SET;
import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.STATEFUL_SET;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.analysis.internal.checks.VirtualServices;
import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DestinationRules;
import dev.meshdx.configuration.internal.DestinationRules.ClientTls;
import dev.meshdx.configuration.internal.DestinationRules.Merged;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.configuration.internal.Visibility;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * DestinationRules of different namespaces for one host, where the one that counts for the clients of its namespace lacks what
 * the hidden one has: rules of different namespaces are not merged. Sources: Istio, "Traffic Management Best Practices"
 * (cross-namespace configuration sharing); istio/istio, {@code push_context.go}, {@code destinationRule}: the client's
 * namespace, then the service's, then the root namespace.
 */
public final class CompetingRulesCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0267",
            "CompetingDestinationRules",
            Severity.WARNING,
            "DestinationRules of different namespaces compete for a host, and what the hidden one says is missing.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                DESTINATION_RULE, VIRTUAL_SERVICE, SERVICE, SERVICE_ENTRY, POD, DEPLOYMENT, STATEFUL_SET, DAEMON_SET);
    }

    private record Key(String client, String host) {}

    /** A route to a subset. */
    private record Use(Resource virtualService, Field subset, String host) {}

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        DestinationRules rules = DestinationRules.of(configuration);
        ServiceRegistry services = ServiceRegistry.of(configuration);
        Map<String, List<Use>> uses = null;
        Set<Key> seen = new HashSet<>();
        for (Resource rule : configuration.all(DESTINATION_RULE)) {
            String client = configuration.namespaceOf(rule);
            String host = Hosts.qualify(rule.spec().at("host").text(""), client);
            if (host.isEmpty()
                    || host.startsWith("*")
                    || rule.spec().at("workloadSelector").exists()
                    || !seen.add(new Key(client, host))) {
                continue;
            }
            Optional<ServiceRegistry.Host> target = services.find(client, List.of(), host);
            if (target.isEmpty()) {
                continue;
            }
            String owner = configuration.namespaceOf(target.get().resource());
            Merged winner = rules.of(client, Map.of(), host, owner).orElse(null);
            List<Merged> hidden = owner.equals(client) ? List.of() : rules.hidden(client, Map.of(), host, owner);
            if (winner == null || hidden.isEmpty() || !winner.rules().contains(rule)) {
                continue;
            }
            Merged loser = hidden.get(0);
            if (!isFor(configuration, loser, host)) {
                continue;
            }
            if (uses == null) {
                uses = uses(configuration);
            }
            Optional<Use> lost = lostSubset(configuration, uses.getOrDefault(host, List.of()), client, winner, loser);
            if (lost.isPresent()) {
                reportSubset(configuration, client, host, owner, winner, loser, lost.get(), report);
            } else {
                compareTls(configuration, client, host, owner, winner, loser, target.get(), report);
            }
        }
    }

    /** A rule for a wildcard is a default, and meant to be hidden by one for the host. */
    private static boolean isFor(Configuration configuration, Merged rules, String host) {
        Resource first = rules.rules().get(0);
        return Hosts.qualify(first.spec().at("host").text(""), configuration.namespaceOf(first))
                .equals(host);
    }

    /** Routes to subsets, by the full name of the host. */
    private static Map<String, List<Use>> uses(Configuration configuration) {
        Map<String, List<Use>> uses = new HashMap<>();
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            String namespace = configuration.namespaceOf(virtualService);
            for (VirtualServices.Destination destination : VirtualServices.destinations(virtualService)) {
                if (!destination.subset().text().isEmpty()) {
                    String host = Hosts.qualify(destination.host().text(), namespace);
                    uses.computeIfAbsent(host, any -> new ArrayList<>())
                            .add(new Use(virtualService, destination.subset(), host));
                }
            }
        }
        return uses;
    }

    /** A subset that only the hidden rule has, and that a VirtualService that the clients follow leads to. */
    private static Optional<Use> lostSubset(
            Configuration configuration, List<Use> uses, String client, Merged winner, Merged loser) {
        return uses.stream()
                .filter(use -> !winner.subsets().contains(use.subset().text())
                        && loser.subsets().contains(use.subset().text()))
                .filter(use ->
                        HttpRoutes.gateways(configuration, use.virtualService()).containsKey("mesh"))
                .filter(use ->
                        HttpRoutes.reachesAll(Visibility.audience(configuration, use.virtualService()), Set.of(client)))
                // One of the clients' own namespace comes first, since it is surely the one they follow.
                .min((left, right) -> Boolean.compare(
                        !configuration.namespaceOf(left.virtualService()).equals(client),
                        !configuration.namespaceOf(right.virtualService()).equals(client)));
    }

    private static void reportSubset(
            Configuration configuration,
            String client,
            String host,
            String owner,
            Merged winner,
            Merged loser,
            Use use,
            Consumer<Finding> report) {
        Resource rule = winner.rules().get(0);
        boolean runs = !Workloads.of(configuration).in(client).isEmpty();
        Finding.Builder finding = configuration
                .finding(CODE, rule, Field.spec(rule).at("host"))
                .severity(runs ? Severity.ERROR : Severity.WARNING)
                .message(which(configuration, client, host, owner, loser) + " It lacks subset \""
                        + use.subset().text() + "\", to which " + use.virtualService()
                        + " sends them: such requests fail with 503 NC.")
                .evidence(
                        use.subset().path(),
                        use.virtualService().toString(),
                        use.subset().quoted())
                .evidence(
                        "subsets",
                        rule.toString(),
                        winner.subsets().isEmpty() ? "none" : String.join(", ", winner.subsets()))
                .evidence("subsets", loser.first().toString(), String.join(", ", loser.subsets()));
        hidden(finding, loser);
        report.accept(finding.remedy("Copy the subset into " + rule + " (" + ReferencedResources.edit(rule)
                        + "), or delete this rule and keep one for the host, in namespace " + owner + ".")
                .build());
    }

    private static String which(Configuration configuration, String client, String host, String owner, Merged loser) {
        Resource other = loser.rules().get(0);
        boolean root = !configuration.namespaceOf(other).equals(owner);
        return "For " + host + " the clients in namespace " + client
                + " follow this rule, since it is in their namespace, and not "
                + other + " of " + (root ? "the root namespace" : "the host's namespace")
                + ", which clients elsewhere follow: rules of different namespaces are not merged.";
    }

    private static void hidden(Finding.Builder finding, Merged loser) {
        Field host = Field.spec(loser.rules().get(0)).at("host");
        finding.evidence(host.path(), loser.first().toString(), host.quoted());
    }

    /** TLS at all ports of the host. */
    private static void compareTls(
            Configuration configuration,
            String client,
            String host,
            String owner,
            Merged winner,
            Merged loser,
            ServiceRegistry.Host target,
            Consumer<Finding> report) {
        boolean external = target.resource().kind().equals(SERVICE_ENTRY)
                && !target.resource().spec().at("location").text("").equals("MESH_INTERNAL");
        for (long port : target.ports()) {
            Optional<ClientTls> own = winner.tls((int) port, "");
            Optional<ClientTls> other = loser.tls((int) port, "");
            ClientTlsMode usual =
                    configuration.mesh().autoMtls() && !external ? ClientTlsMode.ISTIO_MUTUAL : ClientTlsMode.DISABLE;
            if (own.map(ClientTls::mode).orElse(usual)
                    == other.map(ClientTls::mode).orElse(usual)) {
                continue;
            }
            Resource rule = winner.rules().get(0);
            String lost = other.map(tls -> tls.mode().toString())
                    .orElse(external ? "plain text" : "mutual TLS as the server wants it");
            Finding.Builder finding = configuration
                    .finding(CODE, rule, Field.spec(rule).at("host"))
                    .severity(own.isPresent() ? Severity.INFO : Severity.WARNING)
                    .message(which(configuration, client, host, owner, loser) + " At port " + port
                            + " that is " + lost + " there; here it is "
                            + own.map(tls -> tls.mode().toString())
                                    .orElse(
                                            external
                                                    ? "plain text, since no TLS is set"
                                                    : "unset: "
                                                            + (usual == ClientTlsMode.ISTIO_MUTUAL
                                                                    ? "mutual TLS as the server wants it"
                                                                    : "plain text"))
                            + ".");
            own.ifPresent(tls -> finding.evidence(
                    tls.field(), tls.rule().toString(), tls.mode().toString()));
            other.ifPresent(tls -> finding.evidence(
                    tls.field(), tls.rule().toString(), tls.mode().toString()));
            hidden(finding, loser);
            report.accept(finding.remedy((own.isPresent()
                                    ? "If that is not meant, make both say the same: "
                                    : "Copy trafficPolicy.tls into it, or delete it and keep the rule of namespace "
                                            + owner + ": ")
                            + ReferencedResources.edit(rule))
                    .build());
            return;
        }
    }
}
