package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.logs.LogParser;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "logs",
        description = "What the sidecar says happened: known patterns, response flags, slow requests.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx logs web-7d4b9-x2x -n production --tail 500",
            "  kubectl logs web-7d4b9-x2x -c istio-proxy | meshdx logs --file -"
        })
final class LogsCommand extends MeshCommand {
    @Parameters(paramLabel = "POD", arity = "0..1", description = "Pod, or pod.namespace.")
    @Nullable
    String pod;

    @Option(names = "--file", paramLabel = "FILE", description = "A log file instead of a pod; - for stdin.")
    @Nullable
    String file;

    @Option(names = "--tail", paramLabel = "LINES", defaultValue = "1000", description = "How many of the last lines.")
    int tail = 1000;

    @Override
    public Integer call() throws Exception {
        if (file == null) {
            return super.call();
        }
        String text = file.equals("-")
                ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                : Files.readString(Path.of(file));
        return print(Documents.of(LogParser.read(text), file, now == null ? Instant.now() : now));
    }

    @Override
    Document answer(Mesh mesh) {
        if (pod == null) {
            throw new MeshConfigurationException("logs needs a POD or --file FILE.", "");
        }
        PodName name = pod(mesh, pod);
        return Documents.of(
                mesh.namespace(name.namespace()).pod(name.name()).logs().tail(tail), mesh.source(), mesh.now());
    }
}
