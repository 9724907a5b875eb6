package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.MeshNamespace;
import dev.meshdx.logs.LogFormat;
import dev.meshdx.logs.LogParser;
import dev.meshdx.logs.LogSummary;
import dev.meshdx.logs.PodLogs;
import dev.meshdx.logs.WorkloadLogs;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "logs",
        description = "What the logs say happened: known patterns and what they mean, failed requests, slow ones.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx logs web-7d4b9-x2x -n production --tail 500",
            "  meshdx logs --service reviews -n production --since 15m",
            "  meshdx logs istiod-5f6c9-k8s -n istio-system",
            "  kubectl logs web-7d4b9-x2x -c istio-proxy | meshdx logs --file -",
            "  meshdx logs --file proxy.log --count 'no healthy upstream'",
            "  meshdx logs --patterns"
        })
final class LogsCommand extends MeshCommand {
    @Parameters(paramLabel = "POD", arity = "0..1", description = "Pod, or pod.namespace.")
    @Nullable
    String pod;

    @Option(names = "--service", paramLabel = "NAME", description = "All pods of a service instead, together.")
    @Nullable
    String service;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "LABELS",
            description = "All pods with these labels instead, together, such as app=web,version=v1.")
    @Nullable
    String selector;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "A log file instead of a pod; - for stdin. Of any size.")
    @Nullable
    String file;

    @Option(
            names = "--tail",
            paramLabel = "LINES",
            description = "How many of the last lines; 10,000 where --since is not given either.")
    @Nullable
    Integer tail;

    @Option(names = "--since", paramLabel = "AGE", description = "Only lines that are not older, such as 5m or 2h.")
    @Nullable
    Duration since;

    @Option(
            names = {"-p", "--previous"},
            description = "The run before the last restart.")
    boolean previous;

    @Option(names = "--container", paramLabel = "NAME", description = "Another container than the proxy's.")
    @Nullable
    String container;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            description =
                    "The access log's format of a --file, where it is none of the usual ones: as accessLogFormat has it.")
    @Nullable
    String logFormat;

    @Option(
            names = "--count",
            paramLabel = "TEXT",
            description =
                    "Only count the lines of a --file in which one of these texts occurs, as grep -cF does. Repeatable.")
    List<String> count = List.of();

    @Option(names = "--patterns", description = "List the known patterns instead.")
    boolean patterns;

    @Override
    @Nullable
    Document offline() throws IOException {
        if (patterns) {
            return Documents.ofLogPatterns(now == null ? Instant.now() : now);
        }
        if (tail != null && tail < 1) {
            throw wrongUsage("--tail " + tail + " is no number of lines");
        }
        if (Stream.of(pod, service, selector, file).filter(Objects::nonNull).count() != 1) {
            throw wrongUsage("one of: a POD, --service NAME, --selector LABELS, --file FILE");
        }
        if (file == null) {
            if (!count.isEmpty() || logFormat != null) {
                throw wrongUsage("--count and --log-format are for a --file");
            }
            return null;
        }
        return ofFile(file, now == null ? Instant.now() : now);
    }

    private Document ofFile(String name, Instant at) throws IOException {
        if (!count.isEmpty() && count.stream().anyMatch(text -> text.length() < 4)) {
            throw wrongUsage("--count needs texts of at least four letters");
        }
        try (InputStream log = name.equals("-") ? in() : Files.newInputStream(Path.of(name))) {
            if (!count.isEmpty()) {
                return Documents.ofLineCount(LogParser.count(log, count), count, name, at);
            }
            LogFormat format =
                    logFormat == null ? LogFormat.usual() : LogFormat.usual().withText(logFormat);
            return Documents.of(LogParser.summarize(log, format), name, at);
        }
    }

    @Override
    Document answer(Mesh mesh) {
        return Documents.of(pod == null ? together(mesh) : one(mesh, pod), mesh.source(), mesh.now());
    }

    private LogSummary one(Mesh mesh, String text) {
        PodName name = pod(mesh, text);
        PodLogs logs = mesh.namespace(name.namespace()).pod(name.name()).logs();
        logs = tail == null ? logs : logs.last(tail);
        logs = since == null ? logs : logs.since(since);
        logs = container == null ? logs : logs.container(container);
        return (previous ? logs.previous() : logs).summary();
    }

    private LogSummary together(Mesh mesh) {
        MeshNamespace limit = mesh.namespace(namespace == null ? mesh.defaultNamespace() : namespace);
        WorkloadLogs logs = service == null
                ? limit.logs(Objects.requireNonNull(selector))
                : limit.service(service).logs();
        logs = tail == null ? logs : logs.last(tail);
        logs = since == null ? logs : logs.since(since);
        logs = container == null ? logs : logs.container(container);
        return (previous ? logs.previous() : logs).summary();
    }
}
