package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.finding.Severity;
import dev.meshdx.report.Document;
import dev.meshdx.report.Format;
import dev.meshdx.source.Progress;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
            description =
                    "YAML or JSON file, or folder; - for standard input. Repeatable. With --context, --kubeconfig,"
                            + " --snapshot or --demo: what if they were applied there?")
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
            description = "The embedded fake mesh in a known state; path-case unless named. See: meshdx fake --list")
    @Nullable
    String demo;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description = "Only this namespace. A pod without it is looked for in the context's namespace.")
    @Nullable
    String namespace;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "All namespaces, as without -n.")
    boolean allNamespaces;

    @Option(names = "--revision", paramLabel = "NAME", description = "Only what concerns this revision.")
    @Nullable
    String revision;

    @Option(
            names = "--istio-namespace",
            paramLabel = "NAME",
            defaultValue = "istio-system",
            description = "Where the control plane lives; ${DEFAULT-VALUE} unless given.")
    String istioNamespace = "istio-system";

    @Option(
            names = "--mesh-config",
            paramLabel = "FILE",
            description = "Mesh configuration to judge by, instead of the one in the ConfigMap istio.")
    @Nullable
    Path meshConfig;

    @Option(names = "--mesh-networks", paramLabel = "FILE", description = "Networks of the mesh to judge by.")
    @Nullable
    Path meshNetworks;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = Converters.OfDuration.class,
            description = "How long the answer may take: 500ms, 30s, 2m.")
    Duration deadline = Duration.ofSeconds(30);

    @Option(
            names = "--now",
            paramLabel = "INSTANT",
            converter = Converters.OfInstant.class,
            description = "The time at which an offline source is judged, such as 2026-01-02T03:04:05Z.")
    @Nullable
    Instant now;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            converter = Converters.OfFormat.class,
            description = "One of: ${COMPLETION-CANDIDATES}.")
    Format format = Format.TEXT;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the answer to a file.")
    @Nullable
    Path output;

    @Option(
            names = "--fail-on",
            paramLabel = "SEVERITY",
            defaultValue = "error",
            converter = Converters.OfFailOn.class,
            description = "Exit with 1 from this severity on: ${COMPLETION-CANDIDATES}.")
    FailOn failOn = FailOn.ERROR;

    @Option(names = "--strict", description = "Exit with 4 if something could not be seen.")
    boolean strict;

    @Option(names = "-v", description = "Say what was read; twice: stack traces too.")
    boolean[] verbose = {};

    enum FailOn {
        ERROR,
        WARNING,
        INFO,
        NEVER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private String demoNamespace = "";
    private int reads;
    private boolean progressShown;

    /** The file that the answer goes to; null for standard output. */
    @Nullable
    Path output() {
        return output;
    }

    int verbosity() {
        return verbose.length;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    InputStream in() {
        return root().in();
    }

    private Meshdx root() {
        return (Meshdx) spec.root().userObject();
    }

    /** Says something that is no part of the answer. */
    void note(String text) {
        clearProgress();
        spec.commandLine().getErr().println("meshdx: " + text);
        spec.commandLine().getErr().flush();
    }

    /** Wrong usage: exit code 2, with a hint at the help. */
    ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Answers the question. */
    abstract Document answer(Mesh mesh) throws Exception;

    /** Answers from a file that is no mesh, such as a config dump; null where the options name none. */
    @Nullable
    Document offline() throws Exception {
        return null;
    }

    /** Whether the mesh may be changed: no, but where the command changes something and the user says so. */
    boolean allowsChanges() {
        return false;
    }

    /** Those of {@code --revision}, {@code --mesh-config}, {@code --mesh-networks} that change the answer. */
    Set<String> judgesBy() {
        return Set.of();
    }

    @Override
    public Integer call() throws Exception {
        checkFiles();
        long start = System.nanoTime();
        try {
            Document document = offline();
            if (document == null) {
                document = answer(open());
            }
            if (verbosity() > 0) {
                note("asked " + document.source() + ": " + reads + " reads in "
                        + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms");
            }
            return print(document);
        } finally {
            clearProgress();
            while (!open.isEmpty()) {
                open.pop().close();
            }
        }
    }

    /** What is wrong with the options should show before a minute of reading, not after it. */
    private void checkFiles() throws IOException {
        Path output = output();
        if (output != null) {
            Path folder = output.toAbsolutePath().getParent();
            if (Files.isDirectory(output) || folder == null || !Files.isDirectory(folder)) {
                throw wrongUsage("--output " + output + " cannot be written: "
                        + (Files.isDirectory(output) ? "it is a folder" : "there is no folder " + folder));
            }
        }
        if (meshNetworks != null && Files.readString(meshNetworks).isBlank()) {
            throw wrongUsage("--mesh-networks " + meshNetworks + " is empty");
        }
        unused("--revision", revision);
        unused("--mesh-config", meshConfig);
        unused("--mesh-networks", meshNetworks);
    }

    private void unused(String option, @Nullable Object value) {
        if (value != null && !judgesBy().contains(option)) {
            note(option + " makes no difference to " + spec.name() + ".");
        }
    }

    /** Prints a document and gives the exit code that belongs to it. */
    int print(Document document) throws IOException {
        clearProgress();
        var rendered = document.render(format);
        Path output = output();
        if (output != null) {
            rendered.writeTo(output);
        } else {
            if (format == Format.TEXT && root().terminal().colour()) {
                out().print(Colours.apply(rendered.toString()));
            } else {
                rendered.writeTo(out());
            }
            out().flush();
        }
        return exitCode(document);
    }

    int exitCode(Document document) {
        if (failOn != FailOn.NEVER) {
            Severity threshold = Severity.valueOf(failOn.name());
            if (document.findings().stream()
                    .anyMatch(finding -> finding.severity().atLeast(threshold))) {
                return Meshdx.FINDINGS;
            }
        }
        return strict && !document.inconclusive().isEmpty() ? Meshdx.NOT_ALL_SEEN : 0;
    }

    /** How many of the options that each name a source are given. */
    int sources() {
        boolean live = context != null || kubeconfig != null;
        return (live ? 1 : 0) + (snapshot == null ? 0 : 1) + (demo == null ? 0 : 1);
    }

    /** Opens the source that the options name. */
    private Mesh open() {
        if (sources() > 1) {
            throw wrongUsage("--context or --kubeconfig, --snapshot and --demo exclude one another");
        }
        if (manifests.isEmpty()) {
            return base();
        }
        List<String> files = new ArrayList<>(manifests);
        Mesh mesh = sources() == 0 ? null : base();
        if (files.removeIf(file -> file.equals("-"))) {
            mesh = mesh == null
                    ? Mesh.manifests("standard input", in(), options(MeshOptions.builder()))
                    : mesh.whatIf("standard input", in());
            open.push(mesh);
        }
        Path[] paths = files.stream().map(Path::of).toArray(Path[]::new);
        if (paths.length > 0) {
            mesh = mesh == null ? Mesh.manifests(options(MeshOptions.builder()), paths) : mesh.whatIf(paths);
            open.push(mesh);
        }
        return java.util.Objects.requireNonNull(mesh);
    }

    private Mesh base() {
        Mesh mesh;
        if (demo != null) {
            if (demo.startsWith("-")) {
                throw wrongUsage("Unknown option: '" + demo + "'");
            }
            Scenario scenario = Scenario.byName(demo);
            demoNamespace = scenario.namespace();
            FakeMesh fake = FakeMesh.start(scenario);
            open.push(fake);
            mesh = Mesh.connect(options(fake.options().toBuilder().namespace(demoNamespace)));
        } else if (snapshot != null) {
            mesh = Mesh.snapshot(snapshot, options(MeshOptions.builder()));
        } else {
            mesh = Mesh.connect(options(MeshOptions.builder()));
        }
        open.push(mesh);
        return mesh;
    }

    private MeshOptions options(MeshOptions.Builder builder) {
        builder.deadline(deadline).istioNamespace(istioNamespace).progress(this::progress);
        if (context != null) {
            builder.context(context);
        }
        if (kubeconfig != null) {
            builder.kubeconfig(kubeconfig);
        }
        if (namespace != null) {
            builder.namespace(namespace);
        }
        if (now != null) {
            builder.judgedAt(now);
        }
        if (allowsChanges()) {
            builder.allowChanges();
        }
        return builder.build();
    }

    private synchronized void progress(Progress progress) {
        reads = progress.done();
        if (root().terminal().progress()) {
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

    /** An empty answer for a revision that nobody has would look like a good one. */
    void requireRevision(List<String> there) {
        if (!there.isEmpty() && !there.contains(revision)) {
            throw new MeshNotFoundException(
                    "Nothing here has the revision " + revision + ".",
                    "The revisions: " + String.join(", ", new TreeSet<>(there)) + ".");
        }
    }

    /** The namespace that the question is limited to; null for the whole mesh. */
    @Nullable
    String limitedTo() {
        return allNamespaces ? null : namespace;
    }

    /**
     * {@code NAME}, {@code pod/NAME}, {@code NAMESPACE/NAME} or {@code NAME.NAMESPACE}; the option, or the source's default,
     * where it names no namespace.
     */
    PodName pod(Mesh mesh, String given) {
        String name = given.replaceFirst("^(pods?|po|services?|svc)/", "");
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
}
