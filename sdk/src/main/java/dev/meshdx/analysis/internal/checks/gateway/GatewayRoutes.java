package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.GRPC_ROUTE;
import static dev.meshdx.model.ResourceKind.HTTP_ROUTE;
import static dev.meshdx.model.ResourceKind.TCP_ROUTE;
import static dev.meshdx.model.ResourceKind.TLS_ROUTE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;

/** What the checks of the Gateway API's routes have in common. Source: Gateway API, "API specification". */
final class GatewayRoutes {
    static final List<ResourceKind> KINDS = List.of(HTTP_ROUTE, GRPC_ROUTE, TLS_ROUTE, TCP_ROUTE);

    static final String GROUP = "gateway.networking.k8s.io";

    private GatewayRoutes() {}

    /** A reference to a parent or a backend; what it leaves out is filled in. */
    record Reference(Field field, String group, String kind, String namespace, String name) {
        boolean isService() {
            return group.isEmpty() && kind.equals("Service");
        }

        boolean isGateway() {
            return group.equals(GROUP) && kind.equals("Gateway");
        }
    }

    private static Reference reference(Configuration configuration, Resource route, Field field, boolean parent) {
        Json value = field.value();
        return new Reference(
                field,
                value.at("group").text(parent ? GROUP : ""),
                value.at("kind").text(parent ? "Gateway" : "Service"),
                value.at("namespace").text(configuration.namespaceOf(route)),
                value.at("name").text(""));
    }

    static List<Reference> parents(Configuration configuration, Resource route) {
        return Field.spec(route).at("parentRefs").items().stream()
                .map(field -> reference(configuration, route, field, true))
                .filter(reference -> !reference.name().isEmpty())
                .toList();
    }

    /** Where the rules send requests, mirrors included. */
    static List<Reference> backends(Configuration configuration, Resource route) {
        List<Field> fields = new ArrayList<>();
        for (Field rule : Field.spec(route).at("rules").items()) {
            mirrors(rule, fields);
            for (Field backend : rule.at("backendRefs").items()) {
                fields.add(backend);
                mirrors(backend, fields);
            }
        }
        return fields.stream()
                .map(field -> reference(configuration, route, field, false))
                .filter(reference -> !reference.name().isEmpty())
                .toList();
    }

    private static void mirrors(Field owner, List<Field> fields) {
        for (Field filter : owner.at("filters").items()) {
            Field mirror = filter.at("requestMirror", "backendRef");
            if (mirror.exists()) {
                fields.add(mirror);
            }
        }
    }

    /** Whether a controller has written into the status that a condition is False, which IST0171 reports of these kinds. */
    static boolean isReported(Resource route, String type) {
        return (route.kind().equals(HTTP_ROUTE) || route.kind().equals(GRPC_ROUTE))
                && route.status().at("parents").items().stream().anyMatch(parent -> isFalse(parent, type));
    }

    /** As {@link #isReported}, for one of its parents. */
    static boolean isReported(Resource route, Configuration configuration, Reference parent, String type) {
        return (route.kind().equals(HTTP_ROUTE) || route.kind().equals(GRPC_ROUTE))
                && route.status().at("parents").items().stream()
                        .anyMatch(one -> one.at("parentRef", "name").text("").equals(parent.name())
                                && one.at("parentRef", "namespace")
                                        .text(configuration.namespaceOf(route))
                                        .equals(parent.namespace())
                                && isFalse(one, type));
    }

    private static boolean isFalse(Json parent, String type) {
        return parent.at("conditions").items().stream()
                .anyMatch(condition -> condition.at("type").text("").equals(type)
                        && condition.at("status").text("").equals("False"));
    }
}
