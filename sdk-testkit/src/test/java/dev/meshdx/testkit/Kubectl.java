package dev.meshdx.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The real kubectl against a fake mesh. Tests are skipped where there is none. */
final class Kubectl {
    private final Path home;
    private final Path kubeconfig;

    /** What a command said. */
    record Result(int exit, String out, String err) {}

    Kubectl(FakeMesh mesh, Path directory) {
        assumeTrue(
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kubectl"))),
                "there is no kubectl on the PATH: skipped");
        this.home = directory;
        this.kubeconfig = mesh.writeKubeconfig(directory.resolve("kubeconfig"));
    }

    private ProcessBuilder command(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of("kubectl"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        builder.environment().put("HOME", home.toString());
        builder.environment().remove("HTTPS_PROXY");
        builder.environment().remove("https_proxy");
        builder.environment().putAll(environment);
        return builder;
    }

    Result run(String... arguments) {
        try {
            Path out = Files.createTempFile(home, "out", ".txt");
            Path err = Files.createTempFile(home, "err", ".txt");
            Process process = command(Map.of(), arguments)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("kubectl " + List.of(arguments) + " does not end");
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A port-forward that runs. */
    final class Forward implements AutoCloseable {
        private static final Pattern LISTENING = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) .*");

        private final Process process;
        private final Path err;
        private final int port;

        private Forward(Process process, Path err) throws IOException {
            this.process = process;
            this.err = err;
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            int found = 0;
            for (String line = lines.readLine(); line != null && found == 0; line = lines.readLine()) {
                Matcher matcher = LISTENING.matcher(line);
                if (matcher.matches()) {
                    found = Integer.parseInt(matcher.group(1));
                    break;
                }
            }
            this.port = found;
            if (found == 0) {
                throw new AssertionError("kubectl port-forward: " + Files.readString(err));
            }
        }

        int port() {
            return port;
        }

        String err() {
            try {
                return Files.readString(err);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            process.destroy();
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    Forward forward(boolean webSockets, String namespace, String pod, int port) {
        try {
            Path err = Files.createTempFile(home, "forward", ".txt");
            Process process = command(
                            Map.of("KUBECTL_PORT_FORWARD_WEBSOCKETS", String.valueOf(webSockets)),
                            "port-forward",
                            "-n",
                            namespace,
                            "pod/" + pod,
                            ":" + port)
                    .redirectError(err.toFile())
                    .start();
            return new Forward(process, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
