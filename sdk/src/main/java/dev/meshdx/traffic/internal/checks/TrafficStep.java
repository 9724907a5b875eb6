package dev.meshdx.traffic.internal.checks;

import dev.meshdx.annotation.Internal;
import dev.meshdx.check.StepReport;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoints;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.admin.ListenersStatus;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Step 3 of a diagnosis: reads what the proxies of a scope received, and checks whether traffic can go its way. */
@Internal
public final class TrafficStep {
    private TrafficStep() {}

    /**
     * Reads and checks. A proxy that cannot be read is a gap in the report.
     *
     * @param failed what the access logs of the scope's pods show as failed; those of other pods are left aside
     */
    public static StepReport run(Session session, Scope scope, List<FailedRequest> failed) {
        return run(
                session,
                scope,
                pod -> look(
                        session,
                        pod,
                        () -> failed.stream()
                                .filter(request -> request.pod().equals(pod))
                                .toList()));
    }

    /**
     * Checks what a look at each proxy shows.
     *
     * @param looks gives the look at a pod's proxy; called for several at once
     */
    public static StepReport run(Session session, Scope scope, Function<ResourceRef, ProxyLook> looks) {
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            return new StepReport(
                    "not looked at: manifests have no proxies",
                    List.of(),
                    List.of(Inconclusive.of(
                            "traffic",
                            null,
                            Reason.UNSUPPORTED,
                            "Manifests say what should be, not what the proxies received.",
                            "Ask a live mesh or a recording.")));
        }
        List<ResourceRef> pods = pods(session, scope);
        List<ProxyLook> proxies = new ArrayList<>();
        List<ResourceRef> notRecorded = new ArrayList<>();
        for (ProxyLook look : session.parallel(pods, looks)) {
            MeshException failure = look.failure();
            if (failure == null) {
                proxies.add(look);
                look.gaps().forEach(session::gap);
            } else if (failure.reason() == Reason.NOT_RECORDED && !scope.isPod()) {
                notRecorded.add(look.pod());
            } else {
                session.gap("configuration of the proxy", look.pod(), failure);
            }
        }
        notRecorded(session, notRecorded);
        List<Finding> findings = new ArrayList<>();
        ProxyLook.Seen seen = new ProxyLook.Seen(proxies);
        for (ProxyCheck<?> check : TrafficChecks.perProxy()) {
            check.conclude(seen, findings::add);
        }
        return new StepReport(summary(pods.size(), proxies, findings), findings, session.gaps());
    }

    /** The pods whose proxies belong to a scope; what cannot be told is a gap of the session. */
    public static List<ResourceRef> pods(Session session, Scope scope) {
        return scope.isPod() ? pod(session, scope) : running(session, scope);
    }

    private static String summary(int asked, List<ProxyLook> proxies, List<Finding> findings) {
        if (asked == 0) {
            return "no proxies here";
        }
        String read = proxies.size() == asked
                ? asked + (asked == 1 ? " proxy read" : " proxies read")
                : proxies.size() + " of " + asked + " proxies could be read";
        if (proxies.isEmpty()) {
            return read;
        }
        return read
                + (findings.isEmpty()
                        ? ": routes lead to clusters, and clusters to endpoints"
                        : ": " + findings.size() + (findings.size() == 1 ? " problem" : " problems"));
    }

    private static List<ResourceRef> pod(Session session, Scope scope) {
        ResourceRef ref = ResourceRef.of("Pod", scope.namespace(), scope.pod());
        try {
            Optional<Resource> pod = session.resource(ResourceKind.POD, scope.namespace(), scope.pod());
            if (pod.isPresent() && Pods.isAmbient(pod.get())) {
                session.gap(ambient(List.of(ref)));
                return List.of();
            }
            if (pod.isPresent() && !Pods.hasEnvoy(pod.get())) {
                session.gap(Inconclusive.of(
                        "configuration of the proxy",
                        ref,
                        Reason.UNSUPPORTED,
                        ref + " runs no Envoy.",
                        "Look at a pod with a sidecar, a gateway or a waypoint."));
                return List.of();
            }
        } catch (MeshException e) {
            // Without the right to read pods the proxy itself may still answer.
            session.gap("pod", ref, e);
        }
        return List.of(ref);
    }

    private static List<ResourceRef> running(Session session, Scope scope) {
        List<Resource> all = session.resourcesOrGap(ResourceKind.POD, scope.namespace());
        List<ResourceRef> ambient = all.stream()
                .filter(pod -> Pods.isAmbient(pod) && Pods.isRunning(pod))
                .map(Resource::ref)
                .sorted()
                .toList();
        if (!ambient.isEmpty()) {
            session.gap(ambient(ambient));
        }
        return all.stream()
                .filter(pod -> Pods.hasEnvoy(pod) && Pods.isRunning(pod))
                .map(Resource::ref)
                .sorted()
                .toList();
    }

    private static Inconclusive ambient(List<ResourceRef> pods) {
        return Inconclusive.of(
                pods.size() == 1 ? "traffic" : "traffic of " + pods.size() + " ambient pods",
                pods.size() == 1 ? pods.get(0) : null,
                Reason.UNSUPPORTED,
                "It goes through ztunnel, whose configuration and log are not looked into.",
                "istioctl ztunnel-config all; kubectl -n istio-system logs -l app=ztunnel --tail=100");
    }

    /** A recording usually holds the proxies that mattered: one gap for all others, not one for each. */
    private static void notRecorded(Session session, List<ResourceRef> pods) {
        if (!pods.isEmpty()) {
            List<String> names = pods.stream().map(ResourceRef::qualifiedName).toList();
            session.gap(Inconclusive.of(
                    "configuration of " + pods.size() + (pods.size() == 1 ? " proxy" : " proxies"),
                    null,
                    Reason.NOT_RECORDED,
                    "The recording does not hold the config dump of "
                            + String.join(", ", names.subList(0, Math.min(10, names.size())))
                            + (names.size() > 10 ? " and " + (names.size() - 10) + " more" : "") + ".",
                    "Ask the live mesh, or record again."));
        }
    }

    /**
     * Reads a proxy and looks at it. Its dump and its endpoints stay in the session's memory until
     * {@link ConfigDump#release}.
     *
     * @param failed what its access log shows as failed; asked for when the proxy has answered
     */
    public static ProxyLook look(Session session, ResourceRef pod, Supplier<List<FailedRequest>> failed) {
        Session own = session.fork();
        ConfigDump dump;
        try {
            dump = ConfigDump.read(own, pod.namespace(), pod.name());
        } catch (MeshException e) {
            return ProxyLook.failed(pod, e);
        }
        Endpoints endpoints;
        try {
            endpoints = EnvoyProxy.endpoints(own, pod.namespace(), pod.name());
            endpoints
                    .gaps()
                    .forEach(gap ->
                            own.gap(Inconclusive.of(gap.what(), pod, gap.reason(), gap.message(), gap.remedy())));
        } catch (MeshException e) {
            own.gap("health of the proxy's endpoints", pod, e);
            endpoints = dump.endpoints();
        }
        // With half of the routes every request would seem to fail for them.
        List<FailedRequest> traced = dump.isWholeForRouting() ? failed.get() : List.of();
        return ProxyLook.of(new Proxy(pod, dump, endpoints, traced, bound(own, pod, dump)), own.now(), own.gaps());
    }

    /**
     * The listeners of a proxy's process, where that can show more than the dump: a third request to gateways, waypoints and
     * the few sidecars that bind ports of their own, and none to all others. Recordings and proxies without the page are
     * common, and no gap.
     */
    private static @Nullable ListenersStatus bound(Session session, ResourceRef pod, ConfigDump dump) {
        if (!ListenerNotBoundCheck.mayLackSocket(dump)) {
            return null;
        }
        try {
            return EnvoyProxy.listenersStatus(session, pod.namespace(), pod.name());
        } catch (MeshException e) {
            if (e.reason() != Reason.NOT_RECORDED && !(e instanceof MeshNotFoundException)) {
                session.gap("listeners of the proxy's process", pod, e);
            }
            return null;
        }
    }
}
