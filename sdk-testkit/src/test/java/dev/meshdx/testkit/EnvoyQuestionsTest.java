package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.Clusters;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Locale;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a proxy is asked for, and what it is spared. */
class EnvoyQuestionsTest {
    private FakeMesh fake;
    private Mesh mesh;
    private EnvoyProxy envoy;

    @BeforeEach
    void start() {
        fake = FakeMesh.builder().workloads(3).start();
        mesh = fake.connect();
        String pod = fake.objects(ResourceKind.POD).stream()
                .filter(resource -> resource.namespace().equals("scale"))
                .map(Resource::name)
                .findFirst()
                .orElseThrow();
        envoy = mesh.namespace("scale").pod(pod).envoy();
    }

    @AfterEach
    void stop() {
        mesh.close();
        fake.close();
    }

    private List<String> asked() {
        return fake.podRequests().stream().map(RecordedPodRequest::path).toList();
    }

    @Test
    void should_ask_for_nothing_before_a_result_is_wanted() {
        Clusters clusters = envoy.clusters().toService("app-0001.scale").port(80);

        assertThat(asked()).isEmpty();
    }

    @Test
    void should_ask_for_one_section_alone() {
        assertThat(envoy.clusters().all()).isNotEmpty();
        assertThat(envoy.routes().all()).isNotEmpty();
        assertThat(envoy.listeners().rows()).isNotEmpty();
        assertThat(envoy.secrets().all()).isNotEmpty();
        assertThat(envoy.bootstrap().istioVersion()).isNotEmpty();
        assertThat(envoy.assignedEndpoints().all()).isNotEmpty();
        assertThat(envoy.endpoints().all()).isNotEmpty();

        assertThat(asked())
                .containsExactly(
                        "/config_dump?mask=static_clusters,dynamic_active_clusters,dynamic_warming_clusters",
                        "/config_dump?mask=static_route_configs,dynamic_route_configs",
                        "/config_dump?mask=static_listeners,dynamic_listeners",
                        "/config_dump?mask=static_secrets,dynamic_active_secrets,dynamic_warming_secrets",
                        "/config_dump?mask=bootstrap",
                        "/config_dump?include_eds&mask=static_endpoint_configs,dynamic_endpoint_configs",
                        "/clusters?format=json");
    }

    @Test
    void should_let_the_proxy_choose_by_name() {
        List<Cluster> found = envoy.clusters().toService("app-0001.scale").all();

        assertThat(found)
                .isNotEmpty()
                .allSatisfy(cluster -> assertThat(cluster.host()).isEqualTo("app-0001.scale.svc.cluster.local"));
        assertThat(asked())
                .containsExactly("/config_dump?mask=static_clusters,dynamic_active_clusters,dynamic_warming_clusters"
                        + "&name_regex=.*app%5C-0001%5C.scale.*");
    }

    @Test
    void should_let_the_proxy_choose_endpoints_by_the_name_of_their_cluster() {
        String cluster =
                envoy.clusters().toService("app-0001.scale").all().get(0).name();

        assertThat(envoy.assignedEndpoints()
                        .cluster(cluster.toUpperCase(Locale.ROOT))
                        .all())
                .isNotEmpty()
                .allSatisfy(endpoint -> assertThat(endpoint.cluster()).isEqualTo(cluster));
        assertThat(asked())
                .hasSize(2)
                .last(InstanceOfAssertFactories.STRING)
                .contains("include_eds&mask=")
                .contains("&name_regex=%28%3Fi%29OUTBOUND%5C%7C");
    }

    @Test
    void should_ask_for_all_names_when_one_is_not_there() {
        Clusters none = envoy.clusters().toService("app-0001.scal");

        assertThat(none.all()).isEmpty();
        assertThat(none.nearest()).contains("app-0001.scale");
        assertThat(none.toString()).startsWith("no clusters with service app-0001.scal; nearest: app-0001.scale");
        assertThat(asked()).hasSize(2);
    }

    @Test
    void should_remember_what_it_was_told() {
        Clusters clusters = envoy.clusters();

        assertThat(clusters.isEmpty()).isFalse();
        assertThat(clusters.size()).isEqualTo(clusters.all().size());
        assertThat(clusters.toService("app-0001.scale").size()).isPositive();
        assertThat(clusters.gaps()).isEmpty();
        assertThat(asked()).hasSize(1);
    }

    @Test
    void should_know_that_a_section_that_is_left_out_is_empty() {
        assertThat(envoy.extensions().all()).isEmpty();
        assertThat(envoy.extensions().gaps()).isEmpty();
        assertThat(asked()).allSatisfy(path -> assertThat(path).isEqualTo("/config_dump?mask=ecds_filters"));
    }
}
