package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import java.util.List;
import java.util.function.Consumer;

/** MDX0153: a proxy that is not ready waits for its certificate. */
final class CertificateNotDeliveredCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.CERTIFICATE_NOT_DELIVERED);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        ReadinessFindings.report(model, HealthCodes.CERTIFICATE_NOT_DELIVERED, report);
    }
}
