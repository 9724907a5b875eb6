package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.MeshMembership;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Services of one workload that contradict each other: the sidecar has one inbound listener for a port. Source: istio/istio,
 * {@code deployment/services.go}; Istio, "Application Requirements".
 */
public final class DeploymentServicesCheck implements ConfigurationCheck {
    static final FindingCode PROTOCOLS = new FindingCode(
            "IST0116",
            "DeploymentAssociatedToMultipleServices",
            Severity.WARNING,
            "Services of one Deployment use a port with different transport protocols.");

    static final FindingCode TARGETS = new FindingCode(
            "IST0137",
            "DeploymentConflictingPorts",
            Severity.WARNING,
            "Services of one Deployment lead different ports to the same target port.");

    @Override
    public List<FindingCode> codes() {
        return List.of(PROTOCOLS, TARGETS);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(DEPLOYMENT, SERVICE, NAMESPACE);
    }

    /** A port of a Service, and its place. */
    private record Port(Resource service, Field field) {
        long number() {
            return field.at("port").value().number(0);
        }

        String protocol() {
            String protocol = field.at("protocol").text();
            return protocol.isEmpty() ? "TCP" : protocol;
        }

        /** A number, or a name; by default the port's own number. */
        String target() {
            String target = field.at("targetPort").text();
            return target.isEmpty() || target.equals("0") ? Long.toString(number()) : target;
        }
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        configuration.byNamespace(DEPLOYMENT).forEach((namespace, deployments) -> {
            // By one pair of the selector, so that not every Service is compared with every Deployment.
            Map<Map.Entry<String, String>, List<Resource>> services = new HashMap<>();
            for (Resource service : configuration.in(SERVICE, namespace)) {
                service.spec().at("selector").textMap().entrySet().stream()
                        .findFirst()
                        .ifPresent(pair -> services.computeIfAbsent(
                                        Map.entry(pair.getKey(), pair.getValue()), unused -> new ArrayList<>())
                                .add(service));
            }
            for (Resource deployment : deployments) {
                Json template = deployment.spec().at("template");
                if (MeshMembership.hasSidecar(configuration, deployment, template)
                        && !deployment
                                .label("gateway.istio.io/managed")
                                .orElse("")
                                .equals("istio.io-mesh-controller")) {
                    check(configuration, deployment, ports(template, services), report);
                }
            }
        });
    }

    private static List<Port> ports(Json template, Map<Map.Entry<String, String>, List<Resource>> services) {
        Map<String, String> labels = template.at("metadata", "labels").textMap();
        List<Port> ports = new ArrayList<>();
        for (Map.Entry<String, String> label : labels.entrySet()) {
            for (Resource service : services.getOrDefault(Map.entry(label.getKey(), label.getValue()), List.of())) {
                if (Selectors.matchesMap(service.spec().at("selector").textMap(), labels)) {
                    Field.spec(service).at("ports").items().forEach(port -> ports.add(new Port(service, port)));
                }
            }
        }
        return ports;
    }

    private static void check(
            Configuration configuration, Resource deployment, List<Port> ports, Consumer<Finding> report) {
        Map<Long, List<Port>> byNumber = new TreeMap<>();
        Map<String, List<Port>> byTarget = new TreeMap<>();
        for (Port port : ports) {
            byNumber.computeIfAbsent(port.number(), unused -> new ArrayList<>()).add(port);
            byTarget.computeIfAbsent(port.target(), unused -> new ArrayList<>()).add(port);
        }
        byNumber.forEach((number, same) -> {
            Set<String> protocols = new TreeSet<>();
            same.forEach(port -> protocols.add(port.protocol()));
            if (protocols.size() > 1) {
                report.accept(evidence(configuration, PROTOCOLS, deployment, same)
                        .message("The Services " + services(configuration, same) + " of Deployment "
                                + deployment.name() + " use port " + number + " with different protocols: "
                                + String.join(" and ", protocols) + ".")
                        .remedy("Give one of them another port number: "
                                + ReferencedResources.edit(same.get(0).service()))
                        .build());
            }
        });
        byTarget.forEach((target, same) -> {
            Set<Long> numbers = new TreeSet<>();
            same.forEach(port -> numbers.add(port.number()));
            if (numbers.size() > 1) {
                report.accept(evidence(configuration, TARGETS, deployment, same)
                        .message("The Services " + services(configuration, same) + " of Deployment "
                                + deployment.name() + " lead different ports " + numbers + " to target port " + target
                                + "; its proxy has one listener there, with the settings of one of them.")
                        .remedy("Use one port number for a target port, or let the workload listen on another: "
                                + ReferencedResources.edit(same.get(0).service()))
                        .build());
            }
        });
    }

    private static String services(Configuration configuration, List<Port> ports) {
        Set<String> names = new TreeSet<>();
        ports.forEach(port -> names.add(configuration.qualifiedName(port.service())));
        return String.join(", ", names);
    }

    private static Finding.Builder evidence(
            Configuration configuration, FindingCode code, Resource deployment, List<Port> ports) {
        Finding.Builder finding =
                configuration.finding(code, deployment, Field.spec(deployment).at("template", "metadata", "labels"));
        ports.forEach(port -> finding.evidence(
                port.field().path(), port.service().toString(), port.field().quoted()));
        return finding;
    }
}
