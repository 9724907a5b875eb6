package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "timeline",
        description = "When a proxy's errors began, and what changed around then.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  meshdx timeline web-7d4b9-x2x -n production"})
final class TimelineCommand extends MeshCommand {
    @Parameters(paramLabel = "POD", description = "Pod, or pod.namespace.")
    @SuppressWarnings("NullAway.Init")
    String pod;

    @Override
    Document answer(Mesh mesh) {
        PodName name = pod(mesh, pod);
        return Documents.of(mesh.namespace(name.namespace()).pod(name.name()).timeline(), mesh.source(), mesh.now());
    }
}
