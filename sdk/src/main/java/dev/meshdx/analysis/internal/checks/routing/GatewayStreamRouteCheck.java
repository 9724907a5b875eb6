package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Ages;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * TLS and TCP routes at a gateway that never get a connection, because another VirtualService of the gateway has the same SNI
 * name, or the same port without a condition. HTTP rules of several VirtualServices are put one after the other; these are
 * not: of a SNI name the first VirtualService counts, and of TCP routes for a port the first that matches. Source: istio/istio,
 * {@code pilot/pkg/networking/core/gateway.go} ({@code buildGatewayNetworkFiltersFromTLSRoutes}: "skipping VirtualService …
 * duplicate SNI host names"; {@code buildGatewayNetworkFiltersFromTCPRoutes}), {@code push_context.go}
 * ({@code sortConfigByCreationTime}); Kiali, KIA1106.
 */
public final class GatewayStreamRouteCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0229",
            "GatewayStreamRouteTaken",
            Severity.WARNING,
            "A TLS or TCP route at a gateway gets no connection: another VirtualService has taken them.");

    /** What a connection is told by: a gateway, a port (0 for each) and a SNI name (empty for TCP). */
    private record Key(String gateway, String host, long port, String sni) {}

    private record Taken(Resource virtualService, Field field) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<Key, Taken> taken = new HashMap<>();
        Set<String> reported = new HashSet<>();
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE).stream()
                .sorted(Ages.OLDEST_FIRST)
                .toList()) {
            List<String> exportTo = virtualService.spec().at("exportTo").texts();
            if (!(exportTo.isEmpty() ? configuration.mesh().virtualServiceExportTo() : exportTo)
                    .stream().allMatch("*"::equals)) {
                // Whether the gateway's pods see it depends on where they run.
                continue;
            }
            String namespace = configuration.namespaceOf(virtualService);
            Map<String, String> gateways = Routes.gateways(configuration, virtualService);
            for (Field route : Field.spec(virtualService).at("tls").items()) {
                for (Field match : route.at("match").items()) {
                    for (Field sni : match.at("sniHosts").items()) {
                        claim(
                                configuration,
                                virtualService,
                                match,
                                sni,
                                "",
                                gateways,
                                namespace,
                                taken,
                                reported,
                                report);
                    }
                }
            }
            for (Field route : Field.spec(virtualService).at("tcp").items()) {
                List<Field> matches = route.at("match").items();
                for (Field match : matches.isEmpty() ? List.of(route) : matches) {
                    if (!isConditional(match)) {
                        for (String host : virtualService.spec().at("hosts").texts()) {
                            claim(
                                    configuration,
                                    virtualService,
                                    match,
                                    place(route, match),
                                    host.toLowerCase(Locale.ROOT),
                                    gateways,
                                    namespace,
                                    taken,
                                    reported,
                                    report);
                        }
                    }
                }
            }
        }
    }

    /** What a TCP route is told by: its port, or where it has none its destination. */
    private static Field place(Field route, Field match) {
        List<Field> splits = route.at("route").items();
        return match.at("port").exists() || splits.isEmpty()
                ? match.at("port")
                : splits.get(0).at("destination", "host");
    }

    /** Whether it matches some connections of its port only. */
    private static boolean isConditional(Field match) {
        return match.at("destinationSubnets").value().size() > 0
                || match.at("sourceLabels").value().size() > 0
                || match.at("sourceSubnet").exists()
                || match.at("sourceNamespace").exists();
    }

    private static void claim(
            Configuration configuration,
            Resource virtualService,
            Field match,
            Field field,
            String host,
            Map<String, String> gateways,
            String namespace,
            Map<Key, Taken> taken,
            Set<String> reported,
            Consumer<Finding> report) {
        if (isConditional(match)) {
            return;
        }
        long port = match.at("port").value().number(0);
        String sni = host.isEmpty() ? field.text().toLowerCase(Locale.ROOT) : "";
        List<String> own = match.at("gateways").value().texts().stream()
                .map(written -> Routes.gateway(namespace, written))
                .toList();
        for (String gateway : gateways.keySet()) {
            if (gateway.equals("mesh") || (!own.isEmpty() && !own.contains(gateway))) {
                continue;
            }
            Taken first = taken.get(new Key(gateway, host, 0, sni));
            if (first == null) {
                first = taken.get(new Key(gateway, host, port, sni));
            }
            if (first == null) {
                taken.put(new Key(gateway, host, port, sni), new Taken(virtualService, field));
            } else if (!first.virtualService().equals(virtualService)
                    && reported.add(virtualService + " " + field.path())) {
                report.accept(finding(configuration, virtualService, field, first, gateway, port, sni, host));
            }
        }
    }

    private static Finding finding(
            Configuration configuration,
            Resource virtualService,
            Field field,
            Taken first,
            String gateway,
            long port,
            String sni,
            String host) {
        String other = configuration.qualifiedName(first.virtualService());
        boolean sameAge = first.virtualService().createdAt().equals(virtualService.createdAt());
        return configuration
                .finding(CODE, virtualService, field)
                .message("At gateway " + gateway
                        + (sni.isEmpty()
                                ? " all TCP connections " + (port == 0 ? "" : "to port " + port + " ") + "for host "
                                        + host
                                : " connections with the SNI name " + sni + (port == 0 ? "" : " to port " + port))
                        + " go the way of VirtualService " + other + ", "
                        + (sameAge ? "whose name comes first" : "which is older") + ". This route gets none.")
                .evidence(
                        first.field().path(),
                        first.virtualService().toString(),
                        first.field().quoted())
                .evidence(
                        "spec.gateways",
                        virtualService.toString(),
                        Field.spec(virtualService).at("gateways").quoted())
                .remedy("Join the two routes in one VirtualService, or tell them apart by SNI name or port: "
                        + ReferencedResources.edit(virtualService))
                .build();
    }
}
