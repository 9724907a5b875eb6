package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** MDX0102: an istiod was restarted recently, or is not ready while another one of its revision works. */
final class IstiodUnstableCheck implements Check<HealthModel> {
    /** A restart that is older says nothing about today. */
    static final Duration RECENT = Duration.ofHours(1);

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.ISTIOD_UNSTABLE);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (IstiodInstance istiod : model.istiods) {
            boolean revisionWorks = model.istiods.stream()
                    .anyMatch(other -> other.revision().equals(istiod.revision()) && other.ready());
            if (!revisionWorks) {
                continue; // MDX0101 says it
            }
            boolean restarted = istiod.restarts() > 0
                    && istiod.lastTermination()
                            .flatMap(last -> last.at())
                            .map(at -> at.isAfter(model.now.minus(RECENT)))
                            .orElse(false);
            if (!istiod.ready() || restarted) {
                Finding.Builder finding =
                        Finding.of(HealthCodes.ISTIOD_UNSTABLE, istiod.podRef()).message(message(istiod));
                ControlPlaneUnavailableCheck.evidence(finding, istiod);
                report.accept(finding.remedy("kubectl -n " + istiod.namespace() + " logs " + istiod.pod()
                                + " -c discovery --previous; kubectl -n " + istiod.namespace() + " describe pod "
                                + istiod.pod())
                        .build());
            }
        }
    }

    private static String message(IstiodInstance istiod) {
        if (!istiod.ready()) {
            return ControlPlaneUnavailableCheck.state(istiod) + "; another istiod of revision " + istiod.revision()
                    + " is ready and serves the proxies.";
        }
        return istiod.pod() + " was restarted ("
                + istiod.lastTermination().map(Object::toString).orElse("reason unknown") + "), " + istiod.restarts()
                + " times in all. With each restart its proxies have to connect again.";
    }
}
