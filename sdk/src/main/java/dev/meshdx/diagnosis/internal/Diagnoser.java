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
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.security.internal.SecurityStep;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.internal.checks.TrafficStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Runs the five steps at once and puts together what they say. */
public final class Diagnoser {
    private Diagnoser() {}

    private static StepReport run(Session session, Step step, Scope scope) {
        return switch (step) {
            case HEALTH -> HealthStep.run(session, scope);
            case CONFIGURATION -> ConfigurationStep.run(session, scope);
            case TRAFFIC -> TrafficStep.run(session, scope, pod -> ProxyPass.look(session, scope, pod));
            case LOGS -> LogsStep.run(session, scope);
            case SECURITY -> {
                ProxyPass.readAll(session, scope);
                yield SecurityStep.run(session, scope);
            }
        };
    }

    /**
     * Diagnoses the mesh, a namespace or a pod.
     *
     * @throws MeshNotFoundException if there is no such pod or namespace
     */
    public static Diagnosis diagnose(Session session, Scope scope) {
        Setting.require(session, scope);
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
        // A step that was given up may still be running: it must not change what is looked at from here on.
        Map<Step, StepOutcome> done;
        Optional<MeshException> blind;
        synchronized (outcomes) {
            done = new EnumMap<>(outcomes);
            // Nothing at all could be seen: that is no diagnosis.
            blind = failures.size() == Step.values().length
                    ? failures.values().stream().findFirst()
                    : session.blindness();
        }
        if (blind.isPresent()) {
            throw blind.get();
        }
        List<Finding> seen = done.values().stream()
                .flatMap(outcome -> outcome.findings().stream())
                .distinct()
                .toList();
        Peers.explain(session, parts, seen, scope)
                .forEach((step, findings) -> done.computeIfPresent(step, (key, outcome) -> with(outcome, findings)));
        return conclude(session, scope, title, parts, List.copyOf(done.values()));
    }

    /** What the other side has to say of a symptom belongs to the same step. */
    private static StepOutcome with(StepOutcome outcome, List<Finding> more) {
        List<Finding> findings = new ArrayList<>(outcome.findings());
        findings.addAll(more);
        TreeSet<ResourceRef> where = new TreeSet<>();
        more.forEach(finding -> where.add(finding.subject()));
        String summary = outcome.summary() + "; at the other end "
                + where.stream().map(ResourceRef::toString).collect(Collectors.joining(", ")) + ": "
                + more.size() + (more.size() == 1 ? " problem" : " problems");
        return StepOutcome.of(outcome.step(), new StepReport(summary, findings, outcome.gaps()), outcome.took());
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
        return new StepReport("of each of " + parts.size() + " pods: " + String.join("; ", summaries), findings, gaps);
    }

    private static Diagnosis conclude(
            Session session, Scope scope, String title, List<Scope> parts, List<StepOutcome> steps) {
        List<Finding> all = steps.stream()
                .flatMap(step -> step.findings().stream())
                .distinct()
                .toList();
        Session own = session.fork();
        List<Finding> attributed = Replicas.merge(Attribution.attribute(own, all));
        Correlation correlation = Correlation.of(attributed, scope);
        MeshSource source = session.source();
        return new Diagnosis(
                scope,
                source.description(),
                session.now(),
                Verdict.of(title, Setting.of(own, scope), correlation, steps),
                correlation.causes(),
                correlation.others(),
                steps,
                NextSteps.of(
                        scope,
                        correlation,
                        finding -> Peers.of(own, finding),
                        ref -> Peers.isDiagnosed(parts, ref),
                        source.kind() == MeshSource.Kind.LIVE,
                        source.kind() == MeshSource.Kind.RECORDING
                                ? " --snapshot " + source.description().replaceFirst("^recording ", "")
                                : ""));
    }
}
