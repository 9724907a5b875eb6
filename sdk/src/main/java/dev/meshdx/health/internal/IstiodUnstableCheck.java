package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.Termination;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** MDX0102: an istiod was restarted recently, or is not ready while another one of its revision works. */
final class IstiodUnstableCheck implements Check<HealthModel> {
    /** A restart that is older says nothing about today. */
    static final Duration RECENT = Duration.ofHours(1);

    private static final int FREQUENT = 3;

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
            if (!istiod.ready() && IstiodPendingCheck.isPending(istiod)) {
                continue; // MDX0119 says it
            }
            if (!istiod.ready() || restarts(istiod, model.now)) {
                Finding.Builder finding =
                        Finding.of(HealthCodes.ISTIOD_UNSTABLE, istiod.podRef()).message(message(istiod, model.now));
                ControlPlaneUnavailableCheck.evidence(finding, istiod);
                report.accept(finding.remedy(ControlPlaneUnavailableCheck.remedy(istiod))
                        .build());
            }
        }
    }

    /** Within the last hour; or within the last day, where it was killed for memory or restarts again and again. */
    private static boolean restarts(IstiodInstance istiod, Instant now) {
        Optional<Instant> last = istiod.lastTermination().flatMap(Termination::at);
        if (istiod.restarts() == 0 || last.isEmpty()) {
            return false;
        }
        boolean memory = istiod.lastTermination()
                .filter(termination -> termination.reason().equals("OOMKilled"))
                .isPresent();
        Duration limit = memory || isFrequent(istiod, now) ? Duration.ofDays(1) : RECENT;
        return last.get().isAfter(now.minus(limit));
    }

    /** At least three times, and at least once a day over the pod's age. */
    private static boolean isFrequent(IstiodInstance istiod, Instant now) {
        return istiod.restarts() >= FREQUENT
                && istiod.createdAt()
                        .map(created -> Duration.between(created, now)
                                        .compareTo(Duration.ofDays(1).multipliedBy(istiod.restarts()))
                                < 0)
                        .orElse(false);
    }

    private static String message(IstiodInstance istiod, Instant now) {
        if (!istiod.ready()) {
            return ControlPlaneUnavailableCheck.state(istiod)
                    + istiod.notReadySince()
                            .map(since -> ", not ready for " + text(Duration.between(since, now)))
                            .orElse("")
                    + (istiod.readinessProbe().isEmpty()
                                    || istiod.waitingReason().isPresent()
                            ? ""
                            : " (probe " + istiod.readinessProbe() + ")")
                    + "; another istiod of revision " + istiod.revision() + " is ready and serves the proxies."
                    + istiod.lastTermination()
                            .map(last -> " Its last run ended with " + last + ": " + last.meaning() + ".")
                            .orElse("");
        }
        String ended = istiod.lastTermination()
                .map(last -> last + ": " + last.meaning())
                .orElse("reason unknown");
        String when = istiod.lastTermination()
                .flatMap(Termination::at)
                .map(at -> " " + text(Duration.between(at, now)) + " ago")
                .orElse("");
        return istiod.pod() + " was restarted" + when + " (" + ended + "), "
                + (istiod.restarts() == 1 ? "once" : istiod.restarts() + " times")
                + istiod.createdAt()
                        .map(created -> " in the " + text(Duration.between(created, now)) + " since the pod was made")
                        .orElse(" in all")
                + ". With each restart its proxies have to connect again.";
    }

    /** {@code 3 days}, {@code 5 h}, {@code 12 min}, {@code 40 s}. */
    static String text(Duration duration) {
        Duration positive = duration.isNegative() ? Duration.ZERO : duration;
        if (positive.toDays() >= 2) {
            return positive.toDays() + " days";
        }
        if (positive.toHours() >= 2) {
            return positive.toHours() + " h";
        }
        return positive.toMinutes() >= 2 ? positive.toMinutes() + " min" : positive.toSeconds() + " s";
    }
}
