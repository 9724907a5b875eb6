package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.HostNames;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * VirtualServices that claim the same host for traffic inside the mesh: the proxies follow one of them only. Source:
 * istio/istio, {@code virtualservice/conflictingmeshgatewayhosts.go}.
 */
public final class ConflictingHostsCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0109",
            "ConflictingMeshGatewayVirtualServiceHosts",
            Severity.ERROR,
            "Several VirtualServices claim the same host for traffic inside the mesh.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE);
    }

    private record Claim(Resource virtualService, Field host) {}

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        // scope -> host -> claims; the scope "*" is everybody's.
        Map<String, Map<String, List<Claim>>> claims = new TreeMap<>();
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            List<String> gateways = virtualService.spec().at("gateways").texts();
            if (!gateways.isEmpty() && !gateways.contains("mesh")) {
                continue;
            }
            String namespace = configuration.namespaceOf(virtualService);
            for (String scope : scopes(virtualService, namespace)) {
                for (Field host : Field.spec(virtualService).at("hosts").items()) {
                    claims.computeIfAbsent(scope, unused -> new LinkedHashMap<>())
                            .computeIfAbsent(
                                    ServiceRegistry.qualify(namespace, host.text()), unused -> new ArrayList<>())
                            .add(new Claim(virtualService, host));
                }
            }
        }
        Map<String, List<Claim>> everybodys = claims.getOrDefault("*", Map.of());
        List<String> wildcards = everybodys.keySet().stream()
                .filter(host -> host.startsWith("*"))
                .toList();
        Set<Resource> reported = new HashSet<>();
        claims.forEach((scope, hosts) -> hosts.forEach((host, own) -> {
            List<Claim> all = new ArrayList<>(own);
            if (!scope.equals("*")) {
                overlapping(host, everybodys, wildcards).forEach(other -> all.addAll(everybodys.get(other)));
            }
            if (all.size() > 1) {
                for (Claim claim : all) {
                    if (reported.add(claim.virtualService())) {
                        report(configuration, claim, all, scope, report);
                    }
                }
            }
        }));
    }

    /** Who sees a resource. Source: Istio, "Virtual Service", field exportTo. */
    private static Set<String> scopes(Resource virtualService, String namespace) {
        List<String> exportTo = virtualService.spec().at("exportTo").texts();
        if (exportTo.isEmpty() || exportTo.contains("*")) {
            return Set.of("*");
        }
        Set<String> scopes = new LinkedHashSet<>();
        exportTo.forEach(item -> scopes.add(item.equals(".") ? namespace : item));
        return scopes;
    }

    private static Set<String> overlapping(String host, Map<String, List<Claim>> everybodys, List<String> wildcards) {
        Set<String> found = new LinkedHashSet<>();
        if (host.startsWith("*")) {
            everybodys.keySet().stream()
                    .filter(other -> HostNames.overlap(host, other))
                    .forEach(found::add);
            return found;
        }
        if (everybodys.containsKey(host)) {
            found.add(host);
        }
        wildcards.stream().filter(wildcard -> HostNames.overlap(host, wildcard)).forEach(found::add);
        return found;
    }

    private static void report(
            Configuration configuration, Claim claim, List<Claim> all, String scope, Consumer<Finding> report) {
        Resource virtualService = claim.virtualService();
        Set<String> others = new TreeSet<>();
        for (Claim other : all) {
            if (!other.virtualService().equals(virtualService)) {
                others.add(configuration.qualifiedName(other.virtualService()));
            }
        }
        String host = claim.host().text();
        Finding.Builder finding = configuration
                .finding(CODE, virtualService, claim.host())
                .message(
                        others.isEmpty()
                                ? "The host \"" + host + "\" is listed twice."
                                : "The host \"" + host + "\" is claimed by other VirtualServices too: "
                                        + String.join(", ", others) + ". Proxies "
                                        + (scope.equals("*") ? "" : "of namespace " + scope + " ")
                                        + "follow one of them only.");
        all.stream()
                .filter(other -> !other.virtualService().equals(virtualService))
                .limit(5)
                .forEach(other -> finding.evidence(
                        other.host().path(),
                        other.virtualService().toString(),
                        other.host().quoted()));
        report.accept(
                finding.remedy("Merge their routes into one VirtualService, or limit who sees them with exportTo: "
                                + ReferencedResources.edit(virtualService))
                        .build());
    }
}
