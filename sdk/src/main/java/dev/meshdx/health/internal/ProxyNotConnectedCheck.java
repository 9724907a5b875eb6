package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * MDX0106: a pod with a proxy runs, and no istiod knows it. Says nothing of a pod that an istiod may know that did not answer: one of
 * the pod's revision.
 */
final class ProxyNotConnectedCheck implements Check<HealthModel> {
    /** A proxy that has just started, or whose istiod has, needs a moment; it backs off up to half a minute. */
    static final Duration GRACE = Duration.ofMinutes(1);

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.PROXY_NOT_CONNECTED);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        List<Resource> pods = model.connections().notConnected().stream()
                .filter(pod -> runsLongEnough(pod, model.now))
                .toList();
        if (pods.isEmpty()) {
            return;
        }
        Optional<IstiodInstance> young = model.istiods.stream()
                .filter(istiod -> istiod.uptime()
                        .map(uptime -> uptime.compareTo(GRACE) < 0)
                        .orElse(false))
                .findFirst();
        String asked = model.istiods.stream().map(IstiodInstance::pod).collect(Collectors.joining(", "));
        for (Resource pod : pods) {
            report.accept(finding(model, pod, young, asked));
        }
    }

    private static Finding finding(HealthModel model, Resource pod, Optional<IstiodInstance> young, String asked) {
        boolean ztunnel = Pods.isZtunnel(pod);
        String revision = Pods.revision(pod);
        boolean served =
                model.istiods.stream().anyMatch(istiod -> istiod.revision().equals(revision))
                        || model.webhooks.stream()
                                .anyMatch(webhook ->
                                        webhook.label("istio.io/tag").orElse("").equals(revision));
        Finding.Builder finding = Finding.of(HealthCodes.PROXY_NOT_CONNECTED, pod)
                .severity(young.isPresent() ? Severity.INFO : Severity.ERROR)
                .message("The " + name(pod) + " of " + pod.name() + " is connected to no istiod"
                        + young.map(istiod -> "; " + istiod.pod() + " is up only since "
                                        + istiod.uptime().orElse(Duration.ZERO).toSeconds()
                                        + " s, so it may be about to connect again.")
                                .orElse(
                                        ztunnel
                                                ? ": it goes on with what it knows, and learns of no new pod, policy or certificate"
                                                        + carried(model, pod) + "."
                                                : ": it gets no configuration, no endpoints and no new certificate."
                                                        + (served
                                                                ? ""
                                                                : " It was made for revision " + revision
                                                                        + ", of which there is no istiod.")))
                .evidence("proxy", "/debug/syncz of " + asked, "not listed")
                .evidence(
                        "container istio-proxy",
                        pod.ref().toString(),
                        "running" + started(pod).map(at -> " since " + at).orElse(""));
        if (!Pods.isReady(pod)) {
            pod.status().at("conditions").items().stream()
                    .filter(condition -> condition.at("type").text("").equals("Ready"))
                    .findFirst()
                    .ifPresent(condition -> finding.evidence(
                            "condition Ready",
                            pod.ref().toString(),
                            "False since "
                                    + condition.at("lastTransitionTime").text("")
                                    + " "
                                    + condition.at("reason").text("")));
        }
        String kubectl = "kubectl -n " + pod.namespace();
        return finding.remedy(
                        young.isPresent()
                                ? "Ask again in a minute."
                                : ztunnel
                                        ? kubectl + " logs " + pod.name()
                                                + " --tail=50 (look for xds); where it says nothing the connection is half open"
                                                + " and neither end has noticed: "
                                                + kubectl + " delete pod " + pod.name()
                                        : kubectl + " logs " + pod.name()
                                                + " -c istio-proxy --tail=50 (look for xdsproxy); check its revision ("
                                                + revision
                                                + "), its token, and that it may reach istiod on port 15012.")
                .build();
    }

    private static String name(Resource pod) {
        return switch (ProxyReads.type(pod)) {
            case "ztunnel" -> "ztunnel";
            case "waypoint" -> "waypoint proxy";
            case "router" -> "gateway proxy";
            default -> "proxy";
        };
    }

    /** Whose traffic a ztunnel carries. */
    private static String carried(HealthModel model, Resource ztunnel) {
        long pods = model.pods.stream()
                .filter(pod -> Pods.isRunning(pod)
                        && Pods.isAmbient(pod)
                        && Connections.node(pod).equals(Connections.node(ztunnel)))
                .count();
        return pods == 0
                ? ""
                : "; it carries the traffic of " + (pods == 1 ? "1 pod" : pods + " pods") + " of node "
                        + Connections.node(ztunnel);
    }

    private static Optional<Instant> started(Resource pod) {
        return Pods.containerStatus(pod, Pods.PROXY_CONTAINER)
                .flatMap(status -> SyncStatusParser.time(
                        status.at("state", "running", "startedAt").text("")));
    }

    /** Whether the proxy has had the time to connect. */
    static boolean runsLongEnough(Resource pod, Instant now) {
        boolean running = Pods.containerStatus(pod, Pods.PROXY_CONTAINER)
                .map(status -> status.at("state", "running").exists())
                .orElse(false);
        return running && started(pod).map(at -> at.plus(GRACE).isBefore(now)).orElse(true);
    }
}
