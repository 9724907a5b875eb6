package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.util.Set;
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
    Set<String> judgesBy() {
        return Set.of("--revision");
    }

    @Override
    Document answer(Mesh mesh) {
        ProxyStatuses statuses = statuses(mesh);
        if (revision != null) {
            requireRevision(statuses.all().stream().map(ProxyStatus::revision).toList());
            statuses = statuses.ofRevision(revision);
        }
        return Documents.of(statuses, mesh.source(), mesh.now());
    }

    private ProxyStatuses statuses(Mesh mesh) {
        if (pod != null) {
            PodName name = pod(mesh, pod);
            return mesh.namespace(name.namespace()).pod(name.name()).proxyStatus();
        }
        String limit = limitedTo();
        return limit == null ? mesh.proxyStatus() : mesh.namespace(limit).proxyStatus();
    }
}
