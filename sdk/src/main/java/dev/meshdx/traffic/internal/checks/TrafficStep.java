package dev.meshdx.traffic.internal.checks;

import dev.meshdx.annotation.Internal;
import dev.meshdx.check.Check;
import dev.meshdx.check.StepReport;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoints;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
        List<ResourceRef> pods = scope.isPod() ? pod(session, scope) : pods(session, scope);
        List<Proxy> proxies = new ArrayList<>();
        List<ResourceRef> notRecorded = new ArrayList<>();
        for (Read read : session.parallel(pods, pod -> read(session, pod, failed))) {
            if (read.proxy() != null) {
                proxies.add(read.proxy());
            } else if (read.failure() != null) {
                if (read.failure().reason() == Reason.NOT_RECORDED && !scope.isPod()) {
                    notRecorded.add(read.pod());
                } else {
                    session.gap("configuration of the proxy", read.pod(), read.failure());
                }
            }
        }
        notRecorded(session, notRecorded);
        TrafficModel model = new TrafficModel(proxies, session.now());
        List<Finding> findings = new ArrayList<>();
        for (Check<TrafficModel> check : TrafficChecks.all()) {
            check.run(model, findings::add);
        }
        return new StepReport(summary(pods.size(), proxies, findings), findings, session.gaps());
    }

    private static String summary(int asked, List<Proxy> proxies, List<Finding> findings) {
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

    private static List<ResourceRef> pods(Session session, Scope scope) {
        return session.resourcesOrGap(ResourceKind.POD, scope.namespace()).stream()
                .filter(pod -> Pods.hasEnvoy(pod) && Pods.isRunning(pod))
                .map(Resource::ref)
                .sorted()
                .toList();
    }

    private record Read(
            ResourceRef pod,
            @Nullable Proxy proxy,
            @Nullable MeshException failure) {}

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

    private static Read read(Session session, ResourceRef pod, List<FailedRequest> failed) {
        ConfigDump dump;
        try {
            dump = ConfigDump.read(session, pod.namespace(), pod.name());
        } catch (MeshException e) {
            return new Read(pod, null, e);
        }
        Endpoints endpoints;
        try {
            endpoints = EnvoyProxy.endpoints(session, pod.namespace(), pod.name());
            endpoints
                    .gaps()
                    .forEach(gap ->
                            session.gap(Inconclusive.of(gap.what(), pod, gap.reason(), gap.message(), gap.remedy())));
        } catch (MeshException e) {
            session.gap("health of the proxy's endpoints", pod, e);
            endpoints = dump.endpoints();
        }
        List<FailedRequest> own =
                failed.stream().filter(request -> request.pod().equals(pod)).toList();
        return new Read(pod, new Proxy(pod, dump, endpoints, own), null);
    }
}
