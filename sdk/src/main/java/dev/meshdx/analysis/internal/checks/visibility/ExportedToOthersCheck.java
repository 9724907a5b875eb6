package dev.meshdx.analysis.internal.checks.visibility;

import static dev.meshdx.model.ResourceKind.DAEMON_SET;
import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.SIDECAR;
import static dev.meshdx.model.ResourceKind.STATEFUL_SET;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Calls;
import dev.meshdx.configuration.internal.Calls.Call;
import dev.meshdx.configuration.internal.Visibility;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * {@code exportTo} that keeps a resource from those whom it is for: a Service or ServiceEntry from a workload that calls it, a
 * VirtualService or DestinationRule from all known callers of its host, a VirtualService from the pods of its gateway. Sources:
 * Istio, fields {@code exportTo} of "Virtual Service", "Destination Rule" and "Service Entry", and the annotation
 * {@code networking.istio.io/exportTo} of "Resource Annotations"; istio/istio, {@code push_context.go},
 * {@code VirtualServicesForGateway} (the namespace of the proxy counts, not that of the Gateway).
 */
public final class ExportedToOthersCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0269", "ExportedToOthers", Severity.WARNING, "exportTo keeps a resource from those whom it is for.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                SIDECAR,
                VIRTUAL_SERVICE,
                DESTINATION_RULE,
                GATEWAY,
                SERVICE,
                SERVICE_ENTRY,
                NAMESPACE,
                POD,
                DEPLOYMENT,
                STATEFUL_SET,
                DAEMON_SET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Visibility visibility = Visibility.of(configuration);
        Calls calls = Calls.of(configuration);
        targets(configuration, visibility, calls, report);
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            Set<String> audience = Visibility.audience(configuration, virtualService);
            if (audience.contains("*")) {
                continue;
            }
            if (HttpRoutes.gateways(configuration, virtualService).containsKey("mesh")) {
                HttpRoutes.hosts(configuration, virtualService).entrySet().stream()
                        .filter(host -> areElsewhere(calls.to(host.getKey()), audience))
                        .findFirst()
                        .ifPresent(host -> callers(
                                configuration, virtualService, host.getValue(), calls.to(host.getKey()), report));
            }
            gateways(configuration, virtualService, audience, report);
        }
        for (Resource rule : configuration.all(DESTINATION_RULE)) {
            Field host = Field.spec(rule).at("host");
            List<Call> callers = calls.to(Hosts.qualify(host.text(), configuration.namespaceOf(rule)));
            Set<String> audience = Visibility.audience(configuration, rule);
            if (!audience.contains("*") && areElsewhere(callers, audience)) {
                callers(configuration, rule, host, callers, report);
            }
        }
    }

    private static boolean areElsewhere(List<Call> callers, Set<String> audience) {
        return !callers.isEmpty() && callers.stream().noneMatch(call -> audience.contains(call.namespace()));
    }

    /** Services and ServiceEntries: each caller counts. */
    private static void targets(
            Configuration configuration, Visibility visibility, Calls calls, Consumer<Finding> report) {
        Map<String, List<Call>> hidden = new LinkedHashMap<>();
        for (Call call : calls.known()) {
            if (call.targets().stream()
                    .noneMatch(target ->
                            visibility.isExported(target, configuration.namespaceOf(target), call.namespace()))) {
                hidden.computeIfAbsent(call.host(), any -> new ArrayList<>()).add(call);
            }
        }
        hidden.forEach((host, callers) -> {
            Call first = callers.get(0);
            Resource target = first.targets().get(0);
            boolean refused = visibility
                    .imports(first.namespace(), first.caller().labels())
                    .registryOnly(configuration.mesh());
            Finding.Builder finding = configuration
                    .finding(CODE, target, exportTo(target))
                    .severity(refused ? Severity.ERROR : Severity.WARNING)
                    .message(
                            first.caller() + SidecarHostCheck.others(callers) + " calls " + host
                                    + ", which is not exported to namespace " + namespaces(callers) + ". "
                                    + (refused
                                            ? "Hosts that a proxy does not know cannot be reached (REGISTRY_ONLY)."
                                            : "Its proxy takes it for a host outside the mesh: no mutual TLS, no routes, no telemetry."));
            SidecarHostCheck.evidence(finding, callers);
            report.accept(finding.remedy(addTo(target, callers)).build());
        });
    }

    private static Field exportTo(Resource resource) {
        if (resource.kind().equals(SERVICE)) {
            String name = "networking.istio.io/exportTo";
            return new Field(
                    "metadata.annotations." + name,
                    resource.annotation(name).map(Json::of).orElse(Json.MISSING));
        }
        Field field = Field.spec(resource).at("exportTo");
        return field.items().stream().findFirst().orElse(field);
    }

    private static String namespaces(List<Call> callers) {
        Set<String> namespaces = new TreeSet<>();
        callers.forEach(call -> namespaces.add(call.namespace()));
        return String.join(", ", namespaces);
    }

    private static String addTo(Resource resource, List<Call> callers) {
        boolean service = resource.kind().equals(SERVICE);
        return "Add " + namespaces(callers) + " to "
                + (service ? "the annotation networking.istio.io/exportTo" : "spec.exportTo") + ": "
                + ReferencedResources.edit(resource);
    }

    private static void callers(
            Configuration configuration, Resource resource, Field host, List<Call> callers, Consumer<Finding> report) {
        Finding.Builder finding = configuration
                .finding(CODE, resource, exportTo(resource))
                .severity(mayHaveOthers(configuration, resource, callers) ? Severity.INFO : Severity.WARNING)
                .message("None of the known callers of " + host.text() + " gets it: it is exported to "
                        + String.join(", ", Visibility.audience(configuration, resource)) + " only, and "
                        + callers.get(0).caller() + SidecarHostCheck.others(callers) + " is in "
                        + namespaces(callers) + ".")
                .evidence(host.path(), resource.toString(), host.quoted());
        SidecarHostCheck.evidence(finding, callers);
        report.accept(finding.remedy(addTo(resource, callers)).build());
    }

    /** Whether it is exported to workloads, besides the service's own, that may call the host without saying so here. */
    private static boolean mayHaveOthers(Configuration configuration, Resource resource, List<Call> callers) {
        Resource target = callers.get(0).targets().get(0);
        Map<String, String> selector =
                target.kind().equals(SERVICE) ? target.spec().at("selector").textMap() : Map.of("", "");
        return Visibility.audience(configuration, resource).stream()
                        .anyMatch(namespace -> !Workloads.complete(configuration, namespace))
                || Visibility.audience(configuration, resource).stream()
                        .flatMap(namespace -> Workloads.of(configuration).in(namespace).stream())
                        .anyMatch(workload -> !Selectors.matchesMap(selector, workload.labels()));
    }

    /** The pods of a gateway look into what is exported to their own namespace. */
    private static void gateways(
            Configuration configuration, Resource virtualService, Set<String> audience, Consumer<Finding> report) {
        String namespace = configuration.namespaceOf(virtualService);
        for (Field written : Field.spec(virtualService).at("gateways").items()) {
            Optional<Resource> gateway = configuration.resolve(GATEWAY, namespace, written.text());
            if (written.text().equals("mesh") || gateway.isEmpty()) {
                continue;
            }
            Map<String, String> selector = gateway.get().spec().at("selector").textMap();
            Set<String> places = new TreeSet<>();
            if (selector.isEmpty()) {
                continue;
            }
            for (Workload workload : Workloads.of(configuration).matching(selector, "")) {
                places.add(workload.namespace());
            }
            // The pod that files are given stands for a gateway that may be anywhere.
            boolean assumed = Workloads.of(configuration).matching(selector, "").stream()
                    .allMatch(workload -> workload.resource().name().endsWith("-dummypod"));
            if (!assumed
                    && Workloads.INPUTS.stream().allMatch(configuration::complete)
                    && places.stream().noneMatch(audience::contains)) {
                report.accept(configuration
                        .finding(CODE, virtualService, exportTo(virtualService))
                        .severity(Severity.ERROR)
                        .message("Gateway " + written.text() + " does not get it: the gateway's pods are in namespace "
                                + String.join(", ", places) + ", and it is exported to "
                                + String.join(", ", audience) + " only. Requests for its hosts answer 404.")
                        .evidence(written.path(), virtualService.toString(), written.quoted())
                        .evidence("spec.selector", gateway.get().toString(), Configuration.text(selector))
                        .remedy("Add " + String.join(", ", places) + " to spec.exportTo: "
                                + ReferencedResources.edit(virtualService))
                        .build());
            }
        }
    }
}
