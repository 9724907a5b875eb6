package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.PEER_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.Comparator;
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

    /** A mode that a server has, and the policy that says so; no policy where the default holds. */
    private record ServerMode(String mode, @Nullable Resource policy, String path) {}

    private static final class Run {
        private final Configuration configuration;
        private final Consumer<Finding> report;
        private final Map<String, Resource> services = new LinkedHashMap<>();
        private final Map<String, List<Resource>> rulesByHost = new HashMap<>();
        private final List<Resource> wildcardRules = new ArrayList<>();
        private final Map<String, List<Resource>> policies = new HashMap<>();

        Run(Configuration configuration, Consumer<Finding> report) {
            this.configuration = configuration;
            this.report = report;
            for (Resource service : configuration.all(SERVICE)) {
                services.put(Hosts.ofService(service.name(), configuration.namespaceOf(service)), service);
            }
            for (Resource rule : configuration.all(DESTINATION_RULE)) {
                String host = host(rule);
                if (host.startsWith("*")) {
                    wildcardRules.add(rule);
                } else {
                    rulesByHost
                            .computeIfAbsent(host, unused -> new ArrayList<>())
                            .add(rule);
                }
            }
            // Of several policies for the same workload the oldest counts. Source: Istio, "PeerAuthentication".
            Comparator<Resource> byAge = Comparator.comparing(
                            (Resource policy) -> policy.createdAt().orElse(java.time.Instant.MAX))
                    .thenComparing(Resource::name);
            configuration
                    .byNamespace(PEER_AUTHENTICATION)
                    .forEach((namespace, list) ->
                            policies.put(namespace, list.stream().sorted(byAge).toList()));
        }

        private String host(Resource rule) {
            return ServiceRegistry.qualify(
                    configuration.namespaceOf(rule), rule.spec().at("host").text(""));
        }

        void run() {
            for (Resource rule : configuration.all(DESTINATION_RULE)) {
                if (!setsTls(rule.spec())) {
                    continue;
                }
                String host = host(rule);
                if (host.startsWith("*")) {
                    services.forEach((name, service) -> {
                        if (Hosts.covers(host, name) && !isShadowed(rule, host, name, service)) {
                            check(rule, name, service);
                        }
                    });
                } else {
                    Resource service = services.get(host);
                    if (service != null && !isShadowed(rule, host, host, service)) {
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

        /** Whether no client follows this rule, because a nearer or more specific one comes first. */
        private boolean isShadowed(Resource rule, String host, String name, Resource service) {
            String own = configuration.namespaceOf(rule);
            List<Resource> others = new ArrayList<>(rulesByHost.getOrDefault(name, List.of()));
            wildcardRules.stream()
                    .filter(other -> Hosts.covers(host(other), name))
                    .forEach(others::add);
            for (Resource other : others) {
                String namespace = configuration.namespaceOf(other);
                boolean nearer = own.equals(configuration.mesh().rootNamespace())
                        && !namespace.equals(own)
                        && namespace.equals(configuration.namespaceOf(service))
                        && isExported(other);
                boolean moreSpecific = namespace.equals(own)
                        && host.startsWith("*")
                        && !other.equals(rule)
                        && host(other).length() > host.length();
                if (nearer || moreSpecific) {
                    return true;
                }
            }
            return false;
        }

        private static boolean isExported(Resource rule) {
            List<String> exportTo = rule.spec().at("exportTo").texts();
            return exportTo.isEmpty() || exportTo.contains("*");
        }

        private void check(Resource rule, String host, Resource service) {
            Field spec = Field.spec(rule);
            for (Field port : Field.spec(service).at("ports").items()) {
                if (port.at("protocol").value().text("TCP").equals("UDP")) {
                    continue;
                }
                Optional<Field> general = clientMode(spec.at("trafficPolicy"), port.value());
                general.ifPresent(mode -> compare(rule, mode, Map.of(), host, service, port.value()));
                for (Field subset : spec.at("subsets").items()) {
                    clientMode(subset.at("trafficPolicy"), port.value())
                            .ifPresent(mode -> compare(
                                    rule, mode, subset.at("labels").value().textMap(), host, service, port.value()));
                }
            }
        }

        /** The mode that a traffic policy sets for a port. Settings for the port replace the general ones, even if empty. */
        private static Optional<Field> clientMode(Field policy, Json port) {
            for (Field level : policy.at("portLevelSettings").items()) {
                if (level.at("port", "number").value().number(-1)
                        == port.at("port").number(0)) {
                    return Optional.of(level.at("tls", "mode"))
                            .filter(mode -> level.at("tls").exists());
                }
            }
            return Optional.of(policy.at("tls", "mode"))
                    .filter(mode -> policy.at("tls").exists());
        }

        private void compare(
                Resource rule, Field clientMode, Map<String, String> subset, String host, Resource service, Json port) {
            // Of the protobuf enumeration the first value, DISABLE, is the default.
            String client = clientMode.value().text("DISABLE");
            Map<String, String> selector = service.spec().at("selector").textMap();
            if (selector.isEmpty()) {
                return;
            }
            String namespace = configuration.namespaceOf(service);
            if (!canTell(namespace)) {
                return;
            }
            Map<String, String> wanted = new HashMap<>(selector);
            wanted.putAll(subset);
            List<Resource> pods = configuration.matching(POD, wanted, namespace);
            if (pods.isEmpty()) {
                // Not rolled out yet: the service's own selector stands in for the labels of its pods.
                conflict(
                                client,
                                serverMode(
                                        namespace,
                                        wanted,
                                        port.at("targetPort")
                                                .number(port.at("port").number(0))))
                        .ifPresent(server -> report(rule, clientMode, client, server, host, port, null));
                return;
            }
            for (Resource pod : pods) {
                long target = targetPort(pod, port);
                if (!Pods.hasProxy(pod) || bypassesProxy(pod, target)) {
                    continue;
                }
                Optional<ServerMode> server = conflict(client, serverMode(namespace, pod.labels(), target));
                if (server.isPresent()) {
                    report(rule, clientMode, client, server.get(), host, port, pod);
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

        private static Optional<ServerMode> conflict(String client, ServerMode server) {
            boolean mutual = client.equals("ISTIO_MUTUAL");
            boolean conflict = server.mode().equals("STRICT")
                    ? !mutual && !client.equals("MUTUAL")
                    : server.mode().equals("DISABLE") && mutual;
            return conflict ? Optional.of(server) : Optional.empty();
        }

        private ServerMode serverMode(String namespace, Map<String, String> labels, long port) {
            Resource workload = null;
            Resource whole = null;
            for (Resource policy : policies.getOrDefault(namespace, List.of())) {
                Map<String, String> selector =
                        policy.spec().at("selector", "matchLabels").textMap();
                if (selector.isEmpty()) {
                    whole = whole == null ? policy : whole;
                } else if (workload == null && Selectors.matchesMap(selector, labels)) {
                    workload = policy;
                }
            }
            Resource mesh = null;
            for (Resource policy : policies.getOrDefault(configuration.mesh().rootNamespace(), List.of())) {
                if (mesh == null && policy.spec().at("selector", "matchLabels").size() == 0) {
                    mesh = policy;
                }
            }
            if (workload != null) {
                Json mode = workload.spec().at("portLevelMtls", String.valueOf(port), "mode");
                if (isSet(mode)) {
                    return new ServerMode(mode.text(""), workload, "spec.portLevelMtls." + port + ".mode");
                }
            }
            for (Resource policy : new Resource[] {workload, whole, mesh}) {
                if (policy != null && isSet(policy.spec().at("mtls", "mode"))) {
                    return new ServerMode(policy.spec().at("mtls", "mode").text(""), policy, "spec.mtls.mode");
                }
            }
            return new ServerMode("PERMISSIVE", null, "");
        }

        private static boolean isSet(Json mode) {
            return mode.exists() && !mode.text("UNSET").equals("UNSET");
        }

        private void report(
                Resource rule,
                Field clientMode,
                String client,
                ServerMode server,
                String host,
                Json port,
                @Nullable Resource pod) {
            Resource policy = server.policy();
            if (policy == null) {
                return;
            }
            boolean strict = server.mode().equals("STRICT");
            String namespace = configuration.namespaceOf(rule);
            String who =
                    ServiceRegistry.namespaceOf(host).map(namespace::equals).orElse(false)
                                    || namespace.equals(configuration.mesh().rootNamespace())
                            ? "Clients"
                            : "Clients in namespace " + namespace;
            Finding.Builder finding = configuration
                    .finding(CODE, rule, clientMode)
                    .message(who + " send " + words(client) + " to " + Hosts.shorten(host) + ":"
                            + port.at("port").number(0) + ", but " + policy
                            + (strict
                                    ? " lets its pods accept mutual TLS only (STRICT)."
                                    : " lets its pods accept plain text only (DISABLE)."))
                    .evidence(server.path(), policy.toString(), server.mode());
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

        private static String words(String client) {
            return switch (client) {
                case "DISABLE" -> "plain text (mode DISABLE)";
                case "SIMPLE" -> "TLS without a client certificate (mode SIMPLE)";
                case "ISTIO_MUTUAL" -> "mutual TLS (mode ISTIO_MUTUAL)";
                default -> "TLS of mode " + client;
            };
        }
    }
}
