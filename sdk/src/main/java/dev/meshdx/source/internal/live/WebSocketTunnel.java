package dev.meshdx.source.internal.live;

import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.WebSocketListener;

/**
 * Port-forward over a WebSocket, one for each connection: the protocol {@code v4.channel.k8s.io} carries one connection a
 * port and cannot say that one side has finished, so a WebSocket cannot be used for a second one.
 *
 * <p>Source: Kubernetes API reference, "portforward"; kubelet, {@code pkg/kubelet/cri/streaming/portforward/websocket.go}.
 */
final class WebSocketTunnel implements PodTunnel {
    static final String PROTOCOL = "v4.channel.k8s.io";

    /** Keeps load balancers, which cut silent connections after a minute, from doing so while a proxy thinks. */
    private static final Duration PING = Duration.ofSeconds(20);

    private final OkHttpClient http;
    private final ApiServer server;
    private final Set<TunnelSocket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * Tunnels through an API server.
     *
     * @param http what proves who we are; its dispatcher's threads do the reading
     */
    WebSocketTunnel(OkHttpClient http, ApiServer server) {
        this.http = http.newBuilder().pingInterval(PING).build();
        this.server = server;
    }

    @Override
    public Socket open(Target target) {
        return new TunnelSocket(this, target);
    }

    /** Starts the handshake; how it ends is told to the listener. */
    okhttp3.WebSocket start(TunnelSocket socket, Target target, WebSocketListener listener) throws TunnelException {
        sockets.add(socket);
        if (closed) {
            sockets.remove(socket);
            throw new TunnelException(Workers.closedException(), false);
        }
        HttpUrl url = server.url("api", "v1", "namespaces", target.namespace(), "pods", target.pod(), "portforward")
                .addQueryParameter("ports", Integer.toString(target.port()))
                .build();
        return http.newWebSocket(
                new Request.Builder()
                        .url(url)
                        .header("Sec-WebSocket-Protocol", PROTOCOL)
                        .build(),
                listener);
    }

    HttpUrl serverUrl() {
        return server.url().build();
    }

    void ended(TunnelSocket socket) {
        sockets.remove(socket);
    }

    /** How many tunnels are open, for tests. */
    int openTunnels() {
        return sockets.size();
    }

    @Override
    public void close() {
        closed = true;
        sockets.forEach(TunnelSocket::close);
    }
}
