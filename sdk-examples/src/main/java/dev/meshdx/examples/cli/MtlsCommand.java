package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import dev.meshdx.security.MtlsReport;
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
        return Documents.of(to == null ? report : report.only(to), mesh.source(), mesh.now());
    }

    private MtlsReport report(Mesh mesh) {
        if (from != null) {
            PodName name = pod(mesh, from);
            return mesh.namespace(name.namespace()).pod(name.name()).mtls();
        }
        return namespace == null || allNamespaces
                ? mesh.mtls()
                : mesh.namespace(namespace).mtls();
    }
}
