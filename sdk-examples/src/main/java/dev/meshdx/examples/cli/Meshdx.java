package dev.meshdx.examples.cli;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** {@code java -jar meshdx.jar COMMAND …}. */
@Command(
        name = "meshdx",
        description =
                "Diagnoses Istio service meshes: live ones, recorded ones, and those that exist as manifests only.",
        mixinStandardHelpOptions = true,
        versionProvider = Meshdx.Version.class,
        subcommands = {
            DiagnoseCommand.class,
            ControlPlaneCommand.class,
            ProxyStatusCommand.class,
            AnalyzeCommand.class,
            ProxyConfigCommand.class,
            TraceCommand.class,
            LogsCommand.class,
            MtlsCommand.class,
            CertificatesCommand.class,
            FakeCommand.class,
            ExplainCommand.class,
            AutoComplete.GenerateCompletion.class
        },
        footer = {
            "",
            "Exit codes: 0 answered, nothing at or above --fail-on; 1 findings at or above it; 2 wrong usage;",
            "3 no answer at all; 4 --strict and something could not be seen.",
            "",
            "Try it without a cluster:  meshdx diagnose --demo path-case"
        })
public final class Meshdx {
    static final int FINDINGS = 1;
    static final int USAGE = 2;
    static final int NO_ANSWER = 3;
    static final int NOT_ALL_SEEN = 4;

    private Meshdx() {}

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        System.exit(run(
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                args));
    }

    /** Runs a command and returns its exit code. */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new Meshdx());
        line.setOut(out);
        line.setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler(Meshdx::failed);
        line.setUsageHelpAutoWidth(true);
        return args.length == 0 ? line.execute("--help") : line.execute(args);
    }

    /** A sentence and what to do; the stack only for those who ask twice. */
    private static int failed(Exception failure, CommandLine command, @Nullable ParseResult parsed) {
        PrintWriter err = command.getErr();
        Throwable cause =
                failure instanceof UncheckedIOException && failure.getCause() != null ? failure.getCause() : failure;
        err.println("meshdx: " + (cause instanceof MeshException ? cause.getMessage() : describe(cause)));
        if (cause instanceof MeshException mesh && !mesh.remedy().isEmpty()) {
            err.println("        " + mesh.remedy());
        }
        if (command.getCommand() instanceof MeshCommand mesh && mesh.verbosity() > 1) {
            failure.printStackTrace(err);
        }
        return cause instanceof MeshConfigurationException || cause instanceof IllegalArgumentException
                ? USAGE
                : NO_ANSWER;
    }

    private static String describe(Throwable cause) {
        String message = cause.getMessage();
        return cause instanceof java.nio.file.NoSuchFileException
                ? "there is no file " + message
                : message == null ? cause.getClass().getSimpleName() : message;
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Meshdx.class.getPackage().getImplementationVersion();
            return new String[] {"meshdx " + (version == null ? "(development)" : version)};
        }
    }
}
