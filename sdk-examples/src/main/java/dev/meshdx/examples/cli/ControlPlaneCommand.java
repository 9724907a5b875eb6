package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import picocli.CommandLine.Command;

@Command(
        name = "control-plane",
        description = "Are the istiods up: readiness, restarts and their reasons, memory.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  meshdx control-plane --context prod-eu"})
final class ControlPlaneCommand extends MeshCommand {
    @Override
    Document answer(Mesh mesh) {
        return Documents.of(mesh.controlPlane().health(), mesh.source(), mesh.now());
    }
}
