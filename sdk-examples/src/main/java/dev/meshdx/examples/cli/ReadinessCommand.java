package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "readiness",
        description = "How far a pod is on its way to serving traffic in the mesh, and which step it is stuck in.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  meshdx readiness web-7d4b9-x2x -n production"})
final class ReadinessCommand extends MeshCommand {
    @Parameters(index = "0", paramLabel = "POD", description = "Pod, or pod.namespace.")
    String pod = "";

    @Override
    Document answer(Mesh mesh) {
        PodName name = pod(mesh, pod);
        return Documents.of(mesh.namespace(name.namespace()).pod(name.name()).readiness(), mesh.source(), mesh.now());
    }
}
