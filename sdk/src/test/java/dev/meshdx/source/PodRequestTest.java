package dev.meshdx.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.io.InputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What passes as a read, and what does not. */
class PodRequestTest {
    @ParameterizedTest
    @CsvSource({
        "GET, 15000, /config_dump?include_eds, true",
        "GET, 15000, /stats?format=json, true",
        "GET, 15014, /debug/syncz, true",
        "GET, 15014, /debug/adsz, true",
        "HEAD, 15021, /healthz/ready, true",
        "POST, 15000, /logging, true",
        "POST, 15000, /logging?level=debug, false",
        "POST, 15000, /logging?, false",
        "POST, 15020, /logging, false",
        "POST, 15000, /quitquitquit, false",
        "GET, 15020, /quitquitquit, false",
        "GET, 15000, /reset_counters, false",
        "GET, 15000, /runtime_modify?x=1, false",
        "GET, 15014, /debug/adsz?push=true, false",
        "GET, 15014, /debug/force_disconnect?proxyID=a.b, false",
        "PUT, 15000, /logging, false",
        "DELETE, 15000, /logging, false",
    })
    void should_tell_reads_from_changes(String method, int port, String path, boolean reads) {
        PodRequest request = new PodRequest("a", "b", port, method, path);

        assertThat(request.reads()).isEqualTo(reads);
        if (!reads) {
            Session session = Shared.session(ManifestSource.of("nothing", InputStream.nullInputStream()));
            assertThatThrownBy(() -> session.fetch(request, InputStream::readAllBytes))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("would change something");
        }
    }

    @Test
    void should_not_change_what_is_no_live_mesh() {
        ManifestSource source = ManifestSource.of("nothing", InputStream.nullInputStream());
        assertThat(source.canChange()).isFalse();
        assertThatThrownBy(() -> source.change(
                        new PodRequest("a", "b", 15000, "POST", "/logging?level=debug"),
                        InputStream::readAllBytes,
                        Deadline.after(Duration.ofSeconds(1))))
                .isInstanceOf(MeshUnsupportedException.class)
                .hasMessageContaining("cannot be changed");
        try (Mesh mesh = Mesh.manifests(
                "nothing",
                InputStream.nullInputStream(),
                MeshOptions.builder().allowChanges().build())) {
            assertThatThrownBy(() ->
                            mesh.changes().dryRun().logLevel(mesh.namespace("a").pod("b"), "debug"))
                    .isInstanceOf(MeshUnsupportedException.class);
        }
    }
}
