package dev.meshdx.health;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.ReadinessStage.Kind;
import dev.meshdx.health.ReadinessStage.State;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.TextTable;
import java.util.List;
import java.util.Optional;

/**
 * How far a pod is on its way to serving traffic in the mesh, step by step, and which step it is stuck in. Immutable; safe for
 * use by several threads.
 *
 * <p>Sources: Kubernetes, "Pod Lifecycle"; Istio, {@code pilot/cmd/pilot-agent/status/ready/probe.go}: a proxy is ready once
 * clusters (CDS) and listeners (LDS) were accepted and its workers have started.
 */
@CheckReturnValue
public final class Readiness {
    private final ResourceRef pod;
    private final boolean ready;
    private final List<ReadinessStage> stages;
    private final Injection injection;
    private final List<Finding> findings;
    private final List<Inconclusive> inconclusive;

    /** Made by the reader. */
    @Internal
    public Readiness(
            ResourceRef pod,
            boolean ready,
            List<ReadinessStage> stages,
            Injection injection,
            List<Finding> findings,
            List<Inconclusive> inconclusive) {
        this.pod = pod;
        this.ready = ready;
        this.stages = List.copyOf(stages);
        this.injection = injection;
        this.findings = findings.stream().sorted().distinct().toList();
        this.inconclusive = inconclusive.stream().sorted().distinct().toList();
    }

    /** The same with findings. */
    @Internal
    public Readiness with(List<Finding> found) {
        return new Readiness(pod, ready, stages, injection, found, inconclusive);
    }

    /** The pod. */
    public ResourceRef pod() {
        return pod;
    }

    /**
     * Whether Kubernetes takes the pod for ready. A pod may be ready and yet have a {@link #cause()}: a proxy that has lost
     * istiod serves on with the configuration that it has.
     */
    public boolean isReady() {
        return ready;
    }

    /** All steps in their order; those that this pod does not have are {@link State#NOT_APPLICABLE}. */
    public List<ReadinessStage> stages() {
        return stages;
    }

    /** One of the steps. */
    public ReadinessStage stage(Kind kind) {
        return stages.stream()
                .filter(stage -> stage.kind() == kind)
                .findFirst()
                .orElseGet(() -> new ReadinessStage(kind, State.NOT_APPLICABLE, null, "", List.of(), ""));
    }

    /**
     * The first step that went wrong or is waited for: what comes after it follows from it. Of a pod that is not ready, and of
     * which only steps that could not be seen are open, the first of those. Empty where all is done.
     */
    public Optional<ReadinessStage> cause() {
        Optional<ReadinessStage> open = stages.stream()
                .filter(stage -> stage.state() == State.FAILED || stage.state() == State.WAITING)
                .findFirst();
        return open.isPresent() || ready
                ? open
                : stages.stream()
                        .filter(stage -> stage.state() == State.UNKNOWN)
                        .findFirst();
    }

    /** Whether the pod would be injected, and what it has. */
    public Injection injection() {
        return injection;
    }

    /** What is wrong, worst first. */
    public List<Finding> findings() {
        return findings;
    }

    /** What could not be read. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** In a sentence. */
    @Internal
    public String verdict() {
        return cause().map(stage -> (ready ? "ready, but " : "not ready: ") + stage.state() + " at step \""
                        + stage.kind().title() + "\"" + (stage.reason().isEmpty() ? "." : ": " + stage.reason()))
                .orElse(ready ? "ready" : "not ready");
    }

    /** The verdict, and a table of the steps. */
    @Override
    public String toString() {
        TextTable table = new TextTable("STAGE", "STATE", "REASON");
        for (ReadinessStage stage : stages) {
            if (stage.state() != State.NOT_APPLICABLE) {
                table.row(stage.kind().title(), stage.state().toString(), stage.reason());
            }
        }
        return table.summary(pod + ": " + verdict(), "stages");
    }
}
