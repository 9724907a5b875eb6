package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.Webhook;
import dev.meshdx.testkit.FakeMesh;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the page about the control plane print what the page shows. */
class ControlPlanePageTest {
    private static final Path PAGE = Path.of("../docs/control-plane.md");

    /** An istiod near its limit with slow pushes, and a tag of a revision that was uninstalled. */
    static FakeMesh shop() {
        return FakeMesh.builder()
                .istiod(istiod -> istiod.replicas(1).memoryLimit("200Mi").metrics("""
                                pilot_proxy_convergence_time_bucket{le="1"} 310
                                pilot_proxy_convergence_time_bucket{le="5"} 380
                                pilot_proxy_convergence_time_bucket{le="10"} 399
                                pilot_proxy_convergence_time_bucket{le="+Inf"} 400
                                pilot_proxy_convergence_time_sum 520
                                pilot_proxy_convergence_time_count 400
                                pilot_proxy_queue_time_bucket{le="0.1"} 400
                                pilot_proxy_queue_time_bucket{le="+Inf"} 400
                                pilot_xds_push_time_bucket{type="cds",le="1"} 300
                                pilot_xds_push_time_bucket{type="cds",le="10"} 400
                                pilot_xds_push_time_bucket{type="cds",le="+Inf"} 400
                                """))
                .namespace(
                        "production",
                        production -> production
                                .injected()
                                .workload("web", web -> web.port("http", 8080))
                                .service("web", web -> web.port("http", 8080)))
                .yaml("""
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: MutatingWebhookConfiguration
                        metadata:
                          name: istio-revision-tag-canary
                          labels: {app: sidecar-injector, istio.io/rev: 1-26, istio.io/tag: canary}
                        webhooks:
                        - name: rev.namespace.sidecar-injector.istio.io
                          failurePolicy: Fail
                          namespaceSelector:
                            matchExpressions:
                            - {key: istio.io/rev, operator: In, values: [canary]}
                            - {key: istio-injection, operator: DoesNotExist}
                          clientConfig: {service: {name: istiod-1-26, namespace: istio-system, path: /inject, port: 443}}
                        """)
                .start();
    }

    @Test
    void should_print_what_the_page_shows(@TempDir Path folder) throws IOException {
        try (FakeMesh cluster = shop()) {
            assertThat(ConsolePage.run(PAGE, cluster, folder)).isEqualTo(1);
        }
    }

    @Test
    void should_answer_a_program() {
        try (FakeMesh cluster = shop();
                Mesh mesh = cluster.connect()) {
            // #region health
            ControlPlaneHealth health = mesh.controlPlane().health();
            for (IstiodInstance istiod : health.instances()) {
                System.out.println(istiod.pod() + " " + istiod.memoryPercent() + " " + istiod.connectedProxies());
                istiod.push()
                        .flatMap(push -> push.convergence())
                        .flatMap(time -> time.p99())
                        .ifPresent(p99 -> System.out.println("of 100 changes one takes " + p99));
            }
            for (Webhook webhook : health.webhooks()) {
                if (webhook.backend() != Webhook.Backend.READY) {
                    System.out.println(webhook.name() + " " + webhook.backend() + " " + webhook.failurePolicy());
                }
            }
            health.findings().forEach(System.out::println);
            // #endregion
            assertThat(health.findings())
                    .extracting(finding -> finding.code())
                    .containsExactlyInAnyOrder("MDX0103", "MDX0114", "MDX0117");
            assertThat(health.tags())
                    .singleElement()
                    .satisfies(tag -> assertThat(tag.istiods()).isZero());
        }
    }
}
