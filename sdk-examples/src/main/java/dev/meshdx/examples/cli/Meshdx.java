package dev.meshdx.examples.cli;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

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
            TimelineCommand.class,
            TraceCommand.class,
            AuthzCommand.class,
            LogsCommand.class,
            DescribeCommand.class,
            MtlsCommand.class,
            CertificatesCommand.class,
            LogLevelCommand.class,
            FakeCommand.class,
            ExplainCommand.class,
            CheckInjectCommand.class,
            ReadinessCommand.class,
            AutoComplete.GenerateCompletion.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "Exit codes: 0 answered, nothing at or above --fail-on; 1 findings at or above it; 2 wrong usage;",
            "3 no answer at all; 4 --strict and something could not be seen.",
            "",
            "Try it without a cluster:  meshdx diagnose --demo path-case",
            "Completion:                source <(meshdx generate-completion)"
        })
public final class Meshdx {
    static final int FINDINGS = 1;
    static final int USAGE = 2;
    static final int NO_ANSWER = 3;
    static final int NOT_ALL_SEEN = 4;

    private final InputStream in;
    private final Terminal terminal;

    private Meshdx(InputStream in, Terminal terminal) {
        this.in = in;
        this.terminal = terminal;
    }

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        System.exit(run(
                System.in,
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                Terminal.ofProcess(),
                args));
    }

    /** Runs a command for a program and returns its exit code: no colours, no progress, no input. */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        return run(InputStream.nullInputStream(), out, err, Terminal.NONE, args);
    }

    static int run(InputStream in, PrintWriter out, PrintWriter err, Terminal terminal, String... args) {
        CommandLine line = new CommandLine(new Meshdx(in, terminal));
        line.setOut(out);
        line.setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler(Meshdx::failed);
        line.setParameterExceptionHandler(Meshdx::misused);
        line.setUnmatchedOptionsAllowedAsOptionParameters(false);
        line.setUsageHelpAutoWidth(true);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(
                terminal.colour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        int code;
        try {
            code = args.length == 0 ? line.execute("--help") : line.execute(args);
        } catch (OutOfMemoryError e) {
            err.println("meshdx: The answer does not fit into "
                    + Runtime.getRuntime().maxMemory() / (1024 * 1024) + " MiB of memory.");
            err.println("        Ask for less, or give Java more: MESHDX_JAVA_OPTS=-Xmx1g");
            code = NO_ANSWER;
        }
        out.flush();
        err.flush();
        return code;
    }

    InputStream in() {
        return in;
    }

    Terminal terminal() {
        return terminal;
    }

    /** What is wrong, what was probably meant, where the help is; not the whole help. */
    private static int misused(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("meshdx: " + sentence(String.valueOf(failure.getMessage())));
        if (failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            err.println("        Did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?");
        }
        err.println("        " + command.getCommandSpec().qualifiedName() + " --help");
        return USAGE;
    }

    private static String sentence(String message) {
        String first = message.lines().findFirst().orElse(message);
        return first.endsWith(".") || first.endsWith("?") ? first : first + ".";
    }

    /** A sentence and what to do; the stack only for those who ask twice. */
    private static int failed(Exception failure, CommandLine command, @Nullable ParseResult parsed) {
        if (failure instanceof ParameterException wrong) {
            return misused(wrong, new String[0]);
        }
        PrintWriter err = command.getErr();
        Throwable cause =
                failure instanceof UncheckedIOException && failure.getCause() != null ? failure.getCause() : failure;
        err.println("meshdx: " + sentence(describe(cause)));
        if (cause instanceof MeshException mesh && !mesh.remedy().isEmpty()) {
            err.println("        " + mesh.remedy());
        }
        if (command.getCommand() instanceof MeshCommand mesh && mesh.verbosity() > 1) {
            failure.printStackTrace(err);
        }
        boolean usage = cause instanceof MeshConfigurationException
                || cause instanceof IllegalArgumentException
                || cause instanceof NoSuchFileException
                || cause instanceof AccessDeniedException;
        return usage ? USAGE : NO_ANSWER;
    }

    private static String describe(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof MeshException || cause instanceof IllegalArgumentException) {
            return message;
        }
        if (cause instanceof NoSuchFileException) {
            return "There is no file " + message;
        }
        if (cause instanceof AccessDeniedException) {
            return "The file " + message + " may not be read or written";
        }
        return cause.getMessage() == null
                ? cause.getClass().getSimpleName()
                : cause.getClass().getSimpleName() + ": " + message;
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Meshdx.class.getPackage().getImplementationVersion();
            return new String[] {"meshdx " + (version == null ? "(development)" : version)};
        }
    }
}
