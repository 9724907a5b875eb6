package dev.meshdx.check;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import java.util.List;

/**
 * What one step of a diagnosis saw.
 *
 * @param summary one line for the operator, such as {@code "1 istiod ready, 9 of 9 proxies in sync"}
 * @param findings what is wrong, sorted
 * @param gaps what could not be seen, sorted
 */
public record StepReport(String summary, List<Finding> findings, List<Inconclusive> gaps) {
    /** Sorts and copies. */
    public StepReport {
        findings = findings.stream().sorted().distinct().toList();
        gaps = gaps.stream().sorted().distinct().toList();
    }
}
