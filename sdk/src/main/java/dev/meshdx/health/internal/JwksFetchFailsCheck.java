package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import java.util.List;
import java.util.function.Consumer;

/** MDX0124: keys of token issuers that an istiod could not fetch. */
final class JwksFetchFailsCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.JWKS_FETCH_FAILS);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (IstiodInstance istiod : model.istiods) {
            long failed = model.controlPlane
                    .metrics(istiod)
                    .map(metrics -> metrics.count("pilot_jwks_resolver_network_fetch_fail_total"))
                    .orElse(0L);
            if (failed > 0) {
                report.accept(Finding.of(HealthCodes.JWKS_FETCH_FAILS, istiod.podRef())
                        .severity(Failures.severity(failed, istiod.uptime()))
                        .message(
                                istiod.pod() + " could not fetch the keys of token issuers (jwksUri): "
                                        + Failures.text(failed, istiod.uptime())
                                        + ". Requests with tokens of such an issuer are answered 401, once istiod has no keys of it any more.")
                        .evidence(
                                "pilot_jwks_resolver_network_fetch_fail_total",
                                istiod.podRef().toString(),
                                String.valueOf(failed))
                        .remedy(
                                "kubectl -n " + istiod.namespace() + " logs " + istiod.pod()
                                        + " -c discovery | grep -i 'jwks'; the address is fetched from the istiod pod: egress rules, DNS and the certificate of the issuer matter there")
                        .build());
            }
        }
    }
}
