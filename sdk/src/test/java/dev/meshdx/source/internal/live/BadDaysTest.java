package dev.meshdx.source.internal.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each ends in a typed answer or in one clear exception, within the deadline, and shows no token. */
@Timeout(90)
class BadDaysTest {
    private static final String PODS = "/api/v1/namespaces/production/pods";
    private static final ListQuery QUERY = ListQuery.in(ResourceKind.POD, "production");

    private final TestCluster cluster = new TestCluster();
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        toClose.forEach(BodyStream::closeQuietly);
        cluster.close();
        assertThat(Leaks.threads("mesh-live-")).isEmpty();
        assertThat(Leaks.threads("mesh-tunnel-")).isEmpty();
        // The name that OkHttp gives to a thread that reads a WebSocket.
        assertThat(Leaks.threads("OkHttp https://")).isEmpty();
    }

    private LiveSource source() {
        return opened(cluster.source());
    }

    private LiveSource source(HttpUrl url, OkHttpClient client) {
        return opened(new LiveSource(cluster.access(url, client)));
    }

    private LiveSource opened(LiveSource source) {
        toClose.add(source);
        return source;
    }

    /** Runs a question with 800 ms, and returns how it failed; it must be back a second later. */
    private static MeshException failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable question) {
        long start = System.nanoTime();
        Throwable thrown = catchThrowable(question);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(1800));
        assertThat(thrown).isInstanceOf(MeshException.class);
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            assertThat(String.valueOf(at.getMessage())).doesNotContain(TestCluster.TOKEN);
        }
        return (MeshException) thrown;
    }

    private static Deadline brief() {
        return Deadline.after(Duration.ofMillis(800));
    }

    private static Deadline soon() {
        return Deadline.after(Duration.ofSeconds(10));
    }

    private static MeshException listing(LiveSource source) {
        return failure(() -> source.list(QUERY, brief()));
    }

    /** A server that accepts and then does this. */
    private HttpUrl raw(String scheme, RawServer behaviour) {
        try {
            ServerSocket server = new ServerSocket(0, 20, InetAddress.getLoopbackAddress());
            toClose.add(server);
            Thread thread = new Thread(() -> {
                while (!server.isClosed()) {
                    try {
                        Socket client = server.accept();
                        toClose.add(client);
                        Thread one = new Thread(() -> {
                            try {
                                behaviour.serve(client.getInputStream(), client.getOutputStream());
                            } catch (IOException | InterruptedException e) {
                                BodyStream.closeQuietly(client);
                            }
                        });
                        one.setDaemon(true);
                        one.start();
                    } catch (IOException e) {
                        return;
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
            return HttpUrl.get(scheme + "://127.0.0.1:" + server.getLocalPort() + "/");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface RawServer {
        void serve(InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    private static void drip(OutputStream out, String text) throws IOException, InterruptedException {
        for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
            out.write(b);
            out.flush();
            Thread.sleep(100);
        }
    }

    @Test
    void should_cope_with_api_server_down() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        MeshException e = listing(source(HttpUrl.get("https://127.0.0.1:" + port), TestCluster.client()));

        assertThat(e).isInstanceOf(MeshConnectionException.class).hasMessageContaining("127.0.0.1:" + port);
        assertThat(e.remedy()).contains("kubeconfig");
    }

    @Test
    void should_cope_with_unknown_host() {
        OkHttpClient client = TestCluster.client()
                .newBuilder()
                .dns(host -> {
                    throw new UnknownHostException(host);
                })
                .build();

        assertThat(listing(source(HttpUrl.get("https://api.nowhere.example:6443"), client)))
                .isInstanceOf(MeshConnectionException.class)
                .hasMessageContaining("api.nowhere.example")
                .hasMessageContaining("DNS");
    }

    @Test
    void should_cope_with_name_server_that_does_not_answer() {
        OkHttpClient client = TestCluster.client()
                .newBuilder()
                .dns(host -> {
                    try {
                        Thread.sleep(20_000);
                    } catch (InterruptedException e) {
                        throw new UnknownHostException(host);
                    }
                    return List.of();
                })
                .build();

        assertThat(listing(source(HttpUrl.get("https://api.nowhere.example:6443"), client)))
                .isInstanceOf(MeshTimeoutException.class);
    }

    @Test
    void should_cope_with_untrusted_certificate() {
        MeshException e = listing(source(cluster.server.url("/"), new OkHttpClient()));

        assertThat(e).isInstanceOf(MeshConnectionException.class).hasMessageContaining("not trusted");
        assertThat(e.remedy()).contains("certificate-authority-data");
    }

    @Test
    void should_cope_with_certificate_for_another_name() {
        OkHttpClient client = TestCluster.client()
                .newBuilder()
                .dns(host -> List.of(InetAddress.getLoopbackAddress()))
                .build();
        MeshException e = listing(source(HttpUrl.get("https://other.example:" + cluster.server.getPort()), client));

        assertThat(e).isInstanceOf(MeshConnectionException.class).hasMessageContaining("another name");
        assertThat(e.remedy()).contains("tls-server-name");
    }

    @Test
    void should_cope_with_plain_http_on_the_tls_port() {
        HttpUrl url = raw("https", (in, out) -> {
            out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        });

        assertThat(listing(source(url, TestCluster.client())))
                .isInstanceOf(MeshConnectionException.class)
                .hasMessageContaining("TLS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https", "http"})
    void should_cope_with_server_that_accepts_and_stays_silent(String scheme) {
        assertThat(listing(source(raw(scheme, (in, out) -> Thread.sleep(20_000)), TestCluster.client())))
                .isInstanceOf(MeshTimeoutException.class)
                .hasMessageContaining("pods in production")
                .hasMessageContaining("800 ms");
    }

    @Test
    void should_cope_with_server_that_drips_its_headers() {
        HttpUrl url = raw("http", (in, out) -> drip(out, "HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(1000)));

        assertThat(listing(source(url, TestCluster.client()))).isInstanceOf(MeshTimeoutException.class);
    }

    @Test
    void should_cope_with_server_that_drips_its_body() {
        cluster.on(
                PODS,
                request -> TestCluster.json(TestCluster.list("Pod", "", List.of()))
                        .newBuilder()
                        .throttleBody(1, 100, TimeUnit.MILLISECONDS)
                        .build());

        assertThat(listing(source())).isInstanceOf(MeshTimeoutException.class);
    }

    @Test
    void should_cope_with_server_that_closes_before_it_answers() {
        assertThat(listing(source(
                        raw("http", (in, out) -> {
                            in.read(new byte[100]);
                            throw new IOException("close");
                        }),
                        TestCluster.client())))
                .isInstanceOf(MeshConnectionException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void should_cope_with_server_that_closes_in_the_middle_of_the_body(boolean http2) {
        cluster.server.setProtocols(http2 ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) : List.of(Protocol.HTTP_1_1));
        cluster.on(
                PODS,
                request -> TestCluster.json(
                                TestCluster.list("Pod", "", List.of(TestCluster.pod("production", "x".repeat(50_000)))))
                        .newBuilder()
                        .onResponseBody(http2 ? new SocketEffect.CloseStream() : new SocketEffect.CloseSocket())
                        .build());

        assertThat(listing(source()))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("pods in production")
                .hasMessageContaining("cut off");
    }

    @Test
    void should_cope_with_login_page_instead_of_an_answer() {
        cluster.on(
                PODS,
                request -> new MockResponse.Builder()
                        .addHeader("Content-Type", "text/html")
                        .body("<!DOCTYPE html><html><head><title>Sign in</title></head></html>")
                        .build());
        cluster.on(
                "/version",
                request -> new MockResponse.Builder()
                        .code(302)
                        .addHeader("Location", "https://sso.example/login?token=abcdefgh")
                        .build());

        assertThat(listing(source())).isInstanceOf(MeshProtocolException.class).hasMessageContaining("\"Sign in\"");
        assertThat(failure(() -> source().version(brief())))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("redirected");
    }

    @Test
    void should_cope_with_token_that_has_expired() {
        OkHttpClient client = TestCluster.trusting()
                .addInterceptor(chain -> chain.proceed(chain.request()
                        .newBuilder()
                        .header("Authorization", "Bearer expired-" + TestCluster.TOKEN)
                        .build()))
                .build();
        LiveSource source = source(cluster.server.url("/"), client);

        assertThat(listing(source)).isInstanceOf(MeshAccessException.class).hasMessageContaining("401");
        assertThat(failure(() -> source.fetch(
                        PodRequest.envoy("production", "web", "/certs"), InputStream::readAllBytes, brief())))
                .isInstanceOf(MeshAccessException.class)
                .hasMessageContaining("401");
    }

    @Test
    void should_cope_with_token_that_is_renewed_after_a_401() {
        cluster.on(PODS, TestCluster.list("Pod", "", List.of()));
        AtomicInteger asked = new AtomicInteger();
        OkHttpClient client = TestCluster.trusting()
                .addInterceptor(chain -> {
                    okhttp3.Response first = chain.proceed(chain.request());
                    if (first.code() != 401) {
                        return first;
                    }
                    first.close();
                    asked.incrementAndGet();
                    return chain.proceed(chain.request()
                            .newBuilder()
                            .header("Authorization", "Bearer " + TestCluster.TOKEN)
                            .build());
                })
                .build();

        assertThat(source(cluster.server.url("/"), client).list(QUERY, soon())).isEmpty();
        assertThat(asked).hasValue(1);
    }

    @Test
    void should_cope_with_credential_plugin_that_fails() {
        OkHttpClient client = TestCluster.trusting()
                .addInterceptor(chain -> {
                    throw new dev.meshdx.error.MeshConfigurationException("The plug-in failed.", "Install it.");
                })
                .build();
        LiveSource source = source(cluster.server.url("/"), client);

        assertThat(listing(source)).hasMessage("The plug-in failed.");
        assertThat(failure(() -> source.fetch(
                        PodRequest.envoy("production", "web", "/certs"), InputStream::readAllBytes, brief())))
                .hasMessage("The plug-in failed.");
    }

    @Test
    void should_cope_with_half_of_the_permissions() {
        LiveSource source = source();
        cluster.on(
                "/apis",
                request -> TestCluster.discovery(
                        "networking.istio.io", Map.of("v1", List.of("virtualservices", "gateways"))));
        cluster.on(PODS, TestCluster.list("Pod", "", List.of(TestCluster.pod("production", "web"))));
        for (String path : List.of(
                "/api/v1/namespaces/production/services",
                "/apis/networking.istio.io/v1/namespaces/production/virtualservices",
                PODS + "/web/log",
                PODS + "/web/portforward")) {
            cluster.on(path, request -> TestCluster.status(403, "Forbidden", "no"));
        }

        assertThat(source.list(QUERY, soon())).hasSize(1);
        for (org.assertj.core.api.ThrowableAssert.ThrowingCallable question :
                List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                        () -> source.list(ListQuery.in(ResourceKind.SERVICE, "production"), brief()),
                        () -> source.list(ListQuery.in(ResourceKind.VIRTUAL_SERVICE, "production"), brief()),
                        () -> source.log(
                                LogQuery.tail("production", "web", "c", 1), InputStream::readAllBytes, brief()),
                        () -> source.fetch(
                                PodRequest.envoy("production", "web", "/certs"), InputStream::readAllBytes, brief()))) {
            MeshException e = failure(question);
            assertThat(e).isInstanceOf(MeshAccessException.class);
            assertThat(e.remedy()).contains("kubectl create role");
        }
    }

    @Test
    void should_cope_with_pod_that_vanishes_between_two_questions() {
        LiveSource source = source();
        cluster.on(PODS + "/web", request -> TestCluster.notFound("pods", "web"));
        cluster.on(PODS + "/web/log", request -> TestCluster.notFound("pods", "web"));

        assertThat(source.find(ResourceKind.POD, "production", "web", soon())).isEmpty();
        assertThat(failure(() ->
                        source.log(LogQuery.tail("production", "web", "c", 1), InputStream::readAllBytes, brief())))
                .isInstanceOf(MeshNotFoundException.class);
        assertThat(failure(() -> source.fetch(
                        PodRequest.envoy("production", "web", "/certs"), InputStream::readAllBytes, brief())))
                .isInstanceOf(MeshNotFoundException.class);
    }

    @Test
    void should_cope_with_deep_nesting_and_duplicate_keys() {
        LiveSource source = source();
        cluster.on(PODS, "{\"kind\":\"PodList\",\"items\":[" + "[".repeat(200_000));
        cluster.on(
                "/api/v1/namespaces/other/pods",
                "{\"kind\":\"X\",\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"a\"}}],\"items\":["
                        + "{\"metadata\":{\"name\":\"b\",\"name\":\"c\"}}]}");

        assertThat(listing(source)).isInstanceOf(MeshProtocolException.class);
        assertThat(source.list(ListQuery.in(ResourceKind.POD, "other"), soon()))
                .extracting(Resource::name)
                .containsExactly("c");
    }

    private void pod(String name, RawServer admin) {
        cluster.forward("production", name, 15000, raw("http", admin).port());
    }

    private static void answer(InputStream in, OutputStream out, String response) throws IOException {
        in.read(new byte[8192]);
        out.write(response.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static Json dump(MeshSource source, String pod, Deadline deadline) {
        return source.fetch(PodRequest.envoy("production", pod, "/config_dump"), Json::read, deadline);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"configs\":[",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"co",
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"configs\":["
            })
    void should_cope_with_config_dump_that_is_cut_off(String response) {
        pod("web", (in, out) -> {
            answer(in, out, response);
            throw new IOException("close");
        });

        assertThat(failure(() -> dump(source(), "web", brief())))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("production/web:15000/config_dump")
                .hasMessageContaining("cut off");
    }

    @Test
    void should_cope_with_istiod_that_answers_rubbish() {
        pod("rubbish", (in, out) -> answer(in, out, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbroken {}"));
        pod("no-http", (in, out) -> {
            answer(in, out, "SSH-2.0-OpenSSH_9.6\r\n\r\n");
            throw new IOException("close");
        });
        pod("hangs-up", (in, out) -> {
            in.read(new byte[1]);
            throw new IOException("close");
        });
        LiveSource source = source();

        assertThat(failure(() -> dump(source, "rubbish", brief()))).isInstanceOf(MeshProtocolException.class);
        assertThat(failure(() -> dump(source, "no-http", brief()))).isInstanceOf(MeshException.class);
        assertThat(failure(() -> dump(source, "hangs-up", brief())))
                .isInstanceOf(MeshConnectionException.class)
                .hasMessageContaining("before there was an answer");
    }

    @Test
    void should_cope_with_admin_port_that_drips() {
        pod("web", (in, out) -> {
            answer(in, out, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
            drip(out, "[" + " ".repeat(400));
        });

        assertThat(failure(() -> dump(source(), "web", brief()))).isInstanceOf(MeshTimeoutException.class);
    }

    @Test
    void should_let_a_hung_admin_port_cost_only_its_own_time() {
        for (int i = 0; i < 20; i++) {
            boolean hangs = i == 3;
            pod("web-" + i, (in, out) -> {
                if (hangs) {
                    Thread.sleep(30_000);
                }
                answer(in, out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            });
        }
        ExecutorService executor = Executors.newCachedThreadPool();
        toClose.add(executor::shutdownNow);
        Session session = new Session(
                source(),
                new Session.Options(
                        Duration.ofSeconds(20),
                        Duration.ofMillis(800),
                        4,
                        "istio-system",
                        Clock.systemUTC(),
                        null,
                        progress -> {}),
                executor);
        long start = System.nanoTime();

        List<String> results = session.parallel(IntStream.range(0, 20).boxed().toList(), i -> {
            try {
                return session.json(PodRequest.envoy("production", "web-" + i, "/config_dump"))
                        .toString();
            } catch (MeshTimeoutException e) {
                return "timeout";
            }
        });

        assertThat(results).filteredOn("{}"::equals).hasSize(19);
        assertThat(results.get(3)).isEqualTo("timeout");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void should_cope_with_reader_that_fails_or_stops_early() throws IOException {
        MockWebServer pod = new MockWebServer();
        for (int i = 0; i < 3; i++) {
            pod.enqueue(new MockResponse.Builder().body("y".repeat(200_000)).build());
        }
        pod.start();
        toClose.add(pod);
        cluster.forward("production", "web", 15000, pod.getPort());
        LiveSource source = source();
        PodRequest request = PodRequest.envoy("production", "web", "/stats");

        assertThatThrownBy(() -> source.fetch(
                        request,
                        body -> {
                            throw new IllegalStateException("mine");
                        },
                        soon()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("mine");
        assertThatThrownBy(() -> source.fetch(
                        request,
                        body -> {
                            throw new IOException("odd");
                        },
                        soon()))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("odd");
        assertThat(source.<Integer>fetch(request, InputStream::read, soon())).isEqualTo('y');
    }

    @Test
    void should_not_take_a_missing_kind_for_an_empty_list() {
        cluster.on("/apis", request -> TestCluster.discovery("apps", Map.of("v1", List.of("deployments"))));

        assertThat(failure(() -> source().list(ListQuery.all(ResourceKind.VIRTUAL_SERVICE), brief())))
                .isInstanceOf(MeshUnsupportedException.class);
        assertThat(Shared.session(source()).resourcesOrGap(ResourceKind.VIRTUAL_SERVICE, ""))
                .isEmpty();
    }
}
