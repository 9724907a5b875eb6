package dev.meshdx.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.analysis.Analysis;
import dev.meshdx.configuration.ConfigurationCheck;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A check that is offered as a service runs in every analysis. */
class OwnerLabelCheckTest {
    @Test
    void should_be_found_as_a_service_and_say_so_where_one_cannot_be_loaded(@TempDir Path folder) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(ConfigurationCheck.class.getName()),
                OwnerLabelCheck.class.getName() + "\ncom.example.NotThere\n");
        Path manifests = Files.createDirectories(folder.resolve("manifests"));
        Files.writeString(manifests.resolve("web.yaml"), """
                apiVersion: v1
                kind: Service
                metadata:
                  name: web
                  labels: {app: web}
                spec: {ports: [{port: 80, name: http}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: owned, labels: {owner: us}}
                spec: {ports: [{port: 80, name: http}]}
                """);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                        new URLClassLoader(new URL[] {folder.toUri().toURL()}, before);
                Mesh mesh = Mesh.manifests(manifests)) {
            thread.setContextClassLoader(loader);
            Analysis analysis = mesh.analyze();

            assertThat(analysis.withCode("ACME0001")).singleElement().satisfies(finding -> {
                assertThat(finding.subject().name()).isEqualTo("web");
                assertThat(finding.location().orElseThrow().line()).isEqualTo(5);
            });
            assertThat(analysis.inconclusive())
                    .anySatisfy(gap -> assertThat(gap.message()).contains("com.example.NotThere"));
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
