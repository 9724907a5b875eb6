package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.Listeners;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.admin.ListenersStatus;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A listener that has no socket, so that nothing takes the connections to its port.
 *
 * <p>Envoy of today binds when a listener arrives and refuses it where that fails ({@code cannot bind '0.0.0.0:8080': Address
 * already in use}); one that is in use and yet missing from {@code /listeners} lost its socket in another way. Source: Envoy,
 * {@code listener_manager_impl.cc}, {@code admin/v3/listeners.proto}.
 */
final class ListenerNotBoundCheck extends ProxyCheck<Finding> {
    /** Of every proxy: readiness and metrics. Source: Istio, "Application requirements", ports. */
    private static final Set<Integer> EVERYWHERE = Set.of(15021, 15090);

    /** Of every sidecar besides: what iptables redirects to, and the tunnel of ambient mode. Source: same. */
    private static final Set<Integer> SIDECAR = Set.of(15001, 15006, 15008);

    /** The dump and the page are read one after the other. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.LISTENER_NOT_BOUND);
    }

    /** Whether a proxy binds ports other than those that all of its kind bind: a gateway, a waypoint, some sidecars. */
    static boolean mayLackSocket(ConfigDump dump) {
        String type = dump.bootstrap().nodeType();
        boolean sidecar = type.isEmpty() || type.equals("sidecar");
        return dump.listeners().stream()
                .anyMatch(listener -> listener.state() == ResourceState.ACTIVE
                        && listener.bindsToPort()
                        && listener.port() > 0
                        && !EVERYWHERE.contains(listener.port())
                        && !(sidecar && SIDECAR.contains(listener.port())));
    }

    /** Whether a listener was refused because its port could not be had, and no other version of it has the port. */
    static boolean isRefusedForItsPort(Listener listener, Listeners all) {
        return listener.state() == ResourceState.REJECTED
                && listener.port() > 0
                && listener.error()
                        .filter(why -> why.contains("cannot bind") || why.contains("failed to bind"))
                        .isPresent()
                && all.stream()
                        .noneMatch(other -> other.state() != ResourceState.REJECTED
                                && other.name().equals(listener.name())
                                && other.port() == listener.port());
    }

    @Override
    List<Finding> look(Proxy proxy, Instant now) {
        Listeners listeners = proxy.dump().listeners();
        Map<String, List<Listener>> byReason = new TreeMap<>();
        listeners.stream()
                .filter(listener -> isRefusedForItsPort(listener, listeners))
                .forEach(listener -> add(byReason, listener.error().orElse("").strip(), listener));
        ListenersStatus bound = proxy.bound();
        if (bound != null) {
            listeners.notBound(bound).stream()
                    .filter(listener -> !isNew(listener.lastUpdated(), now))
                    .forEach(listener -> add(byReason, "", listener));
        }
        List<Finding> seen = new ArrayList<>();
        byReason.forEach((reason, some) -> seen.add(finding(proxy.pod(), reason, some)));
        return seen;
    }

    @Override
    void conclude(List<Finding> seen, Consumer<Finding> report) {
        seen.forEach(report);
    }

    private static void add(Map<String, List<Listener>> byReason, String reason, Listener listener) {
        List<Listener> some = byReason.computeIfAbsent(reason, key -> new ArrayList<>());
        // Envoy lists a refused listener twice: by its name, and as the last failure.
        if (some.stream().noneMatch(other -> other.name().equals(listener.name()))) {
            some.add(listener);
        }
    }

    private static boolean isNew(Optional<Instant> since, Instant now) {
        return since.map(time -> !time.isAfter(now) && time.plus(PATIENCE).isAfter(now))
                .orElse(false);
    }

    private static Finding finding(ResourceRef pod, String reason, List<Listener> listeners) {
        List<String> names = listeners.stream()
                .map(listener -> listener.name() + " (port " + listener.port() + ")")
                .sorted()
                .toList();
        String shown = String.join(", ", names.subList(0, Math.min(3, names.size())))
                + (names.size() > 3 ? " and " + (names.size() - 3) + " more" : "");
        Listener first = listeners.get(0);
        Finding.Builder finding = Finding.of(TrafficCodes.LISTENER_NOT_BOUND, pod)
                .message((names.size() == 1 ? "Listener " : "Listeners ") + shown
                        + (names.size() == 1 ? " has" : " have")
                        + " no socket: nothing takes the connections"
                        + (reason.isEmpty() ? "." : ". " + reason))
                .evidence(
                        "listener " + first.name(),
                        "config dump of " + pod.qualifiedName(),
                        first.state() + ", bind_to_port, " + first.address() + ":" + first.port());
        if (reason.isEmpty()) {
            finding.evidence("listener " + first.name(), "/listeners of " + pod.qualifiedName(), "not there");
        } else {
            finding.evidence("error_state.details", "config dump of " + pod.qualifiedName(), reason);
        }
        return finding.remedy(remedy(pod, reason, first.port())).build();
    }

    private static String remedy(ResourceRef pod, String reason, int port) {
        if (reason.contains("Permission denied")) {
            return "The proxy may not bind ports below 1024: give the gateway's Service a targetPort above that (80 to 8080), and"
                    + " use the Service's port in the Gateway.";
        }
        String owner = "See which process of the pod has port " + port + ": kubectl -n " + pod.namespace() + " debug "
                + pod.name() + " -it --image=busybox --target=istio-proxy -- netstat -ltnp";
        return reason.contains("already in use")
                ? owner + "; then give one of the two another port."
                : owner + "; the proxy's own reason is in its log: kubectl -n " + pod.namespace() + " logs "
                        + pod.name() + " -c istio-proxy | grep -i bind";
    }
}
