package dev.meshdx.health.internal;

import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.envoy.admin.InitDump;
import dev.meshdx.envoy.admin.LoadedCertificate;
import dev.meshdx.envoy.admin.LoadedCertificates;
import dev.meshdx.envoy.admin.ServerInfo;
import dev.meshdx.envoy.admin.Stats;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.Injection;
import dev.meshdx.health.Injection.Presence;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.Readiness;
import dev.meshdx.health.ReadinessStage;
import dev.meshdx.health.ReadinessStage.Kind;
import dev.meshdx.health.ReadinessStage.State;
import dev.meshdx.health.SyncState;
import dev.meshdx.health.Termination;
import dev.meshdx.health.TypeStatus;
import dev.meshdx.health.XdsType;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges step by step how far a pod is. A pure function of {@link ReadinessFacts}.
 *
 * <p>Sources: Kubernetes, "Pod Lifecycle" and "Debug Pods"; Istio, {@code pilot/cmd/pilot-agent/status/ready/probe.go}, {@code
 * tools/istio-iptables} (exit codes), {@code cni/pkg/repair} and "Install the Istio CNI node agent", race condition; Envoy,
 * "Administration interface" and "Listener manager" statistics.
 */
final class ReadinessJudge {
    /** Kubelet, scheduler and proxy need a moment. */
    static final Duration GRACE = Duration.ofSeconds(30);

    private static final String CORE_DUMP = "enable-core-dump";
    private static final String INIT = "istio-init";
    private static final String VALIDATION = "istio-validation";
    private static final Set<String> PATIENT = Set.of("", "ContainerCreating", "PodInitializing");

    private final ReadinessFacts facts;
    private final Resource pod;
    private final AgentLog log;
    private final boolean hasProxy;
    private final boolean isEnvoy;
    private final Json proxyStatus;
    private final Optional<ProxyStatus> known;
    private final Map<Kind, ReadinessStage> stages = new EnumMap<>(Kind.class);

    private ReadinessJudge(ReadinessFacts facts) {
        this.facts = facts;
        this.pod = facts.pod();
        this.log = new AgentLog(facts.proxy().log().get().orElse(List.of()));
        this.hasProxy = Pods.hasProxy(pod);
        this.isEnvoy = Pods.hasEnvoy(pod) && facts.injection().presence() != Presence.GRPC;
        this.proxyStatus = Pods.containerStatus(pod, Pods.PROXY_CONTAINER).orElse(Json.MISSING);
        this.known = facts.proxies().get().orElse(List.of()).stream()
                .filter(proxy ->
                        proxy.namespace().equals(pod.namespace()) && proxy.pod().equals(pod.name()))
                .findFirst();
    }

    static Readiness judge(ReadinessFacts facts, List<Inconclusive> gaps) {
        ReadinessJudge judge = new ReadinessJudge(facts);
        judge.kubernetes();
        judge.mesh();
        judge.proxy();
        judge.application();
        List<ReadinessStage> stages = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            ReadinessStage stage = judge.stages.get(kind);
            stages.add(stage == null ? new ReadinessStage(kind, State.NOT_APPLICABLE, null, "", List.of(), "") : stage);
        }
        return new Readiness(facts.pod().ref(), Pods.isReady(facts.pod()), stages, facts.injection(), List.of(), gaps);
    }

    // ---- what the pod alone tells ----

    /** Whether the pod should have containers by now and has none that runs, so that a diagnosis should ask why. */
    static boolean isStuck(Resource pod, Instant now) {
        if (pod.raw().at("metadata", "deletionTimestamp").exists()
                || !Pods.phase(pod).equals("Pending")
                || pod.spec().at("nodeName").text("").isEmpty()) {
            return false;
        }
        boolean young = pod.createdAt().map(at -> at.plus(GRACE).isAfter(now)).orElse(false);
        boolean ofMesh = Pods.hasProxy(pod)
                || !pod.annotation("sidecar.istio.io/status").orElse("").isEmpty();
        return ofMesh && (failedInit(pod).isPresent() || (!young && !anyStarted(pod)));
    }

    /** Whether the proxy's container has a log. */
    static boolean hasRun(Resource pod) {
        Json status = Pods.containerStatus(pod, Pods.PROXY_CONTAINER).orElse(Json.MISSING);
        return status.at("restartCount").number(0) > 0
                || status.at("state", "terminated").exists()
                || status.at("lastState", "terminated").exists();
    }

    private static boolean anyStarted(Resource pod) {
        for (String list : List.of("containerStatuses", "initContainerStatuses")) {
            for (Json status : pod.status().at(list).items()) {
                if (status.at("state", "running").exists()
                        || status.at("state", "terminated").exists()
                        || status.at("restartCount").number(0) > 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The first init container that comes before the proxy and ended badly. */
    static Optional<String> failedInit(Resource pod) {
        return initContainers(pod).stream()
                .filter(status -> initFailed(status))
                .map(status -> status.at("name").text(""))
                .filter(name -> !name.isEmpty())
                .findFirst();
    }

    /** The states of the init containers that end before a proxy starts, in their order. */
    private static List<Json> initContainers(Resource pod) {
        List<Json> found = new ArrayList<>();
        for (Json container : pod.spec().at("initContainers").items()) {
            String name = container.at("name").text("");
            if (name.equals(Pods.PROXY_CONTAINER)) {
                break;
            }
            if (!container.at("restartPolicy").text("").equals("Always")) {
                found.add(Pods.containerStatus(pod, name).orElse(Json.object("name", name)));
            }
        }
        return found;
    }

    private static boolean initFailed(Json status) {
        Json ended = ended(status);
        return (ended.exists() && ended.at("exitCode").number(0) != 0)
                || !PATIENT.contains(status.at("state", "waiting", "reason").text(""));
    }

    /** The last end of a container: of this run, or of the one before while it waits for the next. */
    private static Json ended(Json status) {
        Json now = status.at("state", "terminated");
        return now.exists() || status.at("state", "running").exists() ? now : status.at("lastState", "terminated");
    }

    private void kubernetes() {
        if (scheduled() && volumes() && network()) {
            initContainers();
        }
    }

    private boolean scheduled() {
        Json condition = condition("PodScheduled");
        boolean there = condition.at("status").text("").equals("True")
                || (!condition.exists() && !pod.spec().at("nodeName").text("").isEmpty());
        if (there) {
            done(Kind.SCHEDULED, since(condition), "");
            return true;
        }
        List<Evidence> evidence = evidence("FailedScheduling");
        String why = AgentLog.clip(condition.at("message").text(""));
        boolean gated = condition.at("reason").text("").equals("SchedulingGated");
        boolean failed = !gated && (condition.at("reason").text("").equals("Unschedulable") || !evidence.isEmpty());
        stage(
                Kind.SCHEDULED,
                failed ? State.FAILED : State.WAITING,
                since(condition),
                failed
                        ? "No node takes the pod" + (why.isEmpty() ? "." : ": " + why)
                        : gated ? "The pod waits for its scheduling gates." : "The scheduler has not placed it yet.",
                evidence,
                failed ? "kubectl -n " + pod.namespace() + " describe pod " + pod.name() : "");
        return false;
    }

    private boolean sandboxIsThere() {
        return condition("PodReadyToStartContainers").at("status").text("").equals("True")
                || !Pods.ip(pod).isEmpty()
                || anyStarted(pod);
    }

    private boolean volumes() {
        List<Resource> sandbox = events("FailedCreatePodSandBox");
        if (sandboxIsThere() || !sandbox.isEmpty()) {
            done(Kind.VOLUMES, null, "");
            return true;
        }
        List<Resource> mounts = new ArrayList<>(events("FailedMount"));
        mounts.addAll(events("FailedAttachVolume"));
        if (!mounts.isEmpty()) {
            // The kubelet repeats "timed out waiting" beside the event that names the volume.
            Resource telling = mounts.stream()
                    .filter(event -> message(event).contains("MountVolume.SetUp failed"))
                    .reduce((one, other) -> other)
                    .orElse(mounts.get(mounts.size() - 1));
            String text = message(telling);
            stage(Kind.VOLUMES, State.FAILED, first(telling), mountReason(text), evidence(mounts), mountRemedy(text));
            lead(Kind.VOLUMES, HealthCodes.VOLUME_NOT_MOUNTED);
            return false;
        }
        if (facts.events().failure() != null) {
            unknown(
                    Kind.VOLUMES,
                    "No container has started, and the events could not be read: "
                            + facts.events().why());
        } else {
            waiting(Kind.VOLUMES, "The kubelet has not reported a sandbox yet.");
        }
        return false;
    }

    private String mountReason(String text) {
        if (text.contains("istio-ca-root-cert")) {
            return text.contains("not found")
                    ? "ConfigMap istio-ca-root-cert is not there in namespace " + pod.namespace()
                            + ": istiod writes it into the namespaces that it sees, and has not done so here."
                    : "ConfigMap istio-ca-root-cert cannot be mounted: " + text;
        }
        if (text.contains("istio-token")) {
            return "The service account token for istiod (volume istio-token) cannot be mounted: " + text;
        }
        return "A volume cannot be mounted: " + text;
    }

    private String mountRemedy(String text) {
        if (text.contains("istio-ca-root-cert")) {
            return "Check that istiod runs and sees the namespace (discoverySelectors in the mesh config, the label"
                    + " topology.istio.io/controlPlaneClusters): kubectl -n " + pod.namespace()
                    + " get configmap istio-ca-root-cert; kubectl -n istio-system logs deployment/istiod | grep -i namespace";
        }
        return "kubectl -n " + pod.namespace() + " describe pod " + pod.name();
    }

    private boolean network() {
        Json condition = condition("PodReadyToStartContainers");
        if (sandboxIsThere()) {
            done(Kind.NETWORK, condition.at("status").text("").equals("True") ? since(condition) : null, "");
            return true;
        }
        List<Resource> sandbox = events("FailedCreatePodSandBox");
        if (sandbox.isEmpty()) {
            waiting(Kind.NETWORK, "The sandbox is being made.");
            return false;
        }
        Resource last = sandbox.get(sandbox.size() - 1);
        boolean istio = message(last).contains("istio-cni");
        stage(
                Kind.NETWORK,
                State.FAILED,
                first(last),
                (istio ? "istio-cni fails: " : "The sandbox cannot be made: ") + message(last),
                evidence(sandbox),
                istio
                        ? "kubectl -n istio-system get pods -l k8s-app=istio-cni-node -o wide (the one on node "
                                + pod.spec().at("nodeName").text("NODE")
                                + "), and its log: kubectl -n istio-system logs"
                                + " POD -c install-cni --tail=50"
                        : "kubectl -n " + pod.namespace() + " describe pod " + pod.name());
        lead(Kind.NETWORK, HealthCodes.NETWORK_SETUP_FAILED);
        return false;
    }

    private void initContainers() {
        List<Json> containers = initContainers(pod);
        if (containers.isEmpty()) {
            return;
        }
        for (Json status : containers) {
            String name = status.at("name").text("");
            if (initFailed(status)) {
                Json ended = ended(status);
                String waits = status.at("state", "waiting", "reason").text("");
                List<Evidence> evidence = new ArrayList<>();
                if (ended.exists()) {
                    evidence.add(new Evidence(
                            "exit code", where(name), ended.at("exitCode").text("") + reasonOf(ended)));
                }
                if (!waits.isEmpty()) {
                    evidence.add(new Evidence("state", where(name), waits));
                }
                String last = facts.initLog().get().orElse(List.of()).stream()
                        .filter(line -> !line.isBlank())
                        .reduce((one, other) -> other)
                        .map(AgentLog::clip)
                        .orElse("");
                if (!last.isEmpty()) {
                    evidence.add(new Evidence("last line of its log", where(name), last));
                }
                stage(
                        Kind.INIT_CONTAINERS,
                        State.FAILED,
                        SyncStatusParser.time(ended.at("finishedAt").text("")).orElse(null),
                        initReason(name, ended, status),
                        evidence,
                        initRemedy(name, ended));
                lead(Kind.INIT_CONTAINERS, HealthCodes.INIT_CONTAINER_FAILED);
                return;
            }
            if (!status.at("state", "terminated").exists()) {
                boolean running = status.at("state", "running").exists();
                stage(
                        Kind.INIT_CONTAINERS,
                        State.WAITING,
                        SyncStatusParser.time(status.at("state", "running", "startedAt")
                                        .text(""))
                                .orElse(null),
                        "Init container " + name + (running ? " is running." : " has not started yet."),
                        List.of(),
                        "");
                return;
            }
        }
        Json last = containers.get(containers.size() - 1);
        done(
                Kind.INIT_CONTAINERS,
                SyncStatusParser.time(
                                last.at("state", "terminated", "finishedAt").text(""))
                        .orElse(null),
                "");
    }

    private static String reasonOf(Json ended) {
        String reason = ended.at("reason").text("");
        return reason.isEmpty() ? "" : " (" + reason + ")";
    }

    /** Exit codes in words. Source: Istio, {@code tools/istio-iptables/pkg/constants}, ValidationErrorCode; the shell's codes. */
    private static String initReason(String name, Json ended, Json status) {
        if (!ended.exists()) {
            return "Init container " + name + " does not start: "
                    + status.at("state", "waiting", "reason").text("") + " "
                    + AgentLog.clip(status.at("state", "waiting", "message").text("")) + ".";
        }
        long code = ended.at("exitCode").number(0);
        String end = "Init container " + name + " ends with exit code " + code + reasonOf(ended);
        if (ended.at("reason").text("").equals("OOMKilled") || code == 137) {
            return end + ": it was killed, most often for its memory limit.";
        }
        return switch (name) {
            case INIT ->
                end + ": it could not write the iptables rules that lead traffic to the proxy. It needs NET_ADMIN and"
                        + " NET_RAW, and the node's iptables modules.";
            case VALIDATION ->
                end
                        + (code == 126
                                ? ": traffic is not redirected. The pod started before istio-cni was ready on its node."
                                : ": it could not check that traffic is redirected.");
            case CORE_DUMP -> end + ": it may not write the kernel's core pattern, which takes a privileged container.";
            default -> end + ".";
        };
    }

    private String initRemedy(String name, Json ended) {
        String read = "kubectl -n " + pod.namespace() + " logs " + pod.name() + " -c " + name
                + (ended.exists() ? " --previous" : "");
        return switch (name) {
            case INIT ->
                read + "; allow the capabilities (Pod Security admission, SCC), or install istio-cni, which needs none"
                        + " in the pod";
            case VALIDATION ->
                "kubectl -n " + pod.namespace() + " delete pod " + pod.name()
                        + "; if its successor fails too, look at istio-cni on node "
                        + pod.spec().at("nodeName").text("NODE")
                        + ": kubectl -n istio-system get pods -l k8s-app=istio-cni-node -o wide";
            case CORE_DUMP ->
                "Take away the annotation sidecar.istio.io/enableCoreDump (values.global.proxy.enableCoreDump)";
            default -> read;
        };
    }

    // ---- part of the mesh? ----

    private void mesh() {
        Injection injection = facts.injection();
        if (injection.isInjected()) {
            stage(Kind.INJECTED, State.DONE, null, "It " + injection.presenceText() + ".", List.of(), "");
            return;
        }
        if (Pods.isAmbient(pod) || facts.wantsAmbient().isPresent()) {
            stage(
                    Kind.INJECTED,
                    State.NOT_APPLICABLE,
                    null,
                    "The pod is in ambient mode, without sidecar.",
                    List.of(),
                    "");
            captured();
            return;
        }
        switch (injection.outcome()) {
            case INJECTED ->
                stage(
                        Kind.INJECTED,
                        State.FAILED,
                        null,
                        "The pod should have a sidecar and has none. " + injection.reason()
                                + injection.notes().stream()
                                        .findFirst()
                                        .map(note -> " " + note)
                                        .orElse(""),
                        List.of(new Evidence("containers", pod.ref().toString(), names(pod))),
                        injection.remedy());
            case NOT_INJECTED ->
                stage(
                        Kind.INJECTED,
                        State.NOT_APPLICABLE,
                        null,
                        "The pod is not part of the mesh. " + injection.reason(),
                        List.of(),
                        "");
            case UNKNOWN -> unknown(Kind.INJECTED, "The pod has no sidecar; whether it should: " + injection.reason());
        }
    }

    private static String names(Resource pod) {
        return String.join(
                ", ",
                pod.spec().at("containers").items().stream()
                        .map(container -> AgentLog.clip(container.at("name").text("")))
                        .toList());
    }

    private void captured() {
        String state = pod.annotation("ambient.istio.io/redirection").orElse("");
        String where = pod.ref() + " annotation ambient.istio.io/redirection";
        String node = pod.spec().at("nodeName").text("");
        if (state.equals("pending")) {
            stage(
                    Kind.CAPTURED,
                    State.WAITING,
                    null,
                    "istio-cni has begun to redirect the pod's traffic, and waits for ztunnel on node " + node + ".",
                    List.of(new Evidence("redirection", where, "pending")),
                    "kubectl -n istio-system get pods -l app=ztunnel -o wide");
            return;
        }
        if (!state.equals("enabled")) {
            DataPlane.Label label = facts.wantsAmbient().orElse(null);
            List<Evidence> evidence = new ArrayList<>();
            if (label != null) {
                evidence.add(new Evidence(label.field().path(), label.holder().toString(), label.value()));
            }
            evidence.add(new Evidence("redirection", where, state.isEmpty() ? "absent" : AgentLog.clip(state)));
            evidence.addAll(evidence("FailedCreatePodSandBox"));
            boolean young = pod.createdAt()
                    .map(at -> at.plus(GRACE).isAfter(facts.now()))
                    .orElse(false);
            boolean pending = !Pods.phase(pod).equals("Running");
            stage(
                    Kind.CAPTURED,
                    young || pending ? State.WAITING : State.FAILED,
                    null,
                    "The pod asks for ambient mode" + (label == null ? "" : " (" + label + ")")
                            + ", and istio-cni has not enrolled it: ztunnel does not see its traffic.",
                    evidence,
                    young || pending
                            ? ""
                            : "Look at istio-cni on node " + node
                                    + ": kubectl -n istio-system logs -l k8s-app=istio-cni-node --tail=50; then kubectl -n "
                                    + pod.namespace() + " delete pod " + pod.name());
            return;
        }
        List<Resource> ztunnels = facts.ztunnels().value();
        if (ztunnels == null) {
            stage(
                    Kind.CAPTURED,
                    State.DONE,
                    null,
                    "Redirected; whether ztunnel runs on its node could not be seen: "
                            + facts.ztunnels().why(),
                    List.of(),
                    "");
            return;
        }
        Optional<Resource> ready = ztunnels.stream().filter(Pods::isReady).findFirst();
        if (ready.isPresent()) {
            stage(Kind.CAPTURED, State.DONE, null, "By " + ready.get().name() + ".", List.of(), "");
            return;
        }
        String how = ztunnels.isEmpty()
                ? "there is none on node " + node
                : ztunnels.get(0).name() + " on its node " + containerState(ztunnels.get(0), Pods.PROXY_CONTAINER);
        stage(
                Kind.CAPTURED,
                State.FAILED,
                null,
                "The pod's traffic is redirected to ztunnel, and " + how + ": nothing reaches it or leaves it.",
                List.of(new Evidence("redirection", where, "enabled")),
                "kubectl -n istio-system get pods -l app=ztunnel -o wide"
                        + (ztunnels.isEmpty()
                                ? ""
                                : "; meshdx readiness " + ztunnels.get(0).name() + " -n "
                                        + ztunnels.get(0).namespace()));
    }

    // ---- the proxy ----

    private void proxy() {
        if (!hasProxy) {
            return;
        }
        if (!started()) {
            String after = "The proxy does not run.";
            waiting(Kind.CONNECTED, after);
            if (isEnvoy) {
                waiting(Kind.CERTIFICATE, after);
            }
            waiting(Kind.CONFIGURATION, after);
            if (isEnvoy) {
                waiting(Kind.WORKERS, after);
            }
            waiting(Kind.PROXY_READY, after);
            return;
        }
        connected();
        if (isEnvoy) {
            certificate();
        }
        configuration();
        if (isEnvoy) {
            workers();
        }
        proxyReady();
    }

    private boolean isProxyReady() {
        return proxyStatus.at("ready").bool(false);
    }

    private Optional<Instant> startedAt() {
        return SyncStatusParser.time(
                proxyStatus.at("state", "running", "startedAt").text(""));
    }

    private boolean isStarting(Duration grace) {
        return startedAt().map(at -> at.plus(grace).isAfter(facts.now())).orElse(false);
    }

    /** Whether the container runs; where its process hangs, what comes next is looked at all the same. */
    private boolean started() {
        String waits = proxyStatus.at("state", "waiting", "reason").text("");
        Json running = proxyStatus.at("state", "running");
        long restarts = proxyStatus.at("restartCount").number(0);
        Termination last = HealthReads.termination(proxyStatus);
        List<Evidence> evidence = new ArrayList<>();
        if (restarts > 0) {
            evidence.add(new Evidence("restartCount", where(Pods.PROXY_CONTAINER), Long.toString(restarts)));
        }
        if (last != null) {
            evidence.add(new Evidence("last termination", where(Pods.PROXY_CONTAINER), last.toString()));
        }
        if (running.exists()) {
            Instant since = startedAt().orElse(null);
            MeshException admin = facts.proxy().server().failure();
            boolean silent = admin != null && admin.reason() == Reason.TIMEOUT;
            if (isEnvoy && silent && !isProxyReady()) {
                evidence.add(new Evidence("admin port 15000", pod.ref().toString(), "no answer"));
                evidence.addAll(evidenceOf(Pods.PROXY_CONTAINER));
                stage(
                        Kind.PROXY_STARTED,
                        State.FAILED,
                        since,
                        "Envoy hangs: its process runs, and neither its admin port nor its readiness port answers.",
                        evidence,
                        "kubectl -n " + pod.namespace() + " delete pod " + pod.name()
                                + " (or, to keep evidence first: kubectl -n " + pod.namespace() + " logs " + pod.name()
                                + " -c istio-proxy --tail=100)");
                return true;
            }
            String before = restarts == 0
                    ? ""
                    : "Restarted " + restarts + (restarts == 1 ? " time" : " times")
                            + (last == null ? "." : "; it last ended with " + last + ".");
            stage(Kind.PROXY_STARTED, State.DONE, since, before, evidence, "");
            return true;
        }
        Json ended = proxyStatus.at("state", "terminated");
        if (ended.exists() || !PATIENT.contains(waits)) {
            String message =
                    AgentLog.clip(proxyStatus.at("state", "waiting", "message").text(""));
            evidence.add(new Evidence(
                    "state",
                    where(Pods.PROXY_CONTAINER),
                    waits.isEmpty() ? "terminated" : waits + (message.isEmpty() ? "" : ": " + message)));
            evidence.addAll(evidenceOf(Pods.PROXY_CONTAINER));
            stage(Kind.PROXY_STARTED, State.FAILED, null, endReason(waits, ended, last), evidence, endRemedy(waits));
            return false;
        }
        List<String> open = stages.values().stream()
                .filter(stage -> !stage.isDone())
                .map(stage -> stage.kind().title())
                .toList();
        waiting(
                Kind.PROXY_STARTED,
                open.isEmpty() ? "Its container has not started yet." : "First: " + open.get(0) + ".");
        return false;
    }

    private static String endReason(String waits, Json ended, @Nullable Termination last) {
        if (waits.contains("Image") || waits.equals("RegistryUnavailable")) {
            return "The proxy's image cannot be pulled (" + waits + ").";
        }
        if (waits.startsWith("Create") || waits.equals("RunContainerError")) {
            return "The proxy's container cannot be made (" + waits + ").";
        }
        Termination end = ended.exists() && !ended.isNull()
                ? new Termination(
                        ended.at("reason").text(""), (int) ended.at("exitCode").number(0), null)
                : last;
        String how = waits.isEmpty() ? "does not run" : "waits in " + waits;
        if (end == null) {
            return upper("it " + how) + ".";
        }
        String why = end.reason().equals("OOMKilled")
                ? ": it was killed for its memory limit"
                : end.exitCode() == 137
                        ? ": it was killed (by the kubelet after a failed probe, or for memory)"
                        : end.exitCode() == 0
                                ? ": its process ended by itself"
                                : end.exitCode() == 139 || end.exitCode() == 134 ? ": Envoy crashed" : "";
        return upper("it " + how) + "; it last ended with " + (end.reason().isEmpty() ? "" : end.reason() + ", ")
                + "exit code " + end.exitCode() + why + ".";
    }

    private String endRemedy(String waits) {
        return waits.contains("Image")
                ? "Check the image's name and the pull secrets: kubectl -n " + pod.namespace() + " describe pod "
                        + pod.name()
                : "kubectl -n " + pod.namespace() + " logs " + pod.name() + " -c istio-proxy --previous --tail=50";
    }

    private void connected() {
        Optional<AgentLog.Word> word = log.connection();
        boolean stale = known.isPresent()
                && known.get().types().values().stream().anyMatch(type -> type.state() == SyncState.STALE);
        if (known.isPresent() && stale && word.isPresent() && !word.get().good()) {
            stage(
                    Kind.CONNECTED,
                    State.FAILED,
                    null,
                    "The agent's connection broke, and " + known.get().istiod() + " has not noticed it: "
                            + word.get().reason() + ".",
                    List.of(
                            new Evidence(
                                    "log",
                                    where(Pods.PROXY_CONTAINER),
                                    word.get().line()),
                            new Evidence(
                                    "sync",
                                    "/debug/syncz of " + known.get().istiod(),
                                    known.get().toString())),
                    "Look for what stands between the pod and port 15012 of istiod (NetworkPolicy, firewall): kubectl -n "
                            + pod.namespace() + " get networkpolicies");
            return;
        }
        if (known.isPresent()) {
            String istiod = known.get().istiod();
            stage(
                    Kind.CONNECTED,
                    State.DONE,
                    null,
                    "To " + istiod + ".",
                    List.of(new Evidence("proxy", "/debug/syncz of " + istiod, "listed")),
                    "");
            return;
        }
        boolean complete = facts.proxies().value() != null;
        if (word.isPresent() && !word.get().good()) {
            stage(
                    Kind.CONNECTED,
                    State.FAILED,
                    null,
                    upper(word.get().reason()) + ".",
                    List.of(new Evidence(
                            "log", where(Pods.PROXY_CONTAINER), word.get().line())),
                    "kubectl -n istio-system get pods -l app=istiod; then from the pod: kubectl -n " + pod.namespace()
                            + " exec " + pod.name()
                            + " -c istio-proxy -- pilot-agent request GET stats?filter=xds-grpc");
        } else if (complete) {
            boolean starting = isStarting(Duration.ofMinutes(1));
            stage(
                    Kind.CONNECTED,
                    starting ? State.WAITING : State.FAILED,
                    null,
                    "No istiod knows the proxy.",
                    List.of(new Evidence("proxy", "/debug/syncz of all istiods", "not listed")),
                    starting
                            ? ""
                            : "kubectl -n " + pod.namespace() + " logs " + pod.name()
                                    + " -c istio-proxy --tail=50 (look for xdsproxy); check its revision ("
                                    + Pods.revision(pod) + ") and that it may reach istiod on port 15012");
        } else if (word.isPresent()) {
            stage(
                    Kind.CONNECTED,
                    State.DONE,
                    null,
                    "As its log says; istiod could not be asked.",
                    List.of(new Evidence(
                            "log", where(Pods.PROXY_CONTAINER), word.get().line())),
                    "");
        } else {
            unknown(
                    Kind.CONNECTED,
                    "istiod could not be asked: " + facts.proxies().why());
        }
    }

    private void certificate() {
        Optional<AgentLog.Word> word = log.certificate();
        LoadedCertificates loaded = facts.proxy().certificates().value();
        List<Evidence> said = word.map(one -> List.of(new Evidence("log", where(Pods.PROXY_CONTAINER), one.line())))
                .orElse(List.of());
        String look = "kubectl -n " + pod.namespace() + " logs " + pod.name()
                + " -c istio-proxy --tail=100 | grep -E 'sds|cache|citadel'; kubectl -n istio-system logs deployment/istiod"
                + " --tail=100 | grep -i -E 'csr|authenticat'";
        if (loaded != null) {
            List<LoadedCertificate> own = loaded.shown().stream()
                    .filter(certificate -> !certificate.isAuthority())
                    .filter(certificate -> certificate.names(LoadedCertificate.SubjectAlternativeName.Kind.URI).stream()
                            .anyMatch(name -> name.startsWith("spiffe://")))
                    .toList();
            Optional<LoadedCertificate> valid = own.stream()
                    .filter(certificate -> certificate.isValidAt(facts.now()))
                    .findFirst();
            if (valid.isPresent()) {
                done(Kind.CERTIFICATE, valid.get().notBefore().orElse(null), "");
                return;
            }
            if (!own.isEmpty()) {
                stage(
                        Kind.CERTIFICATE,
                        State.FAILED,
                        own.get(0).notAfter().orElse(null),
                        "The certificate that the proxy holds is not valid at " + facts.now() + ": valid from "
                                + own.get(0).notBefore().map(Instant::toString).orElse("?") + " to "
                                + own.get(0).notAfter().map(Instant::toString).orElse("?") + ".",
                        List.of(new Evidence(
                                "serial number", "/certs", own.get(0).serialNumber())),
                        "meshdx certificates " + pod.name() + " -n " + pod.namespace());
                return;
            }
            if (word.isPresent() && !word.get().good()) {
                stage(Kind.CERTIFICATE, State.FAILED, null, upper(word.get().reason()) + ".", said, look);
                lead(Kind.CERTIFICATE, HealthCodes.CERTIFICATE_NOT_DELIVERED);
                return;
            }
            Optional<String> target = waitsFor("SdsApi default").or(() -> waitsFor("SdsApi ROOTCA"));
            if (target.isPresent() || !isProxyReady()) {
                stage(
                        Kind.CERTIFICATE,
                        State.WAITING,
                        null,
                        target.isPresent()
                                ? "Envoy waits for its certificate, and the agent has not delivered it."
                                : "The proxy has loaded no workload certificate yet.",
                        target.map(name -> List.of(new Evidence("waits for", "/init_dump", name)))
                                .orElse(List.of()),
                        target.isPresent() ? look : "");
                if (target.isPresent()) {
                    lead(Kind.CERTIFICATE, HealthCodes.CERTIFICATE_NOT_DELIVERED);
                }
                return;
            }
            stage(
                    Kind.CERTIFICATE,
                    State.NOT_APPLICABLE,
                    null,
                    "No listener and no cluster of the proxy uses a workload certificate.",
                    List.of(),
                    "");
            return;
        }
        if (word.isPresent() && !word.get().good()) {
            stage(Kind.CERTIFICATE, State.FAILED, null, upper(word.get().reason()) + ".", said, look);
            lead(Kind.CERTIFICATE, HealthCodes.CERTIFICATE_NOT_DELIVERED);
        } else if (word.isPresent()) {
            stage(
                    Kind.CERTIFICATE,
                    State.DONE,
                    null,
                    "As the agent's log says; Envoy could not be asked: "
                            + facts.proxy().certificates().why(),
                    said,
                    "");
        } else {
            unknown(
                    Kind.CERTIFICATE,
                    "Envoy could not be asked: " + facts.proxy().certificates().why());
        }
    }

    private Optional<String> waitsFor(String target) {
        return facts.proxy().waiting().get().map(InitDump::waiting).orElse(Map.of()).values().stream()
                .flatMap(List::stream)
                .filter(name -> name.contains(target))
                .findFirst();
    }

    private void configuration() {
        TypeStatus clusters =
                known.map(proxy -> proxy.type(XdsType.CDS)).orElse(TypeStatus.of(SyncState.IGNORED, null, ""));
        TypeStatus listeners =
                known.map(proxy -> proxy.type(XdsType.LDS)).orElse(TypeStatus.of(SyncState.IGNORED, null, ""));
        List<TypeStatus> both = List.of(clusters, listeners);
        List<Evidence> evidence = new ArrayList<>();
        known.ifPresent(
                proxy -> evidence.add(new Evidence("sync", "/debug/syncz of " + proxy.istiod(), proxy.toString())));
        if (Pods.isZtunnel(pod)) {
            ztunnelConfiguration(evidence);
            return;
        }
        for (TypeStatus type : both) {
            if (type.state() == SyncState.ERROR) {
                stage(
                        Kind.CONFIGURATION,
                        State.FAILED,
                        type.since().orElse(null),
                        "The proxy refuses what istiod sends: "
                                + AgentLog.clip(type.error().orElse("no reason given")),
                        evidence,
                        "meshdx proxy-status " + pod.name() + " -n " + pod.namespace()
                                + "; look for the EnvoyFilter that makes what is refused");
                return;
            }
        }
        Stats stats = isEnvoy ? facts.proxy().stats().value() : null;
        if (stats != null && !stats.isEmpty()) {
            boolean cds = accepted(stats, "cluster_manager.cds");
            boolean lds = accepted(stats, "listener_manager.lds");
            long refused = stats.number("cluster_manager.cds.update_rejected").orElse(0)
                    + stats.number("listener_manager.lds.update_rejected").orElse(0);
            if (!cds || !lds) {
                evidence.add(
                        new Evidence("accepted", "/stats", "CDS " + cds + ", LDS " + lds + ", refused " + refused));
                stage(
                        Kind.CONFIGURATION,
                        refused > 0 ? State.FAILED : State.WAITING,
                        null,
                        refused > 0
                                ? "The proxy has refused its first configuration " + refused
                                        + (refused == 1 ? " time." : " times.")
                                : cds
                                        ? "Clusters (CDS) were accepted; listeners (LDS) were not sent yet."
                                        : "It waits for the first push from istiod.",
                        evidence,
                        refused > 0
                                ? "kubectl -n " + pod.namespace() + " logs " + pod.name()
                                        + " -c istio-proxy --tail=100 | grep -i rejected"
                                : isStarting(GRACE)
                                        ? ""
                                        : "meshdx control-plane; istiod's log around the proxy's name: kubectl -n"
                                                + " istio-system logs deployment/istiod | grep " + pod.name());
                if (refused == 0) {
                    lead(Kind.CONFIGURATION, HealthCodes.FIRST_PUSH_MISSING);
                }
                return;
            }
            stale(both, evidence);
            return;
        }
        if (both.stream().allMatch(type -> type.state() == SyncState.SYNCED)) {
            stage(Kind.CONFIGURATION, State.DONE, null, "As istiod says.", List.of(), "");
            return;
        }
        if (both.stream().anyMatch(type -> type.state() == SyncState.STALE)) {
            stale(both, evidence);
            if (!isProxyReady()
                    && java.util.Objects.requireNonNull(stages.get(Kind.CONFIGURATION))
                            .isDone()) {
                stage(
                        Kind.CONFIGURATION,
                        State.WAITING,
                        null,
                        "istiod has just sent configuration, and the proxy has not acknowledged it yet.",
                        evidence,
                        "");
            }
            return;
        }
        if (both.stream().anyMatch(type -> type.state() == SyncState.NOT_SENT)) {
            stage(
                    Kind.CONFIGURATION,
                    State.WAITING,
                    null,
                    "It waits for the first push: istiod has sent it nothing.",
                    evidence,
                    "meshdx control-plane");
            lead(Kind.CONFIGURATION, HealthCodes.FIRST_PUSH_MISSING);
            return;
        }
        Optional<AgentLog.Word> word = log.readiness();
        if (word.isPresent() && word.get().line().contains("onfig")) {
            stage(
                    Kind.CONFIGURATION,
                    word.get().line().contains("rejected:")
                                    || !word.get().line().contains("was rejected")
                            ? State.WAITING
                            : State.FAILED,
                    null,
                    upper(word.get().reason()) + ".",
                    List.of(new Evidence(
                            "log", where(Pods.PROXY_CONTAINER), word.get().line())),
                    "meshdx control-plane");
            return;
        }
        unknown(
                Kind.CONFIGURATION,
                "Neither istiod nor the proxy could be asked: "
                        + (isEnvoy
                                ? facts.proxy().stats().why()
                                : facts.proxies().why()));
    }

    private void ztunnelConfiguration(List<Evidence> evidence) {
        if (known.isEmpty()) {
            unknown(Kind.CONFIGURATION, "No istiod that answered knows this ztunnel.");
            return;
        }
        List<TypeStatus> types = known.get().types().values().stream()
                .filter(type -> type.state() != SyncState.IGNORED)
                .toList();
        Optional<TypeStatus> error =
                types.stream().filter(type -> type.state() == SyncState.ERROR).findFirst();
        if (error.isPresent()) {
            stage(
                    Kind.CONFIGURATION,
                    State.FAILED,
                    error.get().since().orElse(null),
                    "ztunnel refuses what istiod sends: "
                            + AgentLog.clip(error.get().error().orElse("no reason given")),
                    evidence,
                    "meshdx proxy-status " + pod.name() + " -n " + pod.namespace());
            return;
        }
        stale(types, evidence);
    }

    private void stale(List<TypeStatus> types, List<Evidence> evidence) {
        Optional<TypeStatus> stale = types.stream()
                .filter(type -> type.state() == SyncState.STALE)
                .filter(type -> type.since()
                        .map(at -> at.plus(ProxyStaleCheck.GRACE).isBefore(facts.now()))
                        .orElse(true))
                .findFirst();
        if (stale.isPresent()) {
            stage(
                    Kind.CONFIGURATION,
                    State.WAITING,
                    stale.get().since().orElse(null),
                    "istiod has sent the newest configuration"
                            + stale.get().since().map(at -> " at " + at).orElse("")
                            + ", and the proxy has not acknowledged it.",
                    evidence,
                    "meshdx proxy-status " + pod.name() + " -n " + pod.namespace());
        } else {
            done(Kind.CONFIGURATION, null, "");
        }
    }

    /** The counters may have been reset; a version stays. Source: Envoy, "Subscription statistics". */
    private static boolean accepted(Stats stats, String scope) {
        return stats.number(scope + ".update_success").orElse(0) > 0
                || stats.number(scope + ".version").orElse(0) != 0
                || stats.find(scope + ".version_text")
                        .flatMap(stat -> stat.text())
                        .map(text -> !text.replace("\"", "").isBlank())
                        .orElse(false);
    }

    private void workers() {
        Stats stats = facts.proxy().stats().value();
        ServerInfo server = facts.proxy().server().value();
        if (server != null && !server.isLive()) {
            stage(
                    Kind.WORKERS,
                    State.WAITING,
                    null,
                    "Envoy is " + AgentLog.clip(server.state()) + waitingText() + ".",
                    waitingEvidence(new Evidence("state", "/server_info", server.state())),
                    waitingRemedy());
            return;
        }
        if (stats != null && stats.number("listener_manager.workers_started").isPresent()) {
            if (stats.number("listener_manager.workers_started").getAsLong() > 0) {
                done(Kind.WORKERS, null, "");
            } else {
                stage(
                        Kind.WORKERS,
                        State.WAITING,
                        null,
                        "Envoy has not started its workers" + waitingText() + ".",
                        waitingEvidence(new Evidence("listener_manager.workers_started", "/stats", "0")),
                        waitingRemedy());
            }
            return;
        }
        Optional<AgentLog.Word> word = log.readiness();
        if (word.isPresent() && word.get().line().contains("workers have not yet started")) {
            stage(
                    Kind.WORKERS,
                    State.WAITING,
                    null,
                    upper(word.get().reason()) + ".",
                    waitingEvidence(new Evidence(
                            "log", where(Pods.PROXY_CONTAINER), word.get().line())),
                    waitingRemedy());
            return;
        }
        String passes = isProxyReady() ? " The readiness probe passes, which it does only once they have." : "";
        unknown(
                Kind.WORKERS,
                (stats != null || facts.proxy().stats().failure() == null
                                ? "The proxy does not tell."
                                : "Envoy could not be asked: "
                                        + facts.proxy().stats().why())
                        + passes);
    }

    /** What the start waits for, spelled out. */
    private String waitingText() {
        List<String> targets = facts.proxy().waiting().get().map(InitDump::waiting).orElse(Map.of()).values().stream()
                .flatMap(List::stream)
                .map(ReadinessJudge::target)
                .distinct()
                .limit(5)
                .toList();
        return targets.isEmpty() ? "" : "; it waits for " + String.join(", ", targets);
    }

    /** Source: Envoy, {@code source/common/init}, and the names that SDS, RDS, CDS and LDS give to their targets. */
    private static String target(String name) {
        String plain = AgentLog.clip(name).replaceFirst("^target ", "");
        if (plain.startsWith("SdsApi ")) {
            String secret = plain.substring("SdsApi ".length());
            return secret.equals("default")
                    ? "the workload certificate (secret default)"
                    : secret.equals("ROOTCA") ? "the root certificate (secret ROOTCA)" : "secret " + secret;
        }
        if (plain.startsWith("RdsRouteConfigSubscription ")) {
            return "route configuration "
                    + plain.substring("RdsRouteConfigSubscription ".length()).replaceFirst("^(init|local-init) ?", "");
        }
        if (plain.startsWith("Cluster ")) {
            return "cluster " + plain.substring("Cluster ".length());
        }
        return switch (plain) {
            case "LDS" -> "the listeners (LDS)";
            case "CDS" -> "the clusters (CDS)";
            default -> plain;
        };
    }

    private List<Evidence> waitingEvidence(Evidence first) {
        List<Evidence> evidence = new ArrayList<>(List.of(first));
        facts.proxy()
                .waiting()
                .get()
                .map(InitDump::waiting)
                .orElse(Map.of())
                .forEach((name, targets) -> evidence.add(new Evidence(
                        "waits for", "/init_dump " + AgentLog.clip(name), AgentLog.clip(targets.toString()))));
        return evidence;
    }

    private String waitingRemedy() {
        return "kubectl -n " + pod.namespace() + " exec " + pod.name()
                + " -c istio-proxy -- pilot-agent request GET init_dump";
    }

    private void proxyReady() {
        Instant since = since(condition("ContainersReady"));
        if (isProxyReady()) {
            boolean older = since != null && startedAt().map(since::isBefore).orElse(false);
            done(Kind.PROXY_READY, Pods.isReady(pod) && !older ? since : null, "");
            return;
        }
        List<Evidence> evidence = new ArrayList<>(evidenceOf(Pods.PROXY_CONTAINER));
        MeshException probe = facts.proxy().probe().failure();
        Optional<AgentLog.Word> word = log.readiness().filter(said -> !said.good());
        List<String> why = new ArrayList<>();
        if (probe != null && probe.reason() != Reason.NOT_RECORDED && probe.reason() != Reason.FORBIDDEN) {
            String text = AgentLog.clip(String.valueOf(probe.getMessage()));
            evidence.add(new Evidence("port 15021", "/healthz/ready", text));
            if (probe.reason() == Reason.TIMEOUT) {
                why.add("port 15021 gives no answer");
            } else if (text.contains(" answered ")) {
                why.add("port 15021 answers " + text.substring(text.indexOf(" answered ") + " answered ".length()));
            } else {
                why.add("port 15021 cannot be reached");
            }
        } else {
            events("Unhealthy").stream()
                    .filter(event -> isAbout(event, Pods.PROXY_CONTAINER))
                    .reduce((one, other) -> other)
                    .ifPresent(event -> why.add(probeReason(message(event))));
        }
        word.ifPresent(said -> {
            evidence.add(new Evidence("log", where(Pods.PROXY_CONTAINER), said.line()));
            why.add(said.reason());
        });
        boolean answersNow = facts.proxy().probe().value() != null;
        boolean starting = isStarting(GRACE);
        stage(
                Kind.PROXY_READY,
                starting || answersNow ? State.WAITING : State.FAILED,
                since,
                (starting
                                ? "It is starting"
                                : answersNow
                                        ? "It answers now; the kubelet has not asked again yet"
                                        : "Its readiness probe fails")
                        + (why.isEmpty() ? "" : ": " + String.join("; ", why)) + ".",
                evidence,
                starting || answersNow
                        ? ""
                        : "kubectl -n " + pod.namespace() + " logs " + pod.name() + " -c istio-proxy --tail=50");
    }

    private static String probeReason(String text) {
        if (text.contains("connection refused")) {
            return "the kubelet's connection is refused: nothing listens on the port yet";
        }
        if (text.contains("deadline exceeded") || text.contains("Client.Timeout")) {
            return "the kubelet gets no answer in time";
        }
        if (text.contains("statuscode: 503")) {
            return "it answers 503: Envoy is up, and not ready";
        }
        if (text.contains("statuscode: 500")) {
            return "it answers 500: the agent says that Envoy is not ready";
        }
        return text;
    }

    // ---- the application ----

    private void application() {
        Json condition = condition("Ready");
        boolean alone = Set.of(Presence.GATEWAY, Presence.WAYPOINT, Presence.ZTUNNEL)
                        .contains(facts.injection().presence())
                && Pods.containers(pod).size() == 1;
        if (alone) {
            stage(
                    Kind.APPLICATION_READY,
                    State.NOT_APPLICABLE,
                    null,
                    "The pod is a proxy and nothing else.",
                    List.of(),
                    "");
            return;
        }
        if (Pods.isReady(pod)) {
            done(Kind.APPLICATION_READY, since(condition), "");
            return;
        }
        String phase = Pods.phase(pod);
        if (phase.equals("Succeeded") || phase.equals("Failed")) {
            stage(
                    Kind.APPLICATION_READY,
                    phase.equals("Failed") ? State.FAILED : State.NOT_APPLICABLE,
                    since(condition),
                    "The pod has ended (" + phase + ").",
                    List.of(),
                    "");
            return;
        }
        List<Evidence> evidence = new ArrayList<>();
        List<String> open = new ArrayList<>();
        boolean failed = false;
        for (Json container : pod.spec().at("containers").items()) {
            String name = container.at("name").text("");
            Json status = Pods.containerStatus(pod, name).orElse(Json.MISSING);
            if (name.equals(Pods.PROXY_CONTAINER) || status.at("ready").bool(false)) {
                continue;
            }
            String state = containerState(pod, name);
            open.add(AgentLog.clip(name) + " " + state);
            evidence.addAll(evidenceOf(name));
            failed |= !PATIENT.contains(status.at("state", "waiting", "reason").text(""))
                    || status.at("state", "terminated").exists()
                    || status.at("state", "running").exists();
        }
        boolean proxyFirst = hasProxy && !isProxyReady();
        if (open.isEmpty()) {
            stage(
                    Kind.APPLICATION_READY,
                    State.WAITING,
                    since(condition),
                    proxyFirst
                            ? "Its containers are ready; the pod waits for the proxy."
                            : "All containers are ready; the pod is not: "
                                    + AgentLog.clip(condition.at("message").text("a readiness gate is open")),
                    List.of(),
                    "");
            return;
        }
        stage(
                Kind.APPLICATION_READY,
                failed && !proxyFirst ? State.FAILED : State.WAITING,
                since(condition),
                "Container " + String.join("; container ", open) + ".",
                evidence,
                failed && !proxyFirst ? "kubectl -n " + pod.namespace() + " describe pod " + pod.name() : "");
    }

    /** {@code runs but is not ready}, {@code waits in CrashLoopBackOff (exit code 1)}. */
    private static String containerState(Resource pod, String container) {
        Json status = Pods.containerStatus(pod, container).orElse(Json.MISSING);
        String waits = status.at("state", "waiting", "reason").text("");
        if (!waits.isEmpty()) {
            Json last = status.at("lastState", "terminated");
            return "waits in " + AgentLog.clip(waits)
                    + (last.exists()
                            ? " (it last ended with exit code "
                                    + last.at("exitCode").number(0) + ")"
                            : "");
        }
        return status.at("state", "running").exists()
                ? "runs but is not ready"
                : status.at("state", "terminated").exists()
                        ? "has ended with exit code "
                                + status.at("state", "terminated", "exitCode").number(0)
                        : "has not started";
    }

    // ---- small things ----

    private void stage(
            Kind kind, State state, @Nullable Instant since, String reason, List<Evidence> evidence, String remedy) {
        stages.put(kind, new ReadinessStage(kind, state, since, reason, evidence, remedy));
    }

    /** Gives a step that is not done its finding. */
    private void lead(Kind kind, FindingCode code) {
        stages.computeIfPresent(kind, (same, stage) -> stage.isDone() ? stage : stage.with(code));
    }

    private void done(Kind kind, @Nullable Instant since, String reason) {
        stage(kind, State.DONE, since, reason, List.of(), "");
    }

    private void waiting(Kind kind, String reason) {
        stage(kind, State.WAITING, null, reason, List.of(), "");
    }

    private void unknown(Kind kind, String reason) {
        stage(kind, State.UNKNOWN, null, reason, List.of(), "");
    }

    private static String upper(String text) {
        return text.isEmpty() || text.startsWith("istiod")
                ? text
                : Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    private String where(String container) {
        return pod.ref() + " container " + container;
    }

    private Json condition(String type) {
        return pod.status().at("conditions").items().stream()
                .filter(condition -> condition.at("type").text("").equals(type))
                .findFirst()
                .orElse(Json.MISSING);
    }

    private static @Nullable Instant since(Json condition) {
        return SyncStatusParser.time(condition.at("lastTransitionTime").text(""))
                .orElse(null);
    }

    private List<Resource> events(String reason) {
        return facts.events().get().orElse(List.of()).stream()
                .filter(event -> event.raw().at("reason").text("").equals(reason))
                .toList();
    }

    private static boolean isAbout(Resource event, String container) {
        return event.raw().at("involvedObject", "fieldPath").text("").endsWith("{" + container + "}");
    }

    private List<Evidence> evidence(String reason) {
        return evidence(events(reason));
    }

    /** The last three, which are the newest. */
    private static List<Evidence> evidence(List<Resource> events) {
        return events.subList(Math.max(0, events.size() - 3), events.size()).stream()
                .map(event -> new Evidence(
                        "event " + AgentLog.clip(event.raw().at("reason").text("")),
                        time(event).equals(Instant.MIN) ? "" : time(event).toString(),
                        message(event)))
                .toList();
    }

    /** The warnings about a container. */
    private List<Evidence> evidenceOf(String container) {
        return evidence(facts.events().get().orElse(List.of()).stream()
                .filter(event -> event.raw().at("type").text("").equals("Warning") && isAbout(event, container))
                .toList());
    }

    private static String message(Resource event) {
        return AgentLog.clip(event.raw().at("message").text(""));
    }

    /** When an event was last seen. Source: Kubernetes, {@code events.k8s.io/v1}: new ones have only {@code eventTime}. */
    static Instant time(Resource event) {
        Json raw = event.raw();
        for (Json time : List.of(
                raw.at("lastTimestamp"),
                raw.at("series", "lastObservedTime"),
                raw.at("eventTime"),
                raw.at("metadata", "creationTimestamp"))) {
            Optional<Instant> parsed = SyncStatusParser.time(time.text(""));
            if (parsed.isPresent()) {
                return parsed.get();
            }
        }
        return Instant.MIN;
    }

    private static @Nullable Instant first(Resource event) {
        return SyncStatusParser.time(event.raw().at("firstTimestamp").text("")).orElse(null);
    }
}
