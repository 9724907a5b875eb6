package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.model.ResourceRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** MDX0115: the istiods of one revision run different versions, and no rollout explains it. */
final class IstiodVersionsMixedCheck implements Check<HealthModel> {
    /** So long a rollout may take. */
    private static final Duration ROLLOUT = Duration.ofMinutes(10);

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.ISTIOD_VERSIONS_MIXED);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        Map<String, Map<String, List<String>>> revisions = new TreeMap<>();
        for (IstiodInstance istiod : model.istiods) {
            boolean settled = istiod.createdAt()
                    .map(created -> created.isBefore(model.now.minus(ROLLOUT)))
                    .orElse(true);
            // Only one that answers says its version; the tag of an image is another name for it.
            if (istiod.uptime().isPresent() && !istiod.version().isEmpty()) {
                revisions
                        .computeIfAbsent(istiod.revision(), key -> new TreeMap<>())
                        .computeIfAbsent(settled ? istiod.version() : "", key -> new ArrayList<>())
                        .add(istiod.pod());
            }
        }
        revisions.forEach((revision, versions) -> {
            if (versions.size() > 1 && !versions.containsKey("")) {
                Finding.Builder finding = Finding.of(
                                HealthCodes.ISTIOD_VERSIONS_MIXED,
                                ResourceRef.of(
                                        "Pod",
                                        model.istioNamespace,
                                        versions.values().iterator().next().get(0)))
                        .message("The istiods of revision " + revision + " run "
                                + String.join(" and ", versions.keySet())
                                + ": what a proxy is sent depends on the one that it happens to be connected to.");
                versions.forEach((version, pods) -> finding.evidence("version", String.join(", ", pods), version));
                report.accept(finding.remedy(
                                "Finish the rollout, or undo it: kubectl -n " + model.istioNamespace
                                        + " rollout status deployment -l app=istiod; for two versions side by side use two revisions")
                        .build());
            }
        });
    }
}
