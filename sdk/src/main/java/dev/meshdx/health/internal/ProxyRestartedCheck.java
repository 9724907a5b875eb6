package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.Termination;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Pods;
import java.util.List;
import java.util.function.Consumer;

/** MDX0108: the proxy's container was killed or ended, and was started again. */
final class ProxyRestartedCheck implements Check<HealthModel> {
    private static final int KILLED = 137;

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.PROXY_RESTARTED);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (Resource pod : model.pods) {
            if (!Pods.hasProxy(pod)) {
                continue;
            }
            Json status = Pods.containerStatus(pod, Pods.PROXY_CONTAINER).orElse(Json.MISSING);
            long restarts = status.at("restartCount").number(0);
            // One that does not run now is MDX0107's matter.
            if (restarts > 0 && !status.at("state", "waiting").exists()) {
                report.accept(finding(model, pod, restarts, HealthReads.termination(status)));
            }
        }
    }

    private static Finding finding(
            HealthModel model, Resource pod, long restarts, @org.jspecify.annotations.Nullable Termination last) {
        boolean recent = last != null
                && last.at()
                        .map(at -> at.isAfter(model.now.minus(IstiodUnstableCheck.RECENT)))
                        .orElse(true);
        boolean memory = last != null && last.reason().equals("OOMKilled");
        String why = last == null
                ? "the kubelet does not say why"
                : memory
                        ? "killed for using more memory than its limit (OOMKilled, exit code " + last.exitCode() + ")"
                        : last.exitCode() == KILLED ? "killed (exit code 137)" : last.toString();
        Finding.Builder finding = Finding.of(HealthCodes.PROXY_RESTARTED, pod)
                .severity(recent ? Severity.WARNING : Severity.INFO)
                .message("The proxy of " + pod.name() + " was restarted " + restarts
                        + (restarts == 1 ? " time: " : " times; the last time: ") + why + ". "
                        + (recent ? "Requests that were under way then have failed." : "It has been running since."))
                .evidence("restartCount", pod.ref() + " container istio-proxy", Long.toString(restarts));
        if (last != null) {
            finding.evidence("lastState.terminated", pod.ref() + " container istio-proxy", last.toString());
        }
        return finding.remedy("kubectl -n " + pod.namespace() + " logs " + pod.name() + " -c istio-proxy --previous"
                        + (memory
                                ? "; give the proxy more memory (annotation sidecar.istio.io/proxyMemoryLimit), or less"
                                        + " configuration (a Sidecar resource with egress.hosts)."
                                : ""))
                .build();
    }
}
