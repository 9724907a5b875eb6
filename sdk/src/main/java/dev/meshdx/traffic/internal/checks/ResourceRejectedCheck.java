package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Listeners;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What a proxy refused, with the reason that it gave ({@code error_state}). */
final class ResourceRejectedCheck extends ProxyCheck<Finding> {
    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.RESOURCE_REJECTED);
    }

    @Override
    List<Finding> look(Proxy proxy, Instant now) {
        // A push is refused as a whole: the same reason stands at each of its resources.
        Map<String, List<String>> refused = new TreeMap<>();
        ConfigDump dump = proxy.dump();
        // That a port is taken is told as what it is.
        Listeners listeners = dump.listeners();
        listeners.stream()
                .filter(it -> !ListenerNotBoundCheck.isRefusedForItsPort(it, listeners))
                .forEach(it -> add(refused, "listener", it.name(), it.error()));
        dump.clusters().forEach(it -> add(refused, "cluster", it.name(), it.error()));
        dump.routes().forEach(it -> add(refused, "route configuration", it.name(), it.error()));
        dump.secrets(now).forEach(it -> add(refused, "secret", it.name(), it.error()));
        dump.extensions().forEach(it -> add(refused, "extension", it.name(), it.error()));
        List<Finding> seen = new ArrayList<>();
        refused.forEach((key, names) -> report(proxy, key, names, seen::add));
        return seen;
    }

    @Override
    void conclude(List<Finding> seen, Consumer<Finding> report) {
        seen.forEach(report);
    }

    private static void add(Map<String, List<String>> refused, String kind, String name, Optional<String> error) {
        error.ifPresent(reason -> refused.computeIfAbsent(kind + "\n" + reason, key -> new ArrayList<>())
                .add(name));
    }

    private static void report(Proxy proxy, String key, List<String> names, Consumer<Finding> report) {
        String kind = key.substring(0, key.indexOf('\n'));
        String reason = key.substring(key.indexOf('\n') + 1).strip();
        List<String> shown = names.stream().distinct().sorted().limit(3).toList();
        long more = names.stream().distinct().count() - shown.size();
        String what = kind
                + (shown.size() > 1 ? "s " : " ")
                + String.join(", ", shown)
                + (more > 0 ? " and " + more + " more" : "");
        report.accept(Finding.of(TrafficCodes.RESOURCE_REJECTED, proxy.pod())
                .message("The proxy refused " + what + " and goes on with what it had before: " + reason)
                .evidence("error_state.details", kind + " " + shown.get(0) + " in the config dump", reason)
                .remedy(
                        "Correct the resource that makes this configuration, often an EnvoyFilter: kubectl get envoyfilter"
                                + " -A; then see that istioctl proxy-status shows the proxy in sync again.")
                .build());
    }
}
