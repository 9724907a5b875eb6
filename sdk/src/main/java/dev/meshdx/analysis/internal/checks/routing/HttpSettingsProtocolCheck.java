package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.GRPC_ROUTE;
import static dev.meshdx.model.ResourceKind.HTTP_ROUTE;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.analysis.internal.checks.VirtualServices;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.PortProtocol;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * DestinationRules with settings for HTTP for hosts whose ports are declared as something else: sidecars do not use them. Source:
 * istio/api, {@code ConnectionPoolSettings.HTTPSettings}, {@code LoadBalancerSettings.ConsistentHashLB}; Istio, "Protocol
 * Selection". {@code http1MaxPendingRequests} is left out: Envoy counts pending TCP connections by it, too (Envoy, "Circuit
 * breaking"); outlier detection as well, which counts failing connections.
 */
public final class HttpSettingsProtocolCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0288",
            "HttpSettingsOnTcpPort",
            Severity.WARNING,
            "A DestinationRule has HTTP settings for a host whose ports are declared as something else.");

    private static final List<String> POOL = List.of(
            "http2MaxRequests",
            "maxRequestsPerConnection",
            "maxRetries",
            "idleTimeout",
            "h2UpgradePolicy",
            "useClientProtocol",
            "maxConcurrentStreams");

    private static final List<String> HASH = List.of("httpHeaderName", "httpCookie", "httpQueryParameterName");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(DESTINATION_RULE, SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE, HTTP_ROUTE, GRPC_ROUTE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        ServiceRegistry registry = ServiceRegistry.of(configuration);
        Set<String> behindGateways = behindGateways(configuration);
        for (Resource rule : configuration.all(DESTINATION_RULE)) {
            String host = rule.spec().at("host").text("");
            String namespace = configuration.namespaceOf(rule);
            if (host.startsWith("*") || behindGateways.contains(ServiceRegistry.qualify(namespace, host))) {
                continue;
            }
            Optional<ServiceRegistry.Host> found =
                    registry.find(namespace, rule.spec().at("exportTo").texts(), host);
            List<Field> settings = settings(rule);
            if (found.isEmpty() || settings.isEmpty()) {
                continue;
            }
            Resource owner = found.get().resource();
            boolean service = owner.kind().equals(SERVICE);
            List<Field> ports = Field.spec(owner).at("ports").items();
            boolean tcp = !ports.isEmpty()
                    && ports.stream()
                            .allMatch(port -> (service
                                            ? PortProtocol.ofService(port.value())
                                            : PortProtocol.ofServiceEntry(port.value()))
                                    == PortProtocol.TCP);
            if (tcp) {
                report.accept(finding(configuration, rule, settings, owner, ports, service));
            }
        }
    }

    /** Gateways look at requests by their own port's protocol, whatever the destination's is. */
    private static Set<String> behindGateways(Configuration configuration) {
        Set<String> hosts = new HashSet<>();
        for (Resource service : configuration.all(VIRTUAL_SERVICE)) {
            if (service.spec().at("gateways").texts().stream().anyMatch(gateway -> !gateway.equals("mesh"))) {
                VirtualServices.destinations(service)
                        .forEach(destination -> hosts.add(ServiceRegistry.qualify(
                                configuration.namespaceOf(service),
                                destination.host().text())));
            }
        }
        for (ResourceKind kind : List.of(HTTP_ROUTE, GRPC_ROUTE)) {
            for (Resource route : configuration.all(kind)) {
                for (Field rule : Field.spec(route).at("rules").items()) {
                    for (Field backend : rule.at("backendRefs").items()) {
                        hosts.add(ServiceRegistry.qualify(
                                backend.at("namespace").value().text(configuration.namespaceOf(route)),
                                backend.at("name").text()));
                    }
                }
            }
        }
        return hosts;
    }

    /** The settings that only requests can follow, generally and in subsets. */
    private static List<Field> settings(Resource rule) {
        List<Field> policies = new ArrayList<>();
        policies.add(Field.spec(rule).at("trafficPolicy"));
        Field.spec(rule).at("subsets").items().forEach(subset -> policies.add(subset.at("trafficPolicy")));
        List<Field> settings = new ArrayList<>();
        for (Field policy : policies) {
            HASH.forEach(name -> settings.add(policy.at("loadBalancer", "consistentHash", name)));
            POOL.forEach(name -> settings.add(policy.at("connectionPool", "http", name)));
        }
        settings.removeIf(setting -> !setting.exists());
        return settings;
    }

    private static Finding finding(
            Configuration configuration,
            Resource rule,
            List<Field> settings,
            Resource owner,
            List<Field> ports,
            boolean service) {
        List<String> names = settings.stream().map(Field::name).distinct().toList();
        Finding.Builder finding = configuration
                .finding(CODE, rule, settings.get(0))
                .message("Sidecars do not use " + String.join(", ", names) + ": all ports of " + owner
                        + " are declared as TCP or TLS, where there are no requests.");
        for (Field port : ports.subList(0, Math.min(5, ports.size()))) {
            Field said = !service
                    ? port.at("protocol")
                    : port.at("appProtocol").exists() ? port.at("appProtocol") : port.at("name");
            finding.evidence(said.path(), owner.toString(), said.quoted());
        }
        return finding.remedy("If the port carries HTTP, declare it (name: http-web, or appProtocol: http): "
                        + ReferencedResources.edit(owner)
                        + ". If not, use settings for connections: connectionPool: {tcp: {maxConnections: 100}},"
                        + " consistentHash: {useSourceIp: true}")
                .build();
    }
}
