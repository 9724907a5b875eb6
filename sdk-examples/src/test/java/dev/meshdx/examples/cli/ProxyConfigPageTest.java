package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.MeshPod;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.Clusters;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.Listeners;
import dev.meshdx.envoy.ProxySecret;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.Secrets;
import dev.meshdx.envoy.admin.Stats;
import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.envoy.diff.ResourceDiff;
import dev.meshdx.envoy.diff.RootComparison;
import dev.meshdx.envoy.origin.GeneratedConfiguration;
import dev.meshdx.envoy.origin.Obstacle;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.FakeMeshBuilder;
import dev.meshdx.testkit.PeerAuthenticationMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands on docs/proxy-config.md, run: each {@code console} block begins with a command, and what follows is what it prints.
 * An ellipsis stands for text that was left out, a line of its own for lines.
 */
class ProxyConfigPageTest {
    private static final Path PAGE = Path.of("../docs/proxy-config.md");
    private static final String NAMESPACE = "production";
    private static final String WEB = "web-7vh6hc7ch-2k6v6";
    private static final String REPLICA = "web-7vh6hc7ch-mhkpj";

    private static final String GATEWAY = "gateway-4h9r2sgbc-5cvvj";
    private static final String INIT = """
            {"unready_targets_dumps": [{"name": "init manager Listener-local-init-manager 0.0.0.0_8443 8435553606536061814",
              "target_names": ["shared target SdsApi kubernetes://shop-cert"]}]}
            """;

    /** reviews answers with 503: its subset v3 is defined where web does not see it. The gateway has troubles of its own. */
    static FakeMesh incident() {
        FakeMesh cluster = services().yaml("""
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: reviews, namespace: production}
                spec:
                  hosts: [reviews]
                  http:
                  - name: canary
                    match: [{headers: {end-user: {exact: jason}}}]
                    route: [{destination: {host: reviews, subset: v3}}]
                  - name: all
                    timeout: 3s
                    route: [{destination: {host: reviews}}]
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: reviews, namespace: platform}
                spec:
                  host: reviews.production.svc.cluster.local
                  exportTo: ["."]
                  subsets:
                  - {name: v1, labels: {version: v1}}
                  - {name: v3, labels: {version: v3}}
                """).start();
        // One replica has not got the newest timeout.
        cluster.withConfigDump(
                NAMESPACE, REPLICA, cluster.configDump(NAMESPACE, REPLICA).replace("\"3s\"", "\"15s\""));
        cluster.page("ingress", GATEWAY, 15000, "/init_dump", INIT);
        return cluster;
    }

    private static FakeMeshBuilder services() {
        return FakeMesh.builder()
                .namespace(
                        "production",
                        production -> production
                                .injected()
                                .mtls(PeerAuthenticationMode.STRICT)
                                .workload(
                                        "web",
                                        web -> web.port("http", 8080)
                                                .replicas(2)
                                                .ejects("production/ratings-v1"))
                                .workload(
                                        "reviews-v1",
                                        reviews -> reviews.app("reviews")
                                                .version("v1")
                                                .port("http", 9080))
                                .workload(
                                        "reviews-v3",
                                        reviews -> reviews.app("reviews")
                                                .version("v3")
                                                .port("http", 9080))
                                .workload(
                                        "ratings-v1",
                                        ratings -> ratings.app("ratings").port("http", 9080))
                                .workload(
                                        "ratings-v2",
                                        ratings -> ratings.app("ratings").port("http", 9080))
                                .service("ratings", ratings -> ratings.port("http", 9080))
                                .workload(
                                        "reports",
                                        reports -> reports.port("http", 8080).otherRoot())
                                .service("web", web -> web.port("http", 8080))
                                .service("reviews", reviews -> reviews.port("http", 9080)))
                .namespace("platform", platform -> {})
                .namespace(
                        "ingress",
                        ingress -> ingress.workload(
                                        "gateway",
                                        gateway -> gateway.gateway()
                                                .port("http", 8080)
                                                .port("https", 8443)
                                                .warming("0.0.0.0_8443")
                                                .rejectsListener(
                                                        "0.0.0.0_8080",
                                                        "error adding listener '0.0.0.0_8080': multiple filter chains"
                                                                + " with the same matching rules are defined"))
                                .service(
                                        "gateway",
                                        gateway -> gateway.port("http", 8080).port("https", 8443)))
                .yaml("""
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: shop, namespace: ingress}
                        spec:
                          selector: {istio: gateway}
                          servers:
                          - port: {number: 8080, name: http, protocol: HTTP}
                            hosts: ["shop.example.com"]
                          - port: {number: 8443, name: https, protocol: HTTPS}
                            hosts: ["shop.example.com"]
                            tls: {mode: SIMPLE, credentialName: shop-cert}
                        ---
                        apiVersion: networking.istio.io/v1
                        kind: VirtualService
                        metadata: {name: shop, namespace: production}
                        spec:
                          hosts: ["shop.example.com"]
                          gateways: ["ingress/shop"]
                          http:
                          - route: [{destination: {host: web}}]
                        ---
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: ratings, namespace: production}
                        spec:
                          host: ratings
                          trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3, baseEjectionTime: 5m}}
                        """);
    }

    /** What web had before the change: no request went to v3. */
    static String monday(FakeMesh cluster) {
        return cluster.configDump(NAMESPACE, WEB).replace("\"outbound|9080|v3|reviews.", "\"outbound|9080||reviews.");
    }

    @Test
    void should_print_what_the_page_shows(@TempDir Path folder) throws IOException {
        try (FakeMesh cluster = incident()) {
            String dump = monday(cluster);
            Files.writeString(folder.resolve("monday.json"), dump);
            Files.writeString(folder.resolve("cut.json"), dump.substring(0, 60_000));
            Files.writeString(folder.resolve("page.html"), "<html>not found</html>");
            Path kubeconfig = cluster.writeKubeconfig(folder.resolve("kubeconfig"));
            int blocks = ConsolePage.run(
                    PAGE,
                    kubeconfig,
                    word -> Files.exists(folder.resolve(word))
                            ? folder.resolve(word).toString()
                            : word);
            assertThat(blocks).isGreaterThan(10);
        }
    }

    private void ask(Asking asking) throws Exception {
        try (FakeMesh cluster = incident();
                Mesh mesh = cluster.connect()) {
            asking.ask(
                    cluster,
                    mesh.namespace(NAMESPACE).pod(WEB).envoy(),
                    mesh.namespace("ingress").pod(GATEWAY).envoy());
        }
    }

    private interface Asking {
        void ask(FakeMesh cluster, EnvoyProxy web, EnvoyProxy gateway) throws Exception;
    }

    @Test
    void should_say_what_was_not_taken() throws Exception {
        ask((cluster, web, gateway) -> {
            // #region states
            for (Listener refused : gateway.listeners().state(ResourceState.REJECTED)) {
                System.out.println(refused.name() + ": " + refused.error().orElse("")); // Envoy's words
            }
            Listeners waiting = gateway.listeners().state(ResourceState.WARMING);
            Secrets missing = gateway.secrets().state(ResourceState.WARMING); // kubernetes://shop-cert
            // #endregion
            assertThat(gateway.listeners().state(ResourceState.REJECTED)).hasSize(1);
            assertThat(waiting).extracting(Listener::name).containsExactly("0.0.0.0_8443");
            assertThat(missing).extracting(ProxySecret::name).containsExactly("kubernetes://shop-cert");
        });
    }

    @Test
    void should_find_exactly_what_is_asked_for() throws Exception {
        ask((cluster, web, gateway) -> {
            // #region find
            Clusters v3 = web.clusters().toService("reviews.production").subset("v3"); // none
            List<String> near = web.clusters().toService("review.production").nearest(); // [reviews.production]
            web.routes().named("9080").stream()
                    .flatMap(routes -> routes.virtualHosts().stream())
                    .flatMap(host -> host.routes().stream())
                    .forEach(System.out::println); // prefix /, header end-user=jason -> reviews.production:9080 v3; …
            // #endregion
            assertThat(v3).isEmpty();
            assertThat(near).containsExactly("reviews.production");
        });
    }

    @Test
    void should_say_where_it_came_from() throws Exception {
        try (FakeMesh cluster = incident();
                Mesh mesh = cluster.connect()) {
            MeshPod pod = mesh.namespace(NAMESPACE).pod(WEB);
            // #region from
            GeneratedConfiguration rule = pod.generatedFrom(ResourceKind.DESTINATION_RULE, "platform", "reviews");
            for (Obstacle reason : rule.reasons()) {
                System.out.println(reason.type() + ": " + reason.message()); // NOT_EXPORTED: …
            }
            Optional<ResourceRef> by = pod.envoy()
                    .clusters()
                    .toService("ratings.production")
                    .first()
                    .flatMap(Cluster::configuredBy); // DestinationRule production/ratings
            // #endregion
            assertThat(rule.isEmpty()).isTrue();
            assertThat(rule.reasons()).extracting(Obstacle::type).containsExactly(Obstacle.Type.NOT_EXPORTED);
            assertThat(by).map(ResourceRef::name).contains("ratings");
        }
    }

    @Test
    void should_say_what_differs(@TempDir Path folder) throws Exception {
        ask((cluster, web, gateway) -> {
            Path monday = Files.writeString(folder.resolve("monday.json"), monday(cluster));
            // #region diff
            ConfigDiff since = ConfigDiff.between(ConfigDump.open(monday), web.configDump());
            for (ResourceDiff resource : since.resources()) {
                System.out.println(resource.name() + " " + resource.changes());
            }
            // #endregion
            assertThat(since.resources()).extracting(ResourceDiff::name).containsExactly("9080");
        });
    }

    @Test
    void should_compare_roots() throws Exception {
        try (FakeMesh cluster = incident();
                Mesh mesh = cluster.connect()) {
            EnvoyProxy web = mesh.namespace(NAMESPACE).pod(WEB).envoy();
            EnvoyProxy reports =
                    mesh.namespace(NAMESPACE).pods("app=reports").get(0).envoy();
            // #region roots
            RootComparison roots = RootComparison.between("web", web.secrets(), "reports", reports.secrets());
            System.out.println(roots.sentence());
            Optional<Duration> left =
                    web.secrets().named("default").first().flatMap(certificate -> certificate.remaining(Instant.now()));
            // #endregion
            assertThat(roots.isTrusted()).isFalse();
            assertThat(left).hasValueSatisfying(time -> assertThat(time).isPositive());
        }
    }

    @Test
    void should_ask_the_process() throws Exception {
        ask((cluster, web, gateway) -> {
            // #region process
            Stats stats = gateway.stats("update_rejected|upstream_rq_5xx");
            OptionalLong refused = stats.number("listener_manager.lds.update_rejected"); // 1
            String name = "cluster.outbound|9080||reviews.production.svc.cluster.local.upstream_rq_5xx";
            Optional<Inconclusive> absent = stats.absence(name); // not made, and what to set so that it is
            Map<String, List<String>> waiting = gateway.initDump().waiting();
            Listeners notBound = gateway.listeners().notBound(gateway.listenersStatus());
            // #endregion
            assertThat(refused).hasValue(1);
            assertThat(absent).isPresent();
            assertThat(waiting).hasSize(1);
            assertThat(notBound).isEmpty();
        });
    }
}
