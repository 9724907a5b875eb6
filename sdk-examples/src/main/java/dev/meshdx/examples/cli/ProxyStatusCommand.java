package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "proxy-status",
        description = "Has every proxy what istiod sent.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx proxy-status",
            "  meshdx proxy-status web-7d4b9-x2x -n production",
            "  meshdx proxy-status web-7d4b9-x2x -n production --diff   # exit code 1 where something differs"
        })
final class ProxyStatusCommand extends MeshCommand {
    @Parameters(paramLabel = "POD", arity = "0..1", description = "Pod, or pod.namespace; all unless given.")
    @Nullable
    String pod;

    @Option(names = "--diff", description = "What istiod would send to the POD's proxy, against what the proxy has.")
    boolean withDiff;

    private @Nullable ConfigDiff diff;

    @Override
    @Nullable
    Document offline() {
        if (withDiff && pod == null) {
            throw wrongUsage("--diff needs a POD");
        }
        return null;
    }

    @Override
    int exitCode(Document document) {
        return ProxyConfigDiffCommand.exitCode(diff, super.exitCode(document));
    }

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
        if (withDiff) {
            ConfigDiff found = statuses.diff();
            diff = found;
            return Documents.of(statuses, found, mesh.source(), mesh.now());
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
