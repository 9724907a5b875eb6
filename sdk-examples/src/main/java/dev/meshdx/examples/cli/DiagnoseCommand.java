package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "diagnose",
        description = "Runs all five steps and names the cause.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx diagnose web-7d4b9-x2x -n production",
            "  meshdx diagnose --service reviews -n production",
            "  meshdx diagnose --snapshot incident.zip --format json",
            "  meshdx diagnose --demo missing-subset"
        })
final class DiagnoseCommand extends MeshCommand {
    @Parameters(paramLabel = "POD", arity = "0..1", description = "Pod, or pod.namespace; all unless given.")
    @Nullable
    String pod;

    @Option(names = "--service", paramLabel = "NAME", description = "Diagnose the pods of a service.")
    @Nullable
    String service;

    @Override
    Document answer(Mesh mesh) {
        return Documents.of(diagnosis(mesh));
    }

    private Diagnosis diagnosis(Mesh mesh) {
        if (pod != null && service != null) {
            throw wrongUsage("either a POD or --service NAME");
        }
        if (pod != null) {
            PodName name = pod(mesh, pod);
            return mesh.namespace(name.namespace()).pod(name.name()).diagnose();
        }
        if (service != null) {
            PodName name = pod(mesh, service);
            return mesh.namespace(name.namespace()).service(name.name()).diagnose();
        }
        String limit = limitedTo();
        return limit == null ? mesh.diagnose() : mesh.namespace(limit).diagnose();
    }
}
