package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.KUBERNETES_GATEWAY;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.analysis.internal.checks.gateway.GatewayRoutes.Reference;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.HostNames;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Routes of the Gateway API whose parent does not exist (MDX0235) or whose parent's listeners do not take them (MDX0236): by
 * namespace, kind of route or host name. Sources: Gateway API, ParentReference, AllowedRoutes (the default of
 * {@code namespaces.from} is Same) and "HTTPRoute", field hostnames; istio/istio,
 * {@code pilot/pkg/config/kube/gateway/conversion.go} ({@code referenceAllowed}); Kiali, KIA1401 and, for Services as
 * parents, KIA1402. Silent where the status already says so, which is IST0171.
 */
public final class RouteParentCheck implements ConfigurationCheck {
    static final FindingCode NOT_FOUND = new FindingCode(
            "MDX0235", "RouteParentNotFound", Severity.ERROR, "A route names a parent that does not exist.");

    static final FindingCode NOT_ADMITTED = new FindingCode(
            "MDX0236",
            "RouteNotAdmitted",
            Severity.ERROR,
            "No listener of the Gateway admits a route that names it as parent.");

    private static final Map<String, Set<String>> KINDS = Map.of(
            "HTTP", Set.of("HTTPRoute", "GRPCRoute"),
            "HTTPS", Set.of("HTTPRoute", "GRPCRoute"),
            "TLS", Set.of("TLSRoute", "TCPRoute"),
            "TCP", Set.of("TCPRoute"));

    @Override
    public List<FindingCode> codes() {
        return List.of(NOT_FOUND, NOT_ADMITTED);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(GatewayRoutes.KINDS);
        inputs.addAll(List.of(KUBERNETES_GATEWAY, SERVICE, NAMESPACE));
        return Set.copyOf(inputs);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Names gateways = new Names(configuration, KUBERNETES_GATEWAY);
        Names services = new Names(configuration, SERVICE);
        for (ResourceKind kind : GatewayRoutes.KINDS) {
            for (Resource route : configuration.all(kind)) {
                for (Reference parent : GatewayRoutes.parents(configuration, route)) {
                    if (GatewayRoutes.isReported(route, configuration, parent, "Accepted")) {
                        continue;
                    }
                    if (parent.isGateway()) {
                        gateway(configuration, route, parent, gateways, report);
                    } else if (parent.isService()) {
                        service(configuration, route, parent, services, report);
                    }
                }
            }
        }
    }

    private static void gateway(
            Configuration configuration, Resource route, Reference parent, Names gateways, Consumer<Finding> report) {
        Optional<Resource> found = configuration.find(KUBERNETES_GATEWAY, parent.namespace(), parent.name());
        if (found.isEmpty()) {
            if (configuration.knows(KUBERNETES_GATEWAY, parent.namespace())) {
                missingGateway(configuration, route, parent, gateways, report);
            }
            return;
        }
        Resource gateway = found.get();
        List<Field> listeners = Field.spec(gateway).at("listeners").items();
        Field section = parent.field().at("sectionName");
        Field port = parent.field().at("port");
        List<Field> named = listeners.stream()
                .filter(listener ->
                        !section.exists() || listener.at("name").text().equals(section.text()))
                .toList();
        List<Field> candidates = named.stream()
                .filter(listener -> !port.exists()
                        || listener.at("port").value().number(0) == port.value().number(0))
                .toList();
        if (listeners.isEmpty()) {
            return;
        }
        if (candidates.isEmpty()) {
            List<String> names = listeners.stream()
                    .map(listener -> listener.at("name").text())
                    .toList();
            List<String> near = named.isEmpty() ? configuration.near(section.text(), names) : List.of();
            report.accept(configuration
                    .finding(NOT_FOUND, route, named.isEmpty() ? section : port)
                    .message("Gateway " + configuration.qualifiedName(gateway) + " has no listener "
                            + (section.exists() ? "\"" + section.text() + "\"" : "")
                            + (port.exists() ? (section.exists() ? " " : "") + "on port " + port.text() : "")
                            + "; it has " + listeners(listeners) + "." + ReferencedResources.didYouMean(near))
                    .evidence("spec.listeners[].name", gateway.toString(), listeners(listeners))
                    .remedy((near.isEmpty()
                                    ? "Name one of its listeners, or none to attach to all: "
                                    : "Write sectionName: " + near.get(0) + ": ")
                            + ReferencedResources.edit(route))
                    .build());
            return;
        }
        Map<String, String> reasons = new LinkedHashMap<>();
        Field cause = candidates.get(0);
        for (Field listener : candidates) {
            Optional<Refusal> refusal = refusal(configuration, route, gateway, listener);
            if (refusal.isEmpty()) {
                return;
            }
            reasons.put(listener.at("name").text(), refusal.get().reason());
            if (cause.path().equals(listener.path())) {
                cause = refusal.get().field();
            }
        }
        List<String> texts = new ArrayList<>();
        reasons.forEach((name, reason) -> texts.add("listener \"" + name + "\" " + reason));
        report.accept(configuration
                .finding(NOT_ADMITTED, route, parent.field().at("name"))
                .message("Gateway " + configuration.qualifiedName(gateway) + " does not admit the route: "
                        + String.join("; ", texts) + ".")
                .evidence(cause.path(), gateway.toString(), cause.quoted())
                .remedy("Change allowedRoutes or the hostname of the listener (" + ReferencedResources.edit(gateway)
                        + "), or move or correct the route (" + ReferencedResources.edit(route) + ").")
                .build());
    }

    private static void missingGateway(
            Configuration configuration, Resource route, Reference parent, Names gateways, Consumer<Finding> report) {
        boolean written = parent.field().at("namespace").exists();
        List<String> namesakes =
                gateways.namespaces(parent.name()).stream().limit(3).toList();
        List<String> near = namesakes.isEmpty()
                ? gateways.near(parent.namespace(), parent.name())
                : namesakes.stream()
                        .map(namespace -> namespace + "/" + parent.name())
                        .toList();
        String remedy = near.isEmpty()
                ? "Create the Gateway, or name one that exists: "
                : namesakes.isEmpty()
                        ? "Write name: " + near.get(0) + " in the parentRef: "
                        : "Write namespace: " + namesakes.get(0) + " in the parentRef: ";
        report.accept(configuration
                .finding(NOT_FOUND, route, parent.field().at(written ? "namespace" : "name"))
                .message("Gateway \"" + parent.name() + "\" does not exist in namespace " + parent.namespace()
                        + ": the route has no effect there." + ReferencedResources.didYouMean(near))
                .evidence(
                        parent.field().path(), route.toString(), parent.field().quoted())
                .remedy(remedy + ReferencedResources.edit(route))
                .build());
    }

    private static void service(
            Configuration configuration, Resource route, Reference parent, Names services, Consumer<Finding> report) {
        Optional<Resource> service = configuration.find(SERVICE, parent.namespace(), parent.name());
        Field port = parent.field().at("port");
        if (service.isPresent()) {
            List<String> ports = service.get().spec().at("ports").items().stream()
                    .map(one -> one.at("port").text(""))
                    .toList();
            if (port.exists() && !ports.isEmpty() && !ports.contains(port.text())) {
                report.accept(configuration
                        .finding(NOT_FOUND, route, port)
                        .message("Service " + configuration.qualifiedName(service.get()) + " has no port " + port.text()
                                + "; it has " + String.join(", ", ports) + ". The route has no effect.")
                        .evidence("spec.ports[].port", service.get().toString(), String.join(", ", ports))
                        .remedy("Name a port that the Service has, or none for all: " + ReferencedResources.edit(route))
                        .build());
            }
            return;
        }
        if (!configuration.knows(SERVICE, parent.namespace())) {
            return;
        }
        List<String> near = services.near(parent.namespace(), parent.name());
        report.accept(configuration
                .finding(NOT_FOUND, route, parent.field().at("name"))
                .message("Service \"" + parent.name() + "\" does not exist in namespace " + parent.namespace()
                        + ": as the parent of a route it makes the route idle." + ReferencedResources.didYouMean(near))
                .evidence(
                        parent.field().path(), route.toString(), parent.field().quoted())
                .remedy((near.isEmpty()
                                ? "Name a Service that exists: "
                                : "Write name: " + near.get(0) + " in the parentRef: ")
                        + ReferencedResources.edit(route))
                .build());
    }

    private static String listeners(List<Field> listeners) {
        return String.join(
                ", ",
                listeners.stream()
                        .map(listener -> listener.at("name").text() + " (port "
                                + listener.at("port").text() + ")")
                        .toList());
    }

    private record Refusal(Field field, String reason) {}

    /** Why a listener does not take a route; empty where it does, or where that cannot be told. */
    private static Optional<Refusal> refusal(
            Configuration configuration, Resource route, Resource gateway, Field listener) {
        String kind = route.kind().kind();
        Field kinds = listener.at("allowedRoutes", "kinds");
        if (kinds.value().size() > 0) {
            boolean listed = kinds.items().stream()
                    .anyMatch(one -> one.at("kind").text().equals(kind)
                            && one.value().at("group").text(GatewayRoutes.GROUP).equals(GatewayRoutes.GROUP));
            if (!listed) {
                return Optional.of(new Refusal(
                        kinds,
                        "takes routes of kind "
                                + String.join(
                                        ", ",
                                        kinds.items().stream()
                                                .map(one -> one.at("kind").text())
                                                .toList())
                                + " only"));
            }
        }
        Field protocol = listener.at("protocol");
        Set<String> fitting = KINDS.get(protocol.text());
        if (fitting != null && !fitting.contains(kind)) {
            return Optional.of(new Refusal(protocol, "is one for " + protocol.text() + ", which takes no " + kind));
        }
        Optional<Refusal> namespace = namespaceRefusal(configuration, route, gateway, listener);
        if (namespace.isPresent()) {
            return namespace;
        }
        String hostname = listener.at("hostname").text().toLowerCase(Locale.ROOT);
        List<String> hostnames = route.spec().at("hostnames").texts();
        if (!hostname.isEmpty()
                && !hostnames.isEmpty()
                && !kind.equals("TCPRoute")
                && hostnames.stream().noneMatch(host -> HostNames.overlap(host.toLowerCase(Locale.ROOT), hostname))) {
            return Optional.of(new Refusal(
                    listener.at("hostname"),
                    "serves " + hostname + ", and the route has " + String.join(", ", hostnames)));
        }
        return Optional.empty();
    }

    private static Optional<Refusal> namespaceRefusal(
            Configuration configuration, Resource route, Resource gateway, Field listener) {
        String from = configuration.namespaceOf(route);
        String own = configuration.namespaceOf(gateway);
        Field allowed = listener.at("allowedRoutes", "namespaces", "from");
        return switch (allowed.value().text("Same")) {
            case "None" -> Optional.of(new Refusal(allowed, "admits no routes"));
            case "Same" ->
                from.equals(own)
                        ? Optional.empty()
                        : Optional.of(new Refusal(
                                allowed,
                                "admits routes of its own namespace " + own + " only"
                                        + (allowed.exists() ? "" : " (the default)") + ", and the route is in "
                                        + from));
            case "Selector" -> selectorRefusal(configuration, from, listener);
            default -> Optional.empty();
        };
    }

    private static Optional<Refusal> selectorRefusal(Configuration configuration, String from, Field listener) {
        Json selector = listener.at("allowedRoutes", "namespaces", "selector").value();
        Optional<Resource> namespace = configuration.find(NAMESPACE, "", from);
        if (namespace.isEmpty() || !selector.isObject()) {
            return Optional.empty();
        }
        Map<String, String> labels = new HashMap<>(namespace.get().labels());
        // The API server sees to it. Source: Kubernetes, "Namespaces", automatic labelling.
        labels.put("kubernetes.io/metadata.name", from);
        return Selectors.matches(selector, labels)
                ? Optional.empty()
                : Optional.of(new Refusal(
                        listener.at("allowedRoutes", "namespaces", "selector"),
                        "admits namespaces by a selector that the labels of " + from + " do not fit"));
    }
}
