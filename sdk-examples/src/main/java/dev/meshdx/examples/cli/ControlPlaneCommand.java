package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.util.Set;
import picocli.CommandLine.Command;

@Command(
        name = "control-plane",
        description =
                "Are the istiods up and quick, can the API server call them: restarts, memory, pushes, webhooks, tags.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  meshdx control-plane --context prod-eu"})
final class ControlPlaneCommand extends MeshCommand {
    @Override
    Set<String> judgesBy() {
        return Set.of("--revision");
    }

    @Override
    Document answer(Mesh mesh) {
        ControlPlaneHealth health = mesh.controlPlane().health();
        if (revision != null) {
            requireRevision(
                    health.instances().stream().map(IstiodInstance::revision).toList());
            health = health.ofRevision(revision);
        }
        return Documents.of(health, mesh.source(), mesh.now());
    }
}
