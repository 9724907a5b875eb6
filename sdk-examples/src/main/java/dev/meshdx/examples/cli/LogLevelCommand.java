package dev.meshdx.examples.cli;

import dev.meshdx.Changes;
import dev.meshdx.Mesh;
import dev.meshdx.MeshPod;
import dev.meshdx.changes.LogLevelChange;
import dev.meshdx.changes.LoggerChange;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "log-level",
        description = {
            "The log levels of a proxy; with LEVELS it sets them, waits, and puts them back.",
            "It stays until the time of --for is over or it is interrupted (Ctrl-C); both put the levels back."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx log-level web-7d4b9-x2x -n production",
            "  meshdx log-level web-7d4b9-x2x -n production rbac:debug,http:debug --dry-run",
            "  meshdx log-level web-7d4b9-x2x -n production rbac:debug --for 5m --allow-changes"
        })
final class LogLevelCommand extends MeshCommand {
    @Parameters(index = "0", paramLabel = "POD", description = "Pod, or pod.namespace.")
    String pod = "";

    @Parameters(
            index = "1",
            paramLabel = "LEVELS",
            arity = "0..1",
            description =
                    "LEVEL for all loggers, or LOGGER:LEVEL,…; levels: trace, debug, info, warning, error, critical, off.")
    @Nullable
    String levels;

    @Option(names = "--allow-changes", description = "Change the proxy's log levels; it refuses without.")
    boolean allowChanges;

    @Option(names = "--dry-run", description = "Only say what would be changed.")
    boolean dryRun;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            defaultValue = "10m",
            converter = Converters.OfDuration.class,
            description = "After which time to put the levels back: 30s, 10m; ${DEFAULT-VALUE} unless given.")
    Duration time = Duration.ofMinutes(10);

    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);

    @Override
    boolean allowsChanges() {
        return allowChanges;
    }

    @Override
    @Nullable
    Document offline() {
        if (levels == null && (dryRun || allowChanges)) {
            throw wrongUsage("say which LEVELS to set, such as rbac:debug");
        }
        if (levels != null && !dryRun && !allowChanges) {
            throw wrongUsage("this changes the proxy: add --allow-changes, or --dry-run to see what it would change");
        }
        return null;
    }

    /** Ctrl-C ends the waiting; the levels are put back before the JVM ends. */
    @Override
    public Integer call() throws Exception {
        Thread hook = new Thread(
                () -> {
                    interrupted.countDown();
                    try {
                        // The levels are put back within the time for one pod, or not at all.
                        if (!finished.await(30, TimeUnit.SECONDS)) {
                            note("The levels are not put back in time.");
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "meshdx-interrupted");
        hook.setDaemon(true);
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return super.call();
        } finally {
            finished.countDown();
            if (interrupted.getCount() > 0) {
                try {
                    Runtime.getRuntime().removeShutdownHook(hook);
                } catch (IllegalStateException e) {
                    // It runs already.
                }
            }
        }
    }

    @Override
    Document answer(Mesh mesh) throws InterruptedException {
        PodName name = pod(mesh, pod);
        MeshPod proxy = mesh.namespace(name.namespace()).pod(name.name());
        String wanted = levels;
        if (wanted == null) {
            LogLevels present = proxy.envoy().logLevels();
            return Documents.ofRows(present.rows(), present.gaps(), spec.name(), mesh.source(), mesh.now());
        }
        Changes changes = mesh.changes().lasting(time);
        if (dryRun) {
            return document(changes.dryRun().logLevel(proxy, wanted), "Would change", mesh);
        }
        try (LogLevelChange change = changes.logLevel(proxy, wanted)) {
            if (change.changed().isEmpty()) {
                return document(change, "Nothing to change", mesh);
            }
            note((change.status() == LogLevelChange.Status.APPLIED ? "changed " : "perhaps changed ")
                    + change.pod() + " (" + change.summary() + ")"
                    + change.expiresAt()
                            .map(at -> " until " + at.truncatedTo(ChronoUnit.SECONDS))
                            .orElse("")
                    + "; Ctrl-C puts it back");
            change.problem().ifPresent(problem -> note(problem.message()));
            if (interrupted.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                note("interrupted");
            }
            change.undo(); // which its own clock may have done a moment ago
            return document(change, "Put back", mesh);
        }
    }

    private static Document document(LogLevelChange change, String did, Mesh mesh) {
        StringBuilder text = new StringBuilder(did + " on " + change.pod() + ":\n");
        boolean back = change.status() == LogLevelChange.Status.UNDONE;
        Map<String, List<String>> groups = new LinkedHashMap<>();
        for (LoggerChange one : change.changed()) {
            if (one.state() != LoggerChange.State.LEFT) {
                groups.computeIfAbsent(
                                back ? one.to() + " → " + one.from() : one.from() + " → " + one.to(),
                                levels -> new ArrayList<>())
                        .add(one.logger());
            }
        }
        groups.forEach((levels, loggers) -> text.append("  ")
                .append(loggers.size() <= 3 ? String.join(", ", loggers) : loggers.size() + " loggers")
                .append(": ")
                .append(levels)
                .append('\n'));
        if (change.changed().isEmpty()) {
            text.append("  ").append(change.summary()).append('\n');
        }
        if (!change.leftAlone().isEmpty()) {
            text.append("Left alone, because somebody else changed them: ")
                    .append(change.leftAlone().stream()
                            .map(LoggerChange::logger)
                            .collect(Collectors.joining(", ")))
                    .append('\n');
        }
        List<Json> loggers = new ArrayList<>();
        for (Map<String, String> row : change.rows()) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>(row);
            loggers.add(Json.of(fields));
        }
        List<Inconclusive> gaps = change.problem().map(List::of).orElse(List.of());
        Json result = Json.object(
                "pod", change.pod().qualifiedName(),
                "status", change.status().name(),
                "loggers", Json.array(loggers));
        return new Document("log-level", mesh.source(), mesh.now(), result, text.toString(), List.of(), gaps);
    }
}
