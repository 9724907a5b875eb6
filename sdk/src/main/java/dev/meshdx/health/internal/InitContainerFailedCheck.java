package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import java.util.List;
import java.util.function.Consumer;

/** MDX0151: an init container that runs before the proxy fails. */
final class InitContainerFailedCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.INIT_CONTAINER_FAILED);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        ReadinessFindings.report(model, HealthCodes.INIT_CONTAINER_FAILED, report);
    }
}
