package dev.meshdx.analysis.internal.checks.ambient;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.REQUEST_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.TELEMETRY;
import static dev.meshdx.model.ResourceKind.TRAFFIC_EXTENSION;
import static dev.meshdx.model.ResourceKind.WASM_PLUGIN;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.Waypoints;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What policies that attach to something have in common. Source: Istio, "Policy target reference". */
final class Policies {
    /** The kinds that may name what they are for. */
    static final List<ResourceKind> KINDS =
            List.of(AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION, TELEMETRY, WASM_PLUGIN, TRAFFIC_EXTENSION);

    private Policies() {}

    /** Something that a policy says it is for. */
    record Target(Field field, String group, String kind, String name) {
        /** The kind, where it is one of those that Istio accepts. */
        Optional<ResourceKind> known() {
            return switch (kind) {
                case "Service" -> only(group.isEmpty() || group.equals("core"), ResourceKind.SERVICE);
                case "ServiceEntry" -> only(group.equals("networking.istio.io"), ResourceKind.SERVICE_ENTRY);
                case "Gateway" -> only(group.equals("gateway.networking.k8s.io"), ResourceKind.KUBERNETES_GATEWAY);
                case "GatewayClass" -> only(group.equals("gateway.networking.k8s.io"), ResourceKind.GATEWAY_CLASS);
                default -> Optional.empty();
            };
        }

        private static Optional<ResourceKind> only(boolean condition, ResourceKind kind) {
            return condition ? Optional.of(kind) : Optional.empty();
        }
    }

    /** What a policy says it is for. One that names a namespace is refused by the API server, and reported as such. */
    static List<Target> targets(Resource policy) {
        Field spec = Field.spec(policy);
        List<Field> fields = new ArrayList<>(spec.at("targetRefs").items());
        if (spec.at("targetRef").exists()) {
            fields.add(spec.at("targetRef"));
        }
        return fields.stream()
                .filter(field -> field.at("namespace").text().isEmpty()
                        && !field.at("name").text().isEmpty())
                .map(field -> new Target(
                        field,
                        field.at("group").text(),
                        field.at("kind").text(),
                        field.at("name").text()))
                .toList();
    }

    /** Whether it says what it is for, in whatever way. */
    static boolean hasTargets(Resource policy) {
        return policy.spec().at("targetRef").exists()
                || policy.spec().at("targetRefs").size() > 0;
    }

    /** The labels of the workloads that it is for; none where it is for all. */
    static Map<String, String> selector(Resource policy) {
        return policy.spec().at("selector", "matchLabels").textMap();
    }

    /** Where the workloads are that a policy is for; empty for everywhere. */
    static String scope(Configuration configuration, Resource policy) {
        String namespace = configuration.namespaceOf(policy);
        return namespace.equals(configuration.mesh().rootNamespace()) ? "" : namespace;
    }

    /** How a Service or ServiceEntry gets a waypoint. */
    static String giveWaypoint(Configuration configuration, Resource service) {
        String namespace = configuration.namespaceOf(service);
        List<Resource> waypoints = Waypoints.of(configuration).in(namespace);
        String label = "kubectl -n " + namespace + " label " + service.kind().qualifiedPlural() + " " + service.name()
                + " " + Waypoints.USE + "="
                + (waypoints.isEmpty() ? "waypoint" : waypoints.get(0).name())
                + (service.label(Waypoints.USE).isPresent() ? " --overwrite" : "");
        return waypoints.isEmpty() ? "istioctl waypoint apply -n " + namespace + " && " + label : label;
    }

    /** Why a workload counts as ambient. */
    static Finding.Builder ambient(Configuration configuration, Finding.Builder finding, Workload workload) {
        if (workload.annotation(DataPlane.REDIRECTION).equals("enabled")) {
            return finding.evidence("metadata.annotations." + DataPlane.REDIRECTION, workload.toString(), "enabled");
        }
        DataPlane.of(configuration)
                .wantsAmbient(workload)
                .ifPresent(label -> finding.evidence(
                        label.field().path(),
                        label.holder().toString(),
                        label.field().quoted()));
        return finding;
    }
}
