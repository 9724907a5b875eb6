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
 * MDX0106: a pod with a proxy runs, and no istiod knows it. Says nothing unless every istiod answered: the proxy may be
 * connected to the one that did not.
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
        if (model.answered == 0 || model.answered < model.asked) {
            return;
        }
        Optional<IstiodInstance> young = model.istiods.stream()
                .filter(istiod -> istiod.uptime()
                        .map(uptime -> uptime.compareTo(GRACE) < 0)
                        .orElse(false))
                .findFirst();
        String asked = model.istiods.stream().map(IstiodInstance::pod).collect(Collectors.joining(", "));
        for (Resource pod : model.pods) {
            if (!Pods.isRunning(pod)
                    || !Pods.hasProxy(pod)
                    || model.proxy(pod).isPresent()
                    || !runsLongEnough(pod, model.now)) {
                continue;
            }
            report.accept(Finding.of(HealthCodes.PROXY_NOT_CONNECTED, pod)
                    .severity(young.isPresent() ? Severity.INFO : Severity.ERROR)
                    .message("The proxy of " + pod.name() + " is connected to no istiod"
                            + young.map(istiod -> "; " + istiod.pod() + " is up only since "
                                            + istiod.uptime()
                                                    .orElse(Duration.ZERO)
                                                    .toSeconds()
                                            + " s, so it may be about to connect again.")
                                    .orElse(": it gets no configuration, no endpoints and no new certificate."))
                    .evidence("proxy", "/debug/syncz of " + asked, "not listed")
                    .evidence("container istio-proxy", pod.ref().toString(), "running")
                    .remedy(
                            young.isPresent()
                                    ? "Ask again in a minute."
                                    : "kubectl -n " + pod.namespace() + " logs " + pod.name()
                                            + " -c istio-proxy --tail=50 (look for xdsproxy); check its revision label ("
                                            + Pods.revision(pod)
                                            + "), its token, and that it may reach istiod on port 15012.")
                    .build());
        }
    }

    private static boolean runsLongEnough(Resource pod, Instant now) {
        return Pods.containerStatus(pod, Pods.PROXY_CONTAINER)
                .map(status -> status.at("state", "running"))
                .filter(running -> running.exists())
                .map(running -> SyncStatusParser.time(running.at("startedAt").text(""))
                        .map(started -> started.plus(GRACE).isBefore(now))
                        .orElse(true))
                .orElse(false);
    }
}
