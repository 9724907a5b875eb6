package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Pods;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Target ports of Services that the pods do not declare. A name must be declared, else the port has no endpoints (MDX0222); a
 * number need not be, and is only worth a look where the pods declare other ports (MDX0223). Sources: Kubernetes, "Service",
 * field targetPort; kubernetes/kubernetes, {@code pkg/api/v1/pod/util.go}, {@code FindPort}: name and protocol must fit, and
 * containers and restartable init containers are looked at; Kubernetes, "Container v1", field ports ("Not specifying a port
 * here DOES NOT prevent that port from being exposed"); Kiali, KIA0701.
 */
public final class ServiceTargetPortCheck implements ConfigurationCheck {
    static final FindingCode NAME = new FindingCode(
            "MDX0222",
            "TargetPortNameNotFound",
            Severity.ERROR,
            "No container declares the port name that a Service leads to.");

    static final FindingCode NUMBER = new FindingCode(
            "MDX0223",
            "TargetPortNotDeclared",
            Severity.INFO,
            "A Service leads to a port number that no container declares.");

    private record Port(String container, String name, long number, String protocol) {
        @Override
        public String toString() {
            return container + ": " + (name.isEmpty() ? "" : name + "=") + number
                    + (protocol.equals("TCP") ? "" : "/" + protocol);
        }
    }

    @Override
    public List<FindingCode> codes() {
        return List.of(NAME, NUMBER);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(Workloads.INPUTS);
        inputs.add(SERVICE);
        return Set.copyOf(inputs);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Workloads workloads = Workloads.of(configuration);
        for (Resource service : configuration.all(SERVICE)) {
            if (service.spec().at("type").text("").equals("ExternalName")) {
                continue;
            }
            String namespace = configuration.namespaceOf(service);
            List<Workload> behind = workloads.behind(service, namespace).stream()
                    .filter(workload -> !isOver(workload))
                    .toList();
            // Gateways open ports as they are told to, and say so nowhere.
            if (behind.isEmpty() || behind.stream().anyMatch(ServiceTargetPortCheck::isGateway)) {
                continue;
            }
            List<List<Port>> declared =
                    behind.stream().map(ServiceTargetPortCheck::ports).toList();
            for (Field port : Field.spec(service).at("ports").items()) {
                check(configuration, service, port, behind, declared, report);
            }
        }
    }

    /** A pod that has ended, of a Job say, gets no traffic. */
    private static boolean isOver(Workload workload) {
        String phase = workload.resource().kind().equals(ResourceKind.POD) ? Pods.phase(workload.resource()) : "";
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    private static boolean isGateway(Workload workload) {
        return workload.labels().containsKey("gateway.networking.k8s.io/gateway-name")
                || workload.annotation("inject.istio.io/templates").contains("gateway")
                || workload.podSpec().at("containers").items().stream()
                        .anyMatch(container -> container.at("name").text("").equals("istio-proxy")
                                && container.at("args").texts().contains("router"));
    }

    private static List<Port> ports(Workload workload) {
        List<Port> ports = new ArrayList<>();
        List<Json> containers =
                new ArrayList<>(workload.podSpec().at("containers").items());
        workload.podSpec().at("initContainers").items().stream()
                .filter(init -> init.at("restartPolicy").text("").equals("Always"))
                .forEach(containers::add);
        for (Json container : containers) {
            for (Json port : container.at("ports").items()) {
                ports.add(new Port(
                        container.at("name").text(""),
                        port.at("name").text(""),
                        port.at("containerPort").number(0),
                        port.at("protocol").text("TCP")));
            }
        }
        return ports;
    }

    private static void check(
            Configuration configuration,
            Resource service,
            Field port,
            List<Workload> behind,
            List<List<Port>> declared,
            Consumer<Finding> report) {
        Field target = port.at("targetPort");
        String protocol = port.at("protocol").text().isEmpty()
                ? "TCP"
                : port.at("protocol").text();
        long number = (target.exists() ? target : port.at("port")).value().number(0);
        String name = number > 0 || !target.value().isText() ? "" : target.text();
        if (name.isEmpty() && number <= 0) {
            return;
        }
        boolean found = declared.stream()
                .flatMap(List::stream)
                .anyMatch(one -> one.protocol().equals(protocol)
                        && (name.isEmpty() ? one.number() == number : one.name().equals(name)));
        if (found) {
            return;
        }
        Set<String> offered = new LinkedHashSet<>();
        Set<String> names = new LinkedHashSet<>();
        declared.stream().flatMap(List::stream).forEach(one -> {
            offered.add(one.toString());
            if (!one.name().isEmpty() && one.protocol().equals(protocol)) {
                names.add(one.name());
            }
        });
        String first = behind.get(0).toString();
        String ports = offered.isEmpty() ? "none" : String.join(", ", offered);
        if (!name.isEmpty()) {
            if (!Workloads.complete(configuration, configuration.namespaceOf(service))) {
                return;
            }
            List<String> near = configuration.near(name, names);
            report.accept(configuration
                    .finding(NAME, service, target)
                    .message("Port " + port.at("port").text() + " leads to the container port named \"" + name + "\" ("
                            + protocol + "), which no container of " + first
                            + (behind.size() > 1 ? " and the other workloads behind it" : "")
                            + " declares: the port has no endpoints." + ReferencedResources.didYouMean(near))
                    .evidence("spec.containers[].ports", first, ports)
                    .remedy((near.isEmpty()
                                    ? "Name a port that the pods declare, or give its number: "
                                    : "Write targetPort: " + near.get(0) + ": ")
                            + ReferencedResources.edit(service))
                    .build());
        } else if (!isHeadless(service)
                && !configuration.namespaceOf(service).equals(configuration.istioNamespace())
                && declaresItsPorts(declared)) {
            report.accept(configuration
                    .finding(NUMBER, service, target.exists() ? target : port.at("port"))
                    .message("Port " + port.at("port").text() + " leads to port " + number + " of the pods, and "
                            + first
                            + " declares only others (" + ports + "). It works if the application listens there all the"
                            + " same.")
                    .evidence("spec.containers[].ports", first, ports)
                    .remedy("See whether the application listens on " + number
                            + "; if so, declare it in the pod template, else correct the Service: "
                            + ReferencedResources.edit(service))
                    .build());
        }
    }

    private static boolean isHeadless(Resource service) {
        return service.spec().at("clusterIP").text("").equals("None");
    }

    /** Whether each workload declares a port of its application; the proxy's own does not count. */
    private static boolean declaresItsPorts(List<List<Port>> declared) {
        return declared.stream()
                .allMatch(ports ->
                        ports.stream().anyMatch(port -> !port.container().equals("istio-proxy")));
    }
}
