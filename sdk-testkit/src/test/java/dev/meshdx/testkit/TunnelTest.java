package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The older WebSocket protocol, which programs other than kubectl speak. */
class TunnelTest {
    private final FakeMesh mesh = Meshes.small();
    private final OkHttpClient client = FakeMeshTest.client(mesh);

    @AfterEach
    void close() {
        client.dispatcher().executorService().shutdownNow();
        client.connectionPool().evictAll();
        mesh.close();
    }

    /** A tunnel to one port that is read to its end. */
    private final class Tunnel extends WebSocketListener {
        private final ByteArrayOutputStream data = new ByteArrayOutputStream();
        private final ByteArrayOutputStream error = new ByteArrayOutputStream();
        private final CompletableFuture<Integer> opened = new CompletableFuture<>();
        private final CountDownLatch over = new CountDownLatch(1);
        private final WebSocket socket;

        Tunnel(String namespace, String pod, int port) {
            socket = client.newWebSocket(
                    new Request.Builder()
                            .url(mesh.url() + "/api/v1/namespaces/" + namespace + "/pods/" + pod + "/portforward?ports="
                                    + port)
                            .header("Authorization", "Bearer " + mesh.token())
                            .header("Sec-WebSocket-Protocol", "v4.channel.k8s.io")
                            .build(),
                    this);
        }

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            assertThat(response.header("Sec-WebSocket-Protocol")).isEqualTo("v4.channel.k8s.io");
            opened.complete(101);
        }

        @Override
        public void onMessage(WebSocket webSocket, ByteString bytes) {
            synchronized (data) {
                (bytes.getByte(0) == 0 ? data : error)
                        .writeBytes(bytes.substring(1).toByteArray());
                data.notifyAll();
            }
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(1000, null);
            over.countDown();
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable t, @Nullable Response response) {
            opened.complete(response == null ? 0 : response.code());
            over.countDown();
        }

        void send(String text) {
            Buffer buffer = new Buffer().writeByte(0).writeUtf8(text);
            socket.send(buffer.readByteString());
        }

        String await(String part) throws InterruptedException {
            synchronized (data) {
                long end = System.nanoTime() + 5_000_000_000L;
                while (!text(data).contains(part) && System.nanoTime() < end) {
                    data.wait(50);
                }
                return text(data);
            }
        }

        void awaitEnd() throws InterruptedException {
            assertThat(over.await(5, TimeUnit.SECONDS)).isTrue();
        }

        private static String text(ByteArrayOutputStream bytes) {
            return bytes.toString(StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void should_answer_several_requests_on_one_connection() throws Exception {
        Tunnel tunnel = new Tunnel("production", "web", 15000);
        tunnel.send("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(tunnel.await("LIVE"))
                .startsWith("\u0098\u003aHTTP/1.1 200 OK\r\n")
                .contains("Transfer-Encoding: chunked");
        tunnel.send("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(tunnel.await("404")).contains("HTTP/1.1 404 Not Found");
        tunnel.send("POST /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
        tunnel.awaitEnd();
        assertThat(mesh.podRequests())
                .extracting(RecordedPodRequest::toString)
                .containsExactly(
                        "GET production/web:15000/ready: 200",
                        "GET production/web:15000/nothing: 404",
                        "POST production/web:15000/ready: 200");
        assertThat(mesh.requests())
                .filteredOn(request -> request.resource().equals("pods/portforward"))
                .singleElement()
                .satisfies(request -> assertThat(request.status()).isEqualTo(101));
    }

    @Test
    void should_say_on_the_error_channel_why_it_cannot() throws Exception {
        Tunnel closed = new Tunnel("production", "web", 15999);
        closed.awaitEnd();
        assertThat(Tunnel.text(closed.error))
                .contains("error forwarding port 15999 to pod ", "connect: connection refused");
        Tunnel dead = new Tunnel("staging", "late", 15000);
        dead.awaitEnd();
        assertThat(Tunnel.text(dead.error)).contains("is not running");
    }

    @Test
    void should_refuse_before_the_tunnel_is_open() throws Exception {
        assertThat(new Tunnel("production", "nobody", 1).opened.get()).isEqualTo(404);
        mesh.deny("create", "pods/portforward");
        assertThat(new Tunnel("production", "web", 15000).opened.get()).isEqualTo(403);
        mesh.clearRules().deny("get", "pods/portforward");
        assertThat(new Tunnel("production", "web", 15000).opened.get()).isEqualTo(403);
    }

    @Test
    void should_go_wrong_inside_the_tunnel() throws Exception {
        mesh.podFault("production", "web", 15000, Fault.status(503).times(1));
        Tunnel tunnel = new Tunnel("production", "web", 15000);
        tunnel.send("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(tunnel.await("0\r\n\r\n")).contains("HTTP/1.1 503 ");
        mesh.podFault("production", "web", 15000, "/ready", Fault.closeAfter(2));
        tunnel.send("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
        tunnel.awaitEnd();
        assertThat(Tunnel.text(tunnel.data)).endsWith("LI\r\n");
        mesh.clearPodFaults("production", "web", 15000).podFault("production", "web", 15000, Fault.rubbish());
        Tunnel rubbish = new Tunnel("production", "web", 15000);
        rubbish.send("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
        rubbish.awaitEnd();
        assertThat(Tunnel.text(rubbish.data)).contains("rubbish").doesNotContain("HTTP/1.1");
        mesh.clearPodFaults("production", "web", 15000).podFault("production", "web", 15000, Fault.hang());
        Tunnel hung = new Tunnel("production", "web", 15000);
        hung.send("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(hung.over.await(300, TimeUnit.MILLISECONDS)).isFalse();
        hung.socket.cancel();
    }

    @Test
    void should_end_with_the_mesh() throws Exception {
        Tunnel tunnel = new Tunnel("production", "web", 15000);
        assertThat(tunnel.opened.get()).isEqualTo(101);
        long start = System.nanoTime();
        mesh.close();
        tunnel.awaitEnd();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }
}
