package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.REQUEST_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.MeshMembership;
import dev.meshdx.configuration.internal.PortProtocol;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Policies about requests for workloads whose ports are declared as TCP. There an ALLOW rule with a field of HTTP is left out, so
 * that it allows nothing; of a DENY rule the field is left out, so that it refuses more than it says; tokens are not looked at.
 * Source: istio/istio, {@code pilot/pkg/security/authz/model/model.go}, {@code checkError}; Istio, "TCP Traffic"
 * (authorization) and "Authorization Policy", dependency on the protocol.
 */
public final class HttpPolicyProtocolCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0287",
            "HttpPolicyOnTcpPort",
            Severity.WARNING,
            "A policy about requests holds for a port that is declared as TCP, where it does something else.");

    private static final List<String> OPERATION =
            List.of("methods", "notMethods", "paths", "notPaths", "hosts", "notHosts");
    private static final List<String> SOURCE = List.of("requestPrincipals", "notRequestPrincipals");

    /** One port of a workload that a Service leads to; the target is 0 where its name leads nowhere. */
    private record Reach(Resource service, Field port, PortProtocol protocol, long target) {}

    /** The ports of some workloads, by their own numbers. */
    private static final class Ports {
        private final Map<Long, Reach> tcp = new TreeMap<>();
        private final Set<Long> requests = new TreeSet<>();

        void add(Reach reach) {
            if (reach.protocol() == PortProtocol.TCP) {
                tcp.putIfAbsent(reach.target(), reach);
            } else if (reach.protocol() != PortProtocol.UDP) {
                requests.add(reach.target());
            }
        }
    }

    private record Selected(String namespace, Map<String, String> selector) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(Workloads.INPUTS);
        inputs.addAll(List.of(AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION, SERVICE, GATEWAY, NAMESPACE));
        return inputs;
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<ResourceRef, List<Reach>> reaches = reaches(configuration);
        Map<Selected, Ports> known = new HashMap<>();
        for (Resource policy : configuration.all(AUTHORIZATION_POLICY)) {
            String action = policy.spec().at("action").text("ALLOW");
            if ((action.equals("ALLOW") || action.equals("DENY"))
                    && !policy.spec().at("targetRefs").exists()) {
                for (Field rule : Field.spec(policy).at("rules").items()) {
                    Field http = http(rule);
                    if (http != null) {
                        Ports ports = ports(configuration, policy, reaches, known);
                        check(configuration, policy, rule, http, action.equals("DENY"), ports, report);
                    }
                }
            }
        }
        for (Resource policy : configuration.all(REQUEST_AUTHENTICATION)) {
            Field issuer = Field.spec(policy).at("jwtRules");
            if (issuer.items().isEmpty() || policy.spec().at("targetRefs").exists()) {
                continue;
            }
            Ports ports = ports(configuration, policy, reaches, known);
            if (ports.requests.isEmpty() && !ports.tcp.isEmpty()) {
                Field first = issuer.items().get(0).at("issuer");
                report.accept(finding(
                        configuration,
                        policy,
                        first,
                        ports.tcp.values().iterator().next(),
                        "Tokens are never looked at: all ports of the workloads that this policy selects are declared as TCP,"
                                + " such as ",
                        "."));
            }
        }
    }

    private static void check(
            Configuration configuration,
            Resource policy,
            Field rule,
            Field http,
            boolean deny,
            Ports ports,
            Consumer<Finding> report) {
        Set<Long> wanted = wantedPorts(rule);
        @Nullable Reach tcp = null;
        for (Map.Entry<Long, Reach> entry : ports.tcp.entrySet()) {
            if (wanted.isEmpty() || wanted.contains(entry.getKey())) {
                tcp = entry.getValue();
                break;
            }
        }
        boolean requests = wanted.isEmpty()
                ? !ports.requests.isEmpty()
                : ports.requests.stream().anyMatch(wanted::contains);
        if (tcp == null || (!deny && requests)) {
            // Where some ports carry requests, an ALLOW rule may be meant for those.
            return;
        }
        String field = http.path().substring(rule.path().length() + 1);
        report.accept(
                deny
                        ? finding(
                                configuration,
                                policy,
                                http,
                                tcp,
                                "This DENY rule refuses more than it says: without requests its field " + field
                                        + " is left out, so it refuses every connection"
                                        + (hasMore(rule) ? " that the rest of it matches" : "") + " to ",
                                ", which is declared as TCP.")
                        : finding(
                                configuration,
                                policy,
                                http,
                                tcp,
                                "This ALLOW rule never matches: its field " + field + " needs requests, and ",
                                " is declared as TCP. What no other rule allows is refused there."));
    }

    private static Finding finding(
            Configuration configuration, Resource policy, Field field, Reach tcp, String before, String after) {
        long number = tcp.port().at("port").value().number(0);
        Field said = tcp.port().at("appProtocol").exists()
                ? tcp.port().at("appProtocol")
                : tcp.port().at("name");
        String target = tcp.target() > 0 ? String.valueOf(tcp.target()) : "PORT";
        return configuration
                .finding(CODE, policy, field)
                .message(before + "port " + number + " of " + tcp.service() + after)
                .evidence(said.path() + " (port " + number + ")", tcp.service().toString(), said.quoted())
                .remedy("If the port carries HTTP, declare it (name: http-web, or appProtocol: http): "
                        + ReferencedResources.edit(tcp.service())
                        + (policy.kind().equals(AUTHORIZATION_POLICY)
                                ? ". If not, write rules for connections (to: [{operation: {ports: [\"" + target
                                        + "\"]}}]), and limit those about requests to the ports that have them: "
                                        + ReferencedResources.edit(policy)
                                : ""))
                .build();
    }

    /** The first field of a rule that only requests have. */
    private static @Nullable Field http(Field rule) {
        for (Field to : rule.at("to").items()) {
            for (String name : OPERATION) {
                List<Field> values = to.at("operation", name).items();
                if (!values.isEmpty()) {
                    return values.get(0);
                }
            }
        }
        for (Field from : rule.at("from").items()) {
            for (String name : SOURCE) {
                List<Field> values = from.at("source", name).items();
                if (!values.isEmpty()) {
                    return values.get(0);
                }
            }
        }
        for (Field when : rule.at("when").items()) {
            if (when.at("key").text().startsWith("request.")) {
                return when.at("key");
            }
        }
        return null;
    }

    /** Whether a rule asks for something that connections have, too. */
    private static boolean hasMore(Field rule) {
        return rule.at("from").items().stream()
                        .anyMatch(from ->
                                from.at("source").entries().stream().anyMatch(entry -> !SOURCE.contains(entry.name())))
                || rule.at("when").items().stream()
                        .anyMatch(when -> !when.at("key").text().startsWith("request."));
    }

    /** The ports that a rule is limited to, by its operations and its conditions; none where it holds for all. */
    private static Set<Long> wantedPorts(Field rule) {
        Set<Long> operations = new HashSet<>();
        for (Field to : rule.at("to").items()) {
            List<String> ports = to.at("operation", "ports").value().texts();
            if (ports.isEmpty()) {
                operations.clear();
                break;
            }
            ports.forEach(port -> operations.add(Json.of(port).number(-1)));
        }
        Set<Long> conditions = new HashSet<>();
        for (Field when : rule.at("when").items()) {
            if (when.at("key").text().equals("destination.port")) {
                when.at("values")
                        .value()
                        .texts()
                        .forEach(port -> conditions.add(Json.of(port).number(-1)));
            }
        }
        if (operations.isEmpty() || conditions.isEmpty()) {
            return operations.isEmpty() ? conditions : operations;
        }
        operations.retainAll(conditions);
        return operations.isEmpty() ? Set.of(-1L) : operations;
    }

    private static Ports ports(
            Configuration configuration,
            Resource policy,
            Map<ResourceRef, List<Reach>> reaches,
            Map<Selected, Ports> known) {
        String own = configuration.namespaceOf(policy);
        Selected selected = new Selected(
                own.equals(configuration.mesh().rootNamespace()) ? "" : own,
                policy.spec().at("selector", "matchLabels").textMap());
        return known.computeIfAbsent(selected, key -> {
            Ports ports = new Ports();
            for (Workload workload : Workloads.of(configuration).matching(key.selector(), key.namespace())) {
                reaches.getOrDefault(workload.resource().ref(), List.of()).forEach(ports::add);
            }
            return ports;
        });
    }

    /** The ports of all workloads with a sidecar. Gateways are left out: they go by their own ports' protocols. */
    private static Map<ResourceRef, List<Reach>> reaches(Configuration configuration) {
        Workloads workloads = Workloads.of(configuration);
        Set<ResourceRef> gateways = new HashSet<>();
        Set<Map<String, String>> selectors = new HashSet<>();
        for (Resource gateway : configuration.all(GATEWAY)) {
            Map<String, String> selector = gateway.spec().at("selector").textMap();
            if (!selector.isEmpty() && selectors.add(selector)) {
                workloads
                        .matching(selector, "")
                        .forEach(workload -> gateways.add(workload.resource().ref()));
            }
        }
        Map<ResourceRef, List<Reach>> reaches = new HashMap<>();
        for (Resource service : configuration.all(SERVICE)) {
            for (Workload workload : workloads.behind(service, configuration.namespaceOf(service))) {
                if (gateways.contains(workload.resource().ref()) || !hasSidecar(configuration, workload)) {
                    continue;
                }
                for (Field port : Field.spec(service).at("ports").items()) {
                    reaches.computeIfAbsent(workload.resource().ref(), unused -> new ArrayList<>())
                            .add(new Reach(
                                    service,
                                    port,
                                    PortProtocol.ofService(port.value()),
                                    target(port.value(), workload)));
                }
            }
        }
        return reaches;
    }

    private static boolean hasSidecar(Configuration configuration, Workload workload) {
        for (Json container : workload.podSpec().at("containers").items()) {
            if (container.at("name").text("").equals("istio-proxy")
                    && container.at("args").texts().contains("router")) {
                return false;
            }
        }
        return !workload.annotation("inject.istio.io/templates").contains("gateway")
                && (workload.resource().kind().equals(ResourceKind.POD)
                        ? MeshMembership.hasSidecar(configuration, workload.resource())
                        : MeshMembership.hasSidecar(configuration, workload.resource(), workload.pod()));
    }

    /** The workload's own port that a Service's port leads to. */
    private static long target(Json port, Workload workload) {
        Json target = port.at("targetPort");
        if (!target.exists()) {
            return port.at("port").number(0);
        }
        if (target.number(0) > 0) {
            return target.number(0);
        }
        return workload.podSpec().at("containers").items().stream()
                .flatMap(container -> container.at("ports").items().stream())
                .filter(one -> one.at("name").text("").equals(target.text("")))
                .mapToLong(one -> one.at("containerPort").number(0))
                .findFirst()
                .orElse(0);
    }
}
