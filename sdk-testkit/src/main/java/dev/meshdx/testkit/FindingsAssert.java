package dev.meshdx.testkit;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import java.util.List;
import java.util.function.Supplier;
import org.assertj.core.api.AbstractAssert;

/** Assertions on findings; the report is part of every failure's message. */
public final class FindingsAssert extends AbstractAssert<FindingsAssert, List<Finding>> {
    private final List<Finding> rootCauses;
    private final Supplier<String> report;

    FindingsAssert(List<Finding> findings, List<Finding> rootCauses, Supplier<String> report) {
        super(findings, FindingsAssert.class);
        this.rootCauses = rootCauses;
        this.report = report;
    }

    /** There are neither errors nor warnings. */
    public FindingsAssert isHealthy() {
        return hasNoFindingsAtLeast(Severity.WARNING);
    }

    /** There is nothing at or above this severity. */
    public FindingsAssert hasNoFindingsAtLeast(Severity severity) {
        List<Finding> bad = actual.stream()
                .filter(finding -> finding.severity().atLeast(severity))
                .toList();
        if (!bad.isEmpty()) {
            fail("Expected no finding at or above " + severity + ", but there are " + bad.size(), bad);
        }
        return this;
    }

    /** There is something at or above this severity. */
    public FindingsAssert hasFindingsAtLeast(Severity severity) {
        if (actual.stream().noneMatch(finding -> finding.severity().atLeast(severity))) {
            fail("Expected a finding at or above " + severity + ", but there is none", actual);
        }
        return this;
    }

    /** There is a finding with this code. */
    public FindingsAssert hasFinding(String code) {
        if (actual.stream().noneMatch(finding -> finding.code().equals(code))) {
            fail("Expected a finding " + code + ", but there is none", actual);
        }
        return this;
    }

    /** There is no finding with this code. */
    public FindingsAssert hasNoFinding(String code) {
        if (actual.stream().anyMatch(finding -> finding.code().equals(code))) {
            fail("Expected no finding " + code + ", but there is one", actual);
        }
        return this;
    }

    /** The likeliest cause has this code. */
    public FindingsAssert hasRootCause(String code) {
        if (rootCauses.isEmpty() || !rootCauses.get(0).code().equals(code)) {
            fail("Expected " + code + " as the root cause", rootCauses);
        }
        return this;
    }

    private void fail(String expectation, List<Finding> seen) {
        StringBuilder message = new StringBuilder(expectation).append(":\n");
        seen.forEach(finding -> message.append("  ").append(finding).append('\n'));
        failWithMessage("%s", message.append("\nThe report:\n").append(report.get()));
    }
}
