package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.GRPC_ROUTE;
import static dev.meshdx.model.ResourceKind.HTTP_ROUTE;
import static dev.meshdx.model.ResourceKind.KUBERNETES_GATEWAY;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.WORKLOAD_ENTRY;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a controller wrote into a resource's status: that it did not accept it. Source: istio/istio,
 * {@code conditions/conditions.go}; Kubernetes, "API conventions", typical status properties.
 */
public final class ConditionCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0171",
            "NegativeConditionStatus",
            Severity.WARNING,
            "The status of the resource says that something went wrong.");

    private static final Set<String> WAYPOINT = Set.of("istio.io/WaypointBound");
    private static final Set<String> POLICY = Set.of("ZtunnelAccepted", "WaypointAccepted");
    private static final Set<String> GATEWAY_API = Set.of("Accepted", "Programmed", "ResolvedRefs");

    private static final Map<ResourceKind, Set<String>> TYPES = Map.of(
            SERVICE, WAYPOINT,
            SERVICE_ENTRY, WAYPOINT,
            WORKLOAD_ENTRY, WAYPOINT,
            AUTHORIZATION_POLICY, POLICY,
            KUBERNETES_GATEWAY, GATEWAY_API,
            HTTP_ROUTE, GATEWAY_API,
            GRPC_ROUTE, GATEWAY_API);

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return TYPES.keySet();
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        TYPES.forEach((kind, types) -> {
            for (Resource resource : configuration.all(kind)) {
                for (Field condition : conditions(resource)) {
                    boolean negative = condition.at("status").text().equals("False")
                            && types.contains(condition.at("type").text());
                    boolean partly = kind.equals(AUTHORIZATION_POLICY)
                            && condition.at("type").text().equals("WaypointAccepted")
                            && condition.at("reason").text().equals("PartiallyInvalid");
                    if (negative || partly) {
                        report.accept(finding(resource, condition));
                    }
                }
            }
        });
    }

    private static List<Field> conditions(Resource resource) {
        Field status = new Field("status", resource.status());
        if (!resource.kind().equals(HTTP_ROUTE) && !resource.kind().equals(GRPC_ROUTE)) {
            return status.at("conditions").items();
        }
        List<Field> conditions = new ArrayList<>();
        status.at("parents")
                .items()
                .forEach(parent -> conditions.addAll(parent.at("conditions").items()));
        return conditions;
    }

    private static Finding finding(Resource resource, Field condition) {
        String type = condition.at("type").text();
        String reason = condition.at("reason").text();
        String message = condition.at("message").text().strip();
        return Finding.of(CODE, resource)
                .message("The condition " + type + " is "
                        + condition.at("status").text()
                        + (reason.isEmpty() ? "" : ", reason " + reason)
                        + (message.isEmpty() ? "." : ": " + message + (message.endsWith(".") ? "" : ".")))
                .evidence(
                        condition.path() + " (" + type + ")",
                        resource.toString(),
                        condition.at("status").text()
                                + (reason.isEmpty() ? "" : ", " + reason)
                                + (message.isEmpty() ? "" : ": " + message))
                .remedy("Correct what the condition names, and see whether it turns True: kubectl "
                        + (resource.namespace().isEmpty() ? "" : "-n " + resource.namespace() + " ") + "describe "
                        + resource.kind().qualifiedPlural() + " " + resource.name())
                .build();
    }
}
