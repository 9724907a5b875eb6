package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "proxy-status",
        description = "Has every proxy what istiod sent.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  meshdx proxy-status", "  meshdx proxy-status web-7d4b9-x2x -n production"})
final class ProxyStatusCommand extends MeshCommand {
    @Parameters(paramLabel = "POD", arity = "0..1", description = "Pod, or pod.namespace; all unless given.")
    @Nullable
    String pod;

    @Override
    Document answer(Mesh mesh) {
        return Documents.of(statuses(mesh), mesh.source(), mesh.now());
    }

    private ProxyStatuses statuses(Mesh mesh) {
        if (pod != null) {
            PodName name = pod(mesh, pod);
            return mesh.namespace(name.namespace()).pod(name.name()).proxyStatus();
        }
        return namespace == null || allNamespaces
                ? mesh.proxyStatus()
                : mesh.namespace(namespace).proxyStatus();
    }
}
