package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.REFERENCE_GRANT;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.analysis.internal.checks.gateway.GatewayRoutes.Reference;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.GatewayDeployments;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Routes of the Gateway API whose backend Service, or a port of it, does not exist (MDX0237), or lies in another namespace
 * that has not permitted the reference (MDX0238). Requests to such a backend are answered with 500. Sources: Gateway API,
 * HTTPBackendRef, BackendObjectReference (port is required for a Service) and "ReferenceGrant"; istio/istio,
 * {@code pilot/pkg/config/kube/gateway/conversion.go} ({@code buildDestination}; grants are asked for where the parent is a
 * Gateway); Kiali, KIA1402. Silent where the status already says so, which is IST0171.
 */
public final class RouteBackendCheck implements ConfigurationCheck {
    static final FindingCode NOT_FOUND = new FindingCode(
            "MDX0237",
            "RouteBackendNotFound",
            Severity.ERROR,
            "A route sends requests to a Service or port that does not exist.");

    static final FindingCode NOT_GRANTED = new FindingCode(
            "MDX0238",
            "RouteBackendNotGranted",
            Severity.ERROR,
            "A route sends requests to a Service of another namespace, which has not permitted it.");

    /** What is permitted: from a kind in a namespace to a name, or to all with an empty one, in a namespace. */
    private record Grant(String namespace, String fromKind, String fromNamespace, String name) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(NOT_FOUND, NOT_GRANTED);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(GatewayRoutes.KINDS);
        inputs.addAll(List.of(SERVICE, SERVICE_ENTRY, REFERENCE_GRANT));
        inputs.addAll(GatewayDeployments.INPUTS);
        return Set.copyOf(inputs);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<Grant, Resource> grants = grants(configuration);
        Names services = new Names(configuration, SERVICE);
        for (ResourceKind kind : GatewayRoutes.KINDS) {
            for (Resource route : configuration.all(kind)) {
                if (GatewayRoutes.isReported(route, "ResolvedRefs")) {
                    continue;
                }
                boolean atGateway =
                        GatewayRoutes.parents(configuration, route).stream().anyMatch(Reference::isGateway);
                for (Reference backend : GatewayRoutes.backends(configuration, route)) {
                    if (!backend.isService()) {
                        continue;
                    }
                    if (!exists(configuration, route, backend, services, report)) {
                        continue;
                    }
                    if (atGateway && !backend.namespace().equals(configuration.namespaceOf(route))) {
                        granted(configuration, route, backend, grants, report);
                    }
                }
            }
        }
    }

    private static Map<Grant, Resource> grants(Configuration configuration) {
        Map<Grant, Resource> grants = new HashMap<>();
        for (Resource grant : configuration.all(REFERENCE_GRANT)) {
            for (Json to : grant.spec().at("to").items()) {
                if (!to.at("group").text("").isEmpty()
                        || !to.at("kind").text("").equals("Service")) {
                    continue;
                }
                for (Json from : grant.spec().at("from").items()) {
                    if (from.at("group").text("").equals(GatewayRoutes.GROUP)) {
                        grants.putIfAbsent(
                                new Grant(
                                        configuration.namespaceOf(grant),
                                        from.at("kind").text(""),
                                        from.at("namespace").text(""),
                                        to.at("name").text("")),
                                grant);
                    }
                }
            }
        }
        return grants;
    }

    /** Whether the Service may be there, that is, whether it makes sense to go on. */
    private static boolean exists(
            Configuration configuration, Resource route, Reference backend, Names services, Consumer<Finding> report) {
        Optional<Resource> service = configuration.find(SERVICE, backend.namespace(), backend.name());
        Field port = backend.field().at("port");
        String owner = configuration.namespaceOf(route);
        // A mirror's weight is not there; a weight of 0 gets no requests.
        boolean idle = backend.field().at("weight").exists()
                && backend.field().at("weight").value().number(1) == 0;
        if (service.isEmpty()) {
            String host = backend.name() + "." + backend.namespace() + ServiceRegistry.SUFFIX;
            if (!ServiceRegistry.canTell(configuration, owner, host)
                    || !configuration.knows(SERVICE, backend.namespace())
                    || GatewayDeployments.of(configuration).has(backend.namespace(), backend.name())
                    || ServiceRegistry.of(configuration)
                            .find(owner, List.of(), host)
                            .isPresent()) {
                return true;
            }
            missing(configuration, route, backend, services, idle, report);
            return false;
        }
        List<String> ports = service.get().spec().at("ports").items().stream()
                .map(one -> one.at("port").text(""))
                .toList();
        if (ports.isEmpty() || (port.exists() && ports.contains(port.text()))) {
            return true;
        }
        report.accept(configuration
                .finding(
                        NOT_FOUND, route, port.exists() ? port : backend.field().at("name"))
                .severity(idle ? Severity.WARNING : Severity.ERROR)
                .message(
                        port.exists()
                                ? "Service " + configuration.qualifiedName(service.get()) + " has no port "
                                        + port.text() + "; it has " + String.join(", ", ports) + "."
                                : "The backend " + backend.name()
                                        + " names no port, which a route to a Service needs; the Service has "
                                        + String.join(", ", ports) + ".")
                .evidence("spec.ports[].port", service.get().toString(), String.join(", ", ports))
                .remedy("Write port: " + ports.get(0) + (ports.size() > 1 ? ", or another one that it has: " : ": ")
                        + ReferencedResources.edit(route))
                .build());
        return true;
    }

    private static void missing(
            Configuration configuration,
            Resource route,
            Reference backend,
            Names services,
            boolean idle,
            Consumer<Finding> report) {
        Set<String> namesakes = services.namespaces(backend.name());
        List<String> near = services.near(backend.namespace(), backend.name());
        String elsewhere = namesakes.isEmpty()
                ? ""
                : " Namespace " + String.join(", ", namesakes.stream().limit(3).toList()) + " has one of that name.";
        boolean written = backend.field().at("namespace").exists();
        report.accept(configuration
                .finding(NOT_FOUND, route, backend.field().at(written && !namesakes.isEmpty() ? "namespace" : "name"))
                .severity(idle ? Severity.WARNING : Severity.ERROR)
                .message("Service \"" + backend.name() + "\" does not exist in namespace " + backend.namespace() + "."
                        + (near.isEmpty() ? elsewhere : ReferencedResources.didYouMean(near)))
                .evidence(
                        backend.field().path(),
                        route.toString(),
                        backend.field().quoted())
                .remedy((!near.isEmpty()
                                ? "Write name: " + near.get(0) + ": "
                                : namesakes.isEmpty()
                                        ? "Name a Service that exists, or create it: "
                                        : "Add namespace: "
                                                + namesakes.iterator().next()
                                                + " to the backendRef, and a ReferenceGrant there: ")
                        + ReferencedResources.edit(route))
                .build());
    }

    private static void granted(
            Configuration configuration,
            Resource route,
            Reference backend,
            Map<Grant, Resource> grants,
            Consumer<Finding> report) {
        String kind = route.kind().kind();
        String owner = configuration.namespaceOf(route);
        if (!configuration.knows(REFERENCE_GRANT, backend.namespace())
                || grants.containsKey(new Grant(backend.namespace(), kind, owner, ""))
                || grants.containsKey(new Grant(backend.namespace(), kind, owner, backend.name()))) {
            return;
        }
        List<Resource> others = configuration.in(REFERENCE_GRANT, backend.namespace());
        Field namespace = backend.field().at("namespace");
        Finding.Builder finding = configuration
                .finding(NOT_GRANTED, route, namespace)
                .message("The backend " + backend.name() + " is in namespace " + backend.namespace()
                        + ", where no ReferenceGrant permits " + kind + " from namespace " + owner
                        + ": its requests get 500."
                        + (others.isEmpty() ? "" : " The grants there permit something else."));
        others.stream().limit(3).forEach(other -> {
            Field from = Field.spec(other).at("from");
            finding.evidence(from.path(), other.toString(), from.quoted());
            Field to = Field.spec(other).at("to");
            finding.evidence(to.path(), other.toString(), to.quoted());
        });
        if (others.isEmpty()) {
            finding.evidence("ReferenceGrants", "namespace " + backend.namespace(), "none");
        }
        report.accept(finding.remedy("Create a ReferenceGrant in namespace " + backend.namespace()
                        + " with from: [{group: gateway.networking.k8s.io, kind: " + kind + ", namespace: " + owner
                        + "}] and to: [{group: \"\", kind: Service, name: " + backend.name() + "}].")
                .build());
    }
}
