package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import dev.meshdx.security.Certificates;
import java.io.IOException;
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

    @Option(names = "--certs", paramLabel = "FILE", description = "A PEM file instead of a mesh; - for stdin.")
    @Nullable
    String certs;

    @Override
    @Nullable
    Document offline() throws IOException {
        if (certs == null) {
            return null;
        }
        if (pod != null) {
            throw wrongUsage("either a POD or --certs FILE");
        }
        String pem = Dumps.text(certs, in());
        if (!pem.contains("-----BEGIN CERTIFICATE-----")) {
            throw new MeshProtocolException(
                    certs + " holds no certificate: there is no -----BEGIN CERTIFICATE----- in it.",
                    "Name a PEM file, such as tls.crt of a Secret.",
                    null);
        }
        return Documents.of(Certificates.parsePem(pem), certs, now == null ? Instant.now() : now);
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
        String limit = limitedTo();
        return limit == null ? mesh.certificates() : mesh.namespace(limit).certificates();
    }
}
