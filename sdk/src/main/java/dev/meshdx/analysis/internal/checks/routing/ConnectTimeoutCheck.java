package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Durations;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Routes that give up before a connection attempt may: an endpoint that does not answer costs the whole timeout, and no other
 * endpoint is tried. Source: Envoy, "Cluster", {@code connect_timeout}, and {@code RouteAction.timeout}; istio/api,
 * {@code ConnectionPoolSettings.TCPSettings.connectTimeout}. Policies: of a subset before those of the rule, of a port before
 * those of all ports; connection pools are not merged (istio/istio, {@code MergeTrafficPolicy}).
 */
public final class ConnectTimeoutCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0292",
            "ConnectTimeoutExceedsTimeout",
            Severity.WARNING,
            "A DestinationRule lets connecting take longer than the route waits altogether.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, DESTINATION_RULE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, List<Resource>> rules = new HashMap<>();
        for (Resource rule : configuration.all(DESTINATION_RULE)) {
            String host = ServiceRegistry.qualify(
                    configuration.namespaceOf(rule), rule.spec().at("host").text(""));
            rules.computeIfAbsent(host, unused -> new ArrayList<>()).add(rule);
        }
        for (Resource service : configuration.all(VIRTUAL_SERVICE)) {
            for (Field route : Field.spec(service).at("http").items()) {
                Field timeout = route.at("timeout");
                Duration limit = Durations.parse(timeout.text()).orElse(Duration.ZERO);
                Duration perTry = Durations.parse(
                                route.at("retries", "perTryTimeout").text())
                        .orElse(Duration.ZERO);
                // A limit for each try includes connecting, and leads to the next try.
                if (limit.toMillis() > 0 && perTry.toMillis() <= 0) {
                    for (Field split : route.at("route").items()) {
                        check(configuration, service, timeout, limit, split.at("destination"), rules, report);
                    }
                }
            }
        }
    }

    private static void check(
            Configuration configuration,
            Resource service,
            Field timeout,
            Duration limit,
            Field destination,
            Map<String, List<Resource>> rules,
            Consumer<Finding> report) {
        String host = ServiceRegistry.qualify(
                configuration.namespaceOf(service), destination.at("host").text());
        List<Resource> found = rules.getOrDefault(host, List.of());
        if (found.size() != 1) {
            // Which of several rules a client follows depends on the client.
            return;
        }
        Resource rule = found.get(0);
        Field connect = pool(rule, destination).at("tcp", "connectTimeout");
        Duration connecting = Durations.parse(connect.text()).orElse(Duration.ZERO);
        if (connecting.compareTo(limit) < 0) {
            return;
        }
        report.accept(configuration
                .finding(CODE, service, timeout)
                .message("The route gives up after " + Durations.text(limit) + ", but "
                        + configuration.qualifiedName(rule) + " lets connecting to " + host + " take "
                        + Durations.text(connecting)
                        + ": an endpoint that does not answer costs the whole timeout, and no other one is tried.")
                .evidence(connect.path(), rule.toString(), connect.quoted())
                .remedy("Write connectTimeout: " + Durations.text(Duration.ofMillis(Math.max(1, limit.toMillis() / 4)))
                        + " or so under "
                        + connect.path().substring(0, connect.path().lastIndexOf('.')) + ": "
                        + ReferencedResources.edit(rule))
                .build());
    }

    /** The connection pool that holds for a destination; of a rule's port only where the route names the port. */
    private static Field pool(Resource rule, Field destination) {
        Field spec = Field.spec(rule);
        String subset = destination.at("subset").text();
        long port = destination.at("port", "number").value().number(0);
        List<Field> policies = new ArrayList<>();
        if (!subset.isEmpty()) {
            spec.at("subsets").items().stream()
                    .filter(item -> item.at("name").text().equals(subset))
                    .forEach(item -> policies.add(item.at("trafficPolicy")));
        }
        policies.add(spec.at("trafficPolicy"));
        for (Field policy : policies) {
            for (Field level : policy.at("portLevelSettings").items()) {
                if (port == 0 || level.at("port", "number").value().number(0) == port) {
                    // Which port it will be is not known here, or its own settings hold.
                    return port == 0 ? level.at("unknown") : level.at("connectionPool");
                }
            }
            if (policy.at("connectionPool").exists()) {
                return policy.at("connectionPool");
            }
        }
        return spec.at("trafficPolicy", "connectionPool");
    }
}
