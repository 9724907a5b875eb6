package dev.meshdx.examples;

import static dev.meshdx.testkit.MeshAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.MeshPod;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.finding.Severity;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Fault;
import dev.meshdx.testkit.PeerAuthenticationMode;
import dev.meshdx.testkit.Scenario;
import dev.meshdx.testkit.junit.MeshTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The blocks of docs/testkit.md, run. */
class TestkitPageTest {
    @Test
    void should_start_a_scenario() {
        // #region scenario
        try (FakeMesh cluster = FakeMesh.start(Scenario.byName("missing-subset"));
                Mesh mesh = cluster.connect()) {
            assertThat(mesh.namespace("production").diagnose()).hasRootCause("IST0101");
        }
        // #endregion
    }

    @Test
    void should_build_a_mesh() {
        // #region builder
        try (FakeMesh cluster = FakeMesh.builder()
                        .namespace(
                                "shop",
                                shop -> shop.injected()
                                        .mtls(PeerAuthenticationMode.STRICT)
                                        .workload(
                                                "cart",
                                                cart -> cart.port("http", 8080).replicas(2))
                                        .workload(
                                                "stock",
                                                stock ->
                                                        stock.port("http", 8080).notReady())
                                        .service("cart", cart -> cart.port("http", 8080))
                                        .service("stock", stock -> stock.port("http", 8080)))
                        .traffic(
                                "shop/cart",
                                requests ->
                                        requests.get("http://stock:8080/items").times(5))
                        .clock(Instant.parse("2026-03-01T12:00:00Z"))
                        .start();
                Mesh mesh = cluster.connect()) {
            assertThat(mesh.namespace("shop").diagnose()).hasFindingsAtLeast(Severity.ERROR);
        }
        // #endregion
    }

    @Test
    void should_show_what_a_proxy_holds() {
        // #region envoy
        try (FakeMesh cluster = FakeMesh.builder()
                        .namespace(
                                "shop",
                                shop -> shop.injected()
                                        .workload("cart", cart -> cart.port("http", 8080))
                                        .workload("stock", stock -> stock.port("http", 8080))
                                        .service("stock", stock -> stock.port("http", 8080)))
                        .start();
                Mesh mesh = cluster.connect()) {
            MeshPod cart = mesh.namespace("shop").pods("app=cart").get(0);
            assertThat(cart.envoy().clusters().toService("stock.shop")).hasSize(1);

            String dump = cluster.configDump("shop", cart.name()); // to look at, or to keep
            assertThat(dump).contains("outbound|8080||stock.shop.svc.cluster.local");
        }
        // #endregion
    }

    @Test
    void should_put_a_proxy_into_states() {
        // #region states
        try (FakeMesh cluster = FakeMesh.builder()
                        .namespace(
                                "shop",
                                shop -> shop.injected()
                                        .workload(
                                                "cart",
                                                cart -> cart.port("http", 8080)
                                                        .rejectsListener("0.0.0.0_8080", "duplicate matcher")
                                                        .warming("outbound|8080||stock.shop.svc.cluster.local")
                                                        .draining("virtualInbound")
                                                        .ejects("shop/stock"))
                                        .workload("stock", stock -> stock.port("http", 8080))
                                        .service("stock", stock -> stock.port("http", 8080)))
                        .start();
                Mesh mesh = cluster.connect()) {
            MeshPod cart = mesh.namespace("shop").pods("app=cart").get(0);
            assertThat(cart.envoy().clusters().state(ResourceState.WARMING)).hasSize(1);
        }
        // #endregion
    }

    @Test
    void should_serve_a_recorded_dump(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("config_dump.json");
        try (FakeMesh other = FakeMesh.start(Scenario.HEALTHY)) {
            Files.writeString(file, other.configDump("production", Scenario.HEALTHY.pod()));
        }
        // #region recorded
        try (FakeMesh cluster = FakeMesh.builder()
                        .namespace("shop", shop -> shop.injected().workload("cart", cart -> cart.withConfigDump(file)))
                        .start();
                Mesh mesh = cluster.connect()) {
            MeshPod cart = mesh.namespace("shop").pods("app=cart").get(0);
            assertThat(cart.envoy().clusters().toService("reviews.production")).isNotEmpty();
        }
        // #endregion
    }

    @Test
    void should_know_many_services() {
        // #region many
        try (FakeMesh cluster = FakeMesh.builder().services(200).start();
                Mesh mesh = cluster.connect()) {
            MeshPod client = mesh.namespace("many").pods("app=client").get(0);
            assertThat(client.envoy().clusters().port(8080)).hasSize(200);
        }
        // #endregion
    }

    @Test
    void should_serve_objects_and_pages() {
        // #region yaml
        try (FakeMesh cluster = FakeMesh.fromYaml("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web, namespace: production}
                spec: {containers: [{name: web}, {name: istio-proxy}]}
                """)) {
            cluster.page("production", "web", 15000, "/config_dump", "{\"configs\": []}");
            cluster.log("production", "web", "istio-proxy", "warning envoy config: stream closed\n");
            try (Mesh mesh = cluster.connect()) {
                assertThat(mesh.namespace("production")
                                .pod("web")
                                .logs()
                                .tail(10)
                                .size())
                        .isEqualTo(1);
            }
            cluster.verifyNoUnexpectedRequests();
        }
        // #endregion
    }

    @Test
    void should_have_bad_days() {
        try (FakeMesh cluster = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = cluster.connect()) {
            // #region faults
            cluster.deny("list", "secrets"); // 403, as RBAC would say it
            cluster.fault("/api/v1/pods*", Fault.status(503).times(1)); // once, then all is well
            cluster.fault("/api/v1/services*", Fault.delay(Duration.ofMillis(200)));
            cluster.podFault("production", Scenario.HEALTHY.pod(), 15000, Fault.hang());
            // #endregion
            org.assertj.core.api.Assertions.assertThat(
                            mesh.namespace("production").diagnose().inconclusive())
                    .isNotEmpty();
            // #region clear
            cluster.clearFaults().clearRules();
            cluster.down(); // no connection is accepted any more
            cluster.up();
            // #endregion
        }
    }

    // #region junit
    @MeshTest(yaml = "/meshes/shop.yaml")
    @Test
    void should_find_the_pod(FakeMesh cluster) {
        try (Mesh mesh = cluster.connect()) {
            assertThat(mesh.namespace("shop").pods("app=cart")).hasSize(1);
        }
    }
    // #endregion

    @Test
    void should_serve_other_clients(@TempDir Path folder) throws Exception {
        // #region kubeconfig
        try (FakeMesh cluster = FakeMesh.start(Scenario.HEALTHY)) {
            Path kubeconfig = cluster.writeKubeconfig(folder.resolve("kubeconfig"));
            // KUBECONFIG=… kubectl get pods -A, or any other client
            assertThat(Files.readString(kubeconfig)).contains("current-context");
        }
        // #endregion
    }
}
