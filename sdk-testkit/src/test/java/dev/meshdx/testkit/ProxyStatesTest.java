package dev.meshdx.testkit;

import static dev.meshdx.testkit.Fakes.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ClusterState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** States of a proxy's resources that a builder asks for, and recorded dumps. */
class ProxyStatesTest {
    private static final String REVIEWS = "outbound|9080||reviews.shop.svc.cluster.local";

    private static FakeMeshBuilder mesh(Consumer<FakeWorkload> web) {
        return FakeMeshBuilder.create().clock(NOW).namespace("shop", shop -> {
            shop.injected()
                    .workload("web", workload -> web.accept(workload.port("http", 8080)))
                    .workload("reviews", reviews -> reviews.port("http", 9080).replicas(2))
                    .service("reviews", reviews -> reviews.port("http", 9080));
        });
    }

    private static Json elements(ClusterState state, String query) {
        return Fakes.json(state, Fakes.pod(state, "shop", "web"), 15000, "/config_dump?" + query)
                .at("configs");
    }

    private static String page(ClusterState state, String path) {
        return Fakes.text(state, Fakes.pod(state, "shop", "web"), 15000, path);
    }

    @Test
    void should_refuse_a_listener_as_envoy_does() {
        ClusterState state = mesh(web -> web.rejectsListener("0.0.0.0_9080", "duplicate matcher"))
                .build();

        List<Json> refused =
                elements(state, "resource=dynamic_listeners&name_regex=nothing").items();
        assertThat(refused).hasSize(2);
        assertThat(refused.get(0).at("name").text("")).isEqualTo("0.0.0.0_9080");
        assertThat(refused.get(0).at("error_state", "details").text("")).isEqualTo("duplicate matcher");
        assertThat(refused.get(1).at("name").exists()).isFalse();
        assertThat(page(state, "/stats?filter=rejected"))
                .contains("listener_manager.lds.update_rejected: 1", "cluster_manager.cds.update_rejected: 0");
        assertThat(Fakes.log(state, Fakes.pod(state, "shop", "web")))
                .contains("Error adding/updating listener(s) 0.0.0.0_9080: duplicate matcher");
    }

    @Test
    void should_refuse_a_cluster_and_keep_the_old_one() {
        ClusterState state =
                mesh(web -> web.rejectsCluster(REVIEWS, "no such thing")).build();

        assertThat(elements(state, "resource=dynamic_active_clusters&name_regex=.*reviews.*")
                        .size())
                .isEqualTo(1);
        assertThat(page(state, "/config_dump")).doesNotContain("error_state");
        assertThat(page(state, "/stats?filter=rejected")).contains("cluster_manager.cds.update_rejected: 1");
        assertThat(Fakes.log(state, Fakes.pod(state, "shop", "web")))
                .contains("Error adding/updating cluster(s) " + REVIEWS + ": no such thing");
        Resource istiod = state.list(ResourceKind.POD, "istio-system").get(0);
        assertThat(Fakes.text(state, istiod, 15014, "/metrics")).contains("pilot_xds_cds_reject{err=");
    }

    @Test
    void should_warm_and_drain() {
        ClusterState state = mesh(web ->
                        web.warming(REVIEWS).warming("0.0.0.0_9080").draining("virtualInbound"))
                .build();

        assertThat(elements(state, "resource=dynamic_warming_clusters")
                        .at(0)
                        .at("cluster", "name")
                        .text(""))
                .isEqualTo(REVIEWS);
        assertThat(elements(state, "resource=dynamic_active_clusters&name_regex=.*reviews.*")
                        .size())
                .isZero();
        assertThat(page(state, "/clusters")).doesNotContain("reviews");
        assertThat(elements(state, "include_eds&resource=dynamic_endpoint_configs&name_regex=.*reviews.*")
                        .size())
                .isZero();
        assertThat(elements(state, "resource=dynamic_listeners&name_regex=0.0.0.0_9080")
                        .at(0)
                        .names())
                .containsExactly("@type", "name", "warming_state");
        assertThat(elements(state, "resource=dynamic_listeners&name_regex=virtualInbound")
                        .at(0)
                        .names())
                .containsExactly("@type", "name", "active_state", "draining_state");
        assertThat(page(state, "/listeners")).doesNotContain("9080");
        assertThat(page(state, "/stats?filter=warming"))
                .contains("cluster_manager.warming_clusters: 1", "listener_manager.total_listeners_warming: 1");
    }

    @Test
    void should_eject_endpoints() {
        ClusterState state = mesh(web -> web.ejects("shop/reviews")).build();

        Json endpoint = elements(state, "include_eds&resource=dynamic_endpoint_configs&name_regex=.*reviews.*")
                .at(0)
                .at("endpoint_config", "endpoints")
                .at(0)
                .at("lb_endpoints")
                .at(0);
        assertThat(endpoint.at("health_status").text("")).isEqualTo("UNHEALTHY");
        assertThat(page(state, "/clusters")).contains("health_flags::/failed_outlier_check");
        assertThat(page(state, "/clusters?format=json"))
                .contains("\"failed_outlier_check\":true,\"eds_health_status\":\"HEALTHY\"");
        Resource other = Fakes.pod(state, "shop", "reviews");
        assertThat(Fakes.text(state, other, 15000, "/config_dump?include_eds")).doesNotContain("UNHEALTHY");
    }

    // Recorded dumps

    private static final String RECORDED = """
            {"configs": [
              {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "version_info": "v1",
               "static_clusters": [{"cluster": {"name": "one"}}, {"cluster": {"name": "two"}}]},
              {"@type": "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump",
               "static_endpoint_configs": [{"endpoint_config": {"cluster_name": "one"}}]}]}
            """;

    @Test
    void should_serve_a_recorded_dump_with_its_parameters(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("dump.json"), RECORDED);
        for (FakeMeshBuilder mesh :
                List.of(mesh(web -> web.withConfigDump(RECORDED)), mesh(web -> web.withConfigDump(file)))) {
            ClusterState state = mesh.build();

            assertThat(elements(state, "name_regex=two").toString())
                    .contains("two")
                    .doesNotContain("one");
            assertThat(elements(state, "resource=static_clusters&mask=cluster.name")
                            .size())
                    .isEqualTo(2);
            assertThat(page(state, "/config_dump")).doesNotContain("EndpointsConfigDump");
            assertThat(page(state, "/config_dump?include_eds")).contains("EndpointsConfigDump");
        }
    }

    @Test
    void should_hand_out_the_dump_and_take_another() {
        try (FakeMesh mesh = mesh(web -> {}).start()) {
            String pod = mesh.objects(ResourceKind.POD).stream()
                    .filter(each ->
                            each.namespace().equals("shop") && each.name().startsWith("web"))
                    .findFirst()
                    .orElseThrow()
                    .name();
            String dump = mesh.configDump("shop", pod);
            assertThat(Json.parse(dump).at("configs").size()).isEqualTo(7);
            assertThat(dump).contains(REVIEWS);

            mesh.withConfigDump("shop", pod, dump);
            assertThat(Json.parse(mesh.configDump("shop", pod))).isEqualTo(Json.parse(dump));
            assertThatIllegalArgumentException().isThrownBy(() -> mesh.configDump("shop", "nobody"));
        }
    }

    // Size

    @Test
    void should_know_many_services_and_keep_other_proxies_small() {
        ClusterState state = mesh(web -> {}).services(300).build();

        Resource client = Fakes.pod(state, "many", "client");
        assertThat(Fakes.json(state, client, 15000, "/config_dump?resource=dynamic_active_clusters&mask=cluster.name")
                        .at("configs")
                        .size())
                .isGreaterThan(300);
        assertThat(Fakes.section(state, client, "EndpointsConfigDump")
                        .at("dynamic_endpoint_configs")
                        .size())
                .isGreaterThan(300);
        assertThat(page(state, "/config_dump?include_eds")).doesNotContain("service-00001");
    }
}
