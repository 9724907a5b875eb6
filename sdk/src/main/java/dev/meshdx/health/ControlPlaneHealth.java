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

    private final List<Webhook> webhooks;
    private final List<RevisionTag> tags;
    private final List<CustomResource> customResources;
    private final List<LeaderElection> elections;

    private ControlPlaneHealth(
            List<IstiodInstance> instances,
            List<Finding> findings,
            List<Inconclusive> inconclusive,
            List<Webhook> webhooks,
            List<RevisionTag> tags,
            List<CustomResource> customResources,
            List<LeaderElection> elections) {
        this.webhooks = List.copyOf(webhooks);
        this.tags = tags.stream().sorted().toList();
        this.customResources = List.copyOf(customResources);
        this.elections = List.copyOf(elections);
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
        return new ControlPlaneHealth(instances, findings, inconclusive, List.of(), List.of(), List.of(), List.of());
    }

    /** With what is known beyond the pods. */
    @Internal
    public ControlPlaneHealth with(
            List<Webhook> webhooks,
            List<RevisionTag> tags,
            List<CustomResource> customResources,
            List<LeaderElection> elections) {
        return new ControlPlaneHealth(instances, findings, inconclusive, webhooks, tags, customResources, elections);
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
                inconclusive,
                webhooks.stream()
                        .filter(webhook -> webhook.revision().isEmpty()
                                || webhook.revision().equals(revision))
                        .toList(),
                tags.stream().filter(tag -> tag.revision().equals(revision)).toList(),
                customResources,
                elections.stream()
                        .filter(election -> election.revision().isEmpty()
                                || election.revision().equals(revision))
                        .toList());
    }

    /** The webhooks of injection and validation, by kind and name; empty where they could not be read. */
    public List<Webhook> webhooks() {
        return webhooks;
    }

    /** The tags that stand for revisions, by name. */
    public List<RevisionTag> tags() {
        return tags;
    }

    /** Istio's own kinds, and whether they are served; empty where their definitions could not be read. */
    public List<CustomResource> customResources() {
        return customResources;
    }

    /** What only one istiod does at a time, and which one. */
    public List<LeaderElection> elections() {
        return elections;
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

    private static String memory(IstiodInstance istiod) {
        return istiod.memoryUsedBytes().isPresent()
                ? istiod.memoryUsedBytes().getAsLong() / (1024 * 1024) + " MiB"
                        + (istiod.memoryPercent().isPresent()
                                ? " (" + istiod.memoryPercent().getAsInt() + " %)"
                                : "")
                : "-";
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
                    memory(istiod));
        }
        return table.summary(instances.size() + " istiod, " + ready() + " ready", "istiod");
    }
}
