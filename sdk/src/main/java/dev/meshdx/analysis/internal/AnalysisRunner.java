package dev.meshdx.analysis.internal;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.analysis.CheckRun;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.internal.ConfigurationLoader;
import dev.meshdx.configuration.internal.LoadOptions;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Origin;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Runs the checks of the configuration. */
public final class AnalysisRunner {
    /** Kubernetes' own namespaces: what is in them may be referred to, but is not judged. Source: istio/istio, same list. */
    private static final Set<String> SYSTEM_NAMESPACES =
            Set.of("kube-system", "kube-public", "kube-node-lease", "local-path-storage");

    private static final String SUPPRESS_ANNOTATION = "galley.istio.io/analyze-suppress";

    private AnalysisRunner() {}

    /**
     * Analyzes what the source holds. With a namespace (or a pod of one) as the scope, findings about that namespace and about
     * cluster-wide resources are kept, as {@code istioctl analyze -n} does; references are resolved against everything.
     *
     * @param listener gets every finding as soon as its check has ended, on the calling thread
     */
    public static Analysis analyze(
            Session session, Scope scope, AnalysisOptions options, Consumer<? super Finding> listener) {
        Analysis analysis = judge(
                session,
                scope,
                options,
                Checks.with(session, options),
                (finding, configuration) ->
                        scope.namespace().isEmpty() || isIn(scope, finding.subject(), configuration),
                listener);
        if (!scope.namespace().isEmpty() && analysis.findings().isEmpty()) {
            session.require(scope);
        }
        return analysis;
    }

    /** As the other one, without anybody who listens. */
    public static Analysis analyze(Session session, Scope scope, AnalysisOptions options) {
        return analyze(session, scope, options, finding -> {});
    }

    /** A Namespace counts as lying in itself; what is cluster-wide lies everywhere. */
    private static boolean isIn(Scope scope, ResourceRef subject, Configuration configuration) {
        if (subject.kind().equals("Namespace")) {
            return scope.includesNamespace(subject.name());
        }
        String namespace = configuration.namespaceOf(subject);
        return namespace.isEmpty() || scope.includesNamespace(namespace);
    }

    /**
     * Judges the whole configuration.
     *
     * @param scope decides what is read where the caller may not read everything
     * @param kept which findings are wanted
     * @param listener gets every finding as soon as its check has ended
     */
    static Analysis judge(
            Session session,
            Scope scope,
            AnalysisOptions options,
            List<ConfigurationCheck> registry,
            BiPredicate<Finding, Configuration> kept,
            Consumer<? super Finding> listener) {
        List<ConfigurationCheck> checks = registry.stream()
                .filter(check -> (options.codes().isEmpty() && !check.onRequest())
                        || check.codes().stream()
                                .anyMatch(code -> options.codes().contains(code.code())))
                .toList();
        Set<ResourceKind> kinds = new LinkedHashSet<>();
        checks.forEach(check -> kinds.addAll(check.inputs()));
        ConfigurationLoader loader = new ConfigurationLoader(
                session,
                scope,
                new LoadOptions(
                        options.revision(),
                        options.meshConfig().orElse(null),
                        options.meshNetworks().orElse(null)));
        Configuration configuration = loader.load(kinds);

        Collector collector = new Collector(configuration, kinds, options, kept);
        Map<String, Coverage> coverage = new TreeMap<>();
        for (ConfigurationCheck check : checks) {
            Set<String> missing = new TreeSet<>();
            Set<String> doubts = new TreeSet<>();
            for (ResourceKind input : check.inputs()) {
                String why = loader.unread().get(input);
                if (why != null) {
                    missing.add(why);
                }
                String doubt = loader.doubts().get(input);
                if (doubt != null) {
                    doubts.add(doubt);
                }
            }
            if (missing.isEmpty()) {
                run(check, configuration, collector, session).ifPresent(missing::add);
                collector.news().forEach(listener);
            }
            for (FindingCode code : check.codes()) {
                coverage.computeIfAbsent(code.code(), unused -> new Coverage()).add(missing, doubts);
            }
        }
        return Analysis.of(
                loader.count(),
                runs(coverage, options.codes()),
                collector.findings(),
                collector.suppressed,
                session.gaps());
    }

    /** A check that fails by itself costs its own findings and no others. Returns why it failed. */
    private static Optional<String> run(
            ConfigurationCheck check, Configuration configuration, Collector collector, Session session) {
        try {
            check.run(configuration, collector::accept);
            return Optional.empty();
        } catch (MeshException e) {
            throw e;
        } catch (RuntimeException e) {
            String name = check.getClass().getSimpleName();
            String where = e.getStackTrace().length == 0 ? "" : " at " + e.getStackTrace()[0];
            String why = name + " failed: " + e.getClass().getSimpleName() + where;
            session.gap(Inconclusive.of(name, null, Reason.MALFORMED, why + ".", "Please report this as a bug."));
            return Optional.of(why);
        }
    }

    private static List<CheckRun> runs(Map<String, Coverage> coverage, Set<String> wanted) {
        Map<String, CheckRun> runs = new TreeMap<>();
        coverage.forEach((code, seen) -> {
            if (wanted.isEmpty() || wanted.contains(code)) {
                runs.put(code, new CheckRun(code, seen.ran > 0, String.join("; ", seen.reasons)));
            }
        });
        for (String code : wanted) {
            runs.putIfAbsent(code, new CheckRun(code, false, "there is no check for this code"));
        }
        return List.copyOf(runs.values());
    }

    /** How much of what a code stands for could be looked at. Several checks may report one code. */
    private static final class Coverage {
        private int ran;
        private final Set<String> reasons = new TreeSet<>();

        void add(Set<String> missing, Set<String> doubts) {
            ran += missing.isEmpty() ? 1 : 0;
            reasons.addAll(missing);
            reasons.addAll(doubts);
        }
    }

    /** Filters findings, and merges those that say the same at the same place. */
    private static final class Collector {
        private record Key(String code, Severity severity, ResourceRef subject, String message, String place) {}

        private final Map<Key, Finding> findings = new LinkedHashMap<>();
        private final Map<ResourceRef, Set<String>> annotated = new HashMap<>();
        private final AnalysisOptions options;
        private final Map<String, List<Pattern>> rules = new LinkedHashMap<>();
        private final Map<Key, Finding> news = new LinkedHashMap<>();
        private final Predicate<Finding> kept;
        private int suppressed;

        Collector(
                Configuration configuration,
                Set<ResourceKind> kinds,
                AnalysisOptions options,
                BiPredicate<Finding, Configuration> kept) {
            this.options = options;
            this.kept = finding -> kept.test(finding, configuration);
            for (ResourceKind kind : kinds) {
                for (Resource resource : configuration.all(kind)) {
                    resource.annotation(SUPPRESS_ANNOTATION)
                            .ifPresent(codes -> annotated.put(resource.ref(), Set.of(codes.split(",", -1))));
                }
            }
            for (String rule : options.suppressed()) {
                int equals = rule.indexOf('=');
                rules.computeIfAbsent(rule.substring(0, equals), code -> new ArrayList<>())
                        .add(glob(rule.substring(equals + 1)));
            }
        }

        private static Pattern glob(String text) {
            return Pattern.compile(
                    List.of(text.split("\\*", -1)).stream().map(Pattern::quote).collect(Collectors.joining(".*")));
        }

        void accept(Finding finding) {
            if (!options.codes().isEmpty() && !options.codes().contains(finding.code())) {
                return;
            }
            ResourceRef subject = finding.subject();
            if (SYSTEM_NAMESPACES.contains(subject.kind().equals("Namespace") ? subject.name() : subject.namespace())) {
                return;
            }
            if (!kept.test(finding)) {
                return;
            }
            if (isSuppressed(finding)) {
                suppressed++;
                return;
            }
            Key key = new Key(
                    finding.code(),
                    finding.severity(),
                    subject,
                    finding.message(),
                    finding.location().map(Origin::toString).orElse(""));
            boolean known = findings.containsKey(key);
            Finding merged = findings.merge(key, finding, Collector::merge);
            if (!known || news.containsKey(key)) {
                news.put(key, merged);
            }
        }

        /** What came up since this was asked last. */
        List<Finding> news() {
            List<Finding> found = List.copyOf(news.values());
            news.clear();
            return found;
        }

        private boolean isSuppressed(Finding finding) {
            ResourceRef subject = finding.subject();
            Set<String> codes = annotated.getOrDefault(subject, Set.of());
            if (codes.contains("*") || codes.contains(finding.code())) {
                return true;
            }
            String dotted = subject.kind() + " " + subject.name()
                    + (subject.namespace().isEmpty() ? "" : "." + subject.namespace());
            String printed = subject.kind() + " " + subject.qualifiedName();
            return rules.getOrDefault(finding.code(), List.of()).stream()
                    .anyMatch(rule -> rule.matcher(dotted).matches()
                            || rule.matcher(printed).matches());
        }

        private static Finding merge(Finding first, Finding second) {
            Finding.Builder merged = Finding.of(first.kind(), first.subject())
                    .severity(first.severity())
                    .message(first.message())
                    .remedy(first.remedy())
                    .location(first.location().orElse(Origin.NONE));
            Set<Evidence> evidence = new LinkedHashSet<>(first.evidence());
            evidence.addAll(second.evidence());
            evidence.forEach(one -> merged.evidence(one.what(), one.where(), one.value()));
            return merged.build();
        }

        List<Finding> findings() {
            return List.copyOf(findings.values());
        }
    }
}
