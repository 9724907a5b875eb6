package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * One of the smaller pages of a proxy's admin interface: asked of a pod, or read from a file.
 *
 * @param <T> what the page says
 */
abstract class ProxyPageCommand<T> extends MeshCommand {
    @Parameters(index = "0", paramLabel = "POD", arity = "0..1", description = "Pod, or pod.namespace.")
    @Nullable
    String pod;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "The page as the proxy answered it, instead of a pod; - for stdin.")
    @Nullable
    String file;

    /** Asks the proxy. */
    abstract T ask(EnvoyProxy proxy) throws InterruptedException;

    /** Reads the page. */
    abstract T read(InputStream page, Instant at) throws IOException;

    /** The answer. */
    abstract Document document(T page, String source, Instant at);

    @Override
    @Nullable
    Document offline() throws IOException {
        if ((pod == null) == (file == null)) {
            throw wrongUsage("either a POD or --file FILE");
        }
        if (file == null) {
            return null;
        }
        Instant at = now == null ? Instant.now() : now;
        try (InputStream page = file.equals("-") ? null : Files.newInputStream(Path.of(file))) {
            return document(read(page == null ? in() : page, at), file, at);
        } catch (MeshProtocolException e) {
            throw new MeshProtocolException(Dumps.name(file) + ": " + e.getMessage(), e.remedy(), e);
        }
    }

    @Override
    Document answer(Mesh mesh) throws InterruptedException {
        PodName name = pod(mesh, Objects.requireNonNull(pod));
        EnvoyProxy proxy = mesh.namespace(name.namespace()).pod(name.name()).envoy();
        return document(ask(proxy), mesh.source(), mesh.now());
    }

    Document rows(List<Map<String, String>> rows, List<Inconclusive> gaps, String source, Instant at) {
        return Documents.ofRows(rows, gaps, spec.name(), source, at);
    }

    /** An answer without rows, in words. */
    Document none(String text, List<Inconclusive> gaps, String source, Instant at) {
        return new Document(
                "proxy-config " + spec.name(),
                source,
                at,
                Json.object("rows", Json.array(List.of())),
                text + "\n",
                List.of(),
                gaps);
    }
}
