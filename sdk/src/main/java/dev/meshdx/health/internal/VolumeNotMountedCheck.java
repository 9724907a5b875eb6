package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import java.util.List;
import java.util.function.Consumer;

/** MDX0155: a volume of a pod cannot be mounted. */
final class VolumeNotMountedCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.VOLUME_NOT_MOUNTED);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        ReadinessFindings.report(model, HealthCodes.VOLUME_NOT_MOUNTED, report);
    }
}
