package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "check-inject",
        description = "Would a pod get a sidecar, from which webhook and why, and does it have one.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx check-inject web-7d4b9-x2x -n production",
            "  meshdx check-inject web -n production -f new.yaml   # a Deployment's pods, and what if",
            "  meshdx check-inject -n production --labels app=web,sidecar.istio.io/inject=true"
        })
final class CheckInjectCommand extends MeshCommand {
    @Parameters(
            index = "0",
            paramLabel = "POD",
            arity = "0..1",
            description = "Pod or workload, also as NAME.NAMESPACE; without it: pods of the namespace in general.")
    @Nullable
    String pod;

    @Option(
            names = {"-l", "--labels"},
            paramLabel = "LABELS",
            description = "Labels of the pods that the namespace is asked about, such as app=web,version=v1.")
    @Nullable
    String labels;

    @Override
    Document answer(Mesh mesh) {
        if (pod != null) {
            if (labels != null) {
                throw wrongUsage("--labels are those of a pod that is not there: leave out POD");
            }
            PodName name = pod(mesh, pod.replaceFirst("^(deployments?|deploy|statefulsets?|sts|daemonsets?|ds)/", ""));
            return Documents.of(
                    mesh.namespace(name.namespace()).pod(name.name()).injection(), mesh.source(), mesh.now());
        }
        String limit = limitedTo();
        return Documents.of(
                mesh.namespace(limit == null ? mesh.defaultNamespace() : limit).injection(labels == null ? "" : labels),
                mesh.source(),
                mesh.now());
    }
}
