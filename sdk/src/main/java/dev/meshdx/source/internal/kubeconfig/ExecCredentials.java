package dev.meshdx.source.internal.kubeconfig;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Json;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Credentials that a program prints ({@code aws}, {@code gke-gcloud-auth-plugin}, {@code kubelogin}…). What it printed is
 * kept until its {@code expirationTimestamp}, and asked for again once when the server refuses it. The program gets neither
 * our console nor our standard input. Source: Kubernetes docs, "Authenticating: client-go credential plugins".
 */
final class ExecCredentials extends RenewableCredentials {
    private static final String GROUP = "client.authentication.k8s.io/";
    private static final int MAX_OUTPUT = 1024 * 1024;
    private static final int MAX_COMPLAINT = 16 * 1024;
    private static final int MAX_QUOTE = 500;
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final YamlNode exec;
    private final Plugin plugin;
    private final Map<String, String> environment;
    private final @Nullable ClientIdentity identity;
    private final Duration timeout;
    private volatile @Nullable Process running;

    /** What the kubeconfig says of the program. */
    private record Plugin(
            String apiVersion,
            String command,
            Path program,
            List<String> arguments,
            Map<String, String> variables,
            @Nullable String installHint) {}

    private ExecCredentials(
            YamlNode exec,
            Plugin plugin,
            Map<String, String> environment,
            @Nullable ClientIdentity identity,
            Duration timeout,
            Clock clock) {
        super(clock);
        this.exec = exec;
        this.plugin = plugin;
        this.environment = environment;
        this.identity = identity;
        this.timeout = timeout;
    }

    /**
     * Reads the entry and looks for the program, without running it.
     *
     * @param cluster what the program is told of the cluster if the entry wants that
     * @param identity a client certificate beside it; the program's own takes its place
     * @throws MeshConfigurationException if the entry cannot work
     */
    static ExecCredentials of(
            YamlNode exec, Map<String, ?> cluster, @Nullable ClientIdentity identity, AccessRequest request) {
        YamlNode version = exec.at("apiVersion");
        String apiVersion = version.text();
        if (apiVersion == null || !(apiVersion.equals(GROUP + "v1") || apiVersion.equals(GROUP + "v1beta1"))) {
            throw version.wrong(
                    (apiVersion == null ? "the exec plug-in has no apiVersion" : apiVersion + " is not supported")
                            + "; " + GROUP + "v1 and v1beta1 are.",
                    "Update the plug-in and the entry (cloud CLIs write it anew, such as"
                            + " `aws eks update-kubeconfig`).");
        }
        String mode = exec.at("interactiveMode").text();
        if (mode != null && !List.of("Never", "IfAvailable", "Always").contains(mode)) {
            throw exec.at("interactiveMode")
                    .wrong(mode + " is none of Never, IfAvailable, Always.", "Write IfAvailable.");
        }
        String command = exec.at("command").text();
        if (command == null) {
            throw exec.wrong("the exec plug-in has no command.", "Add `command: PROGRAM`.");
        }
        if ("Always".equals(mode)) {
            throw exec.at("interactiveMode")
                    .wrong(
                            "the exec plug-in " + command + " insists on a terminal, and there is none here.",
                            "Use another way to log in, or pass a token (`kubectl create token`).");
        }
        Map<String, String> variables = new HashMap<>();
        for (YamlNode variable : exec.at("env").items()) {
            String name = variable.at("name").text();
            String value = variable.at("value").text();
            if (name != null) {
                variables.put(name, value == null ? "" : value);
            }
        }
        String installHint = exec.at("installHint").text();
        Path program = find(exec.at("command"), command, installHint, request.environment());
        Map<String, Object> spec = new HashMap<>();
        spec.put("interactive", false);
        if (exec.at("provideClusterInfo").bool()) {
            spec.put("cluster", cluster);
        }
        Map<String, String> environment = new HashMap<>(request.environment());
        environment.putAll(variables);
        environment.put(
                "KUBERNETES_EXEC_INFO",
                Json.object("kind", "ExecCredential", "apiVersion", apiVersion, "spec", spec)
                        .toString());
        Plugin plugin = new Plugin(apiVersion, command, program, exec.at("args").texts(), variables, installHint);
        return new ExecCredentials(exec, plugin, environment, identity, request.pluginTimeout(), request.clock());
    }

    /** As Go's client does: a name is looked for in PATH, a path is resolved against the kubeconfig's folder. */
    private static Path find(
            YamlNode node, String command, @Nullable String installHint, Map<String, String> environment) {
        String install = installHint == null ? "" : " " + installHint.strip().replaceAll("\\s+", " ");
        if (command.contains("/") || command.contains(File.separator)) {
            Path file = node.file();
            if (file != null && Files.isExecutable(file) && !Files.isDirectory(file)) {
                return file;
            }
            throw node.wrong(
                    "the exec plug-in " + file
                            + (file != null && Files.exists(file) ? " is not executable." : " does not exist."),
                    "Install it, or correct the path." + install);
        }
        boolean windows = File.separatorChar == '\\';
        List<String> names =
                windows ? List.of(command, command + ".exe", command + ".cmd", command + ".bat") : List.of(command);
        String path = environment.getOrDefault("PATH", environment.getOrDefault("Path", ""));
        for (String folder : path.split(Pattern.quote(File.pathSeparator), -1)) {
            for (String name : names) {
                try {
                    Path file = Path.of(folder).resolve(name);
                    if (!folder.isEmpty() && Files.isExecutable(file) && !Files.isDirectory(file)) {
                        return file.toAbsolutePath();
                    }
                } catch (InvalidPathException e) {
                    // Not a folder that could hold it.
                }
            }
        }
        throw node.wrong(
                "the exec plug-in " + command + " is not installed: it is in no folder of PATH.",
                "Install it, or add its folder to PATH." + install);
    }

    @Override
    Obtained obtain(@Nullable Credential previous, BooleanSupplier canceled) throws IOException {
        return understand(run(canceled));
    }

    private byte[] run(BooleanSupplier canceled) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(plugin.program().toString());
        words.addAll(plugin.arguments());
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException | RuntimeException e) {
            throw refused("could not be started", "Install it again." + installHint());
        }
        running = process;
        try {
            process.getOutputStream().close();
            Drain out = new Drain(process.getInputStream(), MAX_OUTPUT, false);
            Drain err = new Drain(process.getErrorStream(), MAX_COMPLAINT, true);
            long end = System.nanoTime() + timeout.toNanos();
            while (!process.waitFor(25, TimeUnit.MILLISECONDS)) {
                if (canceled.getAsBoolean() || isClosed()) {
                    throw new IOException("Canceled");
                }
                if (System.nanoTime() - end > 0) {
                    throw refused(
                            "did not finish within " + timeout.toSeconds() + " seconds" + complaint(err),
                            "It may wait for a login in a browser: log in with `kubectl get ns` in a terminal first.");
                }
            }
            // A child of the program may hold its output open: what has not come by then does not count.
            out.await();
            err.await();
            if (process.exitValue() != 0) {
                throw refused(
                        "failed with exit code " + process.exitValue() + complaint(err),
                        "Log in again with the tool that the plug-in belongs to, then try `kubectl get ns`."
                                + installHint());
            }
            byte[] printed = out.bytes();
            if (printed.length > MAX_OUTPUT) {
                throw refused("printed more than a megabyte", "Update the plug-in.");
            }
            return printed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            running = null;
            kill(process);
        }
    }

    private String complaint(Drain err) {
        String text = new String(err.bytes(), StandardCharsets.UTF_8);
        String safe = Tokens.redact(text, plugin.variables().values(), MAX_QUOTE);
        return safe.isEmpty() ? "" : "; it said: " + safe;
    }

    private String installHint() {
        return plugin.installHint() == null
                ? ""
                : " " + plugin.installHint().strip().replaceAll("\\s+", " ");
    }

    private MeshAccessException refused(String what, String remedy) {
        return new MeshAccessException(
                exec.place() + ": the exec plug-in " + plugin.command() + " " + what + ".", remedy);
    }

    private Obtained understand(byte[] printed) {
        Json answer;
        try {
            answer = Json.parse(new String(printed, StandardCharsets.UTF_8));
        } catch (MeshProtocolException e) {
            throw rubbish(
                    printed.length == 0 ? "printed nothing" : "printed " + printed.length + " bytes that are not JSON");
        }
        if (!"ExecCredential".equals(answer.at("kind").text(""))) {
            throw rubbish("printed JSON that is not an ExecCredential");
        }
        String version = answer.at("apiVersion").text("");
        if (!version.equals(plugin.apiVersion())) {
            throw rubbish("printed an ExecCredential of "
                    + (version.startsWith(GROUP) ? version : "another apiVersion") + ", but the kubeconfig asks for "
                    + plugin.apiVersion());
        }
        Json status = answer.at("status");
        String token = status.at("token").text("").strip();
        String certificate = status.at("clientCertificateData").text("");
        String key = status.at("clientKeyData").text("");
        if (token.isEmpty() && certificate.isEmpty() && key.isEmpty()) {
            throw rubbish("printed an ExecCredential with neither a token nor a certificate");
        }
        if (certificate.isEmpty() != key.isEmpty()) {
            throw rubbish(
                    "printed " + (key.isEmpty() ? "a certificate without its key" : "a key without its certificate"));
        }
        String problem = token.isEmpty() ? null : Tokens.problem(token);
        if (problem != null) {
            throw rubbish("printed a token that " + problem);
        }
        ClientIdentity own = identity;
        if (!certificate.isEmpty()) {
            try {
                own = ClientIdentity.of(
                        certificate.getBytes(StandardCharsets.UTF_8),
                        key.getBytes(StandardCharsets.UTF_8),
                        clock().instant());
            } catch (Pem.Malformed e) {
                throw rubbish("printed a certificate that cannot be used: " + e.why());
            }
        }
        return new Obtained(
                new Credential(token.isEmpty() ? null : "Bearer " + token, own),
                goodUntil(status.at("expirationTimestamp").text("")));
    }

    private @Nullable Instant goodUntil(String time) {
        if (time.isEmpty()) {
            return null;
        }
        try {
            return OffsetDateTime.parse(time.toUpperCase(Locale.ROOT)).toInstant();
        } catch (DateTimeParseException e) {
            throw rubbish("printed an expirationTimestamp that is not a time");
        }
    }

    private MeshAccessException rubbish(String what) {
        return refused(what, "Run the plug-in by hand and look at what it prints; update it." + installHint());
    }

    private static void kill(Process process) {
        if (process.isAlive()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Override
    public void close() {
        super.close();
        Process process = running;
        if (process != null) {
            kill(process);
        }
    }

    /** Reads an output to its end, so that the program never waits for us, and keeps some of it. */
    private static final class Drain implements Runnable {
        private static final long PATIENCE_MILLIS = 1000;

        private final InputStream in;
        private final int max;
        private final boolean keepsEnd;
        private final Thread thread;
        private ByteArrayOutputStream kept = new ByteArrayOutputStream();

        Drain(InputStream in, int max, boolean keepsEnd) {
            this.in = in;
            this.max = max;
            this.keepsEnd = keepsEnd;
            this.thread = new Thread(this, "mesh-exec-" + THREADS.incrementAndGet());
            this.thread.setDaemon(true);
            this.thread.start();
        }

        @Override
        public void run() {
            byte[] buffer = new byte[8192];
            try (in) {
                int read = in.read(buffer);
                while (read >= 0) {
                    keep(buffer, read);
                    read = in.read(buffer);
                }
            } catch (IOException e) {
                // The program was ended.
            }
        }

        private synchronized void keep(byte[] buffer, int length) {
            if (keepsEnd && kept.size() > max) {
                byte[] all = kept.toByteArray();
                kept = new ByteArrayOutputStream();
                kept.write(all, all.length - max / 2, max / 2);
            }
            if (kept.size() <= max) {
                kept.write(buffer, 0, length);
            }
        }

        void await() throws InterruptedException {
            thread.join(PATIENCE_MILLIS);
        }

        synchronized byte[] bytes() {
            return kept.toByteArray();
        }
    }
}
