package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import java.util.List;
import java.util.function.Consumer;

/** MDX0154: a proxy that is not ready is connected, and istiod has sent it nothing. */
final class FirstPushMissingCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.FIRST_PUSH_MISSING);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        ReadinessFindings.report(model, HealthCodes.FIRST_PUSH_MISSING, report);
    }
}
