package dev.meshdx.health.internal;

import dev.meshdx.configuration.internal.InjectionWebhooks;
import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.CustomResource;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.LeaderElection;
import dev.meshdx.health.RevisionTag;
import dev.meshdx.health.Webhook;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.model.internal.Selectors;
import dev.meshdx.model.internal.Yaml;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.MeshConfigMap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is read of the control plane. All of it in parallel; what cannot be read is a gap for its part only, and the rest stands.
 *
 * <ul>
 *   <li>{@link #instances}: for each istiod its pod metrics, {@code /metrics} (some 100 KB to some MB, read as it streams) and
 *       {@code /version}; events of the namespace where one does not start.
 *   <li>{@link #facts}: lists of the webhook configurations of the cluster and, in the control plane's namespace, of Services,
 *       EndpointSlices, Deployments, ConfigMaps and Leases; the definitions of Istio's kinds; {@code /debug/mesh} of each istiod.
 *       Only the question about the whole control plane pays for this.
 * </ul>
 */
final class ControlPlaneReads {
    private static final ResourceKind LEASE = new ResourceKind("coordination.k8s.io", "v1", "leases", "Lease", true);

    /** Source: Istio, {@code pilot/pkg/leaderelection/k8sleaderelection}. */
    private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";

    /** Istio's own kinds, which every version since 1.13 brings. Source: Istio, {@code manifests/charts/base/files/crd-all.gen.yaml}. */
    private static final List<ResourceKind> ISTIO_KINDS = List.of(
            ResourceKind.VIRTUAL_SERVICE,
            ResourceKind.DESTINATION_RULE,
            ResourceKind.GATEWAY,
            ResourceKind.SERVICE_ENTRY,
            ResourceKind.SIDECAR,
            ResourceKind.WORKLOAD_ENTRY,
            ResourceKind.WORKLOAD_GROUP,
            ResourceKind.ENVOY_FILTER,
            ResourceKind.PROXY_CONFIG,
            ResourceKind.PEER_AUTHENTICATION,
            ResourceKind.REQUEST_AUTHENTICATION,
            ResourceKind.AUTHORIZATION_POLICY,
            ResourceKind.TELEMETRY,
            ResourceKind.WASM_PLUGIN);

    /** Reasons of events that say why a pod does not start. Source: Kubernetes, {@code pkg/kubelet/events/event.go}. */
    private static final Set<String> HINDRANCES = Set.of(
            "FailedScheduling",
            "FailedMount",
            "FailedAttachVolume",
            "FailedCreatePodSandBox",
            "FailedCreatePodContainer",
            "NetworkNotReady",
            "FailedCreate",
            "Evicted");

    /** istiod takes a change of its ConfigMap within seconds; the kubelet may hand it over as a file after a minute or two. */
    private static final Duration TAKEN_AFTER = Duration.ofMinutes(3);

    private static final int LONGEST = 400;

    private final Session session;
    private final List<Resource> istiods;

    /** Whether other steps of the same question read whole lists that hold what is needed here. */
    private final boolean diagnosis;

    private ControlPlaneReads(Session session, List<Resource> istiods, boolean diagnosis) {
        this.session = session;
        this.istiods = istiods;
        this.diagnosis = diagnosis;
    }

    /**
     * The istiods, and their metrics.
     *
     * @param all by the order of the pods
     * @param metrics by the pod's name, of those that answered
     */
    record Instances(List<IstiodInstance> all, Map<String, IstiodMetrics> metrics) {}

    /** What is known of each istiod: from its pod, and from itself where it answers. */
    static Instances instances(Session session, List<Resource> pods) {
        Map<String, IstiodMetrics> metrics = new ConcurrentHashMap<>();
        ControlPlaneReads reads = new ControlPlaneReads(session, pods, false);
        List<Resource> events = pods.stream().allMatch(Pods::isReady) ? List.of() : reads.events();
        return new Instances(session.parallel(pods, pod -> reads.instance(pod, events, metrics)), Map.copyOf(metrics));
    }

    /** What their pods alone say of them: nobody is asked. */
    static List<IstiodInstance> ofPods(Session session, List<Resource> pods) {
        ControlPlaneReads reads = new ControlPlaneReads(session, pods, false);
        return pods.stream().map(pod -> reads.instance(pod, List.of(), null)).toList();
    }

    /**
     * What only the question about the whole control plane needs.
     *
     * @param diagnosis whether other steps look at the configuration
     */
    static ControlPlaneFacts facts(
            Session session, List<Resource> istiods, Map<String, IstiodMetrics> metrics, boolean diagnosis) {
        ControlPlaneReads reads = new ControlPlaneReads(session, istiods, diagnosis);
        return reads.facts(metrics);
    }

    private ControlPlaneFacts facts(Map<String, IstiodMetrics> metrics) {
        List<WebhookReader.Roots> roots = new ArrayList<>();
        List<List<Webhook>> webhooks = new ArrayList<>();
        List<List<LeaderElection>> elections = new ArrayList<>();
        List<List<CustomResource>> kinds = new ArrayList<>();
        List<List<ControlPlaneFacts.Setting>> settings = new ArrayList<>();
        List<List<ControlPlaneFacts.Missing>> missing = new ArrayList<>();
        session.parallel(
                () -> {
                    List<Resource> maps = in(ResourceKind.CONFIG_MAP, false);
                    Optional<Resource> root = maps.stream()
                            .filter(map -> map.name().equals("istio-ca-root-cert"))
                            .findFirst();
                    roots.add(WebhookReader.roots(istiods, root));
                    session.parallel(
                            () -> webhooks.add(WebhookReader.read(session, roots.get(0))),
                            () -> settings.add(settings(maps, metrics.keySet())),
                            () -> elections.add(elections(maps)));
                },
                () -> kinds.add(kinds()),
                () -> missing.add(missing()));
        List<Webhook> found = webhooks.get(0);
        List<RevisionTag> tags = WebhookReader.tags(found, istiods);
        return new ControlPlaneFacts(
                metrics,
                found,
                overlaps(),
                tags,
                kinds.get(0),
                elections.get(0),
                settings.get(0),
                missing.get(0),
                roots.get(0).text(),
                diagnosis);
    }

    /** Resources in the control plane's namespace: from the list of all where another step reads that. */
    private List<Resource> in(ResourceKind kind, boolean sharedByOthers) {
        try {
            return diagnosis && sharedByOthers
                    ? session.resources(kind).stream()
                            .filter(one -> one.namespace().equals(session.istioNamespace()))
                            .toList()
                    : session.resources(kind, session.istioNamespace());
        } catch (MeshException e) {
            session.gap(kind.qualifiedPlural() + " in namespace " + session.istioNamespace(), null, e);
            return List.of();
        }
    }

    // The pods

    /** One istiod; it is asked only where there is something to put its metrics into. */
    private IstiodInstance instance(Resource pod, List<Resource> events, @Nullable Map<String, IstiodMetrics> all) {
        Json spec = container(pod);
        String container = spec.at("name").text("discovery");
        Json status = Pods.containerStatus(pod, container).orElse(Json.MISSING);
        Json waiting = status.at("state", "waiting");
        String version = tag(spec.at("image").text(""));
        Json usage = all == null ? Json.MISSING : usage(pod, container);
        long memory = Quantities.bytes(usage.at("memory").text(""));
        String memorySource = memory < 0 ? "" : "metrics.k8s.io";
        double cores = Quantities.decimal(usage.at("cpu").text(""));
        String cpuSource = cores < 0 ? "" : "metrics.k8s.io";
        IstiodMetrics metrics = null;
        boolean answers = false;
        // A container that does not run answers nothing: its state says more than a refused connection.
        if (all != null && Pods.isRunning(pod) && !waiting.exists()) {
            try {
                metrics =
                        session.fetch(PodRequest.istiod(pod.namespace(), pod.name(), "/metrics"), IstiodMetrics::read);
                if (!metrics.complete()) {
                    session.gap(Inconclusive.of(
                            "part of istiod's metrics",
                            pod.ref(),
                            Reason.MALFORMED,
                            "The answer to /metrics ended early.",
                            "Ask again; kubectl -n " + pod.namespace() + " logs " + pod.name()));
                }
                answers = true;
                all.put(pod.name(), metrics);
            } catch (MeshProtocolException | MeshNotFoundException e) {
                answers = true;
                session.gap("metrics of istiod (memory, pushes, errors)", pod.ref(), e);
            } catch (MeshException e) {
                session.gap("version and metrics of istiod (memory, pushes, errors)", pod.ref(), e);
            }
            // One that does not answer one page is not waited for once more.
            if (answers) {
                try {
                    version = HealthReads.version(
                            session.text(PodRequest.istiod(pod.namespace(), pod.name(), "/version")), version);
                } catch (MeshException e) {
                    session.gap("version of istiod", pod.ref(), e);
                }
            }
        }
        Duration uptime = metrics == null ? null : metrics.uptime(session.now()).orElse(null);
        if (metrics != null && memory < 0) {
            memory = (long) metrics.sum("process_resident_memory_bytes").orElse(-1);
            memorySource = memory < 0 ? "" : "process_resident_memory_bytes";
        }
        if (metrics != null && cores < 0 && uptime != null && uptime.toSeconds() > 0) {
            double seconds = metrics.sum("process_cpu_seconds_total").orElse(-1);
            cores = seconds < 0 ? -1 : seconds * 1000 / uptime.toMillis();
            cpuSource = cores < 0 ? "" : "process_cpu_seconds_total";
        }
        Json limits = spec.at("resources", "limits");
        return new IstiodInstance(
                new IstiodInstance.Fields(
                        pod.namespace(),
                        pod.name(),
                        Pods.revision(pod),
                        version,
                        Pods.phase(pod),
                        Pods.isReady(pod),
                        (int) Math.max(
                                0, Math.min(1_000_000, status.at("restartCount").number(0))),
                        HealthReads.termination(status),
                        waiting.at("reason").text().orElse(null),
                        waiting.at("message").text().orElse(null),
                        memory,
                        Quantities.bytes(limits.at("memory").text("")),
                        memorySource,
                        uptime),
                new IstiodInstance.Details(
                        pod.createdAt().orElse(null),
                        notReadySince(pod),
                        probe(spec.at("readinessProbe")),
                        pending(pod, waiting, events),
                        cores,
                        // A whole number of cores may be written as a number.
                        Quantities.decimal(plain(limits.at("cpu"))),
                        cpuSource,
                        metrics == null ? -1 : heap(metrics),
                        metrics == null ? Map.of() : metrics.counts("pilot_xds"),
                        metrics == null ? null : metrics.push(),
                        metrics == null ? null : expiry(metrics)));
    }

    /** istiod's own container: the one that is called so, or the first. */
    private static Json container(Resource pod) {
        List<Json> containers = pod.spec().at("containers").items();
        return containers.stream()
                .filter(container -> container.at("name").text("").equals("discovery"))
                .findFirst()
                .orElse(containers.isEmpty() ? Json.MISSING : containers.get(0));
    }

    private static String tag(String image) {
        int digest = image.indexOf('@');
        String plain = digest < 0 ? image : image.substring(0, digest);
        int colon = plain.lastIndexOf(':');
        return colon < 0 || plain.indexOf('/', colon) >= 0 ? "" : plain.substring(colon + 1);
    }

    private static String plain(Json value) {
        return value.isNumber() ? value.toString() : value.text("");
    }

    /** What the metrics API tells; nothing where there is none, which is no gap: istiod tells it too. */
    private Json usage(Resource pod, String container) {
        try {
            Optional<Resource> metrics = session.resource(ResourceKind.POD_METRICS, pod.namespace(), pod.name());
            for (Json usage : metrics.map(
                            resource -> resource.raw().at("containers").items())
                    .orElse(List.of())) {
                if (usage.at("name").text("").equals(container)) {
                    return usage.at("usage");
                }
            }
        } catch (MeshInterruptedException | MeshClosedException e) {
            throw e;
        } catch (MeshException e) {
            return Json.MISSING;
        }
        return Json.MISSING;
    }

    private static long heap(IstiodMetrics metrics) {
        double inUse = metrics.sum("go_memstats_heap_inuse_bytes")
                .orElse(metrics.sum("go_memstats_alloc_bytes").orElse(-1));
        return inUse < 0 || inUse > 1e15 ? -1 : (long) inUse;
    }

    private static @Nullable Instant expiry(IstiodMetrics metrics) {
        double seconds =
                metrics.sum("citadel_server_root_cert_expiry_timestamp").orElse(-1);
        // 0 and -1 stand for: not known.
        return seconds < 1 || seconds > 1e11 ? null : Instant.ofEpochSecond((long) seconds);
    }

    private static @Nullable Instant notReadySince(Resource pod) {
        for (Json condition : pod.status().at("conditions").items()) {
            if (condition.at("type").text("").equals("Ready")
                    && condition.at("status").text("").equals("False")) {
                return SyncStatusParser.time(condition.at("lastTransitionTime").text(""))
                        .orElse(null);
            }
        }
        return null;
    }

    private static String probe(Json probe) {
        Json http = probe.at("httpGet");
        if (http.exists()) {
            return "HTTP GET :" + plain(http.at("port")) + http.at("path").text("/");
        }
        Json tcp = probe.at("tcpSocket");
        return tcp.exists() ? "TCP :" + plain(tcp.at("port")) : probe.at("exec").exists() ? "a command" : "";
    }

    // Pods that do not start

    private List<Resource> events() {
        return session.resourcesOrGap(ResourceKind.EVENT, session.istioNamespace());
    }

    private static String pending(Resource pod, Json waiting, List<Resource> events) {
        if (Pods.isReady(pod)) {
            return "";
        }
        for (Json condition : pod.status().at("conditions").items()) {
            if (condition.at("type").text("").equals("PodScheduled")
                    && condition.at("status").text("").equals("False")) {
                return "not scheduled: "
                        + cut(condition
                                .at("message")
                                .text(condition.at("reason").text("Unschedulable")));
            }
        }
        String reason = waiting.at("reason").text("");
        if (reason.startsWith("ErrImage")
                || reason.startsWith("ImagePull")
                || reason.startsWith("CreateContainer")
                || reason.equals("InvalidImageName")) {
            String message = waiting.at("message").text("");
            return reason + (message.isEmpty() ? "" : ": " + cut(message));
        }
        if (!Pods.phase(pod).equals("Pending")) {
            return "";
        }
        return hindrance(events, "Pod", pod.name()).orElse("");
    }

    private static Optional<String> hindrance(List<Resource> events, String kind, String name) {
        return events.stream()
                .filter(event -> event.raw()
                                .at("involvedObject", "kind")
                                .text("")
                                .equals(kind)
                        && event.raw().at("involvedObject", "name").text("").equals(name)
                        && HINDRANCES.contains(event.raw().at("reason").text("")))
                .max(Comparator.comparing(
                        event -> event.raw().at("lastTimestamp").text("")))
                .map(event -> event.raw().at("reason").text("") + ": "
                        + cut(event.raw().at("message").text("")));
    }

    private static String cut(String text) {
        String line = text.strip().replace('\n', ' ');
        return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
    }

    /** Deployments of istiod that have fewer pods than they want, and why. */
    private List<ControlPlaneFacts.Missing> missing() {
        List<ControlPlaneFacts.Missing> found = new ArrayList<>();
        for (Resource deployment : in(ResourceKind.DEPLOYMENT, true)) {
            Json template = deployment.spec().at("template", "metadata", "labels");
            if (!template.at("app").text("").equals("istiod")) {
                continue;
            }
            Map<String, String> selector =
                    deployment.spec().at("selector", "matchLabels").textMap();
            int made = (int) istiods.stream()
                    .filter(pod -> !selector.isEmpty() && Selectors.matchesMap(selector, pod.labels()))
                    .count();
            int wanted = (int) deployment.spec().at("replicas").number(1);
            if (made >= wanted && wanted > 0) {
                continue;
            }
            String reason = wanted == 0 ? "it is scaled to zero" : "";
            String source = wanted == 0 ? "spec.replicas" : "";
            for (Json condition : deployment.status().at("conditions").items()) {
                if (wanted > 0
                        && condition.at("type").text("").equals("ReplicaFailure")
                        && condition.at("status").text("").equals("True")) {
                    reason = cut(condition.at("message").text(""));
                    source = "condition ReplicaFailure";
                }
            }
            if (reason.isEmpty()) {
                Optional<String> event = events().stream()
                        .filter(one ->
                                one.raw().at("involvedObject", "kind").text("").equals("ReplicaSet")
                                        && one.raw()
                                                .at("involvedObject", "name")
                                                .text("")
                                                .startsWith(deployment.name() + "-")
                                        && one.raw().at("reason").text("").equals("FailedCreate"))
                        .max(Comparator.comparing(
                                one -> one.raw().at("lastTimestamp").text("")))
                        .map(one -> cut(one.raw().at("message").text("")));
                reason = event.orElse("");
                source = event.isPresent() ? "event FailedCreate" : "";
            }
            found.add(new ControlPlaneFacts.Missing(
                    deployment.name(),
                    template.at(InjectionWebhooks.REVISION).text("default"),
                    wanted,
                    made,
                    reason,
                    source));
        }
        return found;
    }

    // Webhooks that act on the same pods

    private List<ControlPlaneFacts.Overlap> overlaps() {
        List<Resource> all;
        try {
            all = session.resources(ResourceKind.MUTATING_WEBHOOK_CONFIGURATION);
        } catch (MeshInterruptedException | MeshClosedException e) {
            throw e;
        } catch (MeshException e) {
            return List.of(); // a gap already
        }
        Map<List<String>, String> found = new LinkedHashMap<>();
        InjectionWebhooks.of(all)
                .overlaps((namespace, pod, acting) -> found.putIfAbsent(
                        List.copyOf(acting.keySet()),
                        "namespace with " + labels(namespace) + ", pod with " + labels(pod)));
        List<ControlPlaneFacts.Overlap> overlaps = new ArrayList<>();
        found.forEach((webhooks, example) -> overlaps.add(new ControlPlaneFacts.Overlap(webhooks, example)));
        return overlaps;
    }

    private static String labels(Map<String, String> labels) {
        return labels.isEmpty()
                ? "no labels"
                : labels.entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .sorted()
                        .collect(Collectors.joining(","));
    }

    // Kinds

    private List<CustomResource> kinds() {
        List<Optional<Resource>> definitions;
        try {
            if (diagnosis) {
                session.resources(ResourceKind.CUSTOM_RESOURCE_DEFINITION); // the configuration is checked against them
            }
            definitions = session.parallel(
                    ISTIO_KINDS,
                    kind -> session.resource(ResourceKind.CUSTOM_RESOURCE_DEFINITION, "", kind.qualifiedPlural()));
            // Not every source has definitions where it has kinds: before the first is said to be missing, it is asked
            // for.
            if (definitions.stream().allMatch(Optional::isEmpty) && isServed(ISTIO_KINDS.get(0))) {
                return List.of();
            }
        } catch (MeshException e) {
            session.gap("whether Istio's CustomResourceDefinitions are installed and served", null, e);
            return List.of();
        }
        List<CustomResource> kinds = new ArrayList<>();
        for (int i = 0; i < ISTIO_KINDS.size(); i++) {
            String name = ISTIO_KINDS.get(i).qualifiedPlural();
            Optional<Resource> definition = definitions.get(i);
            if (definition.isPresent()) {
                kinds.add(kind(name, definition.get()));
            } else if (!isServed(ISTIO_KINDS.get(i))) {
                kinds.add(new CustomResource(name, false, false, List.of()));
            }
        }
        return kinds;
    }

    private static CustomResource kind(String name, Resource definition) {
        List<String> served = definition.spec().at("versions").items().stream()
                .filter(version -> version.at("served").bool(false))
                .map(version -> version.at("name").text(""))
                .toList();
        // A definition without a status is one that nobody looked at, as in a file.
        boolean refused = definition.status().at("conditions").items().stream()
                .anyMatch(condition -> condition.at("type").text("").equals("Established")
                        && condition.at("status").text("").equals("False"));
        return new CustomResource(name, true, !refused, served);
    }

    private boolean isServed(ResourceKind kind) {
        try {
            session.resources(kind);
            return true;
        } catch (MeshInterruptedException | MeshClosedException e) {
            throw e;
        } catch (MeshException e) {
            return e.reason() != Reason.NOT_INSTALLED;
        }
    }

    // Elections

    private List<LeaderElection> elections(List<Resource> maps) {
        Set<String> pods = istiods.stream().map(Resource::name).collect(Collectors.toSet());
        List<LeaderElection> elections = new ArrayList<>();
        for (Resource map : maps) {
            String record = map.annotation(LEADER).orElse("");
            if (map.name().startsWith("istio-") && !record.isEmpty()) {
                try {
                    Json json = Json.parse(record);
                    elections.add(election(map, json, json.at("holderKey").text(""), pods));
                } catch (MeshException e) {
                    session.gap("leader election " + map.name(), map.ref(), e);
                }
            }
        }
        List<Resource> leases;
        try {
            leases = session.resources(LEASE, session.istioNamespace());
        } catch (MeshException e) {
            session.gap("leases of leader elections in namespace " + session.istioNamespace(), null, e);
            leases = List.of();
        }
        for (Resource lease : leases) {
            if (lease.name().startsWith("istio-")) {
                // Leases are one for each revision, which is the end of their name.
                String revision = istiods.stream()
                        .map(Pods::revision)
                        .filter(one -> lease.name().endsWith("-" + one))
                        .findFirst()
                        .orElse("");
                elections.add(election(lease, lease.spec(), revision, pods));
            }
        }
        return elections.stream()
                .sorted(Comparator.comparing(LeaderElection::name))
                .toList();
    }

    private LeaderElection election(Resource lock, Json record, String revision, Set<String> pods) {
        String holder = record.at("holderIdentity").text("");
        return new LeaderElection(new LeaderElection.Fields(
                lock.kind().kind(),
                lock.namespace(),
                lock.name(),
                revision,
                holder,
                pods.contains(holder),
                SyncStatusParser.time(record.at("renewTime").text("")).orElse(null),
                Duration.ofSeconds(Math.max(
                        1, Math.min(86_400, record.at("leaseDurationSeconds").number(30))))));
    }

    // Settings

    private List<ControlPlaneFacts.Setting> settings(List<Resource> maps, Set<String> answering) {
        List<List<ControlPlaneFacts.Setting>> all = session.parallel(
                istiods.stream()
                        .filter(istiod -> Pods.isReady(istiod) && answering.contains(istiod.name()))
                        .toList(),
                istiod -> settings(istiod, maps));
        return all.stream().flatMap(List::stream).toList();
    }

    private List<ControlPlaneFacts.Setting> settings(Resource istiod, List<Resource> maps) {
        String revision = Pods.revision(istiod);
        String name = revision.equals("default") ? "istio" : "istio-" + revision;
        Optional<Resource> map =
                maps.stream().filter(one -> one.name().equals(name)).findFirst();
        // Settings from elsewhere (a file, a shared ConfigMap) are laid over these.
        boolean elsewhere = Pods.containers(istiod).stream()
                .flatMap(container -> container.at("env").items().stream())
                .anyMatch(variable -> variable.at("name").text("").equals("SHARED_MESH_CONFIG"));
        if (map.isEmpty() || elsewhere || isFresh(map.get())) {
            return List.of();
        }
        List<ControlPlaneFacts.Setting> found = new ArrayList<>();
        try {
            Json meant = Yaml.read(MeshConfigMap.text(map.get()));
            Json inForce = session.json(PodRequest.istiod(istiod.namespace(), istiod.name(), "/debug/mesh"));
            if (inForce.isObject() && inForce.size() > 0) {
                MeshSettingsDiff.compare(
                        meant,
                        inForce,
                        (path, value, other) -> found.add(
                                new ControlPlaneFacts.Setting(istiod.name(), name, path, cut(value), cut(other))));
            }
        } catch (MeshException e) {
            if (e.reason() != Reason.NOT_RECORDED) {
                session.gap("whether istiod runs with the settings of ConfigMap " + name, istiod.ref(), e);
            }
        }
        return found;
    }

    /** The time of the last change is not kept of what is read; a ConfigMap that has just been made is the usual one. */
    private boolean isFresh(Resource map) {
        Instant limit = session.now().minus(TAKEN_AFTER);
        return map.createdAt().filter(time -> time.isAfter(limit)).isPresent();
    }
}
