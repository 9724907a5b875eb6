package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.finding.Severity;
import dev.meshdx.report.Document;
import dev.meshdx.report.Format;
import dev.meshdx.source.Progress;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.io.File;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the commands share: where the data comes from, how the answer is printed, and the exit code. */
abstract class MeshCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    CommandSpec spec;

    @Option(names = "--context", paramLabel = "NAME", description = "Kubeconfig context; the current one unless given.")
    @Nullable
    String context;

    @Option(names = "--kubeconfig", paramLabel = "FILE", description = "Kubeconfig file.")
    @Nullable
    Path kubeconfig;

    @Option(
            names = {"-f", "--manifests"},
            paramLabel = "PATH",
            description = "YAML or JSON file, or folder; - for standard input. Repeatable.")
    List<String> manifests = new ArrayList<>();

    @Option(
            names = "--snapshot",
            paramLabel = "PATH",
            description = "A recording: a folder, or a zip file that holds one.")
    @Nullable
    Path snapshot;

    @Option(
            names = "--demo",
            paramLabel = "SCENARIO",
            arity = "0..1",
            fallbackValue = "path-case",
            description = "The embedded fake mesh in a known state.")
    @Nullable
    String demo;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description = "Namespace; the context's unless given.")
    @Nullable
    String namespace;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "All namespaces.")
    boolean allNamespaces;

    @Option(
            names = "--istio-namespace",
            paramLabel = "NAME",
            defaultValue = "istio-system",
            description = "Where the control plane lives.")
    String istioNamespace = "istio-system";

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = DurationConverter.class,
            description = "How long the answer may take: 500ms, 30s, 2m.")
    Duration deadline = Duration.ofSeconds(30);

    @Option(
            names = "--now",
            paramLabel = "INSTANT",
            converter = InstantConverter.class,
            description = "The time at which an offline source is judged.")
    @Nullable
    Instant now;

    @Option(names = "--format", defaultValue = "text", description = "One of: ${COMPLETION-CANDIDATES}.")
    Format format = Format.TEXT;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the answer to a file.")
    @Nullable
    Path output;

    @Option(
            names = "--fail-on",
            defaultValue = "error",
            description = "Exit with 1 from this severity on: ${COMPLETION-CANDIDATES}.")
    FailOn failOn = FailOn.ERROR;

    @Option(names = "--strict", description = "Exit with 4 if something could not be seen.")
    boolean strict;

    @Option(names = "-v", description = "Say more; twice: with stack traces.")
    boolean[] verbose = {};

    enum FailOn {
        ERROR,
        WARNING,
        INFO,
        NEVER
    }

    private @Nullable FakeMesh fake;

    int verbosity() {
        return verbose.length;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Answers the question. */
    abstract Document answer(Mesh mesh) throws Exception;

    @Override
    public Integer call() throws Exception {
        try (Mesh mesh = open()) {
            return print(answer(mesh));
        } finally {
            if (fake != null) {
                fake.close();
            }
            clearProgress();
        }
    }

    /** Prints a document and gives the exit code that belongs to it. */
    int print(Document document) {
        clearProgress();
        var rendered = document.render(format);
        if (output != null) {
            rendered.writeTo(output);
        } else {
            out().print(rendered);
            out().flush();
        }
        if (failOn != FailOn.NEVER) {
            Severity threshold = Severity.valueOf(failOn.name());
            if (document.findings().stream()
                    .anyMatch(finding -> finding.severity().atLeast(threshold))) {
                return Meshdx.FINDINGS;
            }
        }
        return strict && !document.inconclusive().isEmpty() ? Meshdx.NOT_ALL_SEEN : 0;
    }

    /** Opens the source that the options name. */
    Mesh open() {
        int sources = (manifests.isEmpty() ? 0 : 1) + (snapshot == null ? 0 : 1) + (demo == null ? 0 : 1);
        if (sources > 1) {
            throw new MeshConfigurationException(
                    "--manifests, --snapshot and --demo exclude one another.", "Name one source.");
        }
        if (demo != null) {
            Scenario scenario = Scenario.byName(demo);
            fake = FakeMesh.start(scenario);
            if (namespace == null) {
                namespace = scenario.namespace();
            }
            return Mesh.connect(options(fake.options().toBuilder()));
        }
        if (snapshot != null) {
            return Mesh.snapshot(snapshot, options(MeshOptions.builder()));
        }
        if (!manifests.isEmpty()) {
            return manifests.contains("-")
                    ? Mesh.manifests("standard input", System.in, options(MeshOptions.builder()))
                    : Mesh.manifests(
                            options(MeshOptions.builder()),
                            manifests.stream().map(Path::of).toArray(Path[]::new));
        }
        return Mesh.connect(options(MeshOptions.builder()));
    }

    private MeshOptions options(MeshOptions.Builder builder) {
        builder.deadline(deadline).istioNamespace(istioNamespace).progress(this::progress);
        if (context != null) {
            builder.context(context);
        }
        if (kubeconfig != null) {
            builder.kubeconfig(kubeconfig);
        }
        if (now != null) {
            builder.judgedAt(now);
        }
        return builder.build();
    }

    private boolean progressShown;

    private synchronized void progress(Progress progress) {
        if (Terminal.isInteractive()) {
            progressShown = true;
            String line = "reading " + progress.activity() + " (" + progress.done() + "/" + progress.started() + ")";
            spec.commandLine().getErr().print("\r" + String.format("%-78.78s", line));
            spec.commandLine().getErr().flush();
        }
    }

    private synchronized void clearProgress() {
        if (progressShown) {
            spec.commandLine().getErr().print("\r" + " ".repeat(78) + "\r");
            spec.commandLine().getErr().flush();
            progressShown = false;
        }
    }

    /** {@code pod} or {@code pod.namespace}; the option, or the source's default, where it names no namespace. */
    PodName pod(Mesh mesh, String name) {
        int slash = name.indexOf('/');
        if (slash > 0) {
            return new PodName(name.substring(0, slash), name.substring(slash + 1));
        }
        if (namespace == null && name.indexOf('.') > 0) {
            int dot = name.lastIndexOf('.');
            return new PodName(name.substring(dot + 1), name.substring(0, dot));
        }
        return new PodName(namespace == null ? mesh.defaultNamespace() : namespace, name);
    }

    record PodName(String namespace, String name) {}

    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            String upper = text.trim().toUpperCase(Locale.ROOT);
            try {
                return upper.endsWith("MS")
                        ? Duration.ofMillis(Long.parseLong(upper.substring(0, upper.length() - 2)))
                        : Duration.parse("PT" + upper);
            } catch (DateTimeParseException | NumberFormatException e) {
                throw new picocli.CommandLine.TypeConversionException("'" + text + "' is no time such as 30s or 2m");
            }
        }
    }

    static final class InstantConverter implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new picocli.CommandLine.TypeConversionException(
                        "'" + text + "' is no instant such as 2026-01-02T03:04:05Z");
            }
        }
    }

    static Path path(String text) {
        return new File(text).toPath();
    }
}
