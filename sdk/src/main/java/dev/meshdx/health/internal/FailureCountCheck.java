package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.IstiodInstance;
import java.util.List;
import java.util.function.Consumer;

/** A counter of istiod counts what failed: how often since it was started says how bad it is. */
abstract class FailureCountCheck implements Check<HealthModel> {
    private final FindingCode code;
    private final String counter;

    FailureCountCheck(FindingCode code, String counter) {
        this.code = code;
        this.counter = counter;
    }

    /** What an istiod failed at, how often, and what follows. */
    abstract String message(IstiodInstance istiod, String failures);

    /** What to look for in its log, and where else. */
    abstract String remedy(String log);

    @Override
    public final List<FindingCode> codes() {
        return List.of(code);
    }

    @Override
    public final void run(HealthModel model, Consumer<Finding> report) {
        for (IstiodInstance istiod : model.istiods) {
            long failed = model.controlPlane
                    .metrics(istiod)
                    .map(metrics -> metrics.count(counter))
                    .orElse(0L);
            if (failed > 0) {
                report.accept(Finding.of(code, istiod.podRef())
                        .severity(Failures.severity(failed, istiod.uptime()))
                        .message(message(istiod, Failures.text(failed, istiod.uptime())))
                        .evidence(counter, istiod.podRef().toString(), String.valueOf(failed))
                        .remedy(remedy("kubectl -n " + istiod.namespace() + " logs " + istiod.pod() + " -c discovery"))
                        .build());
            }
        }
    }
}
