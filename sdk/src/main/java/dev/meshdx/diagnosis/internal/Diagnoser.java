package dev.meshdx.diagnosis.internal;

import dev.meshdx.analysis.internal.ConfigurationStep;
import dev.meshdx.check.StepReport;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.diagnosis.Step;
import dev.meshdx.diagnosis.StepOutcome;
import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.internal.HealthStep;
import dev.meshdx.logs.internal.LogsStep;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.security.SecurityStep;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.TrafficStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Runs the five steps at once and puts together what they say. */
public final class Diagnoser {
    private Diagnoser() {}

    private static StepReport run(Session session, Step step, Scope scope) {
        return switch (step) {
            case HEALTH -> HealthStep.run(session, scope);
            case CONFIGURATION -> ConfigurationStep.run(session, scope);
            // Traces the requests that the access logs say have failed.
            case TRAFFIC -> TrafficStep.run(session, scope, FailedRequests.of(session, scope));
            case LOGS -> LogsStep.run(session, scope);
            case SECURITY -> SecurityStep.run(session, scope);
        };
    }

    /** Diagnoses the mesh, a namespace or a pod. */
    public static Diagnosis diagnose(Session session, Scope scope) {
        if (scope.isPod()) {
            requirePod(session, scope);
        }
        return diagnose(session, scope, scope.toString(), List.of(scope));
    }

    /** Diagnoses the pods of a service. */
    public static Diagnosis diagnoseService(Session session, String namespace, String service, List<String> pods) {
        List<Scope> scopes = pods.isEmpty()
                ? List.of(Scope.namespace(namespace))
                : pods.stream().map(pod -> Scope.pod(namespace, pod)).toList();
        return diagnose(session, Scope.namespace(namespace), "service " + namespace + "/" + service, scopes);
    }

    private static Diagnosis diagnose(Session session, Scope scope, String title, List<Scope> parts) {
        Map<Step, StepOutcome> outcomes = new EnumMap<>(Step.class);
        Map<Step, MeshException> failures = new EnumMap<>(Step.class);
        Runnable[] runs = Arrays.stream(Step.values())
                .map(step -> (Runnable) () -> {
                    long start = System.nanoTime();
                    StepReport report;
                    try {
                        report = run(session, step, parts);
                    } catch (MeshClosedException | MeshInterruptedException e) {
                        throw e;
                    } catch (MeshException e) {
                        synchronized (outcomes) {
                            failures.put(step, e);
                        }
                        report = failed(step, e);
                    }
                    StepOutcome outcome = StepOutcome.of(step, report, Duration.ofNanos(System.nanoTime() - start));
                    synchronized (outcomes) {
                        outcomes.putIfAbsent(step, outcome);
                    }
                })
                .toArray(Runnable[]::new);
        try {
            session.parallel(runs);
        } catch (MeshTimeoutException e) {
            // The steps that are done stand.
            for (Step step : Step.values()) {
                StepOutcome late =
                        StepOutcome.of(step, failed(step, e), session.deadline().total());
                synchronized (outcomes) {
                    if (outcomes.putIfAbsent(step, late) == null) {
                        failures.putIfAbsent(step, e);
                    }
                }
            }
        }
        List<StepOutcome> steps;
        synchronized (outcomes) {
            if (failures.size() == Step.values().length) {
                // Nothing at all could be seen: that is no diagnosis.
                throw failures.values().iterator().next();
            }
            steps = List.copyOf(outcomes.values());
        }
        return conclude(session, scope, title, steps);
    }

    private static StepReport failed(Step step, MeshException e) {
        return new StepReport(
                "could not be looked at: " + e.getMessage(),
                List.of(),
                List.of(Inconclusive.of("the " + step + " step", null, e)));
    }

    private static StepReport run(Session session, Step step, List<Scope> parts) {
        if (parts.size() == 1) {
            return run(session.fork(), step, parts.get(0));
        }
        List<StepReport> reports = session.parallel(parts, part -> run(session.fork(), step, part));
        List<Finding> findings = new ArrayList<>();
        List<Inconclusive> gaps = new ArrayList<>();
        TreeSet<String> summaries = new TreeSet<>();
        for (StepReport report : reports) {
            findings.addAll(report.findings());
            gaps.addAll(report.gaps());
            summaries.add(report.summary());
        }
        return new StepReport(String.join("; ", summaries), findings, gaps);
    }

    private static Diagnosis conclude(Session session, Scope scope, String title, List<StepOutcome> steps) {
        List<Finding> all = steps.stream()
                .flatMap(step -> step.findings().stream())
                .distinct()
                .toList();
        List<Finding> attributed = Attribution.attribute(session.fork(), all);
        Correlation correlation = Correlation.of(attributed);
        return new Diagnosis(
                scope,
                session.source().description(),
                session.now(),
                Verdict.of(title, correlation, steps),
                correlation.causes(),
                correlation.others(),
                steps,
                NextSteps.of(scope, correlation, session.source().kind() == MeshSource.Kind.LIVE));
    }

    private static void requirePod(Session session, Scope scope) {
        List<Resource> pods = podsOrNull(session, scope);
        if (pods == null || pods.stream().anyMatch(pod -> pod.name().equals(scope.pod()))) {
            return;
        }
        List<String> names =
                pods.stream().filter(Pods::hasProxy).map(Resource::name).toList();
        List<String> near = new ArrayList<>(Nearest.to(scope.pod(), names));
        names.stream()
                .filter(name -> name.startsWith(scope.pod() + "-"))
                .sorted()
                .limit(3)
                .forEach(near::add);
        throw new MeshNotFoundException(
                "There is no Pod " + scope.pod() + " in namespace " + scope.namespace() + ".",
                near.isEmpty()
                        ? "Check the name and the namespace: kubectl get pods -n " + scope.namespace()
                        : "Did you mean " + String.join(", ", near) + "?");
    }

    private static @Nullable List<Resource> podsOrNull(Session session, Scope scope) {
        try {
            return session.resources(ResourceKind.POD, scope.namespace());
        } catch (MeshNotFoundException e) {
            // No name of anything.
            throw e;
        } catch (MeshException e) {
            // Whoever may not list pods may still read one: the steps say what is missing.
            return null;
        }
    }
}
