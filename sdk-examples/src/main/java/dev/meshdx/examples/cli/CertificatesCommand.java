package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import dev.meshdx.security.Certificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "certificates",
        description = "The certificates that proxies use: validity, identity, trust.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  meshdx certificates -n production", "  meshdx certificates --certs chain.pem"})
final class CertificatesCommand extends MeshCommand {
    @Parameters(paramLabel = "POD", arity = "0..1", description = "Pod, or pod.namespace; all unless given.")
    @Nullable
    String pod;

    @Option(names = "--certs", paramLabel = "FILE", description = "A PEM file instead of a mesh.")
    @Nullable
    Path certs;

    @Override
    public Integer call() throws Exception {
        if (certs == null) {
            return super.call();
        }
        Instant at = now == null ? Instant.now() : now;
        return print(Documents.of(Certificates.parsePem(Files.readString(certs)), certs.toString(), at));
    }

    @Override
    Document answer(Mesh mesh) {
        return Documents.of(certificates(mesh), mesh.source());
    }

    private Certificates certificates(Mesh mesh) {
        if (pod != null) {
            PodName name = pod(mesh, pod);
            return mesh.namespace(name.namespace()).pod(name.name()).certificates();
        }
        return namespace == null || allNamespaces
                ? mesh.certificates()
                : mesh.namespace(namespace).certificates();
    }
}
