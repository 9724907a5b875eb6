package dev.meshdx.diagnosis;

import dev.meshdx.annotation.Internal;
import dev.meshdx.check.StepReport;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.finding.Severity;
import java.time.Duration;
import java.util.List;

/**
 * How one step of a diagnosis went.
 *
 * @param step which one
 * @param status how it looks
 * @param summary one line
 * @param took how long it took, reads included
 * @param findings what it found, worst first
 * @param gaps what it could not see
 */
public record StepOutcome(
        Step step, Status status, String summary, Duration took, List<Finding> findings, List<Inconclusive> gaps) {
    /** How a step looks. */
    public enum Status {
        /** Nothing wrong. */
        OK,
        /** Warnings. */
        DEGRADED,
        /** Errors. */
        BROKEN,
        /** Nothing wrong was seen, but something that matters could not be seen. */
        INCONCLUSIVE
    }

    /** Copies the lists. */
    public StepOutcome {
        findings = List.copyOf(findings);
        gaps = List.copyOf(gaps);
    }

    /** From what the step reported. */
    @Internal
    public static StepOutcome of(Step step, StepReport report, Duration took) {
        return new StepOutcome(
                step,
                status(report.findings(), report.gaps()),
                report.summary(),
                took,
                report.findings(),
                report.gaps());
    }

    private static Status status(List<Finding> findings, List<Inconclusive> gaps) {
        if (findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR)) {
            return Status.BROKEN;
        }
        if (findings.stream().anyMatch(finding -> finding.severity() == Severity.WARNING)) {
            return Status.DEGRADED;
        }
        boolean blind = gaps.stream().anyMatch(StepOutcome::matters);
        return blind ? Status.INCONCLUSIVE : Status.OK;
    }

    /** What is not installed, or was never recorded, is no news about the mesh. */
    @Internal
    public static boolean matters(Inconclusive gap) {
        return gap.reason() != Reason.NOT_INSTALLED && gap.reason() != Reason.NOT_RECORDED;
    }

    /** One line. */
    @Override
    public String toString() {
        return step + " " + status + ": " + summary;
    }
}
