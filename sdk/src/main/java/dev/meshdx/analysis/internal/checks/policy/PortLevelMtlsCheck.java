package dev.meshdx.analysis.internal.checks.policy;

import static dev.meshdx.model.ResourceKind.PEER_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.configuration.internal.Ages;
import dev.meshdx.configuration.internal.PeerAuthentications;
import dev.meshdx.configuration.internal.SelectorIndex;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * {@code portLevelMtls}: ports that are weaker than the rest, and ports that the workload does not have. Source: Istio,
 * "PeerAuthentication" ({@code portLevelMtls}: "Port specific mutual TLS settings"; the example says that the port is the
 * workload's, not the Service's); istiod, {@code pilot/pkg/security/authn/policy_applier.go}.
 */
public final class PortLevelMtlsCheck implements ConfigurationCheck {
    static final FindingCode WEAKER = new FindingCode(
            "MDX0216",
            "PortWeakerThanStrict",
            Severity.INFO,
            "A port accepts plain text although mutual TLS is demanded otherwise.");

    static final FindingCode UNKNOWN = new FindingCode(
            "MDX0217",
            "PortLevelMtlsUnknownPort",
            Severity.WARNING,
            "portLevelMtls names a port that the selected workloads do not have.");

    @Override
    public List<FindingCode> codes() {
        return List.of(WEAKER, UNKNOWN);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                PEER_AUTHENTICATION,
                SERVICE,
                ResourceKind.POD,
                ResourceKind.DEPLOYMENT,
                ResourceKind.STATEFUL_SET,
                ResourceKind.DAEMON_SET);
    }

    /** What the workloads that follow a policy have. */
    private static final class Ports {
        final Set<Long> own = new TreeSet<>();
        final Map<Long, Resource> services = new TreeMap<>();
        final Map<Long, String> targets = new TreeMap<>();
        String workload = "";
        boolean unclear;
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Workloads workloads = Workloads.of(configuration);
        PeerAuthentications peers = PeerAuthentications.of(configuration);
        Map<String, List<Resource>> services = configuration.byNamespace(SERVICE);
        configuration.byNamespace(PEER_AUTHENTICATION).forEach((namespace, policies) -> {
            SelectorIndex<Resource> index = new SelectorIndex<>();
            List<Resource> withPorts = new ArrayList<>();
            for (Resource policy : policies.stream().sorted(Ages.OLDEST_FIRST).toList()) {
                Map<String, String> selector = PeerAuthentications.selector(policy);
                if (!selector.isEmpty()) {
                    index.add(selector, policy);
                    if (policy.spec().at("portLevelMtls").size() > 0) {
                        withPorts.add(policy);
                    }
                }
            }
            // In the root namespace such a policy is not used at all: MDX0204.
            if (withPorts.isEmpty() || namespace.equals(configuration.mesh().rootNamespace())) {
                return;
            }
            withPorts.forEach(policy -> weaker(configuration, peers, policy, namespace, report));
            if (Workloads.complete(configuration, namespace) && configuration.complete(SERVICE, namespace)) {
                SelectorIndex<Resource> selecting = new SelectorIndex<>();
                for (Resource service : services.getOrDefault(namespace, List.of())) {
                    Map<String, String> selector = service.spec().at("selector").textMap();
                    if (!selector.isEmpty()) {
                        selecting.add(selector, service);
                    }
                }
                Map<ResourceRef, Ports> ports = new HashMap<>();
                for (Workload workload : workloads.in(namespace)) {
                    index.first(workload.labels())
                            .filter(policy -> policy.spec().at("portLevelMtls").size() > 0)
                            .ifPresent(policy -> collect(
                                    workload,
                                    selecting.all(workload.labels()),
                                    ports.computeIfAbsent(policy.ref(), any -> new Ports())));
                }
                for (Resource policy : withPorts) {
                    Ports known = ports.get(policy.ref());
                    if (known != null && !known.unclear) {
                        unknown(configuration, policy, known, report);
                    }
                }
            }
        });
    }

    private static void collect(Workload workload, List<Resource> services, Ports ports) {
        ports.workload = ports.workload.isEmpty() ? workload.toString() : ports.workload;
        boolean any = false;
        for (String list : List.of("containers", "initContainers")) {
            for (Json container : workload.podSpec().at(list).items()) {
                boolean proxy = container.at("name").text("").equals("istio-proxy");
                for (Json port : container.at("ports").items()) {
                    ports.own.add(port.at("containerPort").number(0));
                    any |= !proxy;
                }
            }
        }
        for (Resource service : services) {
            for (Json port : service.spec().at("ports").items()) {
                Json target = port.at("targetPort");
                long number = port.at("port").number(0);
                any = true;
                if (!target.exists()) {
                    ports.own.add(number);
                } else if (target.number(0) > 0) {
                    ports.own.add(target.number(0));
                }
                ports.services.putIfAbsent(number, service);
                ports.targets.putIfAbsent(
                        number,
                        target.exists() ? target.text(String.valueOf(target.number(0))) : String.valueOf(number));
            }
        }
        // A container may listen without saying so.
        ports.unclear |= !any;
    }

    private static List<Field> ports(Resource policy) {
        return Field.spec(policy).at("portLevelMtls").entries();
    }

    private static void weaker(
            Configuration configuration,
            PeerAuthentications peers,
            Resource policy,
            String namespace,
            Consumer<Finding> report) {
        PeerAuthentications.Decision otherwise = peers.ofNamespace(namespace);
        String own = policy.spec().at("mtls", "mode").text("UNSET");
        boolean strict = own.equals("STRICT") || (own.equals("UNSET") && otherwise.mode() == MtlsMode.STRICT);
        if (!strict
                || !configuration.complete(PEER_AUTHENTICATION, namespace)
                || !configuration.complete(
                        PEER_AUTHENTICATION, configuration.mesh().rootNamespace())) {
            return;
        }
        Resource says = own.equals("STRICT") || otherwise.policy() == null ? policy : otherwise.policy();
        for (Field port : ports(policy)) {
            Field mode = port.at("mode");
            if (mode.text().equals("PERMISSIVE") || mode.text().equals("DISABLE")) {
                report.accept(configuration
                        .finding(WEAKER, policy, mode)
                        .message("Port " + port.name() + " of the workloads with "
                                + Configuration.text(PeerAuthentications.selector(policy)) + " accepts plain text"
                                + (mode.text().equals("DISABLE") ? " only" : " too") + " (" + mode.text()
                                + "), while " + says.ref() + " demands mutual TLS (STRICT) otherwise.")
                        .evidence("spec.mtls.mode", says.toString(), "STRICT")
                        .remedy("If every caller of the port has a sidecar, take the exception out: "
                                + ReferencedResources.edit(policy)
                                + "; else limit who may call it with an AuthorizationPolicy or a NetworkPolicy.")
                        .build());
            }
        }
    }

    private static void unknown(Configuration configuration, Resource policy, Ports known, Consumer<Finding> report) {
        for (Field port : ports(policy)) {
            if (!port.name().matches("[0-9]{1,5}") || known.own.contains(Long.parseLong(port.name()))) {
                continue;
            }
            long number = Long.parseLong(port.name());
            Resource service = known.services.get(number);
            String listed = known.own.stream().map(String::valueOf).collect(Collectors.joining(", "));
            String target = known.targets.getOrDefault(number, "");
            Finding.Builder finding = configuration
                    .finding(UNKNOWN, policy, port.at("mode").exists() ? port.at("mode") : port)
                    .message(
                            service != null
                                    ? "Port " + number + " is that of Service " + service.name()
                                            + "; portLevelMtls means the port of the workload, which is " + target + "."
                                    : "No selected workload has port " + number + "; they have "
                                            + (listed.isEmpty() ? "none" : listed) + ".")
                    .evidence("ports", known.workload, listed.isEmpty() ? "none" : listed);
            if (service != null) {
                finding.evidence("spec.ports[].targetPort", service.toString(), target);
            }
            report.accept(finding.remedy((service != null
                                    ? "Write " + target + " (its number) instead of " + number
                                    : "Correct the port")
                            + ": " + ReferencedResources.edit(policy))
                    .build());
        }
    }
}
