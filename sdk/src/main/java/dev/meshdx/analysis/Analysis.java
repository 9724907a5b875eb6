package dev.meshdx.analysis;

import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.finding.Severity;
import java.util.List;
import java.util.Optional;

/** What an analysis of the configuration found. Immutable; safe for use by several threads. */
public final class Analysis {
    private final int resources;
    private final List<CheckRun> checks;
    private final List<Finding> findings;
    private final int suppressed;
    private final List<Inconclusive> inconclusive;

    private Analysis(
            int resources,
            List<CheckRun> checks,
            List<Finding> findings,
            int suppressed,
            List<Inconclusive> inconclusive) {
        this.resources = resources;
        this.checks = List.copyOf(checks);
        this.findings = findings.stream().sorted().toList();
        this.suppressed = suppressed;
        this.inconclusive = inconclusive.stream().sorted().distinct().toList();
    }

    /** Put together by the runner. */
    @Internal
    public static Analysis of(
            int resources,
            List<CheckRun> checks,
            List<Finding> findings,
            int suppressed,
            List<Inconclusive> inconclusive) {
        return new Analysis(resources, checks, findings, suppressed, inconclusive);
    }

    /** How many resources were looked at. */
    public int resources() {
        return resources;
    }

    /** Which codes were looked for, by code, and what kept others from it. */
    public List<CheckRun> checks() {
        return checks;
    }

    /** What is wrong, worst first. */
    public List<Finding> findings() {
        return findings;
    }

    /** How many findings the caller's rules and the resources' annotations left out. */
    public int suppressed() {
        return suppressed;
    }

    /** What could not be seen, and why. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** The findings with this code. */
    public List<Finding> withCode(String code) {
        return findings.stream().filter(finding -> finding.code().equals(code)).toList();
    }

    /** The worst severity; empty where nothing was found. */
    public Optional<Severity> worst() {
        return findings.stream().map(Finding::severity).findFirst();
    }

    /** One line: what was looked at and what came out. */
    public String summary() {
        long ran = checks.stream().filter(CheckRun::ran).count();
        StringBuilder text = new StringBuilder();
        text.append(resources).append(resources == 1 ? " resource, " : " resources, ");
        text.append(ran).append(ran == 1 ? " check: " : " checks: ");
        if (findings.isEmpty()) {
            text.append("nothing wrong");
        } else {
            String comma = "";
            for (Severity severity : Severity.values()) {
                long count = findings.stream()
                        .filter(finding -> finding.severity() == severity)
                        .count();
                if (count > 0) {
                    text.append(comma).append(count).append(' ').append(severity);
                    comma = ", ";
                }
            }
        }
        if (!inconclusive.isEmpty()) {
            text.append("; ").append(inconclusive.size()).append(" not seen");
        }
        return text.toString();
    }

    /** The summary, and as many findings as fit into 900 characters, one a line. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(summary());
        int shown = 0;
        for (Finding finding : findings) {
            String line = finding.toString();
            line = line.length() > 200 ? line.substring(0, 197) + "..." : line;
            if (text.length() + line.length() > 850) {
                break;
            }
            text.append('\n').append(line);
            shown++;
        }
        if (shown < findings.size()) {
            text.append("\n... and ").append(findings.size() - shown).append(" more");
        }
        return text.toString();
    }
}
