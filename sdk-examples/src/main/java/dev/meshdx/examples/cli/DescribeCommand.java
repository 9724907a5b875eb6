package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.configuration.Description;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "describe",
        description = "What selects a pod, a service or a host, what applies to it and what reaches it.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx describe pod web-7d4b9-x2x -n production",
            "  meshdx describe service reviews -n production",
            "  meshdx describe host api.example.com:443 -n production   # as that namespace sees it"
        })
final class DescribeCommand extends MeshCommand {
    /** What can be described. */
    enum Subject {
        pod,
        service,
        host
    }

    @Parameters(index = "0", paramLabel = "pod|service|host", description = "What it is.")
    Subject subject = Subject.pod;

    @Parameters(index = "1", paramLabel = "NAME", description = "Its name; of a pod also POD.NAMESPACE.")
    String name = "";

    @Override
    Document answer(Mesh mesh) {
        return Documents.of(describe(mesh), mesh.source(), mesh.now());
    }

    private Description describe(Mesh mesh) {
        String limit = limitedTo();
        String namespace = limit == null ? mesh.defaultNamespace() : limit;
        return switch (subject) {
            case pod -> {
                PodName pod = pod(mesh, name);
                yield mesh.namespace(pod.namespace()).pod(pod.name()).describe();
            }
            case service -> mesh.namespace(namespace).service(name).describe();
            case host -> mesh.namespace(namespace).describe(name);
        };
    }
}
