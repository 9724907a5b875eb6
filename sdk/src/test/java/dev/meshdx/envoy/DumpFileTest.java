package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents in files, which are gone through for each question. */
class DumpFileTest {
    private static final String CLUSTERS = """
            {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "dynamic_active_clusters": [
              {"cluster": {"name": "outbound|9080||reviews.production.svc.cluster.local", "type": "EDS", "connect_timeout": "3s"}},
              {"cluster": {"name": "outbound|9080|v1|reviews.production.svc.cluster.local", "type": "EDS"}},
              {"cluster": {"type": "EDS", "name": "outbound|80||ratings.production.svc.cluster.local"}}]}""";

    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("dump.json"), text);
    }

    private Path dump(String... sections) throws IOException {
        return file("{\"configs\": [" + String.join(",", sections) + "]}");
    }

    @Test
    void should_keep_whole_elements_and_only_those_that_were_asked_for() throws IOException {
        ConfigDump dump = ConfigDump.open(dump(CLUSTERS));

        assertThat(dump.clusters().toService("reviews.production").subset("").all())
                .singleElement()
                .satisfies(cluster ->
                        assertThat(cluster.raw().at("connect_timeout").text("")).isEqualTo("3s"));
        assertThat(dump.clusters().toService("reviews.prod").nearest()).contains("reviews.production");
        assertThat(dump.toString()).contains("3 clusters");
    }

    @Test
    void should_sort_its_rows_as_istioctl_does() throws IOException {
        assertThat(ConfigDump.open(dump(CLUSTERS)).clusters().rows())
                .extracting(row -> row.get("serviceFqdn") + " " + row.get("subset"))
                .containsExactly(
                        "ratings.production.svc.cluster.local -",
                        "reviews.production.svc.cluster.local -",
                        "reviews.production.svc.cluster.local v1");
    }

    @Test
    void should_hand_out_one_element_at_a_time() throws IOException {
        Clusters clusters = ConfigDump.open(dump(CLUSTERS)).clusters().port(9080);
        List<String> names = new ArrayList<>();

        clusters.forEach(cluster -> names.add(cluster.name()));

        assertThat(names).hasSize(2);
        assertThat(clusters.gaps()).isEmpty();
    }

    @Test
    void should_read_what_is_compressed() throws IOException {
        byte[] text = ("{\"configs\": [" + CLUSTERS + "]}").getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text);
        }
        Path file = Files.write(folder.resolve("dump.json.gz"), bytes.toByteArray());

        assertThat(ConfigDump.open(file).clusters().size()).isEqualTo(3);

        Files.write(file, Arrays.copyOf(bytes.toByteArray(), bytes.size() - 20));
        assertThatCutOffOrPartial(ConfigDump.open(file));
    }

    private static void assertThatCutOffOrPartial(ConfigDump cut) {
        try {
            assertThat(cut.clusters().gaps()).isNotEmpty();
        } catch (MeshProtocolException e) {
            assertThat(e.reason()).isEqualTo(Reason.MALFORMED);
        } catch (MeshConfigurationException e) {
            assertThat(e).hasMessageContaining("cannot be read");
        }
    }

    @Test
    void should_read_answers_for_one_list() throws IOException {
        ConfigDump dump = ConfigDump.open(dump("""
                {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump.DynamicCluster",
                 "version_info": "7", "cluster": {"name": "outbound|9080||reviews.production.svc.cluster.local"}},
                {"@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump.DynamicListener", "name": "0.0.0.0_80",
                 "error_state": {"details": "refused"}}"""));

        assertThat(dump.clusters().all())
                .singleElement()
                .satisfies(cluster -> assertThat(cluster.version()).contains("7"));
        assertThat(dump.listeners().all())
                .singleElement()
                .satisfies(listener -> assertThat(listener.state()).isEqualTo(ResourceState.REJECTED));
        assertThat(ConfigDump.open(file("{}")).clusters().all()).isEmpty();
    }

    @Test
    void should_read_what_an_envoy_of_long_ago_wrote() throws IOException {
        ConfigDump dump = ConfigDump.open(dump("""
                {"@type": "type.googleapis.com/envoy.admin.v2alpha.ListenersConfigDump", "version_info": "1",
                 "dynamic_active_listeners": [{"version_info": "1", "listener": {"name": "a"}}],
                 "dynamic_draining_listeners": [{"version_info": "0", "listener": {"name": "b"}}]}"""));

        assertThat(dump.listeners().all())
                .extracting(listener -> listener.name() + " " + listener.state())
                .containsExactly("a ACTIVE", "b DRAINING");
    }

    @Test
    void should_name_a_refused_listener_once() throws IOException {
        Listeners listeners = ConfigDump.open(dump("""
                        {"@type": "x.ListenersConfigDump", "dynamic_listeners": [
                         {"name": "0.0.0.0_80", "active_state": {"listener": {"name": "0.0.0.0_80"}}, "error_state": {
                          "failed_configuration": {"name": "0.0.0.0_80"}, "details": "no such filter"}},
                         {"error_state": {"failed_configuration": {"name": "0.0.0.0_80"}, "details": "no such filter"}}]}""")).listeners();

        assertThat(listeners.all())
                .extracting(listener -> listener.name() + " " + listener.state())
                .containsExactly("0.0.0.0_80 ACTIVE", "0.0.0.0_80 REJECTED");
    }

    @Test
    void should_show_a_route_configuration_of_the_whole_mesh_as_if_it_were_in_memory() throws IOException {
        StringBuilder hosts = new StringBuilder();
        for (int i = 0; i < 1_234; i++) {
            hosts.append(i == 0 ? "" : ",")
                    .append("{\"name\": \"host-")
                    .append(i)
                    .append("\", \"domains\": [\"a")
                    .append(i)
                    .append("\"], \"routes\": [{\"match\": {\"prefix\": \"/\"}, \"route\": {\"cluster\": \"c\"}}]}");
        }
        Path file = dump("{\"@type\": \"x.RoutesConfigDump\", \"dynamic_route_configs\": ["
                + "{\"route_config\": {\"name\": \"8080\", \"virtual_hosts\": [" + hosts
                + "]}, \"error_state\": {\"details\": \"no such host\", \"version_info\": \"8\"}},"
                + "{\"route_config\": {\"virtual_hosts\": [" + hosts + "], \"name\": \"late\"}}]}");
        ConfigDump held;
        try (InputStream in = Files.newInputStream(file)) {
            held = ConfigDump.parse(in);
        }

        List<Map<String, String>> rows = ConfigDump.open(file).routes().rows();

        assertThat(rows).hasSize(2_468).isEqualTo(held.routes().rows());
        assertThat(rows.get(0)).containsEntry("name", "8080").containsEntry("error", "no such host");
        assertThat(ConfigDump.open(file).routes().named("late").rows()).hasSize(1_234);
        assertThat(ConfigDump.open(file).routes().domain("a7").rows()).hasSize(2_468);
        assertThat(ConfigDump.open(file).routes().all()).hasSize(2);
    }

    @Test
    void should_stop_at_what_is_nested_without_end_and_keep_the_rest() throws IOException {
        ConfigDump dump = ConfigDump.open(dump(
                CLUSTERS,
                "{\"@type\": \"x.RoutesConfigDump\", \"dynamic_route_configs\": [{\"route_config\": "
                        + "[".repeat(1_000_000)));

        assertThat(dump.clusters().size()).isEqualTo(3);
        assertThat(dump.routes().gaps()).isNotEmpty();
        assertThat(dump.problem())
                .hasValueSatisfying(problem -> assertThat(problem.reason()).isEqualTo(Reason.MALFORMED));
    }

    @Test
    void should_say_which_file_is_no_dump() throws IOException {
        Path html = file("<html>502</html>");

        assertThatThrownBy(() -> ConfigDump.open(html).clusters().all())
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("dump.json");
        assertThat(ConfigDump.open(html).clusters().toString()).startsWith("the clusters cannot be read: ");
        assertThatThrownBy(() -> ConfigDump.open(folder)).isInstanceOf(MeshConfigurationException.class);
        assertThatThrownBy(() -> ConfigDump.open(folder.resolve("none.json")))
                .isInstanceOf(MeshConfigurationException.class)
                .hasMessageContaining("no such file");
    }

    @Test
    void should_have_rows_that_are_maps_like_any_other() throws IOException {
        Map<String, String> row =
                ConfigDump.open(dump(CLUSTERS)).clusters().rows().get(0);

        assertThat(row)
                .containsEntry("port", "80")
                .containsKey("destinationRule")
                .doesNotContainKey("nonsense")
                .isEqualTo(Map.copyOf(row));
        assertThatThrownBy(() -> row.put("port", "81")).isInstanceOf(UnsupportedOperationException.class);
    }
}
