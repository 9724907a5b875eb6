package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigDumpTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private static final String CLUSTERS = """
            {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump",
             "static_clusters": [{"cluster": {"name": "xds-grpc"}}],
             "dynamic_active_clusters": [
               {"version_info": "7", "last_updated": "2026-01-02T03:00:00Z",
                "cluster": {"name": "outbound|9080|v1|reviews.production.svc.cluster.local", "type": "EDS"}},
               {"cluster": {"name": "outbound|9080||reviews.production.svc.cluster.local", "type": "EDS"},
                "error_state": {"details": "no such field"}},
               {"cluster": {"name": "outbound_.9080_.v1_.reviews.production.svc.cluster.local", "type": "EDS"}},
               {"cluster": {"name": "outbound|80||reviews.test.svc.cluster.local", "type": "EDS"}}],
             "dynamic_warming_clusters": [{"cluster": {"name": "outbound|1||slow.production.svc.cluster.local"}}]}""";

    private static ConfigDump parse(String text) throws IOException {
        return ConfigDump.parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void should_find_clusters_by_their_parts() throws IOException {
        Clusters clusters = parse("{\"configs\": [" + CLUSTERS + "]}").clusters();

        Clusters found =
                clusters.toService("reviews.production").port(9080).subset("v1").direction(TrafficDirection.OUTBOUND);

        assertThat(found).singleElement().satisfies(cluster -> {
            assertThat(cluster.name()).isEqualTo("outbound|9080|v1|reviews.production.svc.cluster.local");
            assertThat(cluster.version()).contains("7");
            assertThat(cluster.lastUpdated()).contains(Instant.parse("2026-01-02T03:00:00Z"));
            assertThat(cluster.state()).isEqualTo(ResourceState.ACTIVE);
        });
        assertThat(clusters.state(ResourceState.WARMING).size()).isEqualTo(1);
        assertThat(clusters.state(ResourceState.STATIC).first().orElseThrow().type())
                .isEqualTo("STATIC");
        assertThat(clusters.toService("reviews.production")
                        .subset("")
                        .first()
                        .orElseThrow()
                        .error())
                .contains("no such field");
    }

    @Test
    void should_say_what_is_near_when_a_filter_finds_nothing() throws IOException {
        Clusters clusters = parse("{\"configs\": [" + CLUSTERS + "]}").clusters();

        assertThat(clusters.toService("reviews.prodution").nearest()).contains("reviews.production");
        assertThat(clusters.toService("reviews.production").subset("v2").toString())
                .contains("no clusters with service reviews.production, subset v2")
                .contains("nearest: v1");
        assertThat(clusters.toService("reviews").isEmpty()).isTrue();
    }

    @Test
    void should_keep_what_was_read_of_a_document_that_is_cut_off() throws IOException {
        String cut = "{\"configs\": [" + CLUSTERS + ", {\"@type\": \"x.ListenersConfigDump\", \"dynamic_listeners\": ["
                + "{\"name\": \"a\", \"active_state\": {\"listener\": {\"name\": \"a\"}}}, {\"name\": \"b\", \"act";

        ConfigDump dump = parse(cut);

        assertThat(dump.clusters().size()).isEqualTo(6);
        assertThat(dump.listeners().all()).extracting(Listener::name).containsExactly("a");
        assertThat(dump.problem()).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.MALFORMED);
            assertThat(problem.message()).contains("cut off");
        });
        assertThat(dump.listeners().gaps()).isNotEmpty();
    }

    @Test
    void should_keep_what_was_read_when_the_connection_breaks() throws IOException {
        String whole = "{\"configs\": [" + CLUSTERS + ", {\"dynamic_listeners\": [";
        InputStream broken = new InputStream() {
            private final byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
            private int at;

            @Override
            public int read() throws IOException {
                if (at == bytes.length) {
                    throw new IOException("unexpected end of stream");
                }
                return bytes[at++];
            }
        };

        ConfigDump dump = ConfigDump.parse(broken);

        assertThat(dump.clusters().size()).isEqualTo(6);
        assertThat(dump.problem()).isPresent();
    }

    @Test
    void should_refuse_what_is_no_config_dump() {
        assertThatThrownBy(() -> parse("<html>502</html>")).isInstanceOf(MeshProtocolException.class);
        assertThatThrownBy(() -> parse("{\"kind\": \"Status\"}"))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("configs");
    }

    @Test
    void should_say_why_a_document_cannot_be_read() throws IOException {
        assertThatThrownBy(() -> parse("\n <!DOCTYPE html><html></html>"))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessage("Expected an Envoy config dump, but the document is a web page (HTML).");
        assertThatThrownBy(
                        () -> parse("{\"certificates\": [], \"policies\": [], \"workloads\": [{\"name\": \"web\"}]}"))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("ztunnel");
        assertThatThrownBy(() -> parse(" \n"))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("is empty");
        String deep = "{\"configs\": [{\"static_clusters\": [{\"cluster\": {\"name\": \"a\"}}, {\"cluster\": {\"x\": "
                + "[".repeat(1_000_000);
        ConfigDump dump = parse(deep);
        assertThat(dump.clusters()).singleElement();
        assertThat(dump.problem().orElseThrow().message()).contains("nests too deep");
    }

    @Test
    void should_not_rely_on_a_proxy_that_reads_expressions_otherwise() throws IOException {
        byte[] document = ("{\"configs\": [" + CLUSTERS + "]}").getBytes(StandardCharsets.UTF_8);
        List<Boolean> asked = new ArrayList<>();
        Dump odd = (wanted, names, entries) -> {
            asked.add(names.expression() != null);
            String body = names.expression() == null ? new String(document, StandardCharsets.UTF_8) : "{}";
            try {
                return DumpReader.read(
                        new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), wanted, names, entries);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };

        List<String> names = new ArrayList<>();
        Clusters found = new Clusters(odd).toService("reviews.test");
        found.forEach(cluster -> names.add(cluster.name()));

        assertThat(names).containsExactly("outbound|80||reviews.test.svc.cluster.local");
        assertThat(found.gaps()).isEmpty();
        assertThat(new Clusters(odd).toService("reviews.test").rows()).hasSize(1);
        assertThat(new Clusters(odd).toService("reviews.test").all()).hasSize(1);
        assertThat(asked).containsExactly(true, false, true, false, true, false);
        asked.clear();
        assertThat(new Extensions(odd)).asString().startsWith("no extensions");
        assertThat(asked).hasSize(1);
    }

    @Test
    void should_say_that_a_section_is_absent() throws IOException {
        ConfigDump dump = parse("{\"configs\": [" + CLUSTERS + "]}");

        assertThat(dump.clusters().gaps()).isEmpty();
        assertThat(dump.routes().gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.message()).contains("no section with routes"));
        assertThat(dump.routes().isEmpty()).isTrue();
    }

    @Test
    void should_never_keep_a_private_key() throws IOException {
        ConfigDump dump = parse("""
                {"configs": [{"@type": "x.SecretsConfigDump", "dynamic_active_secrets": [{"name": "default",
                  "secret": {"name": "default", "tls_certificate": {
                    "certificate_chain": {"inline_bytes": "bm90IGEgY2VydA=="},
                    "private_key": {"inline_bytes": "c2VjcmV0"}, "password": {"inline_string": "hunter2"}}}}],
                  "dynamic_warming_secrets": [{"name": "kubernetes://web", "secret": {"name": "kubernetes://web"}}]}]}""");

        Secrets secrets = dump.secrets(NOW);

        assertThat(secrets.toString() + secrets.rows() + secrets.all().get(1).raw())
                .doesNotContain("c2VjcmV0")
                .doesNotContain("hunter2");
        assertThat(secrets.all()).extracting(ProxySecret::name).containsExactly("kubernetes://web", "default");
        assertThat(secrets.named("default").first().orElseThrow().isValidAt(NOW))
                .isFalse();
    }

    @Test
    void should_tell_the_states_of_a_listener_apart() throws IOException {
        Listeners listeners = parse("""
                {"configs": [{"@type": "x.ListenersConfigDump", "dynamic_listeners": [{"name": "a",
                  "active_state": {"version_info": "1", "listener": {"name": "a"}},
                  "warming_state": {"version_info": "2", "listener": {"name": "a"}},
                  "error_state": {"details": "refused", "failed_configuration": {"name": "a"}}}]}]}""").listeners();

        assertThat(listeners.all())
                .extracting(Listener::state)
                .containsExactly(ResourceState.ACTIVE, ResourceState.WARMING, ResourceState.REJECTED);
        assertThat(listeners.state(ResourceState.REJECTED).first().orElseThrow().error())
                .contains("refused");
        assertThat(listeners.state(ResourceState.ACTIVE).first().orElseThrow().error())
                .isEmpty();
    }

    @Test
    void should_read_the_names_that_istiod_writes() throws IOException {
        ConfigDump dump = parse("""
                {"configs": [{"dynamicActiveClusters": [{"versionInfo": "3", "cluster": {
                  "name": "outbound|80|v1|a.b.svc.cluster.local", "edsClusterConfig": {"serviceName": "x"},
                  "metadata": {"filterMetadata": {"istio": {"config":
                    "/apis/networking.istio.io/v1/namespaces/b/destination-rule/rule"}}}}}]}]}""");

        Cluster cluster = dump.clusters().first().orElseThrow();

        assertThat(cluster.endpointsName()).isEqualTo("x");
        assertThat(cluster.version()).contains("3");
        assertThat(cluster.configuredBy())
                .hasValueSatisfying(ref -> assertThat(ref).hasToString("DestinationRule b/rule"));
    }

    @Test
    void should_stay_short_enough_for_jshell() throws IOException {
        StringBuilder many = new StringBuilder("{\"configs\": [{\"dynamic_active_clusters\": [");
        for (int i = 0; i < 500; i++) {
            many.append(i == 0 ? "" : ",")
                    .append("{\"cluster\": {\"name\": \"outbound|80||service-")
                    .append(i)
                    .append(".production.svc.cluster.local\"}}");
        }

        assertThat(parse(many + "]}]}").clusters().toString())
                .hasSizeLessThan(900)
                .contains("more clusters");
    }
}
