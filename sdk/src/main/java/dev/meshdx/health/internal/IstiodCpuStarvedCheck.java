package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** MDX0123: an istiod uses nine tenths of its CPU limit or more, and is throttled above it. */
final class IstiodCpuStarvedCheck implements Check<HealthModel> {
    private static final double STARVED = 0.9;

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.ISTIOD_CPU_STARVED);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (IstiodInstance istiod : model.istiods) {
            double cores = istiod.cpuCores().orElse(-1);
            double limit = istiod.cpuLimitCores().orElse(-1);
            if (limit <= 0 || cores < limit * STARVED) {
                continue;
            }
            boolean average = istiod.cpuSource().equals("process_cpu_seconds_total");
            report.accept(Finding.of(HealthCodes.ISTIOD_CPU_STARVED, istiod.podRef())
                    .message(istiod.pod() + " uses " + text(cores) + " of its limit of " + text(limit) + " cores ("
                            + Math.round(cores * 100 / limit) + " %"
                            + (average ? " on average since it started" : "")
                            + "): the kernel throttles it, and pushes, injection and probes wait meanwhile.")
                    .evidence("cpu", istiod.cpuSource(), text(cores) + " cores")
                    .evidence("resources.limits.cpu", istiod.podRef().toString(), text(limit))
                    .evidence(
                            "throttling",
                            "container_cpu_cfs_throttled_periods_total",
                            "not served by istiod; the kubelet's cAdvisor counts it")
                    .remedy("Raise or drop the CPU limit, or add istiods: kubectl -n " + istiod.namespace()
                            + " top pod " + istiod.pod())
                    .build());
        }
    }

    private static String text(double cores) {
        return String.format(Locale.ROOT, "%.2f", cores);
    }
}
