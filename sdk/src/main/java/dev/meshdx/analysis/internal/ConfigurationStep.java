package dev.meshdx.analysis.internal;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.analysis.internal.configuration.Configuration;
import dev.meshdx.check.StepReport;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.source.Session;
import java.util.List;

/** The configuration step of a diagnosis. */
public final class ConfigurationStep {
    private ConfigurationStep() {}

    /**
     * Analyzes the configuration and keeps what can matter to the scope: findings about its namespace, about the namespace
     * that holds for the whole mesh, about cluster-wide resources, and those whose evidence lies in its namespace.
     */
    public static StepReport run(Session session, Scope scope) {
        // The whole mesh is read and judged; the scope decides what is kept. Without the rights for it, the loader
        // falls
        // back to the namespace.
        AnalysisRunner.Result result = AnalysisRunner.judge(session, scope, AnalysisOptions.DEFAULT, Checks.all());
        List<Finding> kept = result.analysis().findings().stream()
                .filter(finding -> matters(finding, scope, result.configuration()))
                .toList();
        Analysis analysis = Analysis.of(
                result.analysis().resources(),
                result.analysis().checks(),
                kept,
                result.analysis().suppressed(),
                result.analysis().inconclusive());
        return new StepReport(analysis.summary(), kept, analysis.inconclusive());
    }

    private static boolean matters(Finding finding, Scope scope, Configuration configuration) {
        if (scope.namespace().isEmpty()) {
            return true;
        }
        ResourceRef subject = finding.subject();
        if (subject.kind().equals("Namespace")) {
            return subject.name().equals(scope.namespace());
        }
        String namespace = configuration.namespaceOf(subject);
        return namespace.isEmpty()
                || namespace.equals(scope.namespace())
                || namespace.equals(configuration.mesh().rootNamespace())
                || finding.evidence().stream()
                        .anyMatch(evidence -> evidence.where().contains(" " + scope.namespace() + "/"));
    }
}
