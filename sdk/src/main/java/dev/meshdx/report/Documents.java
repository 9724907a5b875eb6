package dev.meshdx.report;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.configuration.Applied;
import dev.meshdx.configuration.Description;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.diagnosis.StepOutcome;
import dev.meshdx.diagnosis.Timeline;
import dev.meshdx.diagnosis.TimelineEntry;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.EnvoyResources;
import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.envoy.diff.ResourceDiff;
import dev.meshdx.envoy.diff.RootComparison;
import dev.meshdx.envoy.origin.GeneratedConfiguration;
import dev.meshdx.envoy.origin.GeneratedObject;
import dev.meshdx.envoy.origin.Obstacle;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.health.Injection;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.health.Readiness;
import dev.meshdx.health.Termination;
import dev.meshdx.health.TypeStatus;
import dev.meshdx.health.XdsType;
import dev.meshdx.logs.AccessFailure;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.AccessSummary;
import dev.meshdx.logs.Burst;
import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogMatch;
import dev.meshdx.logs.LogPattern;
import dev.meshdx.logs.LogSummary;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.TextTable;
import dev.meshdx.report.internal.Body;
import dev.meshdx.report.internal.LogText;
import dev.meshdx.report.internal.TextRenderer;
import dev.meshdx.security.CertificateChain;
import dev.meshdx.security.CertificateInfo;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.MtlsReport;
import dev.meshdx.security.MtlsRow;
import dev.meshdx.security.ProxyCertificates;
import dev.meshdx.traffic.MeshTrace;
import dev.meshdx.traffic.NearMiss;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.authorization.AppliedPolicies;
import dev.meshdx.traffic.authorization.AppliedPolicy;
import dev.meshdx.traffic.authorization.AuthorizationCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes documents of results. The field names under {@code result} are those of the command line's contract and stay as they
 * are.
 */
public final class Documents {
    private Documents() {}

    /** A diagnosis: verdict, steps, findings with the cause first, what to type next. */
    public static Document of(Diagnosis diagnosis) {
        StringBuilder text = new StringBuilder();
        TextRenderer.paragraph(text, diagnosis.verdict());
        text.append('\n');
        List<Json> steps = new ArrayList<>();
        for (StepOutcome step : diagnosis.steps()) {
            TextRenderer.paragraph(text, String.format("  %-14s %-12s ", step.step(), step.status()), step.summary());
            steps.add(Json.object(
                    "step", step.step().toString(),
                    "status", step.status().name(),
                    "summary", step.summary(),
                    "millis", step.took().toMillis()));
        }
        String next = "";
        if (!diagnosis.next().isEmpty()) {
            StringBuilder commands = new StringBuilder("\nNext:\n");
            diagnosis
                    .next()
                    .forEach(command -> commands.append("  ").append(command).append('\n'));
            next = commands.toString();
        }
        Json result = Json.object(
                "scope", diagnosis.scope().toString(),
                "verdict", diagnosis.verdict(),
                "steps", Json.array(steps),
                "rootCauses", diagnosis.rootCauses().size(),
                "next", Json.array(diagnosis.next()));
        return new Document(
                "diagnose",
                diagnosis.source(),
                diagnosis.at(),
                result,
                text.toString(),
                diagnosis.findings(),
                diagnosis.inconclusive(),
                next);
    }

    /** The control plane's instances. */
    public static Document of(ControlPlaneHealth health, String source, Instant at) {
        List<Json> instances = new ArrayList<>();
        for (IstiodInstance instance : health.instances()) {
            instances.add(Json.object(
                    "pod", instance.pod(),
                    "namespace", instance.namespace(),
                    "revision", instance.revision(),
                    "version", instance.version(),
                    "phase", instance.phase(),
                    "ready", instance.ready(),
                    "restarts", instance.restarts(),
                    "waiting", instance.waitingReason().orElse(null),
                    "lastTermination",
                            instance.lastTermination()
                                    .map(Documents::termination)
                                    .orElse(null),
                    "memory", memory(instance),
                    "cpu", ControlPlaneTables.cpuOf(instance),
                    "uptimeSeconds", instance.uptime().map(Duration::toSeconds).orElse(null),
                    "createdAt", instance.createdAt().map(Instant::toString).orElse(null),
                    "notReadySince",
                            instance.notReadySince().map(Instant::toString).orElse(null),
                    "pendingReason", instance.pendingReason().orElse(null),
                    "connectedProxies", Json.of(instance.connectedProxies()),
                    "push", ControlPlaneTables.pushOf(instance)));
        }
        return new Document(
                "control-plane",
                source,
                at,
                Json.object(
                        "instances", Json.array(instances),
                        "webhooks", ControlPlaneTables.webhooksOf(health),
                        "tags", ControlPlaneTables.tagsOf(health),
                        "customResources", ControlPlaneTables.kindsOf(health),
                        "elections", ControlPlaneTables.electionsOf(health)),
                ControlPlaneTables.text(health, at),
                health.findings(),
                health.inconclusive());
    }

    private static Json termination(Termination termination) {
        return Json.object(
                "reason", termination.reason(),
                "exitCode", termination.exitCode(),
                "at", termination.at().map(Instant::toString).orElse(null),
                "meaning", termination.meaning());
    }

    private static @Nullable Json memory(IstiodInstance instance) {
        if (instance.memoryUsedBytes().isEmpty()) {
            return null;
        }
        return Json.object(
                "usedBytes", instance.memoryUsedBytes().getAsLong(),
                "limitBytes",
                        instance.memoryLimitBytes().isPresent()
                                ? instance.memoryLimitBytes().getAsLong()
                                : null,
                "percent",
                        instance.memoryPercent().isPresent()
                                ? instance.memoryPercent().getAsInt()
                                : null,
                "heapBytes",
                        instance.heapBytes().isPresent() ? instance.heapBytes().getAsLong() : null,
                "source", instance.memorySource());
    }

    /** How far a pod is on its way to being ready. */
    public static Document of(Readiness readiness, String source, Instant at) {
        return ReadinessDocuments.readiness(readiness, source, at);
    }

    /** Whether a pod would be injected, and whether it is. */
    public static Document of(Injection injection, String source, Instant at) {
        return ReadinessDocuments.injection(injection, source, at);
    }

    /** What a pod, a service or a host is to the mesh. */
    public static Document of(Description description, String source, Instant at) {
        List<Json> applied = new ArrayList<>();
        for (Applied one : description.applied()) {
            ResourceRef ref = one.ref();
            applied.add(Json.object(
                    "aspect", one.aspect().name(),
                    "kind", ref.kind(),
                    "namespace", ref.namespace().isEmpty() ? null : ref.namespace(),
                    "name", ref.name(),
                    "inForce", one.inForce(),
                    "effect", one.effect(),
                    "because", one.because()));
        }
        List<Object> facts = new ArrayList<>();
        description.facts().forEach((name, value) -> {
            facts.add(name);
            facts.add(value);
        });
        return new Document(
                "describe",
                source,
                at,
                Json.object(
                        "subject", description.subject(),
                        "facts", Json.object(facts.toArray()),
                        "applied", Json.array(applied)),
                description.table(),
                List.of(),
                description.inconclusive());
    }

    /** What a resource turned into on a proxy, and where that is nothing, why. */
    public static Document of(GeneratedConfiguration generated, String source, Instant at) {
        List<Json> objects = new ArrayList<>();
        for (GeneratedObject object : generated.objects()) {
            objects.add(Json.object(
                    "type", object.type().name(),
                    "name", object.name(),
                    "in", object.in().isEmpty() ? null : object.in(),
                    "state", object.state().name(),
                    "error", object.error().orElse(null),
                    "link", object.link().name(),
                    "summary", object.summary().isEmpty() ? null : object.summary()));
        }
        List<Json> reasons = new ArrayList<>();
        for (Obstacle reason : generated.reasons()) {
            reasons.add(Json.object(
                    "type", reason.type().name(),
                    "message", reason.message(),
                    "resource", ref(reason.resource()),
                    "field", reason.field().isEmpty() ? null : reason.field(),
                    "value", reason.value().isEmpty() ? null : reason.value()));
        }
        return new Document(
                "proxy-config",
                source,
                at,
                Json.object(
                        "resource", ref(generated.resource()),
                        "pod", ref(generated.pod()),
                        "empty", generated.isEmpty(),
                        "objects", Json.array(objects),
                        "reasons", Json.array(reasons)),
                generated.table(),
                List.of(),
                generated.inconclusive());
    }

    private static Json ref(ResourceRef ref) {
        return Json.object(
                "kind", ref.kind(),
                "namespace", ref.namespace().isEmpty() ? null : ref.namespace(),
                "name", ref.name());
    }

    /** Which proxies have what istiod sent. */
    public static Document of(ProxyStatuses statuses, String source, Instant at) {
        List<Json> proxies = new ArrayList<>();
        for (ProxyStatus proxy : statuses) {
            Map<String, @Nullable Object> types = new LinkedHashMap<>();
            // A proxy that no istiod told of has no state.
            if (proxy.seenByIstiod()) {
                for (XdsType type : XdsType.core()) {
                    types.put(type.shortName().toLowerCase(Locale.ROOT), type(proxy.type(type)));
                }
                proxy.types().forEach((type, status) -> {
                    if (!XdsType.core().contains(type)) {
                        // Two types share the name WDS.
                        String name = type.shortName().toLowerCase(Locale.ROOT);
                        types.put(types.containsKey(name) ? type.url() : name, type(status));
                    }
                });
            }
            proxies.add(Json.object(
                    "namespace", proxy.namespace(),
                    "pod", proxy.pod(),
                    "cluster", proxy.cluster(),
                    "istiod", proxy.istiod(),
                    "revision", proxy.revision(),
                    "version", proxy.version(),
                    "type", proxy.proxyType(),
                    "seenFrom", proxy.seenByIstiod() ? "ISTIOD" : "POD",
                    "alsoOn", proxy.alsoOn().isEmpty() ? null : Json.array(proxy.alsoOn()),
                    "types", types));
        }
        return new Document(
                "proxy-status",
                source,
                at,
                Json.object(
                        "proxies",
                        Json.array(proxies),
                        "seenFrom",
                        statuses.seenFrom() == ProxyStatuses.SeenFrom.ISTIODS
                                ? null
                                : statuses.seenFrom().name(),
                        "orphans",
                        pods(statuses.orphans().stream()
                                .map(ProxyStatus::podRef)
                                .toList()),
                        "notConnected",
                        pods(statuses.notConnected()),
                        "onOtherRevision",
                        pods(statuses.onOtherRevision().stream()
                                .map(ProxyStatus::podRef)
                                .toList())),
                statuses.isEmpty() ? "No proxy is connected.\n" : statuses.title() + "\n\n" + statuses.table(),
                statuses.findings(),
                statuses.inconclusive());
    }

    /** Null for none: an empty list is left out. */
    private static @Nullable Json pods(List<ResourceRef> pods) {
        return pods.isEmpty()
                ? null
                : Json.array(pods.stream()
                        .map(pod -> Json.object("namespace", pod.namespace(), "pod", pod.name()))
                        .toList());
    }

    private static String table(MtlsReport report) {
        TextTable table = new TextTable("SERVICE", "SERVER", "SERVER POLICY", "CLIENT", "CLIENT POLICY", "VERDICT");
        for (MtlsRow row : report) {
            table.row(
                    row.service() + ":" + row.port() + (row.subset().isEmpty() ? "" : " " + row.subset()),
                    row.serverMode().toString(),
                    row.serverPolicy().map(Object::toString).orElse("-"),
                    row.clientMode().toString(),
                    row.clientPolicy().map(Object::toString).orElse("-"),
                    row.verdict().toString());
        }
        return table.isEmpty() ? "No pair of client and server.\n" : table.whole();
    }

    private static String table(Certificates certificates) {
        TextTable table = new TextTable("POD", "CERTIFICATE", "IDENTITY", "NOT AFTER", "DAYS LEFT", "ISSUER");
        for (ProxyCertificates proxy : certificates) {
            proxy.workload().ifPresent(chain -> row(table, proxy, chain, certificates.now()));
            proxy.credentials().forEach(chain -> row(table, proxy, chain, certificates.now()));
        }
        return table.isEmpty() ? "No certificate was read.\n" : table.whole();
    }

    private static void row(TextTable table, ProxyCertificates proxy, CertificateChain chain, Instant now) {
        chain.leaf()
                .ifPresent(leaf -> table.row(
                        proxy.pod().qualifiedName(),
                        chain.name(),
                        String.join(" ", leaf.identities()),
                        leaf.notAfter().toString(),
                        String.valueOf(leaf.daysLeft(now)),
                        leaf.issuer()));
    }

    private static Json type(TypeStatus status) {
        return Json.object(
                "state", status.state().name(),
                "since", status.since().map(Instant::toString).orElse(null),
                "error", status.error().orElse(null));
    }

    /** What is wrong in the configuration. */
    public static Document of(Analysis analysis, String source, Instant at) {
        List<Json> checks = new ArrayList<>();
        analysis.checks()
                .forEach(check -> checks.add(Json.object(
                        "code", check.code(),
                        "ran", check.ran(),
                        "reason", check.reason().isEmpty() ? null : check.reason())));
        return new Document(
                "analyze",
                source,
                at,
                Json.object(
                        "resources", analysis.resources(),
                        "checks", Json.array(checks),
                        "suppressed", analysis.suppressed()),
                analysis.summary(),
                analysis.findings(),
                analysis.inconclusive());
    }

    /** Which mTLS mode both sides of each service port have. */
    public static Document of(MtlsReport report, String source, Instant at) {
        List<Json> rows = new ArrayList<>();
        for (MtlsRow row : report) {
            rows.add(Json.object(
                    "service", row.service(),
                    "port", row.port(),
                    "subset", row.subset().isEmpty() ? null : row.subset(),
                    "serverMode", row.serverMode().name(),
                    "serverPolicy", row.serverPolicy().map(Object::toString).orElse(null),
                    "clientMode", row.clientMode().name(),
                    "clientPolicy", row.clientPolicy().map(Object::toString).orElse(null),
                    "verdict", row.verdict().name(),
                    "because", row.because()));
        }
        return new Document(
                "mtls",
                source,
                at,
                Json.object("rows", Json.array(rows)),
                table(report),
                report.findings(),
                report.inconclusive());
    }

    /** Whether two proxies trust the same roots. */
    public static Document of(RootComparison comparison, String source, Instant at) {
        List<Json> roots = new ArrayList<>();
        for (RootComparison.Root root : comparison.roots()) {
            roots.add(Json.object(
                    "sha256", root.fingerprint(),
                    "subject", root.subject(),
                    "serialNumber", root.serialNumber(),
                    "notBefore", root.notBefore().toString(),
                    "notAfter", root.notAfter().toString(),
                    "trustDomain", root.trustDomain().isEmpty() ? null : root.trustDomain(),
                    "inFirst", root.inFirst(),
                    "inSecond", root.inSecond()));
        }
        String table = comparison.table();
        StringBuilder text = new StringBuilder();
        TextRenderer.paragraph(text, comparison.verdict() + ": " + comparison.sentence());
        return new Document(
                "rootca-compare",
                source,
                at,
                Json.object(
                        "first", comparison.first(),
                        "second", comparison.second(),
                        "verdict", comparison.verdict().name(),
                        "sentence", comparison.sentence(),
                        "roots", Json.array(roots)),
                table.isEmpty()
                        ? text.toString()
                        : text.append('\n').append(table).toString(),
                List.of(),
                List.of());
    }

    /** The certificates in use, a chain a line. */
    public static Document of(Certificates certificates, String source) {
        List<Json> chains = new ArrayList<>();
        for (ProxyCertificates proxy : certificates) {
            String pod = proxy.pod().qualifiedName();
            proxy.workload().ifPresent(chain -> chains.add(chain(pod, chain, proxy.roots(), certificates.now())));
            proxy.credentials().forEach(chain -> chains.add(chain(pod, chain, List.of(), certificates.now())));
        }
        return new Document(
                "certificates",
                source,
                certificates.now(),
                Json.object("chains", Json.array(chains)),
                table(certificates),
                certificates.findings(),
                certificates.inconclusive());
    }

    /** A chain from a file. */
    public static Document of(CertificateChain chain, String source, Instant at) {
        return new Document(
                "certificates",
                source,
                at,
                Json.object("chains", Json.array(List.of(chain("", chain, List.of(), at)))),
                chain.toString(),
                List.of(),
                List.of());
    }

    private static Json chain(String pod, CertificateChain chain, List<CertificateInfo> roots, Instant now) {
        CertificateInfo leaf = chain.leaf().orElse(null);
        List<String> problems = new ArrayList<>(chain.problems(now));
        if (!roots.isEmpty()) {
            chain.verify(roots).stream()
                    .filter(problem -> !problems.contains(problem))
                    .forEach(problems::add);
        }
        CertificateInfo last = chain.certificates().isEmpty()
                ? null
                : chain.certificates().get(chain.certificates().size() - 1);
        String root = !roots.isEmpty() ? roots.get(0).subject() : last == null ? null : last.issuer();
        return Json.object(
                "name",
                chain.name(),
                "pod",
                pod.isEmpty() ? null : pod,
                "identity",
                Json.array(leaf == null ? List.of() : leaf.identities()),
                "notBefore",
                leaf == null ? null : leaf.notBefore().toString(),
                "notAfter",
                leaf == null ? null : leaf.notAfter().toString(),
                "daysLeft",
                leaf == null ? null : leaf.daysLeft(now),
                "issuer",
                leaf == null ? null : leaf.issuer(),
                "root",
                root,
                "valid",
                problems.isEmpty() && leaf != null,
                "problems",
                Json.array(problems));
    }

    /** What the lines of a log say. */
    public static Document of(LogLines lines, String source, Instant at) {
        return of(lines.summary(), source, at);
    }

    /** What a log says. */
    public static Document of(LogSummary log, String source, Instant at) {
        AccessSummary access = log.access();
        List<Json> patterns = log.patterns().stream().map(Documents::json).toList();
        Map<String, Object> byKind = new LinkedHashMap<>();
        log.byKind().forEach((kind, count) -> byKind.put(kind.name().toLowerCase(Locale.ROOT), count));
        Map<String, Object> byCode = new LinkedHashMap<>();
        access.byCode().forEach((code, count) -> byCode.put(String.valueOf(code), count));
        Json result = Json.object(
                "lines", log.lines(),
                "bytes", log.bytes(),
                "byWriter", byKind,
                "continued", log.continuations(),
                "notUnderstood", log.notUnderstood(),
                "notUnderstoodExamples", Json.array(log.notUnderstoodExamples()),
                "first", log.first().map(Instant::toString).orElse(null),
                "last", log.last().map(Instant::toString).orElse(null),
                "pods",
                        Json.array(log.pods().stream()
                                .map(ResourceRef::qualifiedName)
                                .toList()),
                "patterns", Json.array(patterns),
                "access",
                        Json.object(
                                "entries", access.entries(),
                                "failed", access.failed(),
                                "byFlag", access.byFlag(),
                                "byCode", byCode,
                                "byRoute", access.byRoute(),
                                "byCluster", access.byCluster(),
                                "byPeer", access.byPeer(),
                                "slowest", requests(access.slowest()),
                                "biggest", requests(access.biggest()),
                                "failures",
                                        Json.array(access.failures().stream()
                                                .map(Documents::json)
                                                .toList())));
        return new Document("logs", source, at, result, LogText.of(log), List.of(), log.inconclusive());
    }

    /** When a pod's errors began, and what changed around then. */
    public static Document of(Timeline timeline, String source, Instant at) {
        Json result = Json.object(
                "firstError", timeline.firstError().map(Instant::toString).orElse(null),
                "suspects", entries(timeline.suspects()),
                "entries", entries(timeline.entries()));
        StringBuilder text = new StringBuilder();
        timeline.firstError()
                .ifPresentOrElse(
                        first -> text.append("First error in the log at ")
                                .append(first)
                                .append(".\n"),
                        () -> text.append("The log tells of no error.\n"));
        if (!timeline.suspects().isEmpty()) {
            text.append("\nIn the ten minutes before, the nearest first:\n");
            timeline.suspects().forEach(entry -> text.append("  ").append(entry).append('\n'));
        } else if (timeline.firstError().isPresent()) {
            text.append("Nothing that can be seen changed in the ten minutes before.\n");
        }
        TextTable table = new TextTable("TIME", "WHAT", "SUBJECT", "TEXT");
        timeline.entries()
                .forEach(entry -> table.row(
                        entry.at().toString(),
                        entry.kind().toString(),
                        entry.subject().toString(),
                        entry.text()));
        if (!table.isEmpty()) {
            text.append("\nAll that can be seen:\n").append(table.whole());
        }
        return new Document("timeline", source, at, result, text.toString(), List.of(), timeline.inconclusive());
    }

    private static Json entries(List<TimelineEntry> entries) {
        return Json.array(entries.stream()
                .map(entry -> Json.object(
                        "at", entry.at().toString(),
                        "kind", entry.kind().toString(),
                        "subject", ref(entry.subject()),
                        "text", entry.text()))
                .toList());
    }

    /** How many lines of a log hold one of some texts. */
    public static Document ofLineCount(long count, List<String> texts, String source, Instant at) {
        return new Document(
                "logs",
                source,
                at,
                Json.object("matchingLines", count, "texts", Json.array(texts)),
                count + "\n",
                List.of(),
                List.of());
    }

    /** All patterns that logs are searched for. */
    public static Document ofLogPatterns(Instant at) {
        List<Json> patterns = new ArrayList<>();
        TextTable table = new TextTable("PATTERN", "SEVERITY", "MEANING");
        for (LogPattern pattern : LogPattern.all()) {
            patterns.add(Json.object(
                    "id", pattern.id(),
                    "severity", pattern.severity().toString(),
                    "meaning", pattern.meaning(),
                    "causes", Json.array(pattern.causes()),
                    "next", Json.array(pattern.next()),
                    "findings", Json.array(pattern.findings()),
                    "example", pattern.example()));
            table.row(pattern.id(), pattern.severity().toString(), pattern.meaning());
        }
        return new Document(
                "logs", "meshdx", at, Json.object("known", Json.array(patterns)), table.whole(), List.of(), List.of());
    }

    private static Json json(LogMatch match) {
        return Json.object(
                "id", match.id(),
                "severity", match.pattern().severity().toString(),
                "count", match.count(),
                "first", match.first().map(Instant::toString).orElse(null),
                "last", match.last().map(Instant::toString).orElse(null),
                "example", match.examples().isEmpty() ? "" : match.examples().get(0),
                "meaning", match.meaning(),
                "remedy", match.remedy(),
                "causes", Json.array(match.pattern().causes()),
                "findings", Json.array(match.pattern().findings()),
                "bursts",
                        Json.array(match.bursts().stream().map(Documents::json).toList()));
    }

    private static Json json(Burst burst) {
        return Json.object(
                "first", burst.first().toString(), "last", burst.last().toString(), "count", burst.count());
    }

    private static Json json(AccessFailure failure) {
        return Json.object(
                "cluster", failure.cluster(),
                "authority", failure.authority(),
                "route", failure.route(),
                "code", failure.code(),
                "flags", Json.array(failure.flags()),
                "details", failure.details(),
                "transportFailure", failure.transportFailure(),
                "patterns", Json.array(failure.patterns()),
                "count", failure.count(),
                "first", failure.first().map(Instant::toString).orElse(null),
                "last", failure.last().map(Instant::toString).orElse(null),
                "bursts",
                        Json.array(
                                failure.bursts().stream().map(Documents::json).toList()),
                "peers", failure.peers(),
                "example", failure.example());
    }

    private static Json requests(List<AccessLogEntry> entries) {
        List<Json> requests = new ArrayList<>();
        for (AccessLogEntry entry : entries) {
            requests.add(Json.object(
                    "request",
                            entry.isHttp()
                                    ? entry.method() + " " + entry.authority() + entry.path()
                                    : "connection to " + entry.downstreamLocalAddress(),
                    "millis", entry.duration().toMillis(),
                    "bytes", entry.bytesReceived() + entry.bytesSent(),
                    "code", entry.responseCode(),
                    "cluster", entry.upstreamCluster(),
                    "requestId", entry.requestId()));
        }
        return Json.array(requests);
    }

    /** Which way a request goes, and what nearly matched. */
    public static Document of(Trace trace, String source, Instant at) {
        StringBuilder text = new StringBuilder();
        paragraphs(text, trace);
        return new Document("trace", source, at, json(trace), text.toString(), List.of(), List.of());
    }

    /** Which ways many requests go. */
    public static Document ofTraces(List<Trace> traces, String source, Instant at) {
        StringBuilder text = new StringBuilder();
        traces.forEach(trace -> {
            paragraphs(text, trace);
            text.append('\n');
        });
        Json result = Json.object(
                "traces", Json.array(traces.stream().map(Documents::json).toList()));
        return new Document("trace", source, at, result, text.toString(), List.of(), List.of());
    }

    /** The way of a request through the mesh: as a tree, and for Markdown and web pages as a Mermaid chart in the JSON. */
    public static Document of(MeshTrace trace, String source, Instant at) {
        return new Document(
                "trace",
                source,
                at,
                Json.of(trace.fields()),
                trace.verdict() + "\n\n" + trace.tree() + "\n",
                List.of(),
                trace.gaps());
    }

    /** The same, whose text is the Mermaid chart in a fence of Markdown. */
    public static Document ofMermaid(MeshTrace trace, String source, Instant at) {
        return new Document(
                "trace",
                source,
                at,
                Json.of(trace.fields()),
                "```mermaid\n" + trace.mermaid() + "```\n",
                List.of(),
                trace.gaps());
    }

    private static void paragraphs(StringBuilder text, Trace trace) {
        trace.explain().lines().forEach(line -> {
            String indent = line.startsWith(" ") ? "  " : "";
            TextRenderer.paragraph(text, indent.isEmpty() ? "" : indent + "- ", line.strip());
        });
    }

    private static Json json(Trace trace) {
        Map<String, Object> fields = new LinkedHashMap<>(trace.fields());
        fields.put(
                "steps",
                trace.steps().stream()
                        .map(step ->
                                Json.object("what", step.what(), "chosen", step.chosen(), "because", step.because()))
                        .toList());
        fields.put(
                "nearMisses", trace.nearMisses().stream().map(Documents::json).toList());
        put(
                fields,
                "upstreams",
                trace.upstreams().stream()
                        .map(upstream -> Json.object(
                                "cluster", upstream.name(),
                                "share", upstream.share(),
                                "hosts",
                                        upstream.candidates().stream()
                                                .map(Endpoint::target)
                                                .toList(),
                                "transports", List.copyOf(upstream.transports().keySet()),
                                "limitsReached", upstream.limitsReached(),
                                "configuredBy",
                                        upstream.configuredBy()
                                                .map(ResourceRef::toString)
                                                .orElse(null)))
                        .toList());
        put(
                fields,
                "filters",
                trace.filters().stream()
                        .map(effect -> Json.object(
                                "filter", effect.filter(),
                                "effect", effect.effect().name(),
                                "because", effect.because()))
                        .toList());
        put(
                fields,
                "alternatives",
                trace.alternatives().stream()
                        .map(other -> Json.object(
                                "when", other.when(),
                                "outcome", other.outcome(),
                                "kind", other.kind().toString(),
                                "clusters", other.clusters()))
                        .toList());
        put(fields, "notes", trace.notes());
        return Json.of(fields);
    }

    private static void put(Map<String, Object> fields, String name, List<?> values) {
        if (!values.isEmpty()) {
            fields.put(name, values);
        }
    }

    private static Json json(NearMiss miss) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("what", miss.what());
        fields.put("where", miss.where());
        fields.put("because", miss.because());
        fields.put("reason", miss.reason().name());
        miss.resource().ifPresent(ref -> fields.put("resource", ref.toString()));
        return Json.of(fields);
    }

    /** Whether a workload lets a request through. */
    public static Document of(AuthorizationCheck check, String source, Instant at) {
        return ofAuthorization(List.of(check), source, at);
    }

    /** Whether a workload lets requests through. */
    public static Document ofAuthorization(List<AuthorizationCheck> checks, String source, Instant at) {
        StringBuilder text = new StringBuilder();
        for (AuthorizationCheck check : checks) {
            if (text.length() > 0) {
                text.append('\n');
            }
            TextRenderer.paragraph(text, check.headline());
            check.explanation().forEach(line -> TextRenderer.paragraph(text, "  - ", line));
        }
        Json result = Json.object(
                "decisions",
                Json.array(checks.stream().map(AuthorizationCheck::fields).toList()));
        List<Inconclusive> gaps = checks.stream()
                .flatMap(check -> check.inconclusive().stream())
                .distinct()
                .toList();
        return new Document("authz", source, at, result, text.toString(), List.of(), gaps);
    }

    /** Which AuthorizationPolicies apply to a workload. */
    public static Document of(AppliedPolicies policies, String source, Instant at) {
        StringBuilder text = new StringBuilder(policies.table());
        if (!policies.leftOut().isEmpty()) {
            text.append("\nDoes not count here:\n");
            policies.leftOut().forEach(one -> TextRenderer.paragraph(text, "  - ", one.toString()));
        }
        if (!policies.notes().isEmpty()) {
            text.append('\n');
            policies.notes().forEach(note -> TextRenderer.paragraph(text, "Note: ", note));
        }
        List<Json> leftOut = new ArrayList<>();
        for (AppliedPolicies.LeftOut one : policies.leftOut()) {
            leftOut.add(Json.object(
                    "policy", one.policy().name(),
                    "namespace", one.policy().namespace(),
                    "part", one.part().name(),
                    "path", one.path(),
                    "because", one.because()));
        }
        Json result = Json.object(
                "rows",
                Json.array(policies.all().stream().map(AppliedPolicy::fields).toList()),
                "leftOut",
                Json.array(leftOut),
                "notes",
                Json.array(policies.notes()));
        return new Document("authz", source, at, result, text.toString(), List.of(), policies.inconclusive());
    }

    /**
     * What a proxy holds, a row for each line of the table that {@code istioctl proxy-config} shows.
     *
     * @param section such as {@code clusters}
     */
    public static Document of(EnvoyResources<?, ?> resources, String section, String source, Instant at) {
        List<Map<String, String>> rows = resources.rows();
        if (rows.isEmpty()) {
            // What was asked for and what is like it, rather than an empty table.
            String text = resources + "\n";
            return rows(rows, out -> out.append(text), resources.gaps(), section, source, at);
        }
        return rows(rows, out -> table(rows, out), resources.gaps(), section, source, at);
    }

    /** As {@link #of(EnvoyResources, String, String, Instant)}, for rows by themselves. */
    public static Document ofRows(
            List<Map<String, String>> rows, List<Inconclusive> gaps, String section, String source, Instant at) {
        Body text = rows.isEmpty() ? out -> out.append("no " + section + "\n") : out -> table(rows, out);
        return rows(rows, text, gaps, section, source, at);
    }

    /** Several documents of one source as one: their texts under their names, their results by their names. */
    public static Document ofAll(List<Document> parts, String command) {
        Document first = parts.get(0);
        List<Finding> findings = new ArrayList<>();
        List<Inconclusive> gaps = new ArrayList<>();
        for (Document part : parts) {
            findings.addAll(part.findings());
            part.inconclusive().stream().filter(gap -> !gaps.contains(gap)).forEach(gaps::add);
        }
        return new Document(
                command,
                first.source(),
                first.at(),
                () -> {
                    List<@Nullable Object> results = new ArrayList<>();
                    for (Document part : parts) {
                        results.add(title(part));
                        results.add(part.result());
                    }
                    return Json.object(results.toArray());
                },
                out -> {
                    for (Document part : parts) {
                        out.append(part == first ? "" : "\n")
                                .append(title(part))
                                .append('\n');
                        part.body().writeTo(out);
                    }
                },
                findings,
                gaps,
                "");
    }

    /**
     * Several of {@link #ofRaw} as one: as text one JSON object with a list for each, for programs.
     *
     * @param parts all of one source
     */
    public static Document ofAllRaw(List<Document> parts, String command) {
        Document all = ofAll(parts, command);
        return new Document(
                command,
                all.source(),
                all.at(),
                all::result,
                out -> {
                    String before = "{\n\"";
                    for (Document part : parts) {
                        out.append(before).append(title(part)).append("\": ");
                        part.body().writeTo(out);
                        before = ",\"";
                    }
                    out.append("}\n");
                },
                all.findings(),
                all.inconclusive(),
                "");
    }

    private static String title(Document part) {
        return part.command().substring(part.command().lastIndexOf(' ') + 1);
    }

    /**
     * Resources as Envoy prints them instead of a table: as text the bare JSON, a list, written one by one.
     *
     * @param resources one collection
     */
    public static Document ofRaw(EnvoyResources<?, ?> resources, String section, String source, Instant at) {
        return new Document(
                "proxy-config " + section,
                source,
                at,
                () -> {
                    List<Json> all = new ArrayList<>();
                    resources.forEachRaw(all::add);
                    return Json.object("raw", Json.array(all));
                },
                out -> raw(resources, out),
                List.of(),
                List.of(),
                "");
    }

    private static void raw(EnvoyResources<?, ?> resources, Appendable out) throws IOException {
        out.append('[');
        int[] count = {0};
        try {
            resources.forEachRaw(json -> {
                try {
                    out.append(count[0]++ == 0 ? "\n" : ",\n");
                    json.writeTo(out);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        out.append(count[0] == 0 ? "]\n" : "\n]\n");
    }

    /**
     * What two configurations do not hold alike.
     *
     * @param text what people see: the diff's {@link ConfigDiff#text()} or {@link ConfigDiff#patch()}
     */
    public static Document of(ConfigDiff diff, String text, String source, Instant at) {
        return new Document("proxy-config diff", source, at, json(diff), text, List.of(), diff.inconclusive());
    }

    /** Whether a proxy has what istiod sent, and what exactly it has not. */
    public static Document of(ProxyStatuses statuses, ConfigDiff diff, String source, Instant at) {
        Document status = of(statuses, source, at);
        Map<String, Object> result = new LinkedHashMap<>();
        status.result().forEachField(result::put);
        result.put("diff", json(diff));
        List<Inconclusive> inconclusive = new ArrayList<>(statuses.inconclusive());
        diff.inconclusive().stream().filter(gap -> !inconclusive.contains(gap)).forEach(inconclusive::add);
        return new Document(
                status.command(),
                source,
                at,
                Json.of(result),
                status.text() + "\n" + diff.text(),
                statuses.findings(),
                inconclusive);
    }

    private static Json json(ConfigDiff diff) {
        List<Json> resources = new ArrayList<>();
        for (ResourceDiff resource : diff.resources()) {
            resources.add(Json.object(
                    "section", resource.section().toString(),
                    "name", resource.name(),
                    "presence", resource.presence().name(),
                    "versionBefore", resource.versionBefore().orElse(null),
                    "versionAfter", resource.versionAfter().orElse(null),
                    "lastUpdatedBefore",
                            resource.lastUpdatedBefore().map(Instant::toString).orElse(null),
                    "lastUpdatedAfter",
                            resource.lastUpdatedAfter().map(Instant::toString).orElse(null)));
        }
        return Json.object(
                "before",
                diff.before(),
                "after",
                diff.after(),
                "compared",
                Json.array(diff.compared().stream()
                        .map(ConfigDiff.Section::toString)
                        .toList()),
                "rows",
                Json.array(diff.rows()),
                "resources",
                Json.array(resources));
    }

    private static void table(List<Map<String, String>> rows, Appendable out) throws IOException {
        List<String> columns = rows.get(0).keySet().stream()
                .filter(column -> !column.equals("rejectedVersion"))
                .toList();
        List<String> titles = columns.stream()
                .map(column -> column.replaceAll("([a-z])([A-Z])", "$1 $2").toUpperCase(Locale.ROOT))
                .toList();
        TextTable.write(
                titles,
                () -> rows.stream()
                        .map(row -> columns.stream()
                                .map(column -> cell(row, column))
                                .toList())
                        .iterator(),
                out);
        troubles(rows, out);
    }

    private static String cell(Map<String, String> row, String column) {
        String cell = row.getOrDefault(column, "");
        String rejected = row.get("rejectedVersion");
        return rejected == null || !column.equals("error")
                ? cell
                : (cell.isEmpty() ? "" : cell + " ") + "(version " + rejected + " refused)";
    }

    /** The end of a long table is what stays on the screen. */
    private static void troubles(List<Map<String, String>> rows, Appendable out) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (Map<String, String> row : rows) {
            String state = row.getOrDefault("state", "");
            if (state.equals("REJECTED") || state.equals("WARMING") || state.equals("DRAINING")) {
                counts.merge(state, 1, Integer::sum);
            } else if (!row.getOrDefault("error", "").isEmpty()) {
                counts.merge(state + " with a newer version refused", 1, Integer::sum);
            }
        }
        if (!counts.isEmpty()) {
            out.append("\nOf ")
                    .append(String.valueOf(rows.size()))
                    .append(rows.size() == 1 ? " row " : " rows ")
                    .append(counts.entrySet().stream()
                            .map(entry -> entry.getValue() + " " + entry.getKey())
                            .collect(Collectors.joining(", ")))
                    .append(".\n");
        }
    }

    private static Document rows(
            List<Map<String, String>> rows,
            Body text,
            List<Inconclusive> gaps,
            String section,
            String source,
            Instant at) {
        return new Document(
                "proxy-config " + section,
                source,
                at,
                () -> Json.object("rows", Json.array(rows)),
                text,
                List.of(),
                gaps,
                "");
    }
}
