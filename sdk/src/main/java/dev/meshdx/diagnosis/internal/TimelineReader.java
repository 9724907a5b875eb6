package dev.meshdx.diagnosis.internal;

import dev.meshdx.diagnosis.Timeline;
import dev.meshdx.diagnosis.TimelineEntry;
import dev.meshdx.diagnosis.TimelineEntry.Kind;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.internal.ProxyStatusReader;
import dev.meshdx.logs.LogFormat;
import dev.meshdx.logs.LogLine;
import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogMatch;
import dev.meshdx.logs.LogParser;
import dev.meshdx.logs.LogSummary;
import dev.meshdx.logs.internal.LogReader;
import dev.meshdx.logs.internal.LogReader.Bounds;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Times;
import dev.meshdx.source.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Answers {@code pod.timeline()}. */
public final class TimelineReader {
    private static final int LINES = 5_000;
    private static final String RENEWED = "generated new workload certificate";

    /** What changes the way of traffic. */
    private static final List<ResourceKind> CONFIGURATION = List.of(
            ResourceKind.VIRTUAL_SERVICE,
            ResourceKind.DESTINATION_RULE,
            ResourceKind.GATEWAY,
            ResourceKind.SERVICE_ENTRY,
            ResourceKind.SIDECAR,
            ResourceKind.ENVOY_FILTER,
            ResourceKind.PEER_AUTHENTICATION,
            ResourceKind.REQUEST_AUTHENTICATION,
            ResourceKind.AUTHORIZATION_POLICY,
            ResourceKind.TELEMETRY,
            ResourceKind.WASM_PLUGIN,
            ResourceKind.KUBERNETES_GATEWAY,
            ResourceKind.HTTP_ROUTE,
            ResourceKind.GRPC_ROUTE,
            ResourceKind.NETWORK_POLICY,
            ResourceKind.SERVICE);

    private TimelineReader() {}

    /**
     * Reads the last 5,000 lines of the log; of the pod's namespace and Istio's the lists of what changes traffic; the namespace's
     * events, pods and ReplicaSets; the proxies of each istiod. Each of them may be missing.
     *
     * @throws MeshException if the log cannot be read
     */
    public static Timeline read(Session session, ResourceRef pod) {
        Session own = session.fork();
        List<TimelineEntry> entries = Collections.synchronizedList(new ArrayList<>());
        LogLines[] lines = {LogParser.read("", LogFormat.usual())};
        own.parallel(
                () -> lines[0] = LogReader.lines(own, pod, Bounds.NONE.last(LINES)),
                () -> configuration(own, pod, entries::add),
                () -> workloads(own, pod, entries::add),
                () -> events(own, pod, entries::add),
                () -> pushes(own, pod, entries::add));
        for (LogLine line : lines[0]) {
            if (line.message().contains(RENEWED)) {
                add(line.time(), Kind.CERTIFICATE, pod, line.message().replace('\t', ' '), entries::add);
            }
        }
        LogSummary summary = lines[0].summary();
        List<Inconclusive> gaps = new ArrayList<>(own.gaps());
        gaps.addAll(lines[0].inconclusive());
        for (LogMatch match : summary.patterns()) {
            if (match.pattern().severity() != Severity.INFO) {
                add(match.first(), Kind.ERRORS, pod, match.id() + " ×" + match.count(), entries::add);
            }
        }
        return new Timeline(entries, summary.of(List.of(pod), lines[0].inconclusive()), gaps);
    }

    private static void add(
            Optional<Instant> at, Kind kind, ResourceRef subject, String text, Consumer<TimelineEntry> into) {
        at.ifPresent(time -> into.accept(new TimelineEntry(time, kind, subject, text)));
    }

    private static void configuration(Session session, ResourceRef pod, Consumer<TimelineEntry> into) {
        List<String> namespaces =
                Stream.of(pod.namespace(), session.istioNamespace()).distinct().toList();
        for (ResourceKind kind : CONFIGURATION) {
            for (String namespace : namespaces) {
                for (Resource resource : list(session, kind, namespace)) {
                    Optional<Instant> changed = resource.changedAt();
                    add(
                            changed,
                            Kind.CONFIGURATION,
                            resource.ref(),
                            changed.equals(resource.createdAt()) ? "created" : "changed" + manager(resource),
                            into);
                }
            }
        }
    }

    private static String manager(Resource resource) {
        String manager = resource.raw()
                .at("metadata", "managedFields")
                .at(0)
                .at("manager")
                .text("");
        return manager.isEmpty() ? "" : " by " + manager;
    }

    /** What is not installed here changes nothing here. */
    private static List<Resource> list(Session session, ResourceKind kind, String namespace) {
        try {
            return session.resources(kind, namespace);
        } catch (MeshException e) {
            if (e.reason() != Reason.NOT_INSTALLED && e.reason() != Reason.NOT_RECORDED) {
                session.gap(kind.qualifiedPlural() + " in namespace " + namespace, null, e);
            }
            return List.of();
        }
    }

    private static void workloads(Session session, ResourceRef pod, Consumer<TimelineEntry> into) {
        for (Resource set : list(session, ResourceKind.REPLICA_SET, pod.namespace())) {
            if (set.spec().at("replicas").number(0) > 0) {
                String owner = set.raw()
                        .at("metadata", "ownerReferences")
                        .at(0)
                        .at("name")
                        .text(set.name());
                add(
                        set.createdAt(),
                        Kind.ROLLOUT,
                        ResourceRef.of("Deployment", pod.namespace(), owner),
                        "a new version began to roll out (" + set.name() + ")",
                        into);
            }
        }
        for (Resource other : list(session, ResourceKind.POD, pod.namespace())) {
            add(other.createdAt(), Kind.RESTART, other.ref(), "created", into);
            for (Json status : Stream.of("containerStatuses", "initContainerStatuses")
                    .flatMap(list -> other.status().at(list).items().stream())
                    .toList()) {
                String name = status.at("name").text("");
                if (status.at("restartCount").number(0) > 0) {
                    Json ended = status.at("lastState", "terminated");
                    add(
                            Times.of(ended.at("finishedAt").text("")),
                            Kind.RESTART,
                            other.ref(),
                            "container " + name + " ended: "
                                    + ended.at("reason").text("?") + ", exit code "
                                    + ended.at("exitCode").number(0),
                            into);
                    add(
                            Times.of(status.at("state", "running", "startedAt").text("")),
                            Kind.RESTART,
                            other.ref(),
                            "container " + name + " started again",
                            into);
                }
            }
        }
    }

    private static void events(Session session, ResourceRef pod, Consumer<TimelineEntry> into) {
        for (Resource event : list(session, ResourceKind.EVENT, pod.namespace())) {
            Json raw = event.raw();
            Json about = raw.at("involvedObject");
            Optional<Instant> at = Stream.of("lastTimestamp", "eventTime", "firstTimestamp")
                    .flatMap(field -> Times.of(raw.at(field).text("")).stream())
                    .findFirst();
            long count = raw.at("count").number(1);
            add(
                    at,
                    Kind.EVENT,
                    ResourceRef.of(
                            about.at("kind").text("Object"),
                            about.at("namespace").text(pod.namespace()),
                            about.at("name").text("?")),
                    raw.at("reason").text("") + ": "
                            + raw.at("message").text("").strip() + (count > 1 ? " (×" + count + ")" : ""),
                    into);
        }
    }

    private static void pushes(Session session, ResourceRef pod, Consumer<TimelineEntry> into) {
        try {
            for (ProxyStatus proxy : ProxyStatusReader.read(session, Scope.pod(pod.namespace(), pod.name()))) {
                proxy.types().entrySet().stream()
                        .filter(type -> type.getValue().since().isPresent())
                        .collect(Collectors.groupingBy(type -> Objects.requireNonNull(
                                        type.getValue().since().orElse(Instant.EPOCH))
                                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)))
                        .forEach((at, types) -> into.accept(new TimelineEntry(
                                at,
                                Kind.PUSH,
                                pod,
                                proxy.istiod() + " sent "
                                        + types.stream()
                                                .map(type -> type.getKey() + " ("
                                                        + type.getValue().state() + ")")
                                                .collect(Collectors.joining(", ")))));
            }
        } catch (MeshException e) {
            session.gap("what istiod sent", pod, e);
        }
    }
}
