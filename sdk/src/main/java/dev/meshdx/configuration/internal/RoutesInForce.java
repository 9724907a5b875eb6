package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which VirtualService a sidecar follows for a host. Sources: Istio, "Virtual Service" and "Traffic Management Best Practices"
 * (there is no merging for sidecars); istio/istio, {@code pilot/pkg/model/push_context.go}, {@code VirtualServicesForGateway}
 * (private ones, then those exported to the client's namespace, then public ones, each oldest first).
 */
public final class RoutesInForce {
    private final Configuration configuration;
    private final Visibility visibility;
    private final Map<String, List<Resource>> exact = new HashMap<>();
    private final Map<String, List<Resource>> wild = new HashMap<>();

    private RoutesInForce(Configuration configuration) {
        this.configuration = configuration;
        this.visibility = Visibility.of(configuration);
        for (Resource route : configuration.all(ResourceKind.VIRTUAL_SERVICE).stream()
                .sorted(Ages.OLDEST_FIRST)
                .toList()) {
            List<String> gateways = route.spec().at("gateways").texts();
            if (!gateways.isEmpty() && !gateways.contains("mesh")) {
                continue;
            }
            for (String host : route.spec().at("hosts").texts()) {
                String full = Hosts.qualify(host, configuration.namespaceOf(route));
                (full.startsWith("*") ? wild : exact)
                        .computeIfAbsent(full, any -> new ArrayList<>())
                        .add(route);
            }
        }
    }

    /** Of a configuration. */
    public static RoutesInForce of(Configuration configuration) {
        return configuration.shared(
                RoutesInForce.class, Set.of(ResourceKind.VIRTUAL_SERVICE, ResourceKind.SIDECAR), RoutesInForce::new);
    }

    /** All that name a host or cover it with a wildcard, whoever sees them: the most specific first, then the oldest. */
    public List<Resource> of(String host) {
        List<Resource> found = new ArrayList<>(exact.getOrDefault(host, List.of()));
        wild.keySet().stream()
                .filter(pattern -> Hosts.covers(pattern, host))
                .sorted(Comparator.comparing(String::length).reversed().thenComparing(Comparator.naturalOrder()))
                .forEach(pattern -> found.addAll(wild.getOrDefault(pattern, List.of())));
        return found.stream().distinct().toList();
    }

    /**
     * The one that decides for clients.
     *
     * @param host fully qualified
     * @param client the clients' namespace
     * @param labels their labels, which a Sidecar may select
     */
    public Optional<Resource> of(String host, String client, Map<String, String> labels) {
        Visibility.Imports imports = visibility.imports(client, labels);
        List<Resource> visible = of(host).stream()
                .filter(route -> visibility.isExported(route, configuration.namespaceOf(route), client))
                .filter(route -> route.spec().at("hosts").texts().stream()
                        .anyMatch(written -> imports.include(
                                Hosts.qualify(written, configuration.namespaceOf(route)),
                                configuration.namespaceOf(route),
                                client)))
                .toList();
        // The most specific host decides; within the same host private ones come before public ones.
        return visible.stream()
                .min(Comparator.comparing((Resource route) -> -specificity(route, host))
                        .thenComparing(this::reach));
    }

    private int specificity(Resource route, String host) {
        int best = 0;
        for (String written : route.spec().at("hosts").texts()) {
            String full = Hosts.qualify(written, configuration.namespaceOf(route));
            if (full.equals(host)) {
                return Integer.MAX_VALUE;
            }
            best = Hosts.covers(full, host) ? Math.max(best, full.length()) : best;
        }
        return best;
    }

    private int reach(Resource route) {
        List<String> exportTo = visibility.exportTo(route);
        return exportTo.isEmpty() || exportTo.contains("*") ? 2 : exportTo.contains(".") ? 0 : 1;
    }
}
