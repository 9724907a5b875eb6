package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import java.util.List;
import java.util.function.Consumer;

/** MDX0103: an istiod uses more than 4 GB, or more than 80 % of its limit. */
final class IstiodMemoryHighCheck implements Check<HealthModel> {
    /** More than this is rare in a mesh whose configuration is scoped. */
    static final long HIGH_BYTES = 4_000_000_000L;

    private static final int HIGH_PERCENT = 80;

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.ISTIOD_MEMORY_HIGH);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (IstiodInstance istiod : model.istiods) {
            if (istiod.memoryUsedBytes().isEmpty()) {
                continue;
            }
            long used = istiod.memoryUsedBytes().getAsLong();
            long limit = istiod.memoryLimitBytes().orElse(0);
            boolean nearLimit = limit > 0 && used > limit / 100 * HIGH_PERCENT;
            if (used <= HIGH_BYTES && !nearLimit) {
                continue;
            }
            Finding.Builder finding = Finding.of(HealthCodes.ISTIOD_MEMORY_HIGH, istiod.podRef())
                    .message(istiod.pod() + " uses " + Quantities.text(used) + " of memory"
                            + (nearLimit
                                    ? ", " + used * 100 / limit + " % of its limit of " + Quantities.text(limit)
                                            + ": it is killed (OOMKilled) when it needs more, and a burst of changes makes it need more."
                                    : ", more than 4 GB: usually every proxy is sent the whole mesh.")
                            + (istiod.heapBytes().isPresent()
                                    ? " The Go heap has "
                                            + Quantities.text(istiod.heapBytes().getAsLong()) + " of it."
                                    : ""))
                    .evidence("memory", istiod.memorySource(), used + " bytes");
            if (limit > 0) {
                finding.evidence("resources.limits.memory", istiod.podRef().toString(), limit + " bytes");
            }
            report.accept(
                    finding.remedy("Send less to each proxy (Sidecar resources with egress.hosts, discoverySelectors in"
                                    + " the mesh configuration), or raise the limit: kubectl -n " + istiod.namespace()
                                    + " top pod " + istiod.pod())
                            .build());
        }
    }
}
