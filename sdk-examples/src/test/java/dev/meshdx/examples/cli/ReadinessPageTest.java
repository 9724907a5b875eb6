package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.health.Injection;
import dev.meshdx.health.Readiness;
import dev.meshdx.health.ReadinessStage.Kind;
import dev.meshdx.health.ReadinessStage.State;
import dev.meshdx.model.Json;
import dev.meshdx.testkit.FakeMesh;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the page about readiness print what the page shows. */
class ReadinessPageTest {
    private static final Path PAGE = Path.of("../docs/readiness.md");

    /** A pod that works, two that do not start, and one without sidecar. */
    static FakeMesh shop() {
        return FakeMesh.builder()
                .namespace(
                        "production",
                        production -> production
                                .injected()
                                .workload("web", web -> web.port("http", 8080))
                                .service("web", web -> web.port("http", 8080)))
                .namespace("legacy", legacy -> legacy.label("istio.io/rev", "1-19"))
                .yaml("""
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: orders
                          namespace: production
                          creationTimestamp: 2026-01-02T10:00:00Z
                          annotations: {sidecar.istio.io/status: '{"revision":"default"}', istio.io/rev: default}
                        spec:
                          nodeName: node-1
                          initContainers: [{name: istio-init, image: proxyv2}]
                          containers: [{name: orders, image: orders}, {name: istio-proxy, image: proxyv2}]
                        status:
                          phase: Pending
                          conditions: [{type: PodScheduled, status: "True", lastTransitionTime: 2026-01-02T10:00:00Z}]
                          initContainerStatuses:
                          - name: istio-init
                            restartCount: 4
                            state: {waiting: {reason: CrashLoopBackOff}}
                            lastState: {terminated: {exitCode: 255, reason: Error, finishedAt: 2026-01-02T10:02:00Z}}
                        ---
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: stock
                          namespace: production
                          creationTimestamp: 2026-01-02T10:00:00Z
                          annotations: {sidecar.istio.io/status: '{"revision":"default"}', istio.io/rev: default}
                        spec:
                          nodeName: node-1
                          containers: [{name: stock, image: stock}, {name: istio-proxy, image: proxyv2}]
                        status:
                          phase: Pending
                          conditions: [{type: PodScheduled, status: "True", lastTransitionTime: 2026-01-02T10:00:00Z}]
                        ---
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: billing, namespace: legacy, creationTimestamp: 2026-01-02T10:00:00Z}
                        spec:
                          nodeName: node-1
                          containers: [{name: billing, image: billing}]
                        status:
                          phase: Running
                          podIP: 10.1.2.3
                          conditions:
                          - {type: PodScheduled, status: "True", lastTransitionTime: 2026-01-02T10:00:00Z}
                          - {type: Ready, status: "True", lastTransitionTime: 2026-01-02T10:00:09Z}
                          containerStatuses: [{name: billing, ready: true, state: {running: {}}}]
                        ---
                        apiVersion: v1
                        kind: Event
                        metadata: {name: stock.1, namespace: production}
                        involvedObject: {kind: Pod, name: stock, namespace: production}
                        type: Warning
                        reason: FailedMount
                        message: 'MountVolume.SetUp failed for volume "istiod-ca-cert" : configmap "istio-ca-root-cert" not found'
                        firstTimestamp: 2026-01-02T10:00:05Z
                        lastTimestamp: 2026-01-02T10:04:00Z
                        """)
                .start();
    }

    @Test
    void should_print_what_the_page_shows(@TempDir Path folder) throws IOException {
        try (FakeMesh cluster = shop()) {
            assertThat(ConsolePage.run(PAGE, cluster, folder)).isGreaterThan(4);
        }
    }

    @Test
    void should_answer_the_same_in_java_and_in_json(@TempDir Path folder) throws IOException {
        try (FakeMesh cluster = shop();
                Mesh mesh = cluster.connect()) {
            String pod = mesh.namespace("production").pods("app=web").get(0).name();
            Readiness web = mesh.namespace("production").pod(pod).readiness();
            Readiness orders = mesh.namespace("production").pod("orders").readiness();
            Injection legacy = mesh.namespace("legacy").injection();
            String kubeconfig = "--kubeconfig=" + cluster.writeKubeconfig(folder.resolve("kubeconfig"));
            Json json = Json.parse(Run.meshdx("readiness", "orders", "-n", "production", "--format", "json", kubeconfig)
                    .out());

            assertThat(web.isReady()).isTrue();
            assertThat(web.cause()).isEmpty();
            assertThat(web.stage(Kind.CERTIFICATE).state()).isEqualTo(State.DONE);
            assertThat(orders.cause().orElseThrow().kind()).isEqualTo(Kind.INIT_CONTAINERS);
            assertThat(json.toString()).contains("\"cause\":\"INIT_CONTAINERS\"", "MDX0151");
            assertThat(legacy.outcome()).isEqualTo(Injection.Outcome.NOT_INJECTED);
            assertThat(mesh.namespace("production").injection().outcome()).isEqualTo(Injection.Outcome.INJECTED);
            assertThat(mesh.namespace("production").diagnose().findings().stream()
                            .map(finding ->
                                    finding.code() + " " + finding.subject().name()))
                    .contains("MDX0151 orders", "MDX0155 stock")
                    .doesNotContain("MDX0107 orders", "MDX0107 stock");
        }
    }
}
