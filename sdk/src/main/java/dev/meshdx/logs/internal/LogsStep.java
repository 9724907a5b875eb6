package dev.meshdx.logs.internal;

import dev.meshdx.check.StepReport;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.logs.AccessLog;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogParser;
import dev.meshdx.logs.internal.LogModel.PodLog;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Step 4 of a diagnosis: what do the proxies say happened? */
public final class LogsStep {
    /** Enough for the last minutes of a busy proxy, and for hours of a quiet one. */
    static final int LINES = 1000;

    /** A parsed line takes about 2 kB: for many proxies fewer lines of each are read, so that this is bounded. */
    static final int ALL_LINES = 30_000;

    /** A mesh has thousands of proxies, and their logs would fill the memory: a namespace is the unit for more. */
    static final int MAX_PODS = 200;

    private LogsStep() {}

    /** Reads the last lines of each proxy in the scope, 1,000 of each for up to 30 proxies, fewer for more, and runs all checks of the step. */
    public static StepReport run(Session session, Scope scope) {
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            return new StepReport(
                    "not looked at: manifests have no logs",
                    List.of(),
                    List.of(Inconclusive.of(
                            "logs",
                            null,
                            Reason.UNSUPPORTED,
                            "Manifests say what should be, not what happened.",
                            "Ask a live mesh or a recording.")));
        }
        Session own = session.fork();
        List<PodLog> logs = new ArrayList<>();
        List<ResourceRef> pods = pods(own, scope);
        int count = linesFor(pods.size());
        own.parallel(pods, pod -> read(own, pod, count)).forEach(log -> log.ifPresent(logs::add));
        LogModel model = new LogModel(now(own, logs), logs);
        List<Finding> findings = new ArrayList<>();
        LogChecks.ALL.forEach(check -> check.run(model, findings::add));
        return new StepReport(summary(logs), findings, own.gaps());
    }

    /** How many lines of each of so many proxies are read. */
    static int linesFor(int pods) {
        return pods == 0 ? LINES : Math.min(LINES, ALL_LINES / pods);
    }

    /** A recording that does not say when it was made is judged by the newest of its lines. */
    private static Instant now(Session session, List<PodLog> logs) {
        Optional<Instant> newest = session.source().kind() == MeshSource.Kind.RECORDING
                        && session.source().recordedAt().isEmpty()
                ? logs.stream()
                        .flatMap(log -> log.lines().stream())
                        .flatMap(line -> line.time().stream())
                        .max(Comparator.naturalOrder())
                : Optional.empty();
        return newest.orElseGet(session::now);
    }

    /**
     * What a pod's proxy logged of requests and connections in its last lines.
     *
     * @param pods how many pods' logs are looked at in this session: the more, the fewer lines of each
     * @throws MeshException if the log cannot be read
     */
    public static AccessLog accessLog(Session session, String namespace, String pod, int pods) {
        return lines(session, ResourceRef.of("Pod", namespace, pod), linesFor(pods))
                .accessLog();
    }

    /** The pods whose logs belong to a scope; what cannot be told is a gap of the session. */
    public static List<ResourceRef> pods(Session session, Scope scope) {
        if (scope.isPod()) {
            ResourceRef ref = ResourceRef.of("Pod", scope.namespace(), scope.pod());
            try {
                Optional<Resource> pod = session.resource(ResourceKind.POD, scope.namespace(), scope.pod());
                if (pod.isPresent() && Pods.isAmbient(pod.get())) {
                    // The traffic step says what is not seen of it.
                    return List.of();
                }
                if (pod.isPresent() && !Pods.hasEnvoy(pod.get())) {
                    session.gap(Inconclusive.of(
                            "log of the proxy",
                            ref,
                            Reason.UNSUPPORTED,
                            ref + " runs no Envoy.",
                            "Look at a pod with a sidecar, a gateway or a waypoint."));
                    return List.of();
                }
                return List.of(ref);
            } catch (MeshException e) {
                // The log may be readable where the pod is not.
                session.gap("pod", ref, e);
                return List.of(ref);
            }
        }
        List<Resource> pods = session.resourcesOrGap(ResourceKind.POD, scope.namespace()).stream()
                .filter(Pods::hasEnvoy)
                .filter(pod -> !Pods.phase(pod).equals("Pending"))
                .sorted(Comparator.comparing(Resource::ref))
                .toList();
        if (pods.size() > MAX_PODS) {
            session.gap(Inconclusive.of(
                    "logs of proxies",
                    null,
                    Reason.UNSUPPORTED,
                    "The logs of " + (pods.size() - MAX_PODS) + " of " + pods.size()
                            + " proxies were not read: one diagnosis reads " + MAX_PODS + ".",
                    "Diagnose a namespace or a pod."));
            pods = pods.subList(0, MAX_PODS);
        }
        return pods.stream().map(Resource::ref).toList();
    }

    private static Optional<PodLog> read(Session session, ResourceRef pod, int count) {
        try {
            return Optional.of(new PodLog(pod, lines(session, pod, count)));
        } catch (MeshException e) {
            session.gap("log of the proxy", pod, e);
            return Optional.empty();
        }
    }

    private static LogLines lines(Session session, ResourceRef pod, int count) {
        LogQuery query = LogQuery.tail(pod.namespace(), pod.name(), Pods.PROXY_CONTAINER, count);
        // Parsed once for a diagnosis, however many steps look at it.
        return session.once(List.of("parsed log", query), "log of " + pod.name(), () -> {
            LogLines parsed = LogParser.read(session.log(query), LogFormats.of(session));
            session.forget(query);
            return parsed;
        });
    }

    private static String summary(List<PodLog> logs) {
        int requests = 0;
        int failed = 0;
        for (PodLog log : logs) {
            AccessLog access = log.lines().accessLog();
            requests += access.size();
            failed += (int) access.stream().filter(AccessLogEntry::failed).count();
        }
        return logs.isEmpty()
                ? "no log of a proxy seen"
                : logs.size() + (logs.size() == 1 ? " proxy log: " : " proxy logs: ") + failed + " of " + requests
                        + " requests failed";
    }
}
