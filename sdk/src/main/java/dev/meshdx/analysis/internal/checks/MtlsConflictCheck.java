package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.PEER_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;

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
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Pods;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * DestinationRules that make clients speak otherwise than PeerAuthentications let servers listen: plain text (or ordinary
 * TLS) to a STRICT server, mutual TLS to one that has it DISABLEd. A retired number of istioctl's, back with its old meaning
 * for the policies of today.
 *
 * <p>Sources: Istio, "PeerAuthentication" (a port's mode goes before the workload's, that before the namespace's, that before
 * the mesh's; UNSET inherits; without any, PERMISSIVE) and "Destination Rule" (clients look in their own namespace, then in
 * the service's, then in the root namespace; port-level settings replace those of the rule). A rule that sets no TLS mode
 * never conflicts: clients then find out by themselves (auto mTLS).
 */
public final class MtlsConflictCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0113",
            "MTLSPolicyConflict",
            Severity.ERROR,
            "A DestinationRule and a PeerAuthentication disagree about mutual TLS.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(DESTINATION_RULE, PEER_AUTHENTICATION, SERVICE, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        new Run(configuration, report).run();
    }

    private record Client(String namespace, Map<String, String> labels, String host) {}

    private static final class Run {
        private final Configuration configuration;
        private final Consumer<Finding> report;
        private final PeerAuthentications policies;
        private final DestinationRules rules;

        /** What clients follow: asked again by every wildcard rule that covers the host. */
        private final Map<Client, Optional<DestinationRules.Merged>> known = new HashMap<>();

        private final Map<String, Resource> services = new LinkedHashMap<>();
        private final Map<String, Map<String, Resource>> servicesByNamespace = new HashMap<>();

        Run(Configuration configuration, Consumer<Finding> report) {
            this.configuration = configuration;
            this.report = report;
            this.policies = PeerAuthentications.of(configuration);
            this.rules = DestinationRules.of(configuration);
            for (Resource service : configuration.all(SERVICE)) {
                String namespace = configuration.namespaceOf(service);
                String host = Hosts.ofService(service.name(), namespace);
                services.put(host, service);
                servicesByNamespace
                        .computeIfAbsent(namespace, any -> new LinkedHashMap<>())
                        .put(host, service);
            }
        }

        void run() {
            for (Resource rule : configuration.all(DESTINATION_RULE)) {
                if (!setsTls(rule.spec())) {
                    continue;
                }
                String host = Hosts.qualify(rule.spec().at("host").text(""), configuration.namespaceOf(rule));
                if (host.startsWith("*")) {
                    // *.payments.svc.cluster.local covers services of one namespace.
                    ServiceRegistry.namespaceOf(host)
                            .map(namespace -> servicesByNamespace.getOrDefault(namespace, Map.of()))
                            .orElse(services)
                            .forEach((name, service) -> {
                                if (Hosts.covers(host, name)) {
                                    check(rule, name, service);
                                }
                            });
                } else {
                    Resource service = services.get(host);
                    if (service != null) {
                        check(rule, host, service);
                    }
                }
            }
        }

        private static boolean setsTls(Json spec) {
            return hasTls(spec.at("trafficPolicy"))
                    || spec.at("subsets").items().stream().anyMatch(subset -> hasTls(subset.at("trafficPolicy")));
        }

        private static boolean hasTls(Json policy) {
            return policy.at("tls").exists()
                    || policy.at("portLevelSettings").items().stream()
                            .anyMatch(port -> port.at("tls").exists());
        }

        /** The rules that the rule's own clients follow; empty where none of them follows this one. */
        private Optional<DestinationRules.Merged> followed(Resource rule, String host, String owner) {
            String own = configuration.namespaceOf(rule);
            Map<String, String> labels =
                    rule.spec().at("workloadSelector", "matchLabels").textMap();
            for (String client : clients(rule, own)) {
                Optional<DestinationRules.Merged> merged = known.computeIfAbsent(
                                new Client(client, labels, host), any -> rules.of(client, labels, host, owner))
                        .filter(found -> found.rules().contains(rule));
                if (merged.isPresent()) {
                    return merged;
                }
            }
            return Optional.empty();
        }

        /** Namespaces whose clients stand for all that may follow a rule. */
        private List<String> clients(Resource rule, String own) {
            List<String> exportTo = rule.spec().at("exportTo").texts();
            List<String> clients = new ArrayList<>();
            for (String item : exportTo.isEmpty() ? configuration.mesh().destinationRuleExportTo() : exportTo) {
                if (!item.equals("*")) {
                    clients.add(item.equals(".") ? own : item);
                }
            }
            if (clients.isEmpty()) {
                // The root namespace's rules are for clients of namespaces that have none.
                clients.add(own.equals(configuration.mesh().rootNamespace()) ? "" : own);
            }
            return clients;
        }

        private void check(Resource rule, String host, Resource service) {
            Map<String, String> selector = service.spec().at("selector").textMap();
            String namespace = configuration.namespaceOf(service);
            if (selector.isEmpty() || !canTell(namespace)) {
                return;
            }
            Optional<DestinationRules.Merged> followed = followed(rule, host, namespace);
            if (followed.isEmpty()) {
                return;
            }
            List<String> subsets = new ArrayList<>(List.of(""));
            subsets.addAll(followed.get().subsetsWithTls());
            for (Json port : service.spec().at("ports").items()) {
                if (port.at("protocol").text("TCP").equals("UDP")) {
                    continue;
                }
                for (String subset : subsets) {
                    Map<String, String> wanted = new HashMap<>(selector);
                    wanted.putAll(followed.get().labels(subset));
                    followed.get()
                            .tls((int) port.at("port").number(0), subset)
                            .filter(tls -> tls.rule().equals(rule))
                            .filter(tls -> subset.isEmpty() || tls.field().startsWith("spec.subsets"))
                            .ifPresent(tls -> compare(tls, wanted, host, namespace, port));
                }
            }
        }

        private void compare(
                DestinationRules.ClientTls client,
                Map<String, String> wanted,
                String host,
                String namespace,
                Json port) {
            List<Resource> pods = configuration.matching(POD, wanted, namespace);
            if (pods.isEmpty()) {
                // Not rolled out yet: the service's own selector stands in for the labels of its pods.
                long target = port.at("targetPort").number(port.at("port").number(0));
                PeerAuthentications.Decision server = policies.of(namespace, wanted, (int) target);
                if (isConflict(client.mode(), server.mode())) {
                    report(client, server, host, port, null);
                }
                return;
            }
            for (Resource pod : pods) {
                long target = targetPort(pod, port);
                if (!Pods.isSidecar(pod) || bypassesProxy(pod, target)) {
                    continue;
                }
                PeerAuthentications.Decision server = policies.of(namespace, pod.labels(), (int) target);
                if (isConflict(client.mode(), server.mode())) {
                    report(client, server, host, port, pod);
                    return;
                }
            }
        }

        /** A policy or a rule that could not be read might be the one that settles it. */
        private boolean canTell(String namespace) {
            return configuration.complete(PEER_AUTHENTICATION, namespace)
                    && configuration.complete(
                            PEER_AUTHENTICATION, configuration.mesh().rootNamespace())
                    && configuration.complete(DESTINATION_RULE, namespace)
                    && configuration.complete(POD, namespace);
        }

        private static long targetPort(Resource pod, Json port) {
            Json target = port.at("targetPort");
            long number = target.number(0);
            if (number > 0) {
                return number;
            }
            for (Json container : Pods.containers(pod)) {
                for (Json one : container.at("ports").items()) {
                    if (target.isText() && one.at("name").text("").equals(target.text(""))) {
                        return one.at("containerPort").number(0);
                    }
                }
            }
            return port.at("port").number(0);
        }

        private static boolean bypassesProxy(Resource pod, long port) {
            return List.of(pod.annotation("traffic.sidecar.istio.io/excludeInboundPorts")
                            .orElse("")
                            .split(","))
                    .contains(String.valueOf(port));
        }

        private static boolean isConflict(ClientTlsMode client, MtlsMode server) {
            return server == MtlsMode.STRICT
                    ? client == ClientTlsMode.DISABLE || client == ClientTlsMode.SIMPLE
                    : server == MtlsMode.DISABLE && client == ClientTlsMode.ISTIO_MUTUAL;
        }

        private void report(
                DestinationRules.ClientTls client,
                PeerAuthentications.Decision server,
                String host,
                Json port,
                @Nullable Resource pod) {
            Resource policy = server.policy();
            if (policy == null) {
                return;
            }
            Resource rule = client.rule();
            boolean strict = server.mode() == MtlsMode.STRICT;
            String namespace = configuration.namespaceOf(rule);
            String who =
                    ServiceRegistry.namespaceOf(host).map(namespace::equals).orElse(false)
                                    || namespace.equals(configuration.mesh().rootNamespace())
                            ? "Clients"
                            : "Clients in namespace " + namespace;
            Finding.Builder finding = configuration
                    .finding(CODE, rule, field(rule, client.field()))
                    .message(who + " send " + words(client.mode()) + " to " + Hosts.shorten(host) + ":"
                            + port.at("port").number(0) + ", but " + policy
                            + (strict
                                    ? " lets its pods accept mutual TLS only (STRICT)."
                                    : " lets its pods accept plain text only (DISABLE)."))
                    .evidence(server.field(), policy.toString(), server.mode().toString());
            if (pod != null) {
                finding.evidence("pod behind the service", pod.toString(), Configuration.text(pod.labels()));
            }
            report.accept(finding.remedy(
                            strict
                                    ? "Set the mode to ISTIO_MUTUAL, or take tls out of the rule so that clients find out by"
                                            + " themselves: " + ReferencedResources.edit(rule)
                                    : "Set the PeerAuthentication to PERMISSIVE or STRICT ("
                                            + ReferencedResources.edit(policy) + "), or take tls out of the rule ("
                                            + ReferencedResources.edit(rule) + ").")
                    .build());
        }

        /** What stands at {@code spec.subsets[0].trafficPolicy.tls.mode}. */
        private static Field field(Resource resource, String path) {
            Json value = resource.raw();
            for (String step : List.of(path.split("\\."))) {
                int bracket = step.indexOf('[');
                value = value.at(bracket < 0 ? step : step.substring(0, bracket));
                value = bracket < 0
                        ? value
                        : value.at(Integer.parseInt(step.substring(bracket + 1, step.length() - 1)));
            }
            return new Field(path, value);
        }

        private static String words(ClientTlsMode client) {
            return switch (client) {
                case DISABLE -> "plain text (mode DISABLE)";
                case SIMPLE -> "TLS without a client certificate (mode SIMPLE)";
                case ISTIO_MUTUAL -> "mutual TLS (mode ISTIO_MUTUAL)";
                default -> "TLS of mode " + client;
            };
        }
    }
}
