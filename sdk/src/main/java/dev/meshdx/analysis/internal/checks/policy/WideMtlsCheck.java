package dev.meshdx.analysis.internal.checks.policy;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.PEER_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.configuration.internal.DestinationRules;
import dev.meshdx.configuration.internal.PeerAuthentications;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Pods;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Mutual TLS of the mesh and of namespaces: wildcard DestinationRules against PeerAuthentications without selector, and what
 * is missing on the clients' side where the mesh has automatic mutual TLS switched off. What a rule does to a service that is
 * known is IST0113's business.
 *
 * <p>Sources: Istio, "PeerAuthentication", "Destination Rule" and "Global Mesh Options" ({@code enableAutoMtls}: without it
 * clients send plain text unless a DestinationRule says otherwise); istiod, {@code pilot/pkg/networking/core/cluster_tls.go}.
 */
public final class WideMtlsCheck implements ConfigurationCheck {
    static final FindingCode LOST = new FindingCode(
            "MDX0212",
            "DestinationRuleDropsMutualTls",
            Severity.WARNING,
            "A DestinationRule without TLS settings switches off the mutual TLS of a wider one.");

    static final FindingCode CONFLICT = new FindingCode(
            "MDX0213",
            "WideMtlsConflict",
            Severity.WARNING,
            "A DestinationRule for a namespace or the mesh contradicts the PeerAuthentication there.");

    static final FindingCode PLAINTEXT = new FindingCode(
            "MDX0214",
            "StrictWithoutClientMutualTls",
            Severity.ERROR,
            "A PeerAuthentication demands mutual TLS, and without automatic mutual TLS clients send plain text.");

    @Override
    public List<FindingCode> codes() {
        return List.of(LOST, CONFLICT, PLAINTEXT);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(DESTINATION_RULE, PEER_AUTHENTICATION, SERVICE, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        new Run(configuration, report).run();
    }

    private static final class Run {
        private final Configuration configuration;
        private final Consumer<Finding> report;
        private final PeerAuthentications peers;
        private final String root;
        private final Set<ResourceRef> lost = new HashSet<>();

        Run(Configuration configuration, Consumer<Finding> report) {
            this.configuration = configuration;
            this.report = report;
            this.peers = PeerAuthentications.of(configuration);
            this.root = configuration.mesh().rootNamespace();
        }

        void run() {
            configuration.all(DESTINATION_RULE).forEach(this::contradiction);
            if (!configuration.mesh().autoMtls()) {
                lost();
                plaintext();
            }
        }

        private String host(Resource rule) {
            return Hosts.qualify(rule.spec().at("host").text(""), configuration.namespaceOf(rule));
        }

        /** The namespace that a wildcard covers, with an empty name all of them; empty for every other host. */
        private static Optional<String> scope(String host) {
            if (!host.startsWith("*")) {
                return Optional.empty();
            }
            if (Hosts.covers(host, "service.namespace" + ServiceRegistry.SUFFIX)
                    && Hosts.covers(host, "other.else" + ServiceRegistry.SUFFIX)) {
                return Optional.of("");
            }
            return host.startsWith("*.") ? ServiceRegistry.namespaceOf(host) : Optional.empty();
        }

        private boolean canTell(String namespace) {
            return configuration.complete(PEER_AUTHENTICATION, namespace)
                    && configuration.complete(PEER_AUTHENTICATION, root)
                    && configuration.complete(SERVICE, namespace)
                    && configuration.complete(POD, namespace);
        }

        private void contradiction(Resource rule) {
            Field tls = Field.spec(rule).at("trafficPolicy", "tls");
            Optional<String> scope = scope(host(rule));
            if (!tls.exists() || scope.isEmpty()) {
                return;
            }
            String namespace = scope.get().isEmpty() ? root : scope.get();
            String client = tls.at("mode").value().text("DISABLE");
            PeerAuthentications.Decision server = peers.ofNamespace(namespace);
            Resource policy = server.policy();
            boolean strict = server.mode() == MtlsMode.STRICT && (client.equals("DISABLE") || client.equals("SIMPLE"));
            boolean disabled = server.mode() == MtlsMode.DISABLE && client.equals("ISTIO_MUTUAL");
            if (policy == null || !(strict || disabled) || !canTell(namespace)) {
                return;
            }
            List<Resource> services =
                    scope.get().isEmpty() ? configuration.all(SERVICE) : configuration.in(SERVICE, namespace);
            if (services.stream().anyMatch(this::isJudged)) {
                return;
            }
            report.accept(configuration
                    .finding(CONFLICT, rule, tls.at("mode"))
                    .message("The rule makes clients send "
                            + (disabled ? "mutual TLS (ISTIO_MUTUAL)" : "no mutual TLS (" + client + ")") + " to "
                            + (scope.get().isEmpty() ? "all services" : "all services of namespace " + namespace)
                            + ", but " + policy.ref() + " lets them accept "
                            + (disabled ? "plain text only (DISABLE)." : "mutual TLS only (STRICT)."))
                    .evidence(server.field(), policy.toString(), server.mode().toString())
                    .remedy("Take tls out of the rule, so that clients find out by themselves ("
                            + ReferencedResources.edit(rule) + "), or change the policy ("
                            + ReferencedResources.edit(policy) + ").")
                    .build());
        }

        /** Whether a service has servers of the mesh, or may get some: IST0113 then says what a rule does to it. */
        private boolean isJudged(Resource service) {
            Map<String, String> selector = service.spec().at("selector").textMap();
            if (selector.isEmpty()) {
                return false;
            }
            List<Resource> pods = configuration.matching(POD, selector, configuration.namespaceOf(service));
            return pods.isEmpty() || pods.stream().anyMatch(Pods::isSidecar);
        }

        /** Rules that say nothing of TLS and come before one that switches it on. */
        private void lost() {
            Resource mesh = null;
            Map<String, Resource> byNamespace = new HashMap<>();
            Map<String, Resource> byHost = new HashMap<>();
            for (Resource rule : configuration.all(DESTINATION_RULE)) {
                if (!rule.spec().at("trafficPolicy", "tls", "mode").text("").equals("ISTIO_MUTUAL")) {
                    continue;
                }
                Optional<String> scope = scope(host(rule));
                if (scope.isEmpty()) {
                    byHost.putIfAbsent(host(rule), rule);
                } else if (scope.get().isEmpty()) {
                    mesh = mesh == null ? rule : mesh;
                } else {
                    byNamespace.putIfAbsent(scope.get(), rule);
                }
            }
            for (Resource rule : configuration.all(DESTINATION_RULE)) {
                if (!saysNothing(rule)) {
                    continue;
                }
                String host = host(rule);
                Optional<String> owner = ServiceRegistry.namespaceOf(host);
                Resource wider = byHost.get(host);
                if (wider != null && configuration.namespaceOf(wider).equals(configuration.namespaceOf(rule))) {
                    // Rules of one namespace for one host are merged.
                    continue;
                }
                if (wider == null && owner.isPresent() && !host.equals("*." + owner.get() + ServiceRegistry.SUFFIX)) {
                    wider = byNamespace.get(owner.get());
                }
                wider = wider == null && owner.isPresent() ? mesh : wider;
                if (wider != null) {
                    reportLost(rule, wider);
                }
            }
        }

        private static boolean saysNothing(Resource rule) {
            Json spec = rule.spec();
            List<Json> policies = new ArrayList<>(List.of(spec.at("trafficPolicy")));
            spec.at("subsets").items().forEach(subset -> policies.add(subset.at("trafficPolicy")));
            return policies.stream()
                    .noneMatch(policy -> policy.at("tls").exists()
                            || policy.at("portLevelSettings").items().stream()
                                    .anyMatch(port -> port.at("tls").exists()));
        }

        private void reportLost(Resource rule, Resource wider) {
            lost.add(rule.ref());
            Field tls = Field.spec(wider).at("trafficPolicy", "tls", "mode");
            report.accept(configuration
                    .finding(LOST, rule, Field.spec(rule).at("host"))
                    .message("The rule says nothing of TLS and comes before " + wider.ref()
                            + ", which switches mutual TLS on for a wider range of hosts: as automatic mutual TLS is off,"
                            + " clients send plain text to " + Hosts.shorten(host(rule)) + ".")
                    .evidence(tls.path(), wider.toString(), tls.quoted())
                    .evidence("enableAutoMtls", "mesh configuration", "false")
                    .remedy("Add trafficPolicy: {tls: {mode: ISTIO_MUTUAL}} to the rule: "
                            + ReferencedResources.edit(rule))
                    .build());
        }

        /** STRICT servers to which clients that no rule concerns send plain text. */
        private void plaintext() {
            DestinationRules rules = DestinationRules.of(configuration);
            Map<Resource, List<String>> affected = new LinkedHashMap<>();
            for (Resource service : configuration.all(SERVICE)) {
                String namespace = configuration.namespaceOf(service);
                Resource policy = strictPolicy(service, namespace);
                if (policy != null && isUnruled(rules, service, namespace)) {
                    affected.computeIfAbsent(policy, any -> new ArrayList<>()).add(service.name() + "." + namespace);
                }
            }
            affected.forEach((policy, services) -> report.accept(configuration
                    .finding(PLAINTEXT, policy, Field.spec(policy).at("mtls", "mode"))
                    .message("The policy lets servers accept mutual TLS only, but automatic mutual TLS is off and no"
                            + " DestinationRule makes clients use it for "
                            + String.join(", ", services.stream().limit(3).toList())
                            + (services.size() > 3 ? " and " + (services.size() - 3) + " more" : "")
                            + ": their requests are refused.")
                    .evidence("enableAutoMtls", "mesh configuration", "false")
                    .remedy("Set enableAutoMtls to true in the mesh configuration, or add a DestinationRule with"
                            + " trafficPolicy: {tls: {mode: ISTIO_MUTUAL}} for these hosts; or accept plain text (mode"
                            + " PERMISSIVE): " + ReferencedResources.edit(policy))
                    .build()));
        }

        private @Nullable Resource strictPolicy(Resource service, String namespace) {
            if (!isJudged(service) || !canTell(namespace)) {
                return null;
            }
            Map<String, String> selector = service.spec().at("selector").textMap();
            PeerAuthentications.Decision server = peers.of(namespace, selector, -1);
            return server.mode() == MtlsMode.STRICT ? server.policy() : null;
        }

        /** Whether clients of any namespace but one with rules of its own follow no rule that has TLS. */
        private boolean isUnruled(DestinationRules rules, Resource service, String namespace) {
            if (!configuration.complete(DESTINATION_RULE)) {
                return false;
            }
            Optional<DestinationRules.Merged> merged =
                    rules.of("", Map.of(), Hosts.ofService(service.name(), namespace), namespace);
            if (merged.isEmpty()) {
                return true;
            }
            // A rule that hides a wider one is reported itself.
            return merged.get().subsetsWithTls().isEmpty()
                    && service.spec().at("ports").items().stream()
                            .noneMatch(port -> merged.get()
                                    .tls((int) port.at("port").number(0), "")
                                    .map(DestinationRules.ClientTls::mode)
                                    .filter(mode -> mode != ClientTlsMode.UNKNOWN)
                                    .isPresent())
                    && merged.get().rules().stream().noneMatch(rule -> lost.contains(rule.ref()));
        }
    }
}
