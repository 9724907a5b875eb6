package dev.meshdx.testkit;

import static dev.meshdx.testkit.Fakes.NOW;
import static dev.meshdx.testkit.Fakes.cluster;
import static dev.meshdx.testkit.Fakes.json;
import static dev.meshdx.testkit.Fakes.listener;
import static dev.meshdx.testkit.Fakes.log;
import static dev.meshdx.testkit.Fakes.pod;
import static dev.meshdx.testkit.Fakes.pods;
import static dev.meshdx.testkit.Fakes.routes;
import static dev.meshdx.testkit.Fakes.section;
import static dev.meshdx.testkit.Fakes.text;
import static dev.meshdx.testkit.Fakes.virtualHost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ClusterState;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class FakeMeshBuilderTest {
    private static FakeMeshBuilder mesh() {
        return FakeMeshBuilder.create()
                .clock(NOW)
                .namespace(
                        "production",
                        namespace -> namespace
                                .injected()
                                .workload(
                                        "web",
                                        workload -> workload.port("http", 8080).version("v1"))
                                .service("web", service -> service.port("http", 8080))
                                .workload(
                                        "reviews",
                                        workload -> workload.port("http", 9080).version("v1"))
                                .service("reviews", service -> service.port("http", 9080)));
    }

    private static String virtualService(String http) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata:
                  name: reviews
                  namespace: production
                spec:
                  hosts: [reviews]
                  http:
                """ + http.indent(4);
    }

    private static Json firstRoute(String http) {
        ClusterState state = mesh().yaml(virtualService(http)).build();
        return virtualHost(
                        routes(state, pod(state, "production", "web"), "9080"),
                        "reviews.production.svc.cluster.local:9080")
                .at("routes")
                .at(0);
    }

    // Objects

    @Test
    void should_make_a_deployment_with_replica_set_and_pods() {
        ClusterState state = mesh().namespace(
                        "production", namespace -> namespace.workload("web", workload -> workload.replicas(2)))
                .build();

        List<Resource> pods = pods(state, "production", "web");
        assertThat(pods).hasSize(2);
        assertThat(pods)
                .allSatisfy(pod -> assertThat(pod.name()).matches("web-[bcdfghjklmnpqrstvwxz2456789]{9}-\\w{5}"));
        Resource set = state.list(ResourceKind.REPLICA_SET, "production").stream()
                .filter(each -> each.name().startsWith("web-"))
                .findFirst()
                .orElseThrow();
        assertThat(pods.get(0).raw().at("metadata", "ownerReferences").at(0).at("uid"))
                .isEqualTo(set.raw().at("metadata", "uid"));
        assertThat(state.find(ResourceKind.DEPLOYMENT, "production", "web")
                        .orElseThrow()
                        .status()
                        .at("readyReplicas")
                        .number(0))
                .isEqualTo(2);
        assertThat(state.find(ResourceKind.SERVICE_ACCOUNT, "production", "web"))
                .isPresent();
        assertThat(pods.get(0).createdAt()).contains(NOW.minus(Duration.ofHours(6)));
    }

    @Test
    void should_inject_as_namespace_and_pod_say() {
        ClusterState state = mesh().namespace(
                        "production",
                        namespace -> namespace
                                .workload("without", FakeWorkload::noSidecar)
                                .workload("native", FakeWorkload::nativeSidecar))
                .namespace(
                        "legacy",
                        namespace -> namespace
                                .workload("old", workload -> workload.port("http", 80))
                                .workload("new", FakeWorkload::sidecar))
                .build();

        assertThat(containers(pod(state, "production", "web"), "containers")).containsExactly("web", "istio-proxy");
        assertThat(containers(pod(state, "production", "without"), "containers"))
                .containsExactly("without");
        assertThat(containers(pod(state, "production", "native"), "containers")).containsExactly("native");
        assertThat(containers(pod(state, "production", "native"), "initContainers"))
                .containsExactly("istio-init", "istio-proxy");
        assertThat(containers(pod(state, "legacy", "old"), "containers")).containsExactly("old");
        assertThat(containers(pod(state, "legacy", "new"), "containers")).containsExactly("new", "istio-proxy");
        assertThat(pod(state, "production", "web").annotation("sidecar.istio.io/status"))
                .hasValueSatisfying(status -> assertThat(status).contains("\"revision\":\"default\""));
        assertThat(state.listens("legacy", pod(state, "legacy", "old").name(), 15000))
                .isFalse();
    }

    private static List<String> containers(Resource pod, String list) {
        return pod.spec().at(list).items().stream()
                .map(container -> container.at("name").text(""))
                .toList();
    }

    @Test
    void should_make_endpoints_of_ready_pods() {
        ClusterState state = mesh().namespace(
                        "production",
                        namespace -> namespace.workload("web", workload -> workload.down("CrashLoopBackOff")))
                .build();

        Resource pod = pod(state, "production", "web");
        assertThat(pod.status().at("containerStatuses").at(0).at("state", "waiting", "reason"))
                .isEqualTo(Json.of("CrashLoopBackOff"));
        assertThat(pod.status().at("conditions").items())
                .anySatisfy(condition -> assertThat(condition.toString()).contains("\"ContainersNotReady\""));
        Json subset = state.find(ResourceKind.ENDPOINTS, "production", "web")
                .orElseThrow()
                .raw()
                .at("subsets")
                .at(0);
        assertThat(subset.at("addresses").exists()).isFalse();
        assertThat(subset.at("notReadyAddresses").size()).isEqualTo(1);
        Json slice = state.list(ResourceKind.ENDPOINT_SLICE, "production").stream()
                .filter(each ->
                        each.label("kubernetes.io/service-name").orElse("").equals("web"))
                .findFirst()
                .orElseThrow()
                .raw();
        assertThat(slice.at("endpoints").at(0).at("conditions", "ready").bool(true))
                .isFalse();
    }

    @Test
    void should_run_deployments_and_services_from_yaml() {
        ClusterState state = mesh().yaml("""
                        apiVersion: v1
                        kind: List
                        items:
                          - apiVersion: apps/v1
                            kind: Deployment
                            metadata: {name: orders, namespace: production}
                            spec:
                              selector: {matchLabels: {app: orders}}
                              template:
                                metadata: {labels: {app: orders}}
                                spec:
                                  containers:
                                    - name: orders
                                      image: orders:2
                                      ports: [{name: web, containerPort: 7070}]
                          - apiVersion: v1
                            kind: Service
                            metadata: {name: orders, namespace: production}
                            spec:
                              selector: {app: orders}
                              ports: [{name: http, port: 80, targetPort: web}]
                        """).build();

        Resource pod = pod(state, "production", "orders");
        assertThat(containers(pod, "containers")).containsExactly("orders", "istio-proxy");
        Json assignment = section(state, pod(state, "production", "web"), "EndpointsConfigDump")
                .at("dynamic_endpoint_configs")
                .items()
                .stream()
                .map(config -> config.at("endpoint_config"))
                .filter(config ->
                        config.at("cluster_name").text("").equals("outbound|80||orders.production.svc.cluster.local"))
                .findFirst()
                .orElseThrow();
        assertThat(assignment.toString())
                .contains("\"port_value\":7070", "\"" + pod.status().at("podIP").text("") + "\"");
    }

    @Test
    void should_refuse_what_it_cannot_serve() {
        assertThatThrownBy(() -> FakeMeshBuilder.create().yaml("a: [b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not YAML");
        assertThatThrownBy(() -> FakeMeshBuilder.create().yaml("- a\n- b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("apiVersion and kind");
        assertThatThrownBy(() -> mesh().yaml("{apiVersion: example.com/v1, kind: Thing, metadata: {name: x}}")
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Thing");
        assertThatThrownBy(() -> mesh().traffic("production/nobody", traffic -> traffic.get("http://web:8080/"))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("production/nobody");
    }

    // Configuration

    @Test
    void should_shorten_domains_in_the_own_namespace_only() {
        ClusterState state = mesh().namespace(
                        "payments",
                        namespace -> namespace
                                .injected()
                                .workload("payments", workload -> workload.port("http", 8080))
                                .service("payments", service -> service.port("http", 8080)))
                .build();

        Json routes = routes(state, pod(state, "production", "web"), "8080");
        assertThat(virtualHost(routes, "web.production.svc.cluster.local:8080")
                        .at("domains")
                        .texts())
                .containsSubsequence("web.production.svc.cluster.local", "web", "web.production.svc", "web.production");
        assertThat(virtualHost(routes, "payments.payments.svc.cluster.local:8080")
                        .at("domains")
                        .texts())
                .contains("payments.payments", "payments.payments.svc")
                .doesNotContain("payments");
        assertThat(virtualHost(routes, "allow_any").at("routes").at(0).at("route", "cluster"))
                .isEqualTo(Json.of("PassthroughCluster"));
    }

    @Test
    void should_block_unknown_hosts_on_wish() {
        ClusterState state = mesh().registryOnly().build();

        Resource web = pod(state, "production", "web");
        assertThat(virtualHost(routes(state, web, "8080"), "block_all")
                        .at("routes")
                        .at(0)
                        .at("direct_response", "status")
                        .number(0))
                .isEqualTo(502);
        assertThat(listener(state, web, "virtualOutbound").toString()).doesNotContain("PassthroughCluster");
    }

    @Test
    void should_listen_for_each_protocol() {
        ClusterState state = mesh().namespace(
                        "production",
                        namespace -> namespace
                                .workload("database", workload -> workload.port("tcp", 5432))
                                .service("database", service -> service.port("tcp-sql", 5432))
                                .workload("legacy", workload -> workload.port("any", 7000))
                                .service("legacy", service -> service.port("any", 7000)))
                .build();

        Resource web = pod(state, "production", "web");
        String database = state.find(ResourceKind.SERVICE, "production", "database")
                .orElseThrow()
                .spec()
                .at("clusterIP")
                .text("");
        String legacy = state.find(ResourceKind.SERVICE, "production", "legacy")
                .orElseThrow()
                .spec()
                .at("clusterIP")
                .text("");
        List<String> names = json(state, web, 15000, "/listeners?format=json").at("listener_statuses").items().stream()
                .map(status -> status.at("name").text(""))
                .toList();
        assertThat(names)
                .contains(
                        "0.0.0.0_8080",
                        "0.0.0.0_9080",
                        database + "_5432",
                        legacy + "_7000",
                        "virtualOutbound",
                        "virtualInbound",
                        "0.0.0.0_15021",
                        "0.0.0.0_15090");
        assertThat(routes(state, web, "legacy.production.svc.cluster.local:7000")
                        .exists())
                .isTrue();
        List<Json> inbound = chains(listener(state, pod(state, "production", "database"), "virtualInbound"), 5432);
        assertThat(inbound).hasSize(3);
        assertThat(chains(listener(state, pod(state, "production", "legacy"), "virtualInbound"), 7000))
                .hasSize(5);
    }

    private static List<Json> chains(Json listener, int port) {
        return listener.at("filter_chains").items().stream()
                .filter(chain ->
                        chain.at("filter_chain_match", "destination_port").number(0) == port)
                .toList();
    }

    @Test
    void should_follow_peer_authentication_by_port_workload_namespace_and_mesh() {
        ClusterState state = mesh().namespace(
                        "production",
                        namespace ->
                                namespace.mtls(PeerAuthenticationMode.STRICT).yaml("""
                                apiVersion: security.istio.io/v1
                                kind: PeerAuthentication
                                metadata: {name: reviews}
                                spec:
                                  selector: {matchLabels: {app: reviews}}
                                  mtls: {mode: PERMISSIVE}
                                  portLevelMtls:
                                    "9080": {mode: DISABLE}
                                """))
                .build();

        List<Json> web = chains(listener(state, pod(state, "production", "web"), "virtualInbound"), 8080);
        assertThat(web).hasSize(1);
        assertThat(web.get(0).at("filter_chain_match", "transport_protocol")).isEqualTo(Json.of("tls"));
        assertThat(web.get(0)
                        .at("transport_socket", "typed_config", "require_client_certificate")
                        .bool(false))
                .isTrue();
        List<Json> reviews = chains(listener(state, pod(state, "production", "reviews"), "virtualInbound"), 9080);
        assertThat(reviews).hasSize(1);
        assertThat(reviews.get(0).at("transport_socket").exists()).isFalse();
        String endpoints = section(state, pod(state, "production", "web"), "EndpointsConfigDump")
                .toString();
        assertThat(endpoints.split("outbound\\|9080\\|\\|reviews")[1].split("cluster_name")[0])
                .doesNotContain("tlsMode");
    }

    @Test
    void should_translate_destination_rules() {
        ClusterState state = mesh().yaml("""
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: reviews, namespace: production}
                        spec:
                          host: reviews
                          trafficPolicy:
                            connectionPool: {tcp: {maxConnections: 7, connectTimeout: 500ms}}
                            outlierDetection: {consecutive5xxErrors: 3, interval: 1m}
                          subsets:
                            - name: v1
                              labels: {version: v1}
                            - name: plain
                              labels: {version: v2}
                              trafficPolicy: {tls: {mode: DISABLE}}
                            - name: forced
                              labels: {version: v1}
                              trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}
                        """).build();

        Resource web = pod(state, "production", "web");
        Json v1 = cluster(state, web, "outbound|9080|v1|reviews.production.svc.cluster.local");
        assertThat(v1.at("circuit_breakers", "thresholds")
                        .at(0)
                        .at("max_connections")
                        .number(0))
                .isEqualTo(7);
        assertThat(v1.at("connect_timeout")).isEqualTo(Json.of("0.500s"));
        assertThat(v1.at("outlier_detection", "interval")).isEqualTo(Json.of("60s"));
        assertThat(v1.at("metadata", "filter_metadata", "istio", "config"))
                .isEqualTo(Json.of("/apis/networking.istio.io/v1/namespaces/production/destination-rule/reviews"));
        assertThat(v1.at("transport_socket_matches").at(0).at("transport_socket", "typed_config", "sni"))
                .isEqualTo(Json.of("outbound_.9080_.v1_.reviews.production.svc.cluster.local"));
        assertThat(v1.toString()).contains("spiffe://cluster.local/ns/production/sa/reviews");
        Json plain = cluster(state, web, "outbound|9080|plain|reviews.production.svc.cluster.local");
        assertThat(plain.at("transport_socket_matches").exists()).isFalse();
        assertThat(plain.at("transport_socket").exists()).isFalse();
        Json forced = cluster(state, web, "outbound|9080|forced|reviews.production.svc.cluster.local");
        assertThat(forced.at("transport_socket", "name")).isEqualTo(Json.of("envoy.transport_sockets.tls"));
        assertThat(forced.at("transport_socket_matches").exists()).isFalse();
    }

    @Test
    void should_translate_matches() {
        Json match = firstRoute("""
                        - match:
                            - uri: {regex: "/r/[0-9]+"}
                              ignoreUriCase: true
                              method: {exact: GET}
                              headers:
                                X-User: {prefix: j}
                                present: {}
                              withoutHeaders:
                                x-test: {exact: "1"}
                              queryParams:
                                page: {exact: "2"}
                          route: [{destination: {host: reviews}}]
                        """).at("match");

        assertThat(match.at("safe_regex", "regex")).isEqualTo(Json.of("/r/[0-9]+"));
        assertThat(match.at("case_sensitive").bool(true)).isFalse();
        assertThat(match.at("headers").items().stream()
                        .map(header -> header.at("name").text("")))
                .containsExactly(":method", "present", "x-user", "x-test");
        assertThat(match.at("headers").at(1).at("present_match").bool(false)).isTrue();
        assertThat(match.at("headers").at(3).at("invert_match").bool(false)).isTrue();
        assertThat(match.at("query_parameters").at(0).at("string_match", "exact"))
                .isEqualTo(Json.of("2"));
    }

    @Test
    void should_translate_actions() {
        Json route = firstRoute("""
                        - name: main
                          match: [{uri: {prefix: /old}}]
                          rewrite: {uri: /new, authority: other}
                          timeout: 1500ms
                          retries: {attempts: 4, perTryTimeout: 2s, retryOn: "5xx,503"}
                          mirror: {host: web, port: {number: 8080}}
                          mirrorPercentage: {value: 12.5}
                          fault: {delay: {fixedDelay: 2s, percentage: {value: 50}}}
                          headers: {request: {set: {x-a: b}, remove: [x-c]}}
                          route:
                            - {destination: {host: reviews, subset: v1}, weight: 90}
                            - {destination: {host: reviews.other.svc.cluster.local, port: {number: 1}}, weight: 10}
                        """);

        Json action = route.at("route");
        assertThat(route.at("name")).isEqualTo(Json.of("main"));
        assertThat(action.at("prefix_rewrite")).isEqualTo(Json.of("/new"));
        assertThat(action.at("host_rewrite_literal")).isEqualTo(Json.of("other"));
        assertThat(action.at("timeout")).isEqualTo(Json.of("1.500s"));
        assertThat(action.at("retry_policy", "retry_on")).isEqualTo(Json.of("5xx,retriable-status-codes"));
        assertThat(action.at("retry_policy", "num_retries").number(0)).isEqualTo(4);
        assertThat(action.at("request_mirror_policies").at(0).at("cluster"))
                .isEqualTo(Json.of("outbound|8080||web.production.svc.cluster.local"));
        assertThat(action.at("weighted_clusters", "clusters").at(1).at("name"))
                .isEqualTo(Json.of("outbound|1||reviews.other.svc.cluster.local"));
        assertThat(route.at("typed_per_filter_config", "envoy.filters.http.fault", "delay", "fixed_delay"))
                .isEqualTo(Json.of("2s"));
        assertThat(route.at("request_headers_to_remove").texts()).containsExactly("x-c");
        assertThat(firstRoute("- {redirect: {uri: /x, redirectCode: 302}}").at("redirect", "response_code"))
                .isEqualTo(Json.of("FOUND"));
        assertThat(firstRoute("- {directResponse: {status: 418, body: {string: tea}}}")
                        .at("direct_response", "body", "inline_string"))
                .isEqualTo(Json.of("tea"));
    }

    @Test
    void should_configure_gateways() {
        ClusterState state = mesh().namespace(
                        "ingress",
                        namespace -> namespace
                                .workload(
                                        "gateway",
                                        workload -> workload.gateway().label("istio", "gateway"))
                                .service(
                                        "gateway",
                                        service ->
                                                service.port("http2", 80, 8080).port("https", 443, 8443))
                                .yaml("""
                                apiVersion: networking.istio.io/v1
                                kind: Gateway
                                metadata: {name: shop}
                                spec:
                                  selector: {istio: gateway}
                                  servers:
                                    - port: {number: 80, name: http, protocol: HTTP}
                                      hosts: ["*.example.com"]
                                    - port: {number: 443, name: https, protocol: HTTPS}
                                      hosts: [none.example.com]
                                      tls: {mode: SIMPLE, credentialName: missing}
                                """))
                .yaml("""
                        apiVersion: networking.istio.io/v1
                        kind: VirtualService
                        metadata: {name: shop, namespace: production}
                        spec:
                          hosts: [shop.example.com]
                          gateways: [ingress/shop]
                          http: [{route: [{destination: {host: web}}]}]
                        """)
                .build();

        Resource gateway = pod(state, "ingress", "gateway");
        Json http = routes(state, gateway, "http.8080");
        assertThat(virtualHost(http, "shop.example.com:80").at("routes").at(0).at("route", "cluster"))
                .isEqualTo(Json.of("outbound|8080||web.production.svc.cluster.local"));
        assertThat(virtualHost(routes(state, gateway, "https.443.https.shop.ingress"), "blackhole:443")
                        .exists())
                .isTrue();
        assertThat(listener(state, gateway, "0.0.0.0_8443")
                        .at("filter_chains")
                        .at(0)
                        .at("filter_chain_match", "server_names")
                        .texts())
                .containsExactly("none.example.com");
        assertThat(section(state, gateway, "SecretsConfigDump")
                        .at("dynamic_warming_secrets")
                        .at(0)
                        .at("name"))
                .isEqualTo(Json.of("kubernetes://missing"));
        assertThat(json(state, gateway, 15000, "/server_info").at("node", "id").text(""))
                .startsWith("router~");
        // A route for a gateway is not for the mesh.
        assertThat(routes(state, pod(state, "production", "web"), "8080").toString())
                .doesNotContain("shop.example.com");
    }

    // istiod

    @Test
    void should_answer_for_the_proxies_of_each_revision() {
        ClusterState state = mesh().istiod(istiod -> istiod.version("1.26.4"))
                .istiod(istiod -> istiod.revision("canary").version("1.27.1"))
                .namespace("next", namespace -> namespace.revision("canary").workload("new", workload -> {}))
                .build();

        Resource first = pod(state, "istio-system", "istiod");
        Resource canary = pod(state, "istio-system", "istiod-canary");
        assertThat(json(state, canary, 15014, "/debug/syncz").items())
                .singleElement()
                .satisfies(proxy -> {
                    assertThat(proxy.at("proxy").text("")).startsWith("new-").endsWith(".next");
                    assertThat(proxy.at("istio_version")).isEqualTo(Json.of("1.27.1"));
                    proxy.at("resources")
                            .forEachField((type, status) ->
                                    assertThat(status.at("sent")).as(type).isEqualTo(status.at("acked")));
                });
        assertThat(json(state, first, 15014, "/debug/syncz").size()).isEqualTo(2);
        assertThat(text(state, first, 15014, "/version")).startsWith("1.26.4-");
        assertThat(json(state, first, 15014, "/debug/adsz").at("totalClients").number(0))
                .isEqualTo(2);
        assertThat(json(state, first, 15014, "/debug/endpointz")
                        .at("reviews.production.svc.cluster.local")
                        .exists())
                .isTrue();
        assertThat(text(state, first, 15014, "/metrics")).contains("pilot_xds{version=\"1.26.4\"} 2");
        assertThat(json(state, pod(state, "production", "web"), 15000, "/server_info")
                        .at("version")
                        .text(""))
                .contains("/1.34.0/");
    }

    // Traffic

    private static String firstLine(FakeMeshBuilder mesh, String url, String workload) {
        ClusterState state =
                mesh.traffic("production/web", traffic -> traffic.get(url)).build();
        return log(state, pod(state, "production", workload))
                .lines()
                .filter(line -> line.startsWith("["))
                .findFirst()
                .orElse("");
    }

    @Test
    void should_log_what_envoy_would_log() {
        assertThat(firstLine(mesh(), "http://reviews:9080/x", "web"))
                .contains("\"GET /x HTTP/1.1\" 200 - via_upstream")
                .contains(" outbound|9080||reviews.production.svc.cluster.local ")
                .endsWith(" - default");
        assertThat(firstLine(mesh(), "http://reviews:9080/x", "reviews"))
                .contains(" inbound|9080|| ")
                .endsWith(" outbound_.9080_._.reviews.production.svc.cluster.local default");
        String closed = "upstream_reset_before_response_started{remote_connection_failure|"
                + "delayed_connect_error:_Connection_refused}";
        FakeMeshBuilder portClosed =
                mesh().namespace("production", namespace -> namespace.workload("reviews", FakeWorkload::portClosed));
        assertThat(firstLine(portClosed, "http://reviews:9080/x", "web")).contains("503 - via_upstream");
        assertThat(firstLine(portClosed, "http://reviews:9080/x", "reviews")).contains("503 URX,UF " + closed);
        assertThat(firstLine(
                        mesh().namespace(
                                        "production",
                                        namespace -> namespace.workload("reviews", FakeWorkload::otherRoot)),
                        "http://reviews:9080/x",
                        "web"))
                .contains("503 URX,UF ", "self_signed_certificate_in_certificate_chain");
        assertThat(firstLine(mesh(), "http://example.org/", "web")).contains("\"- - -\" 0 - ", " PassthroughCluster ");
        assertThat(firstLine(mesh().registryOnly(), "http://example.org:9080/", "web"))
                .contains("502 - direct_response")
                .endsWith(" block_all");
        assertThat(firstLine(
                        mesh().yaml(virtualService(
                                "- {fault: {abort: {httpStatus: 418}}, route: [{destination: {host: reviews}}]}")),
                        "http://reviews:9080/",
                        "web"))
                .contains("418 FI fault_filter_abort");
        assertThat(firstLine(
                        mesh().namespace(
                                        "production",
                                        namespace -> namespace.workload("reviews", FakeWorkload::noSidecar)),
                        "http://reviews:9080/",
                        "web"))
                .contains("200 - via_upstream");
    }

    @Test
    void should_show_plain_clients_on_the_server_only() {
        FakeMeshBuilder mesh = mesh().namespace("legacy", namespace -> namespace.workload("old", workload -> {}))
                .traffic("legacy/old", traffic -> traffic.get("http://reviews.production:9080/x"));
        ClusterState permissive = mesh.build();
        assertThat(log(permissive, pod(permissive, "production", "reviews")))
                .contains("\"GET /x HTTP/1.1\" 200 - via_upstream");
        ClusterState strict = mesh.namespace("production", namespace -> namespace.mtls(PeerAuthenticationMode.STRICT))
                .build();
        assertThat(log(strict, pod(strict, "production", "reviews"))).contains("\"- - -\" 0 NR filter_chain_not_found");
    }

    @Test
    void should_count_what_happened() {
        ClusterState state = mesh().traffic(
                        "production/web",
                        traffic -> traffic.get("http://reviews:9080/x").times(3))
                .build();

        Json host = json(state, pod(state, "production", "web"), 15000, "/clusters?format=json")
                .at("cluster_statuses")
                .items()
                .stream()
                .filter(cluster ->
                        cluster.at("name").text("").equals("outbound|9080||reviews.production.svc.cluster.local"))
                .findFirst()
                .orElseThrow()
                .at("host_statuses")
                .at(0);
        assertThat(host.at("stats").items())
                .anySatisfy(stat ->
                        assertThat(stat.toString()).contains("rq_success").contains("\"3\""));
        assertThat(host.at("health_status", "eds_health_status")).isEqualTo(Json.of("HEALTHY"));
    }

    // Scale

    @Test
    void should_build_a_hundred_pods_quickly_and_make_dumps_on_demand() {
        FakeMeshBuilder mesh = FakeMeshBuilder.create().clock(NOW).workloads(100);
        long start = System.nanoTime();
        ClusterState state = mesh.build();
        long dumpsFrom = System.nanoTime();
        long bytes = 0;
        for (Resource pod : state.list(ResourceKind.POD, "scale")) {
            bytes += text(state, pod, 15000, "/config_dump?include_eds").length();
        }
        Duration build = Duration.ofNanos(dumpsFrom - start);
        Duration dumps = Duration.ofNanos(System.nanoTime() - dumpsFrom);

        assertThat(state.list(ResourceKind.POD, "scale")).hasSize(100);
        assertThat(bytes).isGreaterThan(10_000_000);
        assertThat(build)
                .as(String.format(Locale.ROOT, "build; the dumps of all took %s for %,d bytes", dumps, bytes))
                .isLessThan(Duration.ofSeconds(3));
        assertThat(dumps).isLessThan(Duration.ofSeconds(20));
    }
}
