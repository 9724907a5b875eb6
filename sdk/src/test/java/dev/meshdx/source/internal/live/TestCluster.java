package dev.meshdx.source.internal.live;

import dev.meshdx.source.internal.kubeconfig.ClusterAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** An API server over TLS that answers what a test tells it to, and forwards ports to local ones. */
final class TestCluster implements AutoCloseable {
    static final String TOKEN = "s3cr3t-token-of-the-test";

    /** Kept here, or the logging framework forgets that they shall be quiet about broken connections. */
    private static final List<Logger> QUIET =
            List.of(Logger.getLogger(MockWebServer.class.getName()), Logger.getLogger(OkHttpClient.class.getName()));

    static {
        QUIET.forEach(logger -> logger.setLevel(Level.OFF));
    }

    private static final HeldCertificate CERTIFICATE = new HeldCertificate.Builder()
            .commonName("api")
            .addSubjectAlternativeName("127.0.0.1")
            .addSubjectAlternativeName("localhost")
            .build();

    final MockWebServer server = new MockWebServer();
    final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();
    final AtomicInteger closedAccesses = new AtomicInteger();
    final AtomicInteger tunnels = new AtomicInteger();
    private final Map<String, Function<RecordedRequest, MockResponse>> routes = new ConcurrentHashMap<>();
    private final Map<String, Integer> forwards = new ConcurrentHashMap<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    /** How the port's two bytes are sent. */
    enum Prefix {
        ALONE,
        SPLIT,
        FUSED
    }

    volatile Prefix prefix = Prefix.ALONE;

    TestCluster() {
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(CERTIFICATE)
                .build()
                .sslSocketFactory());
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                requests.add(request);
                if (!("Bearer " + TOKEN).equals(request.getHeaders().get("Authorization"))) {
                    return status(401, "Unauthorized", "Unauthorized");
                }
                String path = request.getUrl().encodedPath();
                Function<RecordedRequest, MockResponse> route = routes.get(path);
                if (route != null) {
                    return route.apply(request);
                }
                return path.endsWith("/portforward") ? portForward(request) : notServed();
            }
        });
        try {
            server.start(InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1}), 0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A source that is known to this server. */
    LiveSource source() {
        return new LiveSource(access(server.url("/"), client()));
    }

    ClusterAccess access(HttpUrl url, OkHttpClient client) {
        return new ClusterAccess("context test", "production", url, client, closedAccesses::incrementAndGet);
    }

    /** Trusts this server, and sends the token. */
    static OkHttpClient client() {
        return trusting()
                .addInterceptor(chain -> chain.proceed(chain.request()
                        .newBuilder()
                        .header("Authorization", "Bearer " + TOKEN)
                        .build()))
                .build();
    }

    static OkHttpClient.Builder trusting() {
        HandshakeCertificates certificates = new HandshakeCertificates.Builder()
                .addTrustedCertificate(CERTIFICATE.certificate())
                .build();
        return new OkHttpClient.Builder()
                .sslSocketFactory(certificates.sslSocketFactory(), certificates.trustManager());
    }

    void on(String path, Function<RecordedRequest, MockResponse> answer) {
        routes.put(path, answer);
    }

    void on(String path, String json) {
        on(path, request -> json(json));
    }

    /** Reaches a local port under the name of a pod's. */
    void forward(String namespace, String pod, int port, int localPort) {
        forwards.put("/api/v1/namespaces/" + namespace + "/pods/" + pod + "/portforward?ports=" + port, localPort);
    }

    long count(String path) {
        return requests.stream()
                .filter(request -> request.getUrl().encodedPath().equals(path))
                .count();
    }

    static MockResponse json(String json) {
        return new MockResponse.Builder()
                .addHeader("Content-Type", "application/json")
                .body(json)
                .build();
    }

    static MockResponse status(int code, String reason, String message) {
        return status(code, reason, message, "{}");
    }

    static MockResponse status(int code, String reason, String message, String details) {
        return new MockResponse.Builder()
                .code(code)
                .addHeader("Content-Type", "application/json")
                .body("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":"
                        + dev.meshdx.model.Json.of(message)
                        + ",\"reason\":\"" + reason + "\",\"details\":" + details + ",\"code\":" + code + "}")
                .build();
    }

    static MockResponse notServed() {
        return new MockResponse.Builder()
                .code(404)
                .addHeader("Content-Type", "text/plain")
                .body("404 page not found\n")
                .build();
    }

    static MockResponse notFound(String plural, String name) {
        return status(
                404,
                "NotFound",
                plural + " \"" + name + "\" not found",
                "{\"name\":\"" + name + "\",\"kind\":\"" + plural + "\"}");
    }

    /** A list of the core group. */
    static String list(String kind, String next, List<String> items) {
        return "{\"kind\":\"" + kind
                + "List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"" + next
                + "\"},\"items\":[" + String.join(",", items) + "]}";
    }

    static String pod(String namespace, String name) {
        return "{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"" + namespace
                + "\",\"managedFields\":[{\"manager\":\"kubelet\",\"fieldsV1\":{\"f:status\":{}}}]},\"spec\":{\"x\":1},\"status\":{\"phase\":\"Running\"}}";
    }

    /** Aggregated discovery of one group. */
    static MockResponse discovery(String group, Map<String, List<String>> versions) {
        List<String> parts = new ArrayList<>();
        versions.forEach((version, plurals) -> parts.add("{\"version\":\"" + version
                + "\",\"freshness\":\"Current\",\"resources\":["
                + String.join(
                        ",",
                        plurals.stream()
                                .map(plural -> "{\"resource\":\"" + plural + "\",\"scope\":\"Namespaced\"}")
                                .toList())
                + "]}"));
        return json(
                "{\"kind\":\"APIGroupDiscoveryList\",\"apiVersion\":\"apidiscovery.k8s.io/v2\",\"items\":[{\"metadata\":"
                        + "{\"name\":\"" + group + "\"},\"versions\":[" + String.join(",", parts) + "]}]}");
    }

    static MockResponse gzipped(String json) {
        Buffer buffer = new Buffer();
        try (okio.BufferedSink sink = okio.Okio.buffer(new okio.GzipSink(buffer))) {
            sink.writeUtf8(json);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return new MockResponse.Builder()
                .addHeader("Content-Type", "application/json")
                .addHeader("Content-Encoding", "gzip")
                .body(buffer)
                .build();
    }

    private MockResponse portForward(RecordedRequest request) {
        Integer local = forwards.get(request.getTarget());
        if (local == null) {
            String[] path = request.getUrl().encodedPath().split("/", -1);
            return notFound("pods", path[6]);
        }
        tunnels.incrementAndGet();
        int port = Integer.parseInt(String.valueOf(request.getUrl().queryParameter("ports")));
        return new MockResponse.Builder()
                .webSocketUpgrade(new Forward(port, local))
                .addHeader("Sec-WebSocket-Protocol", "v4.channel.k8s.io")
                .build();
    }

    /** The kubelet's side of {@code v4.channel.k8s.io}. */
    private final class Forward extends WebSocketListener {
        private final byte[] portBytes;
        private final int local;
        private @Nullable Socket socket;

        Forward(int port, int local) {
            this.portBytes = new byte[] {(byte) port, (byte) (port >> 8)};
            this.local = local;
        }

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            for (int channel = 0; channel < 2; channel++) {
                switch (prefix) {
                    case ALONE -> send(webSocket, channel, portBytes);
                    case SPLIT -> {
                        send(webSocket, channel, new byte[0]);
                        send(webSocket, channel, Arrays.copyOfRange(portBytes, 0, 1));
                        send(webSocket, channel, Arrays.copyOfRange(portBytes, 1, 2));
                    }
                    case FUSED -> {}
                }
            }
            Socket pod = new Socket();
            socket = pod;
            sockets.add(pod);
            try {
                pod.connect(new InetSocketAddress("127.0.0.1", local));
            } catch (IOException e) {
                byte[] text = ("error forwarding port: dial tcp4 127.0.0.1:" + local + ": connect: connection refused")
                        .getBytes(StandardCharsets.UTF_8);
                send(webSocket, 1, prefix == Prefix.FUSED ? concat(portBytes, text) : text);
                webSocket.close(1000, null);
                return;
            }
            Thread thread = new Thread(() -> pump(webSocket, pod), "test-pump");
            thread.setDaemon(true);
            thread.start();
        }

        private void pump(WebSocket webSocket, Socket pod) {
            byte[] buffer = new byte[32 * 1024];
            boolean first = prefix == Prefix.FUSED;
            try {
                for (int n = pod.getInputStream().read(buffer);
                        n >= 0;
                        n = pod.getInputStream().read(buffer)) {
                    byte[] data = Arrays.copyOf(buffer, n);
                    send(webSocket, 0, first ? concat(portBytes, data) : data);
                    first = false;
                    while (webSocket.queueSize() > 4 * 1024 * 1024) {
                        Thread.sleep(2);
                    }
                }
                webSocket.close(1000, null);
            } catch (IOException e) {
                webSocket.close(1000, null);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void send(WebSocket webSocket, int channel, byte[] bytes) {
            Buffer frame = new Buffer();
            frame.writeByte(channel);
            frame.write(bytes);
            webSocket.send(frame.readByteString());
        }

        private byte[] concat(byte[] a, byte[] b) {
            byte[] both = Arrays.copyOf(a, a.length + b.length);
            System.arraycopy(b, 0, both, a.length, b.length);
            return both;
        }

        @Override
        public void onMessage(WebSocket webSocket, ByteString bytes) {
            try {
                if (bytes.getByte(0) == 0 && socket != null) {
                    socket.getOutputStream().write(bytes.substring(1).toByteArray());
                }
            } catch (IOException e) {
                webSocket.close(1000, null);
            }
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(1000, null);
            closePod();
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable t, @Nullable Response response) {
            closePod();
        }

        private void closePod() {
            BodyStream.closeQuietly(socket);
        }
    }

    @Override
    public void close() {
        sockets.forEach(BodyStream::closeQuietly);
        server.close();
    }
}
