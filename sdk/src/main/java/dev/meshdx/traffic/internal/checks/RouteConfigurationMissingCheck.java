package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Listeners in use against the route configurations of the same proxy. A gateway's server to which nothing is bound is no
 * finding: istiod gives it a virtual host {@code blackhole:PORT}. Source: istio/istio, {@code pilot/pkg/networking/core/gateway.go}.
 */
final class RouteConfigurationMissingCheck extends ProxyCheck<Finding> {
    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.ROUTE_CONFIGURATION_MISSING);
    }

    @Override
    List<Finding> look(Proxy proxy, Instant now) {
        ConfigDump dump = proxy.dump();
        if (!dump.routes().gaps().isEmpty() || !dump.listeners().gaps().isEmpty()) {
            // Routes that could not be read are not missing.
            return List.of();
        }
        Map<String, RouteConfiguration> held = new HashMap<>();
        dump.routes().forEach(config -> held.putIfAbsent(config.name(), config));
        Map<String, Set<String>> asking = new TreeMap<>();
        for (Listener listener : dump.listeners()) {
            if (listener.state() != ResourceState.ACTIVE) {
                // One that waits is a matter of its own.
                continue;
            }
            for (FilterChain chain : listener.allFilterChains()) {
                Optional<String> wanted = chain.routeConfigName();
                wanted.filter(name -> isMissing(held.get(name)))
                        .ifPresent(name -> asking.computeIfAbsent(name, any -> new LinkedHashSet<>())
                                .add(listener.name()));
            }
        }
        List<Finding> seen = new ArrayList<>();
        asking.forEach((name, listeners) -> seen.add(finding(proxy, name, listeners, held)));
        return seen;
    }

    private static boolean isMissing(@org.jspecify.annotations.Nullable RouteConfiguration config) {
        return config == null
                || config.state() == ResourceState.REJECTED
                || (config.virtualHosts().isEmpty() && !config.raw().at("vhds").exists());
    }

    @Override
    void conclude(List<Finding> seen, Consumer<Finding> report) {
        seen.forEach(report);
    }

    private static Finding finding(
            Proxy proxy, String name, Set<String> listeners, Map<String, RouteConfiguration> held) {
        RouteConfiguration config = held.get(name);
        String pod = proxy.pod().qualifiedName();
        String why = config == null
                ? "which the proxy does not have"
                : config.state() == ResourceState.REJECTED
                        ? "of which the proxy refused the only version that it was sent"
                        : "which has no virtual host at all";
        List<String> near = config == null ? Nearest.to(name, held.keySet()) : List.of();
        Finding.Builder finding = Finding.of(TrafficCodes.ROUTE_CONFIGURATION_MISSING, proxy.pod())
                .message("Listener" + (listeners.size() == 1 ? " " : "s ") + String.join(", ", listeners)
                        + " of the proxy of " + pod + " ask" + (listeners.size() == 1 ? "s" : "")
                        + " for route configuration " + name + ", " + why
                        + "; every request there ends in 404 NR (no route found).")
                .evidence(
                        "rds.route_config_name of listener " + String.join(", ", listeners),
                        "config dump of " + pod,
                        name)
                .evidence(
                        "route configuration " + name,
                        "config dump of " + pod,
                        config == null
                                ? "absent" + (near.isEmpty() ? "" : "; nearest: " + String.join(", ", near))
                                : config.state() + ", " + config.virtualHosts().size() + " virtual hosts");
        if (config != null) {
            config.error().ifPresent(error -> finding.evidence("error_state.details", "config dump of " + pod, error));
        }
        return finding.remedy("See what istiod would send, and whether it was refused: istioctl proxy-status "
                        + proxy.pod().name() + "." + proxy.pod().namespace()
                        + "; kubectl get envoyfilter -A (one may have renamed the routes). Restart the pod if istiod's answer has"
                        + " them: kubectl -n " + proxy.pod().namespace() + " delete pod "
                        + proxy.pod().name())
                .build();
    }
}
