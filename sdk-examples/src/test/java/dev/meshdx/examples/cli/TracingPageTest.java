package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.MeshPod;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.PeerAuthenticationMode;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.MeshTrace;
import dev.meshdx.traffic.NearMiss;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.Tracer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the page about tracing print what the page shows. */
class TracingPageTest {
    private static final Path PAGE = Path.of("../docs/tracing.md");
    /** One path that is exact, one canary by header, and a service that may only be read. */
    static FakeMesh shop() {
        return FakeMesh.builder()
                .namespace(
                        "production",
                        production -> production
                                .injected()
                                .mtls(PeerAuthenticationMode.STRICT)
                                .workload("web", web -> web.port("http", 8080))
                                .service("web", web -> web.port("http", 8080))
                                .workload(
                                        "users-v1",
                                        users ->
                                                users.app("users").version("v1").port("http", 9080))
                                .workload(
                                        "users-v2",
                                        users ->
                                                users.app("users").version("v2").port("http", 9080))
                                .service("users", users -> users.port("http", 9080)))
                .yaml("""
                        apiVersion: networking.istio.io/v1
                        kind: VirtualService
                        metadata: {name: users, namespace: production}
                        spec:
                          hosts: [users]
                          http:
                          - name: list
                            match: [{uri: {exact: /api/v1/users}}]
                            route:
                            - {destination: {host: users, subset: v1}, weight: 90}
                            - {destination: {host: users, subset: v2}, weight: 10}
                          - name: admin
                            match: [{uri: {prefix: /admin}, headers: {x-role: {exact: admin}}}]
                            route: [{destination: {host: users, subset: v1}}]
                        ---
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: users, namespace: production}
                        spec:
                          host: users
                          subsets:
                          - {name: v1, labels: {version: v1}}
                          - {name: v2, labels: {version: v2}}
                        """)
                .start();
    }

    @Test
    void should_print_what_the_page_shows(@TempDir Path folder) throws IOException {
        try (FakeMesh cluster = shop()) {
            assertThat(ConsolePage.run(PAGE, cluster, folder)).isGreaterThan(3);
        }
    }

    private static MeshPod web(Mesh mesh) {
        return mesh.namespace("production").pods("app=web").stream().findFirst().orElseThrow();
    }

    @Test
    void should_say_why_not() {
        try (FakeMesh cluster = shop();
                Mesh mesh = cluster.connect()) {
            MeshPod pod = web(mesh);
            // #region why-not
            for (String path : List.of("/api/v1/users", "/api/v1/Users", "/api/v1/users/")) {
                Trace trace = pod.trace(HttpRequest.get("http://users:9080" + path));
                System.out.println(path + ": " + trace.kind() + " " + trace.responseCode());
                for (NearMiss miss : trace.nearMisses()) {
                    System.out.println("  " + miss.reason() + " " + miss.resource() + " " + miss.because());
                }
            }
            // #endregion
            assertThat(pod.trace(HttpRequest.get("http://users:9080/api/v1/users"))
                            .clusters())
                    .containsExactly(
                            "outbound|9080|v1|users.production.svc.cluster.local",
                            "outbound|9080|v2|users.production.svc.cluster.local");
            assertThat(pod.trace(HttpRequest.get("http://users:9080/api/v1/Users"))
                            .nearMisses())
                    .first()
                    .extracting(NearMiss::reason)
                    .isEqualTo(NearMiss.Reason.PATH_CASE);
            assertThat(pod.trace(HttpRequest.get("http://users:9080/api/v1/users/"))
                            .nearMisses())
                    .first()
                    .extracting(NearMiss::reason)
                    .isEqualTo(NearMiss.Reason.TRAILING_SLASH);
        }
    }

    @Test
    void should_follow_a_request_through_the_mesh() {
        try (FakeMesh cluster = shop();
                Mesh mesh = cluster.connect()) {
            // #region hops
            MeshTrace way = mesh.trace(web(mesh), HttpRequest.get("http://users:9080/api/v1/users"));
            System.out.println(way.verdict());
            way.hops().forEach(hop -> System.out.println(hop + " " + hop.crossing() + " " + hop.sources()));
            String chart = way.mermaid(); // for a page in Markdown, or a portal
            // #endregion
            assertThat(way.isServed()).isTrue();
            assertThat(way.ends()).hasSize(2);
            assertThat(chart).contains("90%").contains("10%");
        }
    }

    @Test
    void should_answer_many_requests_from_one_configuration() {
        try (FakeMesh cluster = shop();
                Mesh mesh = cluster.connect()) {
            MeshPod pod = web(mesh);
            List<HttpRequest> requests =
                    List.of(HttpRequest.get("http://users:9080/api/v1/users"), HttpRequest.get("http://users:9080/x"));
            // #region many
            Tracer tracer = Tracer.of(pod.envoy().configDump()); // asks once, makes it ready
            for (HttpRequest request : requests) {
                Trace trace = tracer.trace(request); // asks nobody
                System.out.println(trace.kind() + " " + trace.clusters());
            }
            // #endregion
            assertThat(tracer.trace(requests.get(1)).kind()).isEqualTo(Trace.Kind.NO_ROUTE);
        }
    }
}
