package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.Latency;
import dev.meshdx.health.PushStatistics;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** MDX0117: of a hundred changes at least one takes five seconds or more to reach the proxies. */
final class SlowConfigurationPushCheck implements Check<HealthModel> {
    private static final Duration SLOW = Duration.ofSeconds(5);

    /** With fewer the slowest hundredth is the first push after a start. */
    private static final int ENOUGH = 20;

    private static final Map<String, String> METRICS = Map.of(
            "debounce", "pilot_debounce_time",
            "initialisation", "pilot_pushcontext_init_seconds",
            "queue", "pilot_proxy_queue_time",
            "generation", "pilot_xds_push_time");

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.SLOW_CONFIGURATION_PUSH);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (IstiodInstance istiod : model.istiods) {
            Optional<PushStatistics> push = istiod.push();
            if (push.isEmpty()) {
                continue;
            }
            Optional<Latency> slow = push.get()
                    .convergence()
                    .or(push.get()::queue)
                    .or(push.get()::generation)
                    .filter(latency -> latency.count() >= ENOUGH && latency.longerThan(SLOW) * 100 >= latency.count());
            if (slow.isPresent()) {
                report.accept(finding(istiod, push.get(), slow.get()));
            }
        }
    }

    private static Finding finding(IstiodInstance istiod, PushStatistics push, Latency slow) {
        Map<String, Latency> stages = new LinkedHashMap<>();
        push.debounce().ifPresent(latency -> stages.put("debounce", latency));
        push.initialisation().ifPresent(latency -> stages.put("initialisation", latency));
        push.queue().ifPresent(latency -> stages.put("queue", latency));
        push.generation().ifPresent(latency -> stages.put("generation", latency));
        String worst = stages.entrySet().stream()
                .filter(stage -> !estimate(stage.getValue()).isZero())
                .max(Map.Entry.comparingByValue((one, other) -> estimate(one).compareTo(estimate(other))))
                .map(Map.Entry::getKey)
                .orElse("");
        Finding.Builder finding = Finding.of(HealthCodes.SLOW_CONFIGURATION_PUSH, istiod.podRef())
                .message(istiod.pod() + " takes long to bring changes to its proxies: "
                        + slow.p99()
                                .map(quantile -> "of 100 one takes " + quantile)
                                .orElse("")
                        + " (" + slow.count() + " measured since it started)."
                        + switch (worst) {
                            case "debounce" ->
                                " Most of it is waiting for changes to come to rest: something changes all the time.";
                            case "initialisation" ->
                                " Most of it is making the state that all pushes share: the mesh has many services and rules.";
                            case "queue" ->
                                " Most of it is waiting in the queue of pushes: too few pushes at once, or too few istiods.";
                            case "generation" -> " Most of it is making configuration: each proxy is sent a lot.";
                            default -> "";
                        })
                .evidence("pilot_proxy_convergence_time", istiod.podRef().toString(), slow.toString());
        stages.forEach((stage, latency) -> finding.evidence(
                METRICS.getOrDefault(stage, stage), istiod.podRef().toString(), latency.toString()));
        istiod.cpuCores()
                .ifPresent(cores -> finding.evidence(
                        istiod.cpuSource(),
                        istiod.podRef().toString(),
                        String.format(Locale.ROOT, "%.2f cores", cores)
                                + (istiod.cpuLimitCores().isPresent()
                                        ? String.format(
                                                Locale.ROOT,
                                                ", limit %.2f",
                                                istiod.cpuLimitCores().getAsDouble())
                                        : ", no limit")));
        return finding.remedy(
                        switch (worst) {
                            case "debounce" ->
                                "See what changes: kubectl -n " + istiod.namespace() + " logs " + istiod.pod()
                                        + " -c discovery | grep 'Push debounce stable'; the metric pilot_push_triggers tells the kinds";
                            case "queue" ->
                                "Add istiods, raise the CPU limit, or let more pushes run at once (environment PILOT_PUSH_THROTTLE of istiod)";
                            default ->
                                "Send less to each proxy: Sidecar resources with egress.hosts, exportTo on services and rules,"
                                        + " discoverySelectors in the mesh configuration; add istiods or CPU";
                        })
                .build();
    }

    private static Duration estimate(Latency latency) {
        return latency.p99().map(Latency.Quantile::estimate).orElse(Duration.ZERO);
    }
}
