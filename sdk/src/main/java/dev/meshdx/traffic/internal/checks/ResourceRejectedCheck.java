package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Listeners;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What a proxy refused, with the reason that it gave ({@code error_state}). */
final class ResourceRejectedCheck extends ProxyCheck<Finding> {
    /**
     * Something that was refused.
     *
     * @param name its name
     * @param version the version that was refused
     * @param older whether the entry is an older version that is in use
     */
    private record Refused(String name, Optional<String> version, boolean older) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.RESOURCE_REJECTED);
    }

    @Override
    List<Finding> look(Proxy proxy, Instant now) {
        // A push is refused as a whole: the same reason stands at each of its resources.
        Map<String, List<Refused>> refused = new TreeMap<>();
        ConfigDump dump = proxy.dump();
        // That a port is taken is told as what it is.
        Listeners listeners = dump.listeners();
        listeners.stream()
                .filter(it -> !ListenerNotBoundCheck.isRefusedForItsPort(it, listeners))
                .forEach(it -> add(
                        refused,
                        "listener",
                        it.error(),
                        new Refused(it.name(), it.rejectedVersion(), it.state() != ResourceState.REJECTED)));
        // The version in use of a listener is an entry of its own.
        Set<String> serving = new HashSet<>();
        listeners.state(ResourceState.ACTIVE).forEach(it -> serving.add(it.name()));
        dump.clusters()
                .forEach(it -> add(
                        refused,
                        "cluster",
                        it.error(),
                        new Refused(it.name(), it.rejectedVersion(), it.state() != ResourceState.REJECTED)));
        dump.routes()
                .forEach(it -> add(
                        refused,
                        "route configuration",
                        it.error(),
                        new Refused(it.name(), it.rejectedVersion(), it.state() != ResourceState.REJECTED)));
        dump.secrets(now)
                .forEach(it -> add(
                        refused,
                        "secret",
                        it.error(),
                        new Refused(
                                it.name(),
                                it.rejectedVersion(),
                                it.certificate().isPresent())));
        dump.extensions()
                .forEach(it -> add(
                        refused,
                        "extension",
                        it.error(),
                        new Refused(it.name(), it.rejectedVersion(), it.state() != ResourceState.REJECTED)));
        List<Finding> seen = new ArrayList<>();
        refused.forEach((key, all) -> report(proxy, key, all, serving, seen::add));
        return seen;
    }

    @Override
    void conclude(List<Finding> seen, Consumer<Finding> report) {
        seen.forEach(report);
    }

    private static void add(Map<String, List<Refused>> refused, String kind, Optional<String> error, Refused one) {
        error.ifPresent(reason -> refused.computeIfAbsent(kind + "\n" + reason, key -> new ArrayList<>())
                .add(one));
    }

    private static void report(
            Proxy proxy, String key, List<Refused> refused, Set<String> serving, Consumer<Finding> report) {
        String kind = key.substring(0, key.indexOf('\n'));
        String reason = key.substring(key.indexOf('\n') + 1).strip();
        List<String> names =
                refused.stream().map(Refused::name).distinct().sorted().toList();
        List<String> shown = names.subList(0, Math.min(3, names.size()));
        int more = names.size() - shown.size();
        String what = kind
                + (shown.size() > 1 ? "s " : " ")
                + String.join(", ", shown)
                + (more > 0 ? " and " + more + " more" : "");
        boolean older = refused.stream().allMatch(one -> one.older() || serving.contains(one.name()));
        Finding.Builder finding = Finding.of(TrafficCodes.RESOURCE_REJECTED, proxy.pod())
                .message("The proxy refused " + what + " and "
                        + (older || !kind.equals("listener")
                                ? "goes on with what it had before: "
                                : "has no older version of " + (names.size() == 1 ? "it: " : "all of them: "))
                        + reason)
                .evidence("error_state.details", kind + " " + shown.get(0) + " in the config dump", reason);
        refused.stream()
                .flatMap(one -> one.version().stream())
                .findFirst()
                .ifPresent(version -> finding.evidence(
                        "error_state.version_info", kind + " " + shown.get(0) + " in the config dump", version));
        report.accept(finding.remedy(remedy(kind)).build());
    }

    private static String remedy(String kind) {
        String sync = "; then see that istioctl proxy-status shows the proxy in sync again.";
        return switch (kind) {
            case "secret" ->
                "Correct the Secret: certificate and key must be PEM and belong together (kubectl get secret NAME -o yaml)"
                        + sync;
            case "extension" ->
                "Correct the WasmPlugin or EnvoyFilter that makes this filter: kubectl get wasmplugin,envoyfilter -A"
                        + sync;
            default ->
                "Correct the resource that makes this configuration, often an EnvoyFilter: kubectl get envoyfilter -A"
                        + sync;
        };
    }
}
