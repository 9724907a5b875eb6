package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import java.util.List;
import java.util.function.Consumer;

/** MDX0152: the sandbox of a pod cannot be made, most often because istio-cni fails. */
final class NetworkSetupFailedCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.NETWORK_SETUP_FAILED);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        ReadinessFindings.report(model, HealthCodes.NETWORK_SETUP_FAILED, report);
    }
}
