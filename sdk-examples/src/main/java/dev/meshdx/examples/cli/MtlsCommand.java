package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import dev.meshdx.security.MtlsReport;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "mtls",
        description = "The mTLS modes of clients and servers, and where they do not meet.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  meshdx mtls -n payments", "  meshdx mtls --from web-7d4b9-x2x -n production"})
final class MtlsCommand extends MeshCommand {
    @Option(names = "--from", paramLabel = "POD", description = "The pod that is the client.")
    @Nullable
    String from;

    @Option(names = "--to", paramLabel = "HOST[:PORT]", description = "Only this service.")
    @Nullable
    String to;

    @Override
    Document answer(Mesh mesh) {
        MtlsReport report = report(mesh);
        if (to == null) {
            return Documents.of(report, mesh.source(), mesh.now());
        }
        MtlsReport only = report.only(to);
        if (only.isEmpty() && only.inconclusive().isEmpty()) {
            throw notFound(report, to);
        }
        return Documents.of(only, mesh.source(), mesh.now());
    }

    private static MeshNotFoundException notFound(MtlsReport report, String to) {
        String label = to.split("[.:]", 2)[0];
        List<String> near = report.rows().stream()
                .map(row -> row.service() + ":" + row.port())
                .filter(name -> name.startsWith(label))
                .distinct()
                .limit(5)
                .toList();
        return new MeshNotFoundException(
                "There is no service " + to + " among those that were looked at.",
                near.isEmpty()
                        ? "All of them: meshdx mtls, without --to."
                        : "Did you mean " + String.join(", ", near) + "?");
    }

    private MtlsReport report(Mesh mesh) {
        if (from != null) {
            PodName name = pod(mesh, from);
            return mesh.namespace(name.namespace()).pod(name.name()).mtls();
        }
        String limit = limitedTo();
        return limit == null ? mesh.mtls() : mesh.namespace(limit).mtls();
    }
}
