package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.logs.LogParser;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
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
    @Nullable
    Document offline() throws IOException {
        if (tail < 1) {
            throw wrongUsage("--tail " + tail + " is no number of lines");
        }
        if ((pod == null) == (file == null)) {
            throw wrongUsage("either a POD or --file FILE");
        }
        if (file == null) {
            return null;
        }
        return Documents.of(LogParser.read(Dumps.text(file, in())), file, now == null ? Instant.now() : now);
    }

    @Override
    Document answer(Mesh mesh) {
        PodName name = pod(mesh, Objects.requireNonNull(pod));
        return Documents.of(
                mesh.namespace(name.namespace()).pod(name.name()).logs().tail(tail), mesh.source(), mesh.now());
    }
}
