package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Gateways of the same pods that claim one host at one port. Hosts are compared as they are written; wildcards may meet and
 * are served by how exact they are. Source: istio/istio, {@code gateway/conflictinggateway.go}.
 */
public final class ConflictingGatewayCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0145",
            "ConflictingGateways",
            Severity.ERROR,
            "Several Gateways claim the same host at the same port of the same pods.");

    /** What a Gateway serves at one port: host to address. */
    private record Claim(Resource gateway, Map<String, String> binds) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(GATEWAY, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, Map<String, String>> selectors = new LinkedHashMap<>();
        Map<String, Map<Long, Map<String, Claim>>> claims = new LinkedHashMap<>();
        for (Resource gateway : configuration.all(GATEWAY)) {
            String selector = selector(gateway);
            selectors.put(selector, gateway.spec().at("selector").textMap());
            for (Field server : Field.spec(gateway).at("servers").items()) {
                // A later server for the same port replaces the earlier one, as upstream has it.
                claims.computeIfAbsent(selector, unused -> new LinkedHashMap<>())
                        .computeIfAbsent(port(server), unused -> new LinkedHashMap<>())
                        .put(configuration.qualifiedName(gateway), new Claim(gateway, binds(server)));
            }
        }
        Map<String, List<String>> related = new HashMap<>();
        for (Resource gateway : configuration.all(GATEWAY)) {
            String selector = selector(gateway);
            List<String> relevant = related.computeIfAbsent(
                    selector,
                    unused -> claims.keySet().stream()
                            .filter(other -> meet(configuration, selector, other, selectors))
                            .toList());
            Set<List<String>> told = new HashSet<>();
            for (Field server : Field.spec(gateway).at("servers").items()) {
                Map<String, Claim> others = new TreeMap<>();
                Map<String, String> binds = binds(server);
                for (String other : relevant) {
                    claims.getOrDefault(other, Map.of())
                            .getOrDefault(port(server), Map.of())
                            .forEach((name, claim) -> {
                                if (!name.equals(configuration.qualifiedName(gateway))
                                        && binds.entrySet().stream()
                                                .anyMatch(claim.binds().entrySet()::contains)) {
                                    others.put(name, claim);
                                }
                            });
                }
                List<String> what =
                        new ArrayList<>(List.of(Long.toString(port(server)), String.join(", ", others.keySet())));
                what.addAll(binds.keySet());
                // Servers that differ in nothing that matters here have one problem.
                if (!others.isEmpty() && told.add(what)) {
                    report.accept(finding(configuration, gateway, server, others));
                }
            }
        }
    }

    private static String selector(Resource gateway) {
        return Configuration.text(gateway.spec().at("selector").textMap());
    }

    private static long port(Field server) {
        return server.at("port", "number").value().number(0);
    }

    private static Map<String, String> binds(Field server) {
        Map<String, String> binds = new LinkedHashMap<>();
        server.at("hosts")
                .value()
                .texts()
                .forEach(host -> binds.put(host, server.at("bind").text()));
        return binds;
    }

    /** Whether some pod is selected by both. The comparison as texts comes first upstream, so it does here. */
    private static boolean meet(
            Configuration configuration, String selector, String other, Map<String, Map<String, String>> selectors) {
        if (selector.equals(other)) {
            return true;
        }
        if (!selector.contains(other) && !other.contains(selector)) {
            return false;
        }
        Map<String, String> one = selectors.getOrDefault(selector, Map.of());
        Map<String, String> both = new TreeMap<>(selectors.getOrDefault(other, Map.of()));
        both.putAll(one);
        return both.entrySet()
                        .containsAll(selectors.getOrDefault(other, Map.of()).entrySet())
                && configuration.anyMatching(POD, both, "");
    }

    private static Finding finding(
            Configuration configuration, Resource gateway, Field server, Map<String, Claim> others) {
        List<String> hosts = server.at("hosts").value().texts();
        Set<String> shared = new TreeSet<>();
        others.values()
                .forEach(claim ->
                        hosts.stream().filter(claim.binds()::containsKey).forEach(shared::add));
        Finding.Builder finding = configuration
                .finding(CODE, gateway, server.at("hosts"))
                .message("Port " + port(server) + " of the pods with \"" + selector(gateway)
                        + "\": this Gateway's server for " + String.join(", ", hosts) + " claims "
                        + String.join(", ", shared) + ", as does Gateway " + String.join(", ", others.keySet())
                        + ". Only one of them is served.");
        List<Claim> first = new ArrayList<>(others.values());
        for (Claim claim : first.subList(0, Math.min(5, first.size()))) {
            finding.evidence(
                    "spec.servers[].hosts",
                    claim.gateway().toString(),
                    String.join(", ", claim.binds().keySet()));
        }
        return finding.remedy("Leave the host to one Gateway, or merge them: " + ReferencedResources.edit(gateway))
                .build();
    }
}
