package dev.meshdx.health;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.internal.TextTable;
import java.util.Comparator;
import java.util.List;

/** Whether the control plane is up: all istiod pods of all revisions. Immutable; safe for use by several threads. */
@CheckReturnValue
public final class ControlPlaneHealth {
    private final List<IstiodInstance> instances;
    private final List<Finding> findings;
    private final List<Inconclusive> inconclusive;

    private ControlPlaneHealth(
            List<IstiodInstance> instances, List<Finding> findings, List<Inconclusive> inconclusive) {
        this.instances = instances.stream()
                .sorted(Comparator.comparing(IstiodInstance::revision).thenComparing(IstiodInstance::pod))
                .toList();
        this.findings = findings.stream().sorted().distinct().toList();
        this.inconclusive = inconclusive.stream().sorted().distinct().toList();
    }

    /** Made by the reader. */
    @Internal
    public static ControlPlaneHealth of(
            List<IstiodInstance> instances, List<Finding> findings, List<Inconclusive> inconclusive) {
        return new ControlPlaneHealth(instances, findings, inconclusive);
    }

    /** All istiod pods, by revision and name. */
    public List<IstiodInstance> instances() {
        return instances;
    }

    /** Only what concerns the istiods of one revision. */
    public ControlPlaneHealth ofRevision(String revision) {
        return new ControlPlaneHealth(
                instances.stream()
                        .filter(istiod -> istiod.revision().equals(revision))
                        .toList(),
                findings.stream()
                        .filter(finding -> instances.stream()
                                .noneMatch(istiod -> !istiod.revision().equals(revision)
                                        && finding.subject().kind().equals("Pod")
                                        && finding.subject().namespace().equals(istiod.namespace())
                                        && finding.subject().name().equals(istiod.pod())))
                        .toList(),
                inconclusive);
    }

    /** How many of them are ready. */
    public int ready() {
        return (int) instances.stream().filter(IstiodInstance::ready).count();
    }

    /** What is wrong, worst first. */
    public List<Finding> findings() {
        return findings;
    }

    /** What could not be seen. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** A table. */
    @Override
    public String toString() {
        TextTable table = new TextTable("POD", "REVISION", "VERSION", "STATE", "RESTARTS", "MEMORY");
        for (IstiodInstance istiod : instances) {
            table.row(
                    istiod.pod(),
                    istiod.revision(),
                    istiod.version(),
                    istiod.ready() ? "ready" : istiod.waitingReason().orElse("not ready"),
                    Integer.toString(istiod.restarts()),
                    istiod.memoryUsedBytes().isPresent()
                            ? istiod.memoryUsedBytes().getAsLong() / (1024 * 1024) + " MiB"
                            : "-");
        }
        return table.summary(instances.size() + " istiod, " + ready() + " ready", "istiod");
    }
}
