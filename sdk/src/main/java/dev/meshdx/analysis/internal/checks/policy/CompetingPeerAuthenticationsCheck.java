package dev.meshdx.analysis.internal.checks.policy;

import static dev.meshdx.model.ResourceKind.PEER_AUTHENTICATION;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Ages;
import dev.meshdx.configuration.internal.PeerAuthentications;
import dev.meshdx.configuration.internal.SelectorIndex;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * PeerAuthentications that compete: of several for one namespace, or for one workload, the oldest is in force and the others
 * have no effect. Source: Istio, "PeerAuthentication" (reference); istiod, {@code pilot/pkg/model/authentication.go} and
 * {@code pilot/pkg/security/authn/policy_applier.go} (policies are sorted by creation time; the first of a level counts).
 */
public final class CompetingPeerAuthenticationsCheck implements ConfigurationCheck {
    static final FindingCode SAME_NAMESPACE = new FindingCode(
            "MDX0201",
            "SeveralPeerAuthenticationsInNamespace",
            Severity.WARNING,
            "Several PeerAuthentications hold for a whole namespace, and only the oldest is in force.");

    static final FindingCode SAME_WORKLOAD = new FindingCode(
            "MDX0202",
            "SeveralPeerAuthenticationsForWorkload",
            Severity.WARNING,
            "Several PeerAuthentications select one workload, and only the oldest is in force.");

    @Override
    public List<FindingCode> codes() {
        return List.of(SAME_NAMESPACE, SAME_WORKLOAD);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                PEER_AUTHENTICATION,
                ResourceKind.POD,
                ResourceKind.DEPLOYMENT,
                ResourceKind.STATEFUL_SET,
                ResourceKind.DAEMON_SET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Workloads workloads = Workloads.of(configuration);
        String root = configuration.mesh().rootNamespace();
        configuration.byNamespace(PEER_AUTHENTICATION).forEach((namespace, policies) -> {
            List<Resource> wide = new ArrayList<>();
            SelectorIndex<Resource> selecting = new SelectorIndex<>();
            boolean several = false;
            for (Resource policy : policies.stream().sorted(Ages.OLDEST_FIRST).toList()) {
                Map<String, String> selector = PeerAuthentications.selector(policy);
                if (selector.isEmpty()) {
                    wide.add(policy);
                } else if (!namespace.equals(root)) {
                    selecting.add(selector, policy);
                    several = true;
                }
            }
            for (Resource ignored : wide.subList(Math.min(1, wide.size()), wide.size())) {
                String where = namespace.equals(root) ? "the mesh" : "namespace " + namespace;
                report.accept(finding(configuration, SAME_NAMESPACE, ignored, wide.get(0), where)
                        .remedy("Merge them into one and delete the others: kubectl -n " + namespace
                                + " delete peerauthentications.security.istio.io " + ignored.name())
                        .build());
            }
            if (several) {
                reportWorkloads(configuration, workloads.in(namespace), selecting, report);
            }
        });
    }

    private static void reportWorkloads(
            Configuration configuration,
            List<Workload> workloads,
            SelectorIndex<Resource> policies,
            Consumer<Finding> report) {
        // A policy is reported once, with the first workload for which another one is in force.
        Map<Resource, Resource> winners = new LinkedHashMap<>();
        Map<Resource, Set<String>> affected = new LinkedHashMap<>();
        Map<Map<String, String>, List<Resource>> known = new LinkedHashMap<>();
        for (Workload workload : workloads) {
            List<Resource> selecting = known.computeIfAbsent(workload.labels(), policies::all);
            for (Resource ignored : selecting.subList(Math.min(1, selecting.size()), selecting.size())) {
                winners.putIfAbsent(ignored, selecting.get(0));
                affected.computeIfAbsent(ignored, any -> new TreeSet<>()).add(workload.toString());
            }
        }
        winners.forEach((ignored, winner) -> {
            Set<String> names = affected.getOrDefault(ignored, Set.of());
            String first = names.iterator().next();
            String where = first + (names.size() > 1 ? " and " + (names.size() - 1) + " more" : "");
            report.accept(finding(configuration, SAME_WORKLOAD, ignored, winner, where)
                    .evidence("selected", first, Configuration.text(PeerAuthentications.selector(ignored)))
                    .remedy("Merge them, or make their selectors exclude each other: "
                            + ReferencedResources.edit(ignored))
                    .build());
        });
    }

    private static Finding.Builder finding(
            Configuration configuration, FindingCode code, Resource ignored, Resource winner, String where) {
        boolean dated = ignored.createdAt().isPresent() && winner.createdAt().isPresent();
        boolean selects = !PeerAuthentications.selector(ignored).isEmpty();
        Finding.Builder finding = configuration
                .finding(
                        code,
                        ignored,
                        selects
                                ? Field.spec(ignored)
                                        .at("selector", "matchLabels")
                                        .entries()
                                        .get(0)
                                : Field.spec(ignored).at("mtls", "mode"))
                .message("PeerAuthentications " + winner.name() + " and " + ignored.name() + " both hold for " + where
                        + ". "
                        + (dated
                                ? winner.name() + " is the older one and in force; " + ignored.name()
                                        + " has no effect there."
                                : "The older one will be in force, the other will have no effect there; these files do"
                                        + " not say which it is."))
                .evidence(
                        "spec.mtls",
                        winner.toString(),
                        new Field("spec.mtls", winner.spec().at("mtls")).quoted());
        Stream.of(winner, ignored)
                .forEach(policy -> policy.createdAt()
                        .ifPresent(time ->
                                finding.evidence("metadata.creationTimestamp", policy.toString(), time.toString())));
        return finding;
    }
}
