package dev.meshdx.diagnosis;

import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The result of all five steps: one sentence, the findings with the cause first, and what could not be seen. Immutable; safe
 * for use by several threads.
 */
public final class Diagnosis {
    /** JShell cuts the text of a value at 1,000 characters; a line on what is left out still fits. */
    private static final int LONGEST = 860;

    private final Scope scope;
    private final String source;
    private final Instant at;
    private final String verdict;
    private final List<Finding> rootCauses;
    private final List<Finding> findings;
    private final List<StepOutcome> steps;
    private final List<Inconclusive> inconclusive;
    private final List<String> next;

    /** Put together by the diagnoser. */
    @Internal
    public Diagnosis(
            Scope scope,
            String source,
            Instant at,
            String verdict,
            List<Finding> rootCauses,
            List<Finding> others,
            List<StepOutcome> steps,
            List<String> next) {
        this.scope = scope;
        this.source = source;
        this.at = at;
        this.verdict = verdict;
        this.rootCauses = List.copyOf(rootCauses);
        List<Finding> all = new ArrayList<>(rootCauses);
        all.addAll(others);
        this.findings = List.copyOf(all);
        this.steps = List.copyOf(steps);
        Set<Inconclusive> gaps = new LinkedHashSet<>();
        steps.forEach(step -> gaps.addAll(step.gaps()));
        this.inconclusive = gaps.stream().sorted().toList();
        this.next = List.copyOf(next);
    }

    /** What was diagnosed. */
    public Scope scope() {
        return scope;
    }

    /** Where the data came from. */
    public String source() {
        return source;
    }

    /** The time at which it was judged. */
    public Instant at() {
        return at;
    }

    /** One sentence: what is broken, and why; or that nothing is. */
    public String verdict() {
        return verdict;
    }

    /** The findings that nothing else explains and that are errors or warnings, the likeliest cause first. */
    public List<Finding> rootCauses() {
        return rootCauses;
    }

    /** All findings: root causes first, then what they explain, then the rest, worst first. */
    public List<Finding> findings() {
        return findings;
    }

    /** The five steps in their order. */
    public List<StepOutcome> steps() {
        return steps;
    }

    /** What could not be seen, and why. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** What to type next, the most useful first. */
    public List<String> next() {
        return next;
    }

    /** Whether there is nothing at or above this severity. */
    public boolean isHealthy(Severity threshold) {
        return findings.stream().noneMatch(finding -> finding.severity().atLeast(threshold));
    }

    /** Whether there are neither errors nor warnings. */
    public boolean isHealthy() {
        return isHealthy(Severity.WARNING);
    }

    /** A summary short enough for JShell; render it as text for everything. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(shorten(verdict, 400)).append('\n');
        for (StepOutcome step : steps) {
            text.append(String.format("  %-13s %-12s %s\n", step.step(), step.status(), shorten(step.summary(), 60)));
        }
        int shown = 0;
        for (Finding finding : findings) {
            if (shown == 3 || finding.severity() == Severity.INFO) {
                break;
            }
            String line = "  " + shorten(finding.toString(), 110) + "\n";
            if (text.length() + line.length() > LONGEST) {
                break;
            }
            text.append(line);
            shown++;
        }
        if (findings.size() > shown) {
            text.append("  … ").append(findings.size() - shown).append(" more findings\n");
        }
        return text.toString();
    }

    private static String shorten(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 1) + "…";
    }
}
