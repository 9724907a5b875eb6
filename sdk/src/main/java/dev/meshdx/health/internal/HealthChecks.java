package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import java.util.ArrayList;
import java.util.List;

/** The checks of the health step, one line each. */
final class HealthChecks {
    /** About the control plane itself. */
    static final List<Check<HealthModel>> CONTROL_PLANE = List.of(
            new ControlPlaneUnavailableCheck(),
            new IstiodUnstableCheck(),
            new IstiodMemoryHighCheck(),
            new IstiodPendingCheck(),
            new InjectionWebhookUnavailableCheck(),
            new ValidationWebhookUnavailableCheck(),
            new WebhookCaMismatchCheck(),
            new InjectionWebhooksOverlapCheck(),
            new RevisionWithoutIstiodCheck(),
            new IstiodVersionsMixedCheck(),
            new CustomResourceNotServedCheck(),
            new SlowConfigurationPushCheck(),
            new PushErrorsCheck(),
            new LeaderElectionStaleCheck(),
            new MeshConfigNotInForceCheck(),
            new CertificateSigningFailsCheck(),
            new IstiodCpuStarvedCheck(),
            new JwksFetchFailsCheck(),
            new InjectionFailsCheck());

    /** About the connection between istiod and the proxies. */
    static final List<Check<HealthModel>> SYNC = List.of(
            new ProxyStaleCheck(),
            new ProxyRejectedConfigurationCheck(),
            new ProxyNotConnectedCheck(),
            new ProxyWithoutPodCheck(),
            new ProxyConnectedTwiceCheck(),
            new ProxyOnOtherRevisionCheck(),
            new NodeWithoutZtunnelCheck());

    /** About the pods. */
    static final List<Check<HealthModel>> WORKLOADS = List.of(
            new ProxyUnhealthyCheck(),
            new ProxyRestartedCheck(),
            new WorkloadUnavailableCheck(),
            new InitContainerFailedCheck(),
            new NetworkSetupFailedCheck(),
            new CertificateNotDeliveredCheck(),
            new FirstPushMissingCheck(),
            new VolumeNotMountedCheck());

    /** Why pods that are not well are not ready: the first cause, and nothing that follows from it. */
    static final List<Check<HealthModel>> READINESS = List.of(
            new InitContainerFailedCheck(),
            new NetworkSetupFailedCheck(),
            new CertificateNotDeliveredCheck(),
            new FirstPushMissingCheck(),
            new VolumeNotMountedCheck(),
            new ProxyUnhealthyCheck());

    private HealthChecks() {}

    static List<Finding> run(List<Check<HealthModel>> checks, HealthModel model) {
        List<Finding> findings = new ArrayList<>();
        checks.forEach(check -> check.run(model, findings::add));
        return findings;
    }
}
