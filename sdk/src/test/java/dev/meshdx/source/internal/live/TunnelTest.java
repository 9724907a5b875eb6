package dev.meshdx.source.internal.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.internal.live.PodTunnel.Target;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.SocketFactory;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(90)
class TunnelTest {
    private static final String PORT_FORWARD = "/api/v1/namespaces/production/pods/web/portforward";

    private final TestCluster cluster = new TestCluster();
    private final LiveSource source = cluster.source();
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void close() {
        source.close();
        cluster.close();
        toClose.forEach(BodyStream::closeQuietly);
    }

    private static Deadline soon() {
        return Deadline.after(Duration.ofSeconds(10));
    }

    /** A pod whose admin port answers its own name and the path. */
    private MockWebServer pod(String name) {
        MockWebServer pod = new MockWebServer();
        pod.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .body(name + " " + request.getTarget())
                        .build();
            }
        });
        return serve(name, pod);
    }

    private MockWebServer serve(String name, MockWebServer pod) {
        try {
            pod.start(InetAddress.getLoopbackAddress(), 0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        cluster.forward("production", name, 15000, pod.getPort());
        toClose.add(pod);
        return pod;
    }

    private String fetch(String pod, String path) {
        return fetch(pod, path, soon());
    }

    private String fetch(String pod, String path, Deadline deadline) {
        return source.fetch(
                PodRequest.envoy("production", pod, path),
                body -> new String(body.readAllBytes(), StandardCharsets.UTF_8),
                deadline);
    }

    @ParameterizedTest
    @EnumSource(TestCluster.Prefix.class)
    void should_reuse_one_tunnel_for_all_requests_of_a_pod(TestCluster.Prefix prefix) throws Exception {
        cluster.prefix = prefix;
        MockWebServer pod = pod("web");

        for (String path : List.of("/config_dump?resource=dynamic_listeners", "/clusters?format=json", "/certs")) {
            assertThat(fetch("web", path)).isEqualTo("web " + path);
        }

        assertThat(cluster.tunnels).hasValue(1);
        RecordedRequest request = pod.takeRequest();
        assertThat(request.getHeaders().get("Host")).isEqualTo("localhost:15000");
        assertThat(request.getHeaders().get("Authorization")).isNull();
        assertThat(cluster.requests.get(0).getTarget()).isEqualTo(PORT_FORWARD + "?ports=15000");
        assertThat(cluster.requests.get(0).getHeaders().get("Sec-WebSocket-Protocol"))
                .isEqualTo("v4.channel.k8s.io");
    }

    @Test
    void should_keep_pods_and_ports_apart() {
        for (int i = 0; i < 40; i++) {
            pod("web-" + i);
        }
        cluster.forward("production", "web-0", 15020, pod("agent").getPort());

        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 40; i++) {
                assertThat(fetch("web-" + i, "/" + i)).isEqualTo("web-" + i + " /" + i);
            }
        }

        assertThat(source.<String>fetch(
                        new PodRequest("production", "web-0", 15020, "GET", "/x"),
                        body -> new String(body.readAllBytes(), StandardCharsets.UTF_8),
                        soon()))
                .isEqualTo("agent /x");
        // Not all of them wait for a next request: idle tunnels are bounded.
        assertThat(source.openTunnels()).isLessThanOrEqualTo(33);
    }

    @Test
    void should_open_a_new_tunnel_when_the_pod_has_ended_the_old_one() {
        MockWebServer pod = new MockWebServer();
        pod.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .body("ok")
                        .onResponseEnd(new mockwebserver3.SocketEffect.CloseSocket())
                        .build();
            }
        });
        serve("web", pod);

        for (int i = 0; i < 3; i++) {
            assertThat(fetch("web", "/ready")).isEqualTo("ok");
        }
        assertThat(cluster.tunnels).hasValueBetween(3, 6);
    }

    @Test
    void should_send_a_post_without_a_body() throws Exception {
        MockWebServer pod = pod("web");

        source.fetch(new PodRequest("production", "web", 15000, "POST", "/logging"), InputStream::readAllBytes, soon());

        RecordedRequest request = pod.takeRequest();
        assertThat(request.getMethod()).isEqualTo("POST");
        assertThat(request.getBodySize()).isZero();
    }

    @ParameterizedTest
    @EnumSource(TestCluster.Prefix.class)
    void should_say_that_nothing_listens_in_the_pod(TestCluster.Prefix prefix) throws Exception {
        cluster.prefix = prefix;
        try (ServerSocket free = new ServerSocket(0)) {
            cluster.forward("production", "web", 15000, free.getLocalPort());
        }

        MeshConnectionException e = catchThrowableOfType(MeshConnectionException.class, () -> fetch("web", "/certs"));

        assertThat(e)
                .hasMessageContaining("Nothing listens on port 15000 in pod production/web")
                .hasMessageContaining("connection refused");
        assertThat(e.remedy()).contains("istio-proxy");
        assertThat(source.openTunnels()).isZero();
    }

    @Test
    void should_say_that_the_pod_is_gone() {
        assertThatThrownBy(() -> fetch("gone", "/certs"))
                .isInstanceOf(MeshNotFoundException.class)
                .hasMessageContaining("no pod production/gone");
    }

    @Test
    void should_name_the_permission_for_port_forward() {
        cluster.on(
                PORT_FORWARD,
                request -> TestCluster.status(
                        403, "Forbidden", "User \"bob\" cannot create resource; " + TestCluster.TOKEN));

        MeshAccessException e = catchThrowableOfType(MeshAccessException.class, () -> fetch("web", "/certs"));

        assertThat(e)
                .hasMessageContaining("pods/portforward")
                .hasMessageContaining("User \"bob\"")
                .hasMessageNotContaining(TestCluster.TOKEN);
        assertThat(e.remedy())
                .contains("--verb=create,get --resource=pods/portforward")
                .contains("-n production");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | unable to upgrade: unable to negotiate protocol: client supports [v4.channel.k8s.io]",
                "403 | only SPDY/3.1+portforward.k8s.io is accepted",
                "200 | hello",
            })
    void should_say_that_the_server_wants_another_protocol(int code, String body) {
        cluster.on(
                PORT_FORWARD,
                request -> new MockResponse.Builder().code(code).body(body).build());

        MeshUnsupportedException e = catchThrowableOfType(MeshUnsupportedException.class, () -> fetch("web", "/certs"));

        assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED);
        assertThat(e).hasMessageContaining(code == 200 ? "does not speak WebSocket" : "SPDY inside a WebSocket");
        assertThat(e.remedy()).isNotEmpty();
    }

    private void script(String protocol, WebSocketListener listener) {
        cluster.on(PORT_FORWARD, request -> {
            MockResponse.Builder response = new MockResponse.Builder().webSocketUpgrade(listener);
            return protocol.isEmpty()
                    ? response.build()
                    : response.addHeader("Sec-WebSocket-Protocol", protocol).build();
        });
    }

    private static WebSocketListener opened(java.util.function.Consumer<WebSocket> then) {
        return new WebSocketListener() {
            @Override
            public void onOpen(WebSocket webSocket, Response response) {
                then.accept(webSocket);
            }
        };
    }

    @Test
    void should_say_so_when_no_protocol_was_agreed_on_and_the_server_hangs_up() {
        script("", opened(webSocket -> webSocket.close(1002, "bad subprotocol")));

        assertThatThrownBy(() -> fetch("web", "/certs"))
                .isInstanceOf(MeshUnsupportedException.class)
                .hasMessageContaining("1002");
    }

    @Test
    void should_say_so_when_the_server_chose_spdy() {
        script("SPDY/3.1+portforward.k8s.io", opened(webSocket -> {}));

        assertThatThrownBy(() -> fetch("web", "/certs"))
                .isInstanceOf(MeshUnsupportedException.class)
                .hasMessageContaining("SPDY");
    }

    @ParameterizedTest
    @CsvSource({"00,another port", "05,channel 5", "text,text"})
    void should_refuse_what_is_not_the_protocol(String frame, String message) {
        script("v4.channel.k8s.io", opened(webSocket -> {
            if (frame.equals("text")) {
                webSocket.send("hello");
            } else {
                webSocket.send(ByteString.decodeHex(frame + "0102"));
            }
        }));

        assertThatThrownBy(() -> fetch("web", "/certs"))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining(message);
    }

    @Test
    void should_pass_on_what_the_kubelet_says_though_it_comes_in_pieces_and_the_connection_stays() {
        script("v4.channel.k8s.io", opened(webSocket -> {
            webSocket.send(ByteString.decodeHex("00983a"));
            webSocket.send(ByteString.decodeHex("01983a"));
            webSocket.send(ByteString.encodeUtf8("\u0001failed to find "));
            webSocket.send(ByteString.encodeUtf8("\u0001sandbox in store"));
        }));

        assertThatThrownBy(() -> fetch("web", "/certs"))
                .isInstanceOf(MeshConnectionException.class)
                .hasMessageContaining("not running")
                .hasMessageContaining("failed to find sandbox in store");
    }

    @Test
    void should_try_a_handshake_again_that_is_put_off() {
        pod("web");
        AtomicInteger asked = new AtomicInteger();
        int port = 15001;
        cluster.on(
                PORT_FORWARD,
                request -> asked.incrementAndGet() == 1
                        ? TestCluster.status(429, "TooManyRequests", "later")
                        : TestCluster.status(403, "Forbidden", "after all, no"));

        assertThatThrownBy(() -> source.fetch(
                        new PodRequest("production", "web", port, "GET", "/"), InputStream::readAllBytes, soon()))
                .isInstanceOf(MeshAccessException.class);
        assertThat(asked).hasValue(2);
    }

    @Test
    void should_need_little_memory_for_a_large_dump_and_a_slow_reader() throws Exception {
        long size = 100L * 1024 * 1024;
        ServerSocket admin = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        toClose.add(admin);
        Thread thread = new Thread(() -> {
            try (Socket client = admin.accept()) {
                client.getInputStream().read(new byte[4096]);
                client.getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                byte[] block = new byte[64 * 1024];
                for (long sent = 0; sent < size; sent += block.length) {
                    client.getOutputStream().write(block);
                }
            } catch (IOException e) {
                // The test fails by itself.
            }
        });
        thread.setDaemon(true);
        thread.start();
        cluster.forward("production", "web", 15000, admin.getLocalPort());

        try (WebSocketTunnel tunnel = tunnel();
                TunnelSocket socket = (TunnelSocket) tunnel.open(new Target("production", "web", 15000))) {
            socket.connect(new InetSocketAddress("127.0.0.1", 15000), 5000);
            socket.getOutputStream().write("GET /config_dump HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[64 * 1024];
            long read = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (read % (8 * 1024 * 1024) < n) {
                    Thread.sleep(50);
                }
                read += n;
                if (read >= size + 60) {
                    break;
                }
            }

            assertThat(read).isGreaterThan(size);
            assertThat(socket.peak()).isLessThan(TunnelSocket.QUEUE + 64 * 1024);
        }
    }

    private WebSocketTunnel tunnel() {
        return new WebSocketTunnel(TestCluster.client(), new ApiServer(TestCluster.client(), cluster.server.url("/")));
    }

    @Test
    void should_behave_as_a_socket() throws Exception {
        ServerSocket admin = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        toClose.add(admin);
        cluster.forward("production", "web", 15000, admin.getLocalPort());
        try (WebSocketTunnel tunnel = tunnel()) {
            Socket socket = tunnel.open(new Target("production", "web", 15000));
            assertThat(socket.isConnected()).isFalse();
            assertThatThrownBy(socket::getInputStream).isInstanceOf(SocketException.class);
            socket.connect(new InetSocketAddress("127.0.0.1", 15000), 5000);
            Socket inPod = admin.accept();
            toClose.add(inPod);
            assertThatThrownBy(() -> socket.connect(new InetSocketAddress("127.0.0.1", 15000)))
                    .isInstanceOf(SocketException.class);

            byte[] large = new byte[100_000];
            new java.util.Random(7).nextBytes(large);
            socket.getOutputStream().write(large);
            assertThat(inPod.getInputStream().readNBytes(large.length)).isEqualTo(large);
            socket.setSoTimeout(50);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            inPod.getOutputStream().write(new byte[] {-1, 2});
            socket.setSoTimeout(5000);
            assertThat(socket.getInputStream().read()).isEqualTo(255);
            inPod.close();
            assertThat(socket.getInputStream().readAllBytes()).containsExactly(2);
            assertThat(socket.isInputShutdown()).isTrue();

            socket.close();
            socket.close();
            assertThat(socket.isClosed()).isTrue();
            assertThatThrownBy(() -> socket.getOutputStream().write(1)).isInstanceOf(SocketException.class);
            assertThat(tunnel.openTunnels()).isZero();
        }
    }

    @Test
    void should_end_a_read_when_the_socket_is_closed_by_another_thread() throws Exception {
        ServerSocket admin = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        toClose.add(admin);
        cluster.forward("production", "web", 15000, admin.getLocalPort());
        try (WebSocketTunnel tunnel = tunnel()) {
            Socket socket = tunnel.open(new Target("production", "web", 15000));
            socket.connect(new InetSocketAddress("127.0.0.1", 15000), 5000);
            CompletableFuture<Throwable> thrown = CompletableFuture.supplyAsync(() -> {
                try {
                    return new AssertionError("read " + socket.getInputStream().read());
                } catch (IOException e) {
                    return e;
                }
            });
            Thread.sleep(50);
            tunnel.close();

            assertThat(thrown.get(2, TimeUnit.SECONDS)).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> tunnel.open(new Target("production", "web", 15000))
                            .connect(new InetSocketAddress("127.0.0.1", 15000)))
                    .isInstanceOf(TunnelException.class)
                    .hasCauseInstanceOf(MeshClosedException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "404, dev.meshdx.error.MeshNotFoundException",
        "403, dev.meshdx.error.MeshAccessException",
        "503, dev.meshdx.error.MeshConnectionException"
    })
    void should_let_only_a_200_reach_the_reader(int code, Class<? extends MeshException> type) {
        MockWebServer pod = new MockWebServer();
        pod.enqueue(new MockResponse.Builder()
                .code(code)
                .body("not here, token=abcdef123456\n" + "x".repeat(500))
                .build());
        serve("web", pod);

        assertThatThrownBy(() -> fetch("web", "/x"))
                .isInstanceOf(type)
                .hasMessageContaining("GET production/web:15000/x answered " + code)
                .hasMessageContaining("not here")
                .hasMessageNotContaining("abcdef123456")
                .satisfies(e -> assertThat(String.valueOf(e.getMessage())).hasSizeLessThan(300));
    }

    @Test
    void should_give_up_a_handshake_that_is_not_answered() {
        cluster.on(
                PORT_FORWARD,
                request -> new MockResponse.Builder()
                        .headersDelay(30, TimeUnit.SECONDS)
                        .build());
        long start = System.nanoTime();

        assertThatThrownBy(() -> fetch("web", "/certs", Deadline.after(Duration.ofMillis(700))))
                .isInstanceOf(MeshTimeoutException.class)
                .hasMessageContaining("production/web:15000/certs");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void should_leave_no_socket_when_closed() throws Exception {
        List<Socket> sockets = new java.util.concurrent.CopyOnWriteArrayList<>();
        SocketFactory counting = new SocketFactory() {
            @Override
            public Socket createSocket() {
                Socket socket = new Socket();
                sockets.add(socket);
                return socket;
            }

            @Override
            public Socket createSocket(String host, int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(String host, int port, InetAddress local, int localPort) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(InetAddress host, int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
                throw new UnsupportedOperationException();
            }
        };
        LiveSource counted = new LiveSource(cluster.access(
                cluster.server.url("/"),
                TestCluster.client().newBuilder().socketFactory(counting).build()));
        pod("web");
        cluster.on("/version", "{\"gitVersion\":\"v1\"}");
        cluster.on(
                "/api/v1/pods",
                request -> new MockResponse.Builder()
                        .headersDelay(30, TimeUnit.SECONDS)
                        .build());
        CompletableFuture<Object> hanging = CompletableFuture.supplyAsync(
                () -> counted.list(dev.meshdx.source.ListQuery.all(dev.meshdx.model.ResourceKind.POD), soon()));
        counted.version(soon());
        assertThat(counted.<byte[]>fetch(
                        PodRequest.envoy("production", "web", "/x"), InputStream::readAllBytes, soon()))
                .isNotEmpty();

        counted.close();

        assertThatThrownBy(() -> hanging.get(2, TimeUnit.SECONDS)).hasCauseInstanceOf(MeshClosedException.class);
        assertThat(sockets).hasSizeGreaterThanOrEqualTo(2);
        for (int i = 0; i < 100 && !sockets.stream().allMatch(Socket::isClosed); i++) {
            Thread.sleep(10);
        }
        assertThat(sockets).allMatch(Socket::isClosed);
    }

    @Test
    void should_leave_no_thread_and_no_tunnel_when_closed() throws Exception {
        MockWebServer pod = pod("web");
        fetch("web", "/certs");
        assertThat(source.openTunnels()).isEqualTo(1);

        source.close();

        assertThat(source.openTunnels()).isZero();
        assertThat(Leaks.threads("mesh-")).isEmpty();
        assertThat(Leaks.threads("OkHttp https://127.0.0.1")).isEmpty();
        assertThatThrownBy(() -> fetch("web", "/certs")).isInstanceOf(MeshClosedException.class);
        assertThat(pod.getRequestCount()).isEqualTo(1);
    }
}
