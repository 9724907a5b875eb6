package dev.meshdx.health.internal;

import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.Readiness;
import dev.meshdx.health.ReadinessStage;
import dev.meshdx.model.Resource;
import java.util.Optional;
import java.util.function.Consumer;

/** Findings about pods that are not ready, each about the first step that is not done: the others follow from it. */
final class ReadinessFindings {
    private ReadinessFindings() {}

    /** The step that keeps a pod from being ready, where it has a finding of its own. */
    static Optional<ReadinessStage> cause(HealthModel model, Resource pod) {
        Readiness readiness = model.readiness.get(pod.ref());
        return readiness == null || readiness.isReady()
                ? Optional.empty()
                : readiness.cause().filter(stage -> stage.code().isPresent());
    }

    static void report(HealthModel model, FindingCode code, Consumer<Finding> report) {
        for (Resource pod : model.pods) {
            cause(model, pod)
                    .filter(stage -> stage.code().filter(code::equals).isPresent())
                    .ifPresent(stage -> report.accept(finding(model, pod, code, stage)));
        }
    }

    private static Finding finding(HealthModel model, Resource pod, FindingCode code, ReadinessStage stage) {
        boolean starting = stage.state() == ReadinessStage.State.WAITING
                && pod.createdAt()
                        .map(at -> at.plus(ReadinessJudge.GRACE).isAfter(model.now))
                        .orElse(false);
        Finding.Builder finding = Finding.of(code, pod)
                .severity(starting ? Severity.INFO : code.severity())
                .message("Pod " + pod.name() + " is not ready: " + stage.reason());
        for (Evidence evidence : stage.evidence()) {
            finding.evidence(evidence.what(), evidence.where(), evidence.value());
        }
        if (stage.evidence().isEmpty()) {
            finding.evidence(
                    stage.kind().title(), pod.ref().toString(), stage.state().toString());
        }
        return finding.remedy(
                        starting || stage.remedy().isEmpty()
                                ? "Ask again in half a minute: meshdx readiness " + pod.name() + " -n "
                                        + pod.namespace()
                                : stage.remedy())
                .build();
    }
}
