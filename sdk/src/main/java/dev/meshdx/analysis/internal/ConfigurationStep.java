package dev.meshdx.analysis.internal;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.check.StepReport;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.finding.Finding;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.source.Session;
import java.util.Map;

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
        Analysis analysis = AnalysisRunner.judge(
                session,
                Map.of(),
                scope,
                AnalysisOptions.DEFAULT,
                Checks.with(session, AnalysisOptions.DEFAULT),
                (finding, configuration) -> matters(finding, scope, configuration),
                finding -> {});
        return new StepReport(analysis.summary(), analysis.findings(), analysis.inconclusive());
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
