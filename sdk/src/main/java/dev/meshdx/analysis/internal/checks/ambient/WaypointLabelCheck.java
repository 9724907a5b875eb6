package dev.meshdx.analysis.internal.checks.ambient;

import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.WORKLOAD_ENTRY;
import static java.util.stream.Collectors.joining;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.DataPlane.Label;
import dev.meshdx.configuration.internal.DataPlane.Mode;
import dev.meshdx.configuration.internal.Waypoints;
import dev.meshdx.configuration.internal.Waypoints.Binding;
import dev.meshdx.configuration.internal.Waypoints.State;
import dev.meshdx.configuration.internal.Waypoints.Traffic;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Labels that name a waypoint, and do not lead to one. Traffic then goes straight to the pods, without anybody who looks at
 * requests: a missing waypoint fails open. Sources: Istio, "Configure waypoint proxies"; istio/istio,
 * {@code pilot/pkg/serviceregistry/kube/controller/ambient/waypoints.go}; seen on a real mesh.
 */
public final class WaypointLabelCheck implements ConfigurationCheck {
    static final FindingCode MISSING = new FindingCode(
            "MDX0249", "WaypointNotFound", Severity.ERROR, "The label names a waypoint that does not exist.");

    static final FindingCode OTHER_TRAFFIC = new FindingCode(
            "MDX0250",
            "WaypointTakesOtherTraffic",
            Severity.ERROR,
            "The label names a waypoint that does not take this kind of traffic.");

    static final FindingCode REFUSED = new FindingCode(
            "MDX0251",
            "WaypointRefusesNamespace",
            Severity.ERROR,
            "The label names a waypoint of another namespace, which does not admit this one.");

    static final FindingCode NOT_AMBIENT = new FindingCode(
            "MDX0252",
            "WaypointLabelOutsideAmbient",
            Severity.WARNING,
            "The label names a waypoint, but what has it is not in ambient mode.");

    private static final Set<String> CONTROLLERS = Set.of("ReplicaSet", "StatefulSet", "DaemonSet");

    @Override
    public List<FindingCode> codes() {
        return List.of(MISSING, OTHER_TRAFFIC, REFUSED, NOT_AMBIENT);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(DataPlane.INPUTS);
        inputs.addAll(Waypoints.INPUTS);
        inputs.addAll(List.of(SERVICE, SERVICE_ENTRY, WORKLOAD_ENTRY));
        return Set.copyOf(inputs);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Waypoints waypoints = Waypoints.of(configuration);
        DataPlane dataPlane = DataPlane.of(configuration);
        for (Resource namespace : configuration.all(NAMESPACE)) {
            Binding binding = waypoints.ofNamespace(namespace.name(), Traffic.SERVICE);
            if (binding.state() == State.OTHER_TRAFFIC && takesWorkloads(waypoints, binding)) {
                binding = new Binding(
                        State.BOUND, binding.label(), binding.namespace(), binding.name(), binding.gateway());
            }
            report(configuration, namespace.name(), binding, report);
            Optional<Workload> other =
                    dataPlane.one(Mode.NONE, namespace.name()).or(() -> dataPlane.one(Mode.SIDECAR, namespace.name()));
            if (binding.state() == State.BOUND
                    && !dataPlane.isAmbient(namespace.name())
                    && dataPlane.one(Mode.AMBIENT, namespace.name()).isEmpty()
                    && other.isPresent()) {
                report.accept(notAmbient(configuration, binding, other.get()));
            }
        }
        for (ResourceKind kind : List.of(SERVICE, SERVICE_ENTRY)) {
            for (Resource service : configuration.all(kind)) {
                if (service.label(Waypoints.USE).isPresent()) {
                    String namespace = configuration.namespaceOf(service);
                    report(configuration, namespace, waypoints.of(service, namespace), report);
                }
            }
        }
        for (Resource entry : configuration.all(WORKLOAD_ENTRY)) {
            if (entry.label(Waypoints.USE).isPresent()) {
                String namespace = configuration.namespaceOf(entry);
                Binding binding = waypoints.resolve(
                        Label.of(entry, Waypoints.USE),
                        entry.label(Waypoints.USE_NAMESPACE).orElse(namespace),
                        namespace,
                        Traffic.WORKLOAD);
                report(configuration, namespace, binding, report);
            }
        }
        for (Workload workload : Workloads.of(configuration).all()) {
            if (workload.labels().containsKey(Waypoints.USE) && !isControlled(workload)) {
                Binding binding = waypoints.of(workload);
                report(configuration, workload.namespace(), binding, report);
                Mode mode = dataPlane.mode(workload);
                if (binding.state() == State.BOUND && (mode == Mode.NONE || mode == Mode.SIDECAR)) {
                    report.accept(notAmbient(configuration, binding, workload));
                }
            }
        }
    }

    private static boolean takesWorkloads(Waypoints waypoints, Binding binding) {
        return binding.found()
                .map(gateway -> waypoints.takes(gateway, Traffic.WORKLOAD))
                .orElse(false);
    }

    /** What a pod has from a template is said of the template. */
    private static boolean isControlled(Workload workload) {
        return workload.resource().kind().equals(POD)
                && workload.pod().at("metadata", "ownerReferences").items().stream()
                        .anyMatch(owner -> CONTROLLERS.contains(owner.at("kind").text("")));
    }

    private static void report(
            Configuration configuration, String namespace, Binding binding, Consumer<Finding> report) {
        switch (binding.state()) {
            case MISSING -> missing(configuration, binding, report);
            case NO_WAYPOINT ->
                binding.found()
                        .ifPresent(gateway -> finding(
                                configuration,
                                MISSING,
                                binding,
                                "Gateway " + binding.waypoint() + " is no waypoint, its class is "
                                        + Waypoints.className(gateway)
                                        + ": traffic goes straight to the pods, and no rule for requests applies.",
                                "spec.gatewayClassName",
                                Waypoints.className(gateway),
                                "Name a waypoint in the label. To see what there is: istioctl waypoint list -n "
                                        + binding.namespace(),
                                report));
            case REFUSED ->
                binding.found()
                        .ifPresent(gateway -> finding(
                                configuration,
                                REFUSED,
                                binding,
                                "Waypoint " + binding.waypoint() + " does not admit namespace " + namespace
                                        + ": traffic goes straight to the pods, and no rule for requests applies.",
                                "spec.listeners[].allowedRoutes.namespaces",
                                Waypoints.listener(gateway)
                                        .map(listener -> listener.at("allowedRoutes", "namespaces"))
                                        .filter(rule -> rule.exists())
                                        .map(rule -> rule.quoted())
                                        .orElse("absent: its own namespace only"),
                                "Admit the namespace in allowedRoutes.namespaces of the listener (from: Selector or"
                                        + " from: All): " + ReferencedResources.edit(gateway),
                                report));
            case OTHER_TRAFFIC ->
                binding.found().ifPresent(gateway -> otherTraffic(configuration, binding, gateway, report));
            default -> {}
        }
    }

    private static void otherTraffic(
            Configuration configuration, Binding binding, Resource gateway, Consumer<Finding> report) {
        Resource holder = binding.decides().map(Label::holder).orElse(gateway);
        boolean service = holder.kind().equals(SERVICE) || holder.kind().equals(SERVICE_ENTRY);
        String takes = Waypoints.of(configuration).takes(gateway);
        finding(
                configuration,
                OTHER_TRAFFIC,
                binding,
                "Waypoint " + binding.waypoint() + " takes "
                        + (takes.equals("none")
                                ? "no traffic at all"
                                : takes.equals("service")
                                        ? "only traffic that is addressed to services, not to pods"
                                        : takes.equals("workload")
                                                ? "only traffic that is addressed to pods, not to services"
                                                : "no known kind of traffic (" + takes + ")")
                        + ": that of " + holder + " does not go through it.",
                "metadata.labels." + Waypoints.FOR,
                gateway.label(Waypoints.FOR).isPresent() ? takes : "absent: " + takes,
                (takes.equals("service") && !service
                                ? "Put the label on the Service, or let the waypoint take both: "
                                : "Let the waypoint take both: ")
                        + "kubectl -n " + binding.namespace() + " label "
                        + gateway.kind().qualifiedPlural() + " "
                        + gateway.name() + " " + Waypoints.FOR + "=all --overwrite",
                report);
    }

    private static void missing(Configuration configuration, Binding binding, Consumer<Finding> report) {
        List<String> own = Waypoints.of(configuration).in(binding.namespace()).stream()
                .limit(1000)
                .map(Resource::name)
                .toList();
        finding(
                configuration,
                MISSING,
                binding,
                "The waypoint is " + binding.name() + " in namespace " + binding.namespace()
                        + ", where there is no such Gateway: traffic goes straight to the pods, and no rule for requests"
                        + " applies." + ReferencedResources.didYouMean(configuration.near(binding.name(), own)),
                "gateways.gateway.networking.k8s.io in " + binding.namespace() + " with class " + Waypoints.CLASS,
                own.isEmpty()
                        ? "none"
                        : own.stream().limit(5).collect(joining(", ")) + (own.size() > 5 ? " and others" : ""),
                "Create it (istioctl waypoint apply -n " + binding.namespace() + " --name " + binding.name()
                        + ") or correct the label"
                        + binding.decides()
                                .map(label -> ": " + ReferencedResources.edit(label.holder()))
                                .orElse("."),
                report);
    }

    private static void finding(
            Configuration configuration,
            FindingCode code,
            Binding binding,
            String message,
            String what,
            String value,
            String remedy,
            Consumer<Finding> report) {
        binding.decides()
                .ifPresent(label -> report.accept(configuration
                        .finding(code, label.holder(), label.field())
                        .severity(
                                // Waypoints are often created by a command, so files lack them.
                                binding.state() == State.MISSING && configuration.fromFiles()
                                        ? Severity.WARNING
                                        : code.severity())
                        .message(message)
                        .evidence(
                                what,
                                binding.found().map(Resource::toString).orElse("Namespace " + binding.namespace()),
                                value)
                        .remedy(remedy)
                        .build()));
    }

    private static Finding notAmbient(Configuration configuration, Binding binding, Workload workload) {
        Label label = binding.decides().orElseThrow();
        boolean sidecar = DataPlane.hasSidecar(workload);
        boolean namespace = label.holder().kind().equals(NAMESPACE);
        return configuration
                .finding(NOT_AMBIENT, label.holder(), label.field())
                .message(label.holder() + " has a waypoint, but "
                        + (namespace ? "none of its workloads is" : "is not") + " in ambient mode: "
                        + (sidecar ? "clients with a sidecar" : "its pods")
                        + " do not go through waypoints, and the pods can be reached around it.")
                .evidence(
                        sidecar ? "spec.containers[].name" : "metadata.labels." + DataPlane.MODE,
                        workload.toString(),
                        sidecar ? "istio-proxy" : "absent or none")
                .remedy("Take it into ambient mode: kubectl label namespace " + workload.namespace() + " "
                        + DataPlane.MODE + "=ambient"
                        + (sidecar ? " (and take out the sidecars)" : "") + "; or take the label away: "
                        + ReferencedResources.edit(label.holder()))
                .build();
    }
}
