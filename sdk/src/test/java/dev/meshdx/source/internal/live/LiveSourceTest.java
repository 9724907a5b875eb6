package dev.meshdx.source.internal.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import mockwebserver3.MockResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LiveSourceTest {
    private static final String PODS = "/api/v1/namespaces/production/pods";
    private static final String VIRTUAL_SERVICES = "/apis/networking.istio.io/v1/namespaces/production/virtualservices";

    private final TestCluster cluster = new TestCluster();
    private final LiveSource source = cluster.source();

    @AfterEach
    void close() {
        source.close();
        cluster.close();
    }

    private static Deadline soon() {
        return Deadline.after(Duration.ofSeconds(10));
    }

    private List<Resource> pods() {
        return source.list(ListQuery.in(ResourceKind.POD, "production"), soon());
    }

    @Test
    void should_say_what_it_is_without_asking_anybody() {
        assertThat(source.kind()).isEqualTo(Kind.LIVE);
        assertThat(source.description()).isEqualTo("context test");
        assertThat(source.defaultNamespace()).isEqualTo("production");
        assertThat(source.recordedAt()).isEmpty();
        assertThat(cluster.requests).isEmpty();
    }

    @Test
    void should_read_all_pages_and_drop_managed_fields() {
        List<String> all = IntStream.range(0, 3000)
                .mapToObj(i -> TestCluster.pod("production", "web-" + i))
                .toList();
        cluster.on("/api/v1/pods", request -> {
            int limit = Integer.parseInt(String.valueOf(request.getUrl().queryParameter("limit")));
            String token = request.getUrl().queryParameter("continue");
            int start = token == null ? 0 : Integer.parseInt(token);
            int end = Math.min(all.size(), start + limit);
            return TestCluster.gzipped(
                    TestCluster.list("Pod", end == all.size() ? "" : Integer.toString(end), all.subList(start, end)));
        });

        List<Resource> pods = source.list(ListQuery.all(ResourceKind.POD), soon());

        assertThat(pods).hasSize(3000);
        assertThat(pods.get(2999).name()).isEqualTo("web-2999");
        assertThat(pods.get(0).raw().at("metadata").names()).containsExactly("name", "namespace");
        assertThat(pods.get(0).status().at("phase").text("")).isEqualTo("Running");
        assertThat(cluster.count("/api/v1/pods")).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void should_begin_again_when_the_continue_token_has_expired(int times) {
        AtomicInteger expired = new AtomicInteger();
        cluster.on(PODS, request -> {
            if (request.getUrl().queryParameter("limit") == null) {
                return TestCluster.json(TestCluster.list(
                        "Pod", "", List.of(TestCluster.pod("production", "a"), TestCluster.pod("production", "b"))));
            }
            if (request.getUrl().queryParameter("continue") == null) {
                return TestCluster.json(TestCluster.list("Pod", "next", List.of(TestCluster.pod("production", "a"))));
            }
            return expired.incrementAndGet() <= times
                    ? TestCluster.status(410, "Expired", "The provided continue parameter is too old")
                    : TestCluster.json(TestCluster.list("Pod", "", List.of(TestCluster.pod("production", "b"))));
        });

        assertThat(pods()).extracting(Resource::name).containsExactly("a", "b");
    }

    @Test
    void should_give_up_a_list_that_expires_again_and_again() {
        cluster.on(PODS, request -> TestCluster.status(410, "Expired", "too old"));

        assertThatThrownBy(this::pods)
                .isInstanceOf(MeshConnectionException.class)
                .hasMessageContaining("pods in production")
                .hasMessageContaining("410");
        assertThat(cluster.count(PODS)).isEqualTo(3);
    }

    @Test
    void should_ask_for_labels() {
        cluster.on(PODS, TestCluster.list("Pod", "", List.of()));

        assertThat(source.list(
                        ListQuery.in(ResourceKind.POD, "production")
                                .labelled(Map.of("app", "web", "app.kubernetes.io/version", "1")),
                        soon()))
                .isEmpty();
        assertThat(cluster.requests.get(0).getUrl().queryParameter("labelSelector"))
                .isEqualTo("app=web,app.kubernetes.io/version=1");
    }

    @Test
    void should_ask_for_the_version_that_is_served_and_discover_once() {
        cluster.on(
                "/apis",
                request -> TestCluster.discovery(
                        "networking.istio.io",
                        Map.of("v1beta1", List.of("virtualservices", "gateways"), "v1", List.of("gateways"))));
        cluster.on(
                "/apis/networking.istio.io/v1beta1/namespaces/production/virtualservices",
                TestCluster.list("VirtualService", "", List.of("{\"metadata\":{\"name\":\"web\"}}")));
        cluster.on(
                "/apis/networking.istio.io/v1/namespaces/production/gateways",
                TestCluster.list("Gateway", "", List.of()));

        List<Resource> found = source.list(ListQuery.in(ResourceKind.VIRTUAL_SERVICE, "production"), soon());

        assertThat(found).extracting(Resource::kind).containsExactly(ResourceKind.VIRTUAL_SERVICE);
        assertThat(source.list(ListQuery.in(ResourceKind.GATEWAY, "production"), soon()))
                .isEmpty();
        assertThat(cluster.count("/apis")).isEqualTo(1);
        assertThat(cluster.requests.get(0).getHeaders().get("Accept"))
                .startsWith("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    }

    @Test
    void should_understand_a_server_without_aggregated_discovery() {
        cluster.on(
                "/apis",
                "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"networking.istio.io\",\"versions\":["
                        + "{\"groupVersion\":\"networking.istio.io/v1alpha3\",\"version\":\"v1alpha3\"}]}]}");
        cluster.on(
                "/apis/networking.istio.io/v1alpha3",
                "{\"kind\":\"APIResourceList\",\"resources\":["
                        + "{\"name\":\"virtualservices\"},{\"name\":\"virtualservices/status\"}]}");
        cluster.on(
                "/apis/networking.istio.io/v1alpha3/namespaces/production/virtualservices",
                TestCluster.list("VirtualService", "", List.of()));

        assertThat(source.list(ListQuery.in(ResourceKind.VIRTUAL_SERVICE, "production"), soon()))
                .isEmpty();
        assertNotInstalled(ResourceKind.SIDECAR);
        assertNotInstalled(ResourceKind.PEER_AUTHENTICATION);
        assertThat(cluster.count("/apis/networking.istio.io/v1alpha3")).isEqualTo(1);
    }

    private void assertNotInstalled(ResourceKind kind) {
        MeshUnsupportedException e = catchThrowableOfType(
                MeshUnsupportedException.class, () -> source.list(ListQuery.in(kind, "production"), soon()));
        assertThat(e.reason()).isEqualTo(Reason.NOT_INSTALLED);
        assertThat(e).hasMessageContaining(kind.qualifiedPlural());
    }

    @Test
    void should_tell_a_kind_that_is_not_installed_from_an_empty_list() {
        cluster.on("/apis", request -> TestCluster.discovery("networking.istio.io", Map.of("v1", List.of("gateways"))));

        assertNotInstalled(ResourceKind.VIRTUAL_SERVICE);
        assertNotInstalled(ResourceKind.TELEMETRY);
        assertThatThrownBy(() -> source.find(ResourceKind.SIDECAR, "production", "x", soon()))
                .isInstanceOf(MeshUnsupportedException.class);
    }

    @Test
    void should_ask_directly_where_discovery_is_forbidden() {
        cluster.on("/apis", request -> TestCluster.status(403, "Forbidden", "forbidden"));
        cluster.on(
                "/apis/networking.istio.io/v1beta1/namespaces/production/virtualservices",
                TestCluster.list("VirtualService", "", List.of("{\"metadata\":{\"name\":\"web\"}}")));

        for (int i = 0; i < 2; i++) {
            assertThat(source.list(ListQuery.in(ResourceKind.VIRTUAL_SERVICE, "production"), soon()))
                    .hasSize(1);
        }
        assertThat(cluster.count(VIRTUAL_SERVICES)).isEqualTo(1);
        assertNotInstalled(ResourceKind.SIDECAR);
    }

    @Test
    void should_ask_a_stale_aggregated_api_itself() {
        cluster.on(
                "/apis",
                "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{\"metadata\":{\"name\":\"metrics.k8s.io\"},"
                        + "\"versions\":[{\"version\":\"v1beta1\",\"freshness\":\"Stale\"}]}]}");
        cluster.on(
                "/apis/metrics.k8s.io/v1beta1/pods",
                request -> TestCluster.status(503, "ServiceUnavailable", "the server is currently unable"));

        assertThatThrownBy(() -> source.list(ListQuery.all(ResourceKind.POD_METRICS), soon()))
                .isInstanceOf(MeshConnectionException.class)
                .hasMessageContaining("503");
    }

    @Test
    void should_name_the_missing_permission_and_how_to_give_it() {
        cluster.on(
                "/apis",
                request -> TestCluster.discovery("networking.istio.io", Map.of("v1", List.of("virtualservices"))));
        cluster.on(
                VIRTUAL_SERVICES,
                request -> TestCluster.status(
                        403, "Forbidden", "User \"bob\" cannot list resource, said " + TestCluster.TOKEN));

        MeshAccessException e = catchThrowableOfType(
                MeshAccessException.class,
                () -> source.list(ListQuery.in(ResourceKind.VIRTUAL_SERVICE, "production"), soon()));

        assertThat(e)
                .hasMessageContaining("list virtualservices")
                .hasMessageContaining("networking.istio.io")
                .hasMessageContaining("namespace production")
                .hasMessageContaining("User \"bob\"")
                .hasMessageNotContaining(TestCluster.TOKEN);
        assertThat(e.remedy())
                .contains("kubectl create role meshdx-reader -n production --verb=list"
                        + " --resource=virtualservices.networking.istio.io");
        assertThat(e.reason()).isEqualTo(Reason.FORBIDDEN);
    }

    @Test
    void should_name_the_missing_permission_for_all_namespaces_and_for_logs() {
        cluster.on("/api/v1/pods", request -> TestCluster.status(403, "Forbidden", "no"));
        cluster.on(PODS + "/web/log", request -> TestCluster.status(403, "Forbidden", "no"));

        MeshAccessException all = catchThrowableOfType(
                MeshAccessException.class, () -> source.list(ListQuery.all(ResourceKind.POD), soon()));
        MeshAccessException log = catchThrowableOfType(MeshAccessException.class, () -> log("web", 5));

        assertThat(all.remedy()).contains("kubectl create clusterrole").contains("one namespace");
        assertThat(log.remedy()).contains("--verb=get --resource=pods/log");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"kind\":\"Status\",\"message\":\"etcd said no\",\"code\":200} | etcd said no",
                "{\"kind\":\"ServiceList\",\"items\":[]} | ServiceList",
                "{\"items\":[]} | without a kind",
                "{\"kind\":\"PodList\"} | no items",
                "{\"kind\":\"PodList\",\"items\":[7]} | no object",
                "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{ | cut off",
                "[] | no JSON object",
                "'' | empty",
                "'<!DOCTYPE html><title>Sign in s3cr3t-token-of-the-test</title>' | Sign in",
                "not json | not valid JSON"
            })
    void should_refuse_what_is_no_list(String body, String message) {
        cluster.on(PODS, body);

        assertThatThrownBy(this::pods)
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("pods in production")
                .hasMessageContaining(message)
                .hasMessageNotContaining(TestCluster.TOKEN);
    }

    @Test
    void should_take_the_fields_of_a_list_in_any_order_and_tolerate_unknown_ones() {
        cluster.on(
                PODS,
                "{\"new\":{\"deep\":[1,{}]},\"items\":[" + TestCluster.pod("production", "a")
                        + "],\"metadata\":{\"x\":null},\"kind\":\"PodList\"}");

        assertThat(pods()).extracting(Resource::name).containsExactly("a");
    }

    @Test
    void should_redact_secrets_at_the_source() {
        String certificate = base64("-----BEGIN CERTIFICATE-----\nMIIB\n");
        String both = base64("-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n");
        String secret = "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"annotations\":{\"a\":\"b\","
                + "\"kubectl.kubernetes.io/last-applied-configuration\":\"{data: hush-hush}\"}},\"type\":\"Opaque\",\"data\":{"
                + "\"tls.crt\":\"" + certificate + "\",\"tls.key\":\"hush-hush\",\"ca-cert.pem\":\"" + certificate
                + "\",\"ca-key.pem\":\"hush-hush\",\"token\":\"hush-hush\",\"ca.crt\":\"" + both
                + "\",\"other\":7},\"stringData\":{\"password\":\"hush-hush\"}}";
        cluster.on("/api/v1/namespaces/production/secrets", TestCluster.list("Secret", "", List.of(secret)));
        cluster.on("/api/v1/namespaces/production/secrets/s", secret);

        Resource listed = source.list(ListQuery.in(ResourceKind.SECRET, "production"), soon())
                .get(0);
        Resource found =
                source.find(ResourceKind.SECRET, "production", "s", soon()).orElseThrow();

        assertThat(found).isEqualTo(listed);
        assertThat(listed.raw().toString()).doesNotContain("hush-hush").doesNotContain(both);
        assertThat(listed.raw().at("data").names())
                .containsExactly("tls.crt", "tls.key", "ca-cert.pem", "ca-key.pem", "token", "ca.crt", "other");
        assertThat(listed.raw().at("data", "tls.crt").text("")).isEqualTo(certificate);
        assertThat(listed.raw().at("data", "ca-cert.pem").text("")).isEqualTo(certificate);
        assertThat(new String(
                        Base64.getDecoder()
                                .decode(listed.raw().at("data", "tls.key").text("")),
                        StandardCharsets.UTF_8))
                .isEqualTo("[redacted]");
        assertThat(listed.annotation("a")).contains("b");
        assertThat(listed.name()).isEqualTo("s");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void should_find_one_or_tell_that_there_is_none() {
        cluster.on(PODS + "/web", TestCluster.pod("production", "web").replaceFirst("\\{", "{\"kind\":\"Pod\","));
        cluster.on(PODS + "/gone", request -> TestCluster.notFound("pods", "gone"));
        cluster.on(PODS + "/odd", "{\"kind\":\"Status\"}");
        cluster.on(
                PODS + "/proxy",
                request -> new MockResponse.Builder()
                        .code(404)
                        .body("<html>no such page</html>")
                        .build());
        cluster.on("/api/v1/nodes/n1", "{\"kind\":\"Node\",\"metadata\":{\"name\":\"n1\"}}");

        assertThat(source.find(ResourceKind.POD, "production", "web", soon())).isPresent();
        assertThat(source.find(ResourceKind.POD, "", "web", soon())).isPresent();
        assertThat(source.find(ResourceKind.POD, "production", "gone", soon())).isEmpty();
        assertThat(source.find(ResourceKind.NODE, "ignored", "n1", soon())).isPresent();
        assertThatThrownBy(() -> source.find(ResourceKind.POD, "production", "odd", soon()))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("Status");
        assertThatThrownBy(() -> source.find(ResourceKind.POD, "production", "proxy", soon()))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("web page");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "a/b", "a?b", "a b", "a%2fb", ""})
    void should_refuse_names_that_would_ask_for_something_else(String name) {
        assertThatThrownBy(() -> source.find(ResourceKind.POD, "production", name, soon()))
                .isInstanceOf(MeshNotFoundException.class);
        assertThat(cluster.requests).isEmpty();
    }

    @Test
    void should_ask_for_the_version() {
        cluster.on("/version", "{\"major\":\"1\",\"gitVersion\":\"v1.34.2\"}");

        assertThat(source.version(soon()).at("gitVersion").text("")).isEqualTo("v1.34.2");
    }

    @Test
    void should_keep_the_path_of_a_server_behind_a_proxy() {
        cluster.on("/k8s/clusters/c-1/version", "{\"gitVersion\":\"v1.34.2\"}");

        try (LiveSource behind =
                new LiveSource(cluster.access(cluster.server.url("/k8s/clusters/c-1"), TestCluster.client()))) {
            assertThat(behind.version(soon()).at("gitVersion").text("")).isEqualTo("v1.34.2");
        }
    }

    private String log(String pod, int lines) {
        return source.log(
                new LogQuery("production", pod, "istio-proxy", lines, lines == 7, null),
                body -> new String(body.readAllBytes(), StandardCharsets.UTF_8),
                soon());
    }

    @Test
    void should_read_logs() {
        cluster.on(
                PODS + "/web/log",
                request -> new MockResponse.Builder().body("one\ntwo\n").build());
        cluster.on(PODS + "/gone/log", request -> TestCluster.notFound("pods", "gone"));
        cluster.on(
                PODS + "/new/log",
                request -> TestCluster.status(400, "BadRequest", "container \"istio-proxy\" is waiting to start"));

        assertThat(log("web", 7)).isEqualTo("one\ntwo\n");
        assertThat(cluster.requests.get(0).getUrl().query())
                .isEqualTo("container=istio-proxy&tailLines=7&previous=true");
        assertThat(log("web", 0)).isEqualTo("one\ntwo\n");
        assertThat(cluster.requests.get(1).getUrl().query()).isEqualTo("container=istio-proxy");
        assertThatThrownBy(() -> log("gone", 5))
                .isInstanceOf(MeshNotFoundException.class)
                .hasMessageContaining("no pod");
        assertThatThrownBy(() -> log("new", 5))
                .isInstanceOf(MeshNotFoundException.class)
                .hasMessageContaining("waiting to start");
    }

    @Test
    void should_come_again_when_asked_to() {
        AtomicInteger asked = new AtomicInteger();
        cluster.on(PODS, request -> switch (asked.incrementAndGet()) {
            case 1 ->
                TestCluster.status(429, "TooManyRequests", "later")
                        .newBuilder()
                        .addHeader("Retry-After", "1")
                        .build();
            case 2 -> TestCluster.status(503, "ServiceUnavailable", "starting");
            default -> TestCluster.json(TestCluster.list("Pod", "", List.of()));
        });
        long start = System.nanoTime();

        assertThat(pods()).isEmpty();

        assertThat(asked).hasValue(3);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
    }

    @Test
    void should_not_wait_for_what_comes_after_the_deadline() {
        cluster.on(
                PODS,
                request -> TestCluster.status(503, "ServiceUnavailable", "starting")
                        .newBuilder()
                        .addHeader("Retry-After", "60")
                        .build());
        long start = System.nanoTime();

        assertThatThrownBy(this::pods)
                .isInstanceOf(MeshConnectionException.class)
                .hasMessageContaining("503")
                .hasMessageContaining("starting");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void should_be_interruptible_and_keep_the_flag() throws Exception {
        cluster.on(
                PODS,
                request -> new MockResponse.Builder()
                        .headersDelay(30, TimeUnit.SECONDS)
                        .build());
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                pods();
            } catch (MeshException e) {
                flag.complete(Thread.currentThread().isInterrupted());
                thrown.complete(e);
            }
        });
        caller.start();
        while (cluster.requests.isEmpty()) {
            Thread.sleep(5);
        }
        caller.interrupt();

        assertThat(thrown.get(2, TimeUnit.SECONDS)).isInstanceOf(MeshInterruptedException.class);
        assertThat(flag.get()).isTrue();
    }

    @Test
    void should_end_running_calls_when_closed_and_refuse_new_ones() throws Exception {
        cluster.on(
                PODS,
                request -> new MockResponse.Builder()
                        .headersDelay(30, TimeUnit.SECONDS)
                        .build());
        List<CompletableFuture<Throwable>> thrown = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            CompletableFuture<Throwable> one = new CompletableFuture<>();
            thrown.add(one);
            new Thread(() -> {
                        try {
                            pods();
                        } catch (MeshException e) {
                            one.complete(e);
                        }
                    })
                    .start();
        }
        while (cluster.requests.size() < 3) {
            Thread.sleep(5);
        }
        source.close();
        source.close();

        for (CompletableFuture<Throwable> one : thrown) {
            assertThat(one.get(2, TimeUnit.SECONDS)).isInstanceOf(MeshClosedException.class);
        }
        assertThatThrownBy(this::pods).isInstanceOf(MeshClosedException.class);
        assertThat(cluster.closedAccesses).hasValue(1);
    }

    @Test
    void should_use_daemon_threads_and_leave_none_when_closed() throws Exception {
        cluster.on(
                PODS + "/web/log",
                request -> new MockResponse.Builder().body("x").build());

        boolean daemon = source.log(
                LogQuery.tail("production", "web", "c", 1),
                body -> Thread.currentThread().isDaemon()
                        && Thread.currentThread().getName().startsWith("mesh-live-"),
                soon());
        source.close();

        assertThat(daemon).isTrue();
        assertThat(Leaks.threads("mesh-")).isEmpty();
    }

    @Test
    void should_treat_a_vanished_namespace_as_empty() {
        cluster.on(
                "/api/v1/namespaces/gone/pods",
                request -> TestCluster.status(
                        404,
                        "NotFound",
                        "namespaces \"gone\" not found",
                        "{\"name\":\"gone\",\"kind\":\"namespaces\"}"));

        assertThat(source.list(ListQuery.in(ResourceKind.POD, "gone"), soon())).isEmpty();
    }
}
