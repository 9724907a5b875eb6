package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.Readiness;
import dev.meshdx.health.ReadinessStage;
import dev.meshdx.health.SyncState;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** MDX0107: the pod runs, but its proxy is not ready, or does not come up. */
final class ProxyUnhealthyCheck implements Check<HealthModel> {
    /** A proxy needs some seconds to become ready. */
    private static final Duration START = Duration.ofSeconds(30);

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.PROXY_UNHEALTHY);
    }

    /** Whether the pod's proxy should be ready and is not. */
    static boolean isUnwell(Resource pod) {
        return !pod.raw().at("metadata", "deletionTimestamp").exists()
                && Pods.hasProxy(pod)
                && Pods.containerStatus(pod, Pods.PROXY_CONTAINER)
                        .map(status -> !status.at("ready").bool(true)
                                && (status.at("state", "running").exists()
                                        || status.at("restartCount").number(0) > 0
                                        || isFailing(status)))
                        .orElse(false)
                && !Pods.phase(pod).equals("Succeeded")
                && !Pods.phase(pod).equals("Failed");
    }

    /** Whether the container waits for something else than its turn. */
    private static boolean isFailing(Json status) {
        String reason = status.at("state", "waiting", "reason").text("");
        return !reason.isEmpty() && !reason.equals("ContainerCreating") && !reason.equals("PodInitializing");
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (Resource pod : model.pods) {
            if (isUnwell(pod) && ReadinessFindings.cause(model, pod).isEmpty()) {
                Json status = Pods.containerStatus(pod, Pods.PROXY_CONTAINER).orElse(Json.MISSING);
                report.accept(finding(model, pod, status));
            }
        }
    }

    private static Finding finding(HealthModel model, Resource pod, Json status) {
        boolean running = status.at("state", "running").exists();
        Optional<Instant> started =
                SyncStatusParser.time(status.at("state", "running", "startedAt").text(""));
        boolean starting = started.map(at -> at.plus(START).isAfter(model.now)).orElse(false);
        Optional<ProxyStatus> known = model.proxy(pod);
        boolean silent = known.map(
                        proxy -> proxy.types().values().stream().anyMatch(type -> type.state() == SyncState.STALE))
                .orElse(false);
        String waiting = status.at("state", "waiting", "reason").text("");
        Optional<ReadinessStage> cause =
                Optional.ofNullable(model.readiness.get(pod.ref())).flatMap(Readiness::cause);
        String because = cause.map(ReadinessStage::reason).orElse("");
        String message = "The proxy of " + pod.name()
                + (running
                        ? starting
                                ? " is starting and not ready yet."
                                : " runs but is not ready"
                                        + (silent
                                                ? ", and does not acknowledge configuration either: Envoy hangs."
                                                : !because.isEmpty()
                                                        ? ", so the pod gets no traffic. " + because
                                                        : ": its readiness probe on port 15021 fails, so the pod gets no traffic.")
                        : " does not run"
                                + (!because.isEmpty()
                                        ? ". " + because
                                        : waiting.isEmpty() ? "." : ": it waits in " + waiting + "."));
        String where = pod.ref() + " container istio-proxy";
        Finding.Builder finding = Finding.of(HealthCodes.PROXY_UNHEALTHY, pod)
                .severity(starting ? Severity.INFO : Severity.ERROR)
                .message(message)
                .evidence("ready", where, "false")
                .evidence(
                        "state",
                        where,
                        running
                                ? "running" + started.map(at -> " since " + at).orElse("")
                                : waiting.isEmpty() ? "not running" : waiting);
        if (status.at("restartCount").number(0) > 0) {
            finding.evidence("restartCount", where, status.at("restartCount").text(""));
        }
        Set<String> told = new HashSet<>(Set.of("state", "restartCount", "sync"));
        for (Resource event : model.events.getOrDefault(pod.ref(), List.of())) {
            if (event.raw().at("type").text("").equals("Warning")) {
                told.add("event " + event.raw().at("reason").text(""));
                finding.evidence(
                        "event " + event.raw().at("reason").text(""),
                        event.raw().at("lastTimestamp").text(""),
                        event.raw().at("message").text(""));
            }
        }
        cause.ifPresent(stage -> stage.evidence().stream()
                .filter(evidence -> !told.contains(evidence.what()))
                .forEach(evidence -> finding.evidence(evidence.what(), evidence.where(), evidence.value())));
        known.filter(proxy -> !proxy.isSynced())
                .ifPresent(proxy -> finding.evidence("sync", "/debug/syncz of " + proxy.istiod(), proxy.toString()));
        return finding.remedy(
                        starting
                                ? "Ask again in half a minute."
                                : "kubectl -n " + pod.namespace() + " logs " + pod.name() + " -c istio-proxy --tail=50"
                                        + (running ? "" : " --previous")
                                        + "; if it hangs or cannot recover: kubectl -n " + pod.namespace()
                                        + " delete pod "
                                        + pod.name())
                .build();
    }
}
