package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.envoy.diff.ConfigDiff.Section;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.ProxyStatuses;
import org.junit.jupiter.api.Test;

class ProxyStatusDiffTest {
    private static String podOf(Mesh mesh, String workload) {
        return mesh.namespace("production").proxyStatus().stream()
                .map(ProxyStatus::pod)
                .filter(pod -> pod.startsWith(workload + "-"))
                .findFirst()
                .orElseThrow();
    }

    private static ConfigDiff diff(Mesh mesh, String workload) {
        return mesh.namespace("production")
                .pod(podOf(mesh, workload))
                .proxyStatus()
                .diff();
    }

    @Test
    void should_find_no_difference_where_all_is_well() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(fake.options())) {
            for (String workload : new String[] {"web", "reviews-v1"}) {
                ConfigDiff diff = diff(mesh, workload);

                assertThat(diff.rows()).as(workload).isEmpty();
                assertThat(diff.inconclusive()).isEmpty();
                assertThat(diff.compared())
                        .contains(Section.CLUSTERS, Section.LISTENERS, Section.ROUTES, Section.ENDPOINTS)
                        .doesNotContain(Section.BOOTSTRAP);
            }
        }
    }

    @Test
    void should_show_what_a_stale_proxy_has_not_got_yet() {
        try (FakeMesh fake = FakeMesh.start(Scenario.STALE_PROXY);
                Mesh mesh = Mesh.connect(fake.options())) {
            ConfigDiff diff = diff(mesh, "web");

            assertThat(diff.before()).isEqualTo("istiod");
            assertThat(diff.after()).isEqualTo("proxy");
            assertThat(diff.rows()).anySatisfy(row -> {
                assertThat(row)
                        .containsEntry("section", "routes")
                        .containsEntry("name", "9080")
                        .containsEntry("path", "virtual_hosts[reviews.production.svc.cluster.local:9080].routes[to-v2]")
                        .containsEntry("after", "");
                assertThat(row.get("before")).contains("outbound|9080|v2|reviews.production.svc.cluster.local");
            });
            assertThat(diff.toString()).startsWith("istiod and proxy differ in 2 routes");
            assertThat(diff(mesh, "reviews-v1").isEmpty()).isTrue();
        }
    }

    @Test
    void should_tell_what_a_proxy_refuses() {
        try (FakeMesh fake = FakeMesh.start(Scenario.PROXY_NACK);
                Mesh mesh = Mesh.connect(fake.options())) {
            assertThat(diff(mesh, "web").rows()).anySatisfy(row -> {
                assertThat(row).containsEntry("section", "listeners").containsEntry("what", "STATE");
                assertThat(row.get("after")).contains("REJECTED");
            });
        }
    }

    @Test
    void should_say_so_where_the_page_cannot_be_read() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(fake.options())) {
            String istiod = mesh.proxyStatus().all().get(0).istiod();
            fake.page("istio-system", istiod, 15014, "/debug/config_dump", "<html>no</html>");

            ConfigDiff diff = diff(mesh, "web");

            assertThat(diff.isEmpty()).isTrue();
            assertThat(diff.compared()).isEmpty();
            assertThat(diff.inconclusive())
                    .anySatisfy(gap -> assertThat(gap.reason()).isEqualTo(Reason.MALFORMED));
        }
    }

    @Test
    void should_take_endpoints_from_a_page_of_their_own_where_an_istiod_keeps_them_apart() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(fake.options())) {
            String istiod = mesh.proxyStatus().all().get(0).istiod();
            fake.page(
                    "istio-system",
                    istiod,
                    15014,
                    "/debug/config_dump",
                    "{\"configs\":[{\"@type\":\"type.googleapis.com/envoy.admin.v3.ClustersConfigDump\"}]}");

            ConfigDiff diff = diff(mesh, "web");

            assertThat(diff.compared()).containsExactly(Section.CLUSTERS, Section.ENDPOINTS);
            assertThat(diff.section(Section.ENDPOINTS)).isEmpty();
            assertThat(diff.section(Section.CLUSTERS)).isNotEmpty();
        }
    }

    @Test
    void should_ask_for_the_connection_where_a_name_is_a_part_of_another_one() {
        try (FakeMesh fake = FakeMesh.start(Scenario.STALE_PROXY);
                Mesh mesh = Mesh.connect(fake.options())) {
            ProxyStatus web = mesh.namespace("production").proxyStatus().stream()
                    .filter(proxy -> proxy.pod().startsWith("web-"))
                    .findFirst()
                    .orElseThrow();
            String id = web.pod() + ".production";
            fake.page(
                    "istio-system",
                    web.istiod(),
                    15014,
                    "/debug/syncz",
                    "[{\"proxy\":\"my-" + id + "\"},{\"proxy\":\"" + id + "\"}]");

            assertThat(mesh.namespace("production")
                            .pod(web.pod())
                            .proxyStatus()
                            .diff()
                            .section(Section.ROUTES))
                    .isNotEmpty();

            fake.page(
                    "istio-system",
                    web.istiod(),
                    15014,
                    "/debug/connections",
                    "{\"clients\":[{\"connectionId\":\"" + id + "-1\"},{\"connectionId\":\"my-" + id + "-1\"}]}");
            ConfigDiff unknown =
                    mesh.namespace("production").pod(web.pod()).proxyStatus().diff();
            assertThat(unknown.compared()).isEmpty();
            assertThat(unknown.inconclusive())
                    .anySatisfy(gap -> assertThat(gap.message()).contains("part of another proxy's name"));
        }
    }

    @Test
    void should_refuse_to_compare_more_than_one_proxy() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(fake.options())) {
            ProxyStatuses all = mesh.proxyStatus();

            assertThatExceptionOfType(MeshUnsupportedException.class)
                    .isThrownBy(() -> all.diff().isEmpty())
                    .withMessageContaining("compares one proxy");
        }
    }
}
