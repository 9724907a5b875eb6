package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.envoy.diff.ConfigDiff.Section;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.health.ProxyStatuses.SeenFrom;
import dev.meshdx.health.SyncState;
import dev.meshdx.health.XdsType;
import dev.meshdx.model.ResourceKind;
import org.junit.jupiter.api.Test;

/** Proxy status of meshes that do not answer as they should. */
class ProxyStatusTest {
    private static FakeMesh twoIstiods() {
        return FakeMesh.builder()
                .istiod(istiod -> istiod.replicas(2))
                .namespace(
                        "production",
                        production -> production
                                .injected()
                                .workload("web", web -> web.port("http", 8080))
                                .workload("users", users -> users.port("http", 9080))
                                .workload("orders", orders -> orders.port("http", 9080)))
                .start();
    }

    @Test
    void should_say_from_the_pods_what_can_be_said_without_the_right_to_forward_ports() {
        try (FakeMesh fake = FakeMesh.start(Scenario.STALE_PROXY)) {
            fake.deny("create", "pods/portforward");
            fake.deny("get", "pods/portforward");
            try (Mesh mesh = fake.connect()) {
                ProxyStatuses statuses = mesh.proxyStatus();

                assertThat(statuses.seenFrom()).isEqualTo(SeenFrom.PODS);
                assertThat(statuses.size()).isEqualTo(7);
                assertThat(statuses.all()).allSatisfy(proxy -> {
                    assertThat(proxy.seenByIstiod()).isFalse();
                    assertThat(proxy.isSynced()).isFalse();
                    assertThat(proxy.type(XdsType.CDS).state()).isEqualTo(SyncState.UNKNOWN);
                    assertThat(proxy.revision()).isEqualTo("default");
                    assertThat(proxy.version()).isEqualTo("1.27.1");
                    assertThat(proxy.proxyType()).isIn("sidecar", "router");
                });
                assertThat(statuses.notSynced()).isEmpty();
                assertThat(statuses.findings()).isEmpty();
                assertThat(statuses.inconclusive())
                        .anySatisfy(gap -> assertThat(gap.reason()).isEqualTo(Reason.FORBIDDEN));
                assertThat(statuses.toString()).contains("as their pods show them", "UNKNOWN");
            }
        }
    }

    @Test
    void should_ask_for_one_namespace_only() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = fake.connect()) {
            fake.forgetRequests();

            assertThat(mesh.namespace("payments").proxyStatus().all())
                    .extracting(ProxyStatus::namespace)
                    .containsExactly("payments");
            assertThat(fake.podRequests())
                    .extracting(RecordedPodRequest::path)
                    .contains("/debug/syncz?namespace=payments")
                    .doesNotContain("/debug/syncz");
        }
    }

    @Test
    void should_leave_to_an_istiod_that_hangs_what_it_may_know() {
        try (FakeMesh fake = twoIstiods();
                Mesh mesh = fake.connect()) {
            ProxyStatuses before = mesh.proxyStatus();
            assertThat(before.findings()).isEmpty();
            assertThat(before.connected().values().stream().mapToInt(Integer::intValue))
                    .hasSize(2);
            String dead = before.connected().firstKey();
            int hidden = before.connected().get(dead);
            fake.closePort("istio-system", dead, 15014);

            ProxyStatuses statuses = mesh.proxyStatus();

            assertThat(statuses.seenFrom()).isEqualTo(SeenFrom.SOME_ISTIODS);
            assertThat(statuses.all()).hasSize(before.size());
            assertThat(statuses.all().stream().filter(proxy -> !proxy.seenByIstiod()))
                    .hasSize(hidden);
            assertThat(statuses.findings()).isEmpty();
            assertThat(statuses.inconclusive())
                    .anySatisfy(gap -> assertThat(gap.message()).contains(dead, "may"));
        }
    }

    @Test
    void should_keep_what_an_istiod_said_before_it_broke_off() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = fake.connect()) {
            ProxyStatus first = mesh.proxyStatus().all().get(0);
            String row = "{\"proxy\":\"" + first.pod() + "." + first.namespace() + "\",\"resources\":{}}";
            fake.page("istio-system", first.istiod(), 15014, "/debug/syncz", "[" + row + ",{\"proxy\":\"we");

            ProxyStatuses statuses = mesh.proxyStatus();

            assertThat(statuses.all().stream().filter(ProxyStatus::seenByIstiod))
                    .extracting(ProxyStatus::pod)
                    .containsExactly(first.pod());
            assertThat(statuses.findings()).isEmpty();
            assertThat(statuses.inconclusive()).anySatisfy(gap -> {
                assertThat(gap.reason()).isEqualTo(Reason.MALFORMED);
                assertThat(gap.message()).contains("ended early after 1 proxy");
            });
        }
    }

    @Test
    void should_find_connections_without_a_pod_and_pods_without_a_connection() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = fake.connect()) {
            ProxyStatus web = mesh.namespace("production").proxyStatus().all().get(0);
            fake.remove(ResourceKind.POD, "production", web.pod());

            ProxyStatuses statuses = mesh.proxyStatus();

            assertThat(statuses.orphans()).extracting(ProxyStatus::pod).containsExactly(web.pod());
            assertThat(statuses.findings()).extracting(Finding::code).contains("MDX0140");
            assertThat(statuses.notConnected()).isEmpty();

            fake.page("istio-system", web.istiod(), 15014, "/debug/syncz", "[]");
            ProxyStatuses nobody = mesh.proxyStatus();
            assertThat(nobody.notConnected()).hasSize(statuses.size() - 1);
            assertThat(nobody.isEmpty()).isTrue();
        }
    }

    // What istiod would send, where it does not tell everything.

    private static String web(Mesh mesh) {
        return mesh.namespace("production").proxyStatus().stream()
                .map(ProxyStatus::pod)
                .filter(pod -> pod.startsWith("web-"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void should_show_an_endpoint_that_the_proxy_has_not_got() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = fake.connect()) {
            ProxyStatuses status = mesh.namespace("production").pod(web(mesh)).proxyStatus();
            String istiod = status.all().get(0).istiod();
            fake.page(
                    "istio-system",
                    istiod,
                    15014,
                    "/debug/config_dump",
                    "{\"configs\":[{\"@type\":\"type.googleapis.com/envoy.admin.v3.ClustersConfigDump\"}]}");
            fake.page(
                    "istio-system",
                    istiod,
                    15014,
                    "/debug/edsz",
                    "{\"configs\":[{\"clusterName\":\"outbound|9080||reviews.production.svc.cluster.local\",\"endpoints\":"
                            + "[{\"lbEndpoints\":[{\"endpoint\":{\"address\":{\"socketAddress\":{\"address\":"
                            + "\"10.99.99.99\",\"portValue\":9080}}}}]}]}]}");

            ConfigDiff diff = status.diff();

            assertThat(diff.compared()).contains(Section.ENDPOINTS);
            assertThat(diff.section(Section.ENDPOINTS)).isNotEmpty();
            assertThat(diff.rows()).anySatisfy(row -> assertThat(row.toString()).contains("10.99.99.99"));
        }
    }

    @Test
    void should_say_that_istiod_or_the_proxy_refuses_to_tell() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = fake.connect()) {
            String pod = web(mesh);
            ProxyStatuses status = mesh.namespace("production").pod(pod).proxyStatus();
            String istiod = status.all().get(0).istiod();
            fake.podFault("istio-system", istiod, 15014, "/debug/config_dump", Fault.status(403));

            ConfigDiff refused = status.diff();
            assertThat(refused.compared()).isEmpty();
            assertThat(refused.isEmpty()).isTrue();
            assertThat(refused.inconclusive())
                    .anySatisfy(gap -> assertThat(gap.what()).contains("what istiod would send"));

            fake.clearPodFaults("istio-system", istiod, 15014);
            fake.podFault("production", pod, 15000, "/config_dump", Fault.status(403));
            ConfigDiff hidden = status.diff();
            assertThat(hidden.compared()).isEmpty();
            assertThat(hidden.inconclusive())
                    .anySatisfy(gap -> assertThat(gap.what()).contains("configuration of the proxy"));
        }
    }
}
