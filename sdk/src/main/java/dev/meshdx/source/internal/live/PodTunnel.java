package dev.meshdx.source.internal.live;

import java.net.Socket;
import okhttp3.HttpUrl;

/**
 * Reaches ports inside pods. There is one way now, the WebSocket port-forward; this is the place where another one (SPDY
 * inside a WebSocket) would be put beside it.
 */
interface PodTunnel extends AutoCloseable {
    /**
     * A port inside a pod.
     *
     * @param namespace the pod's namespace
     * @param pod the pod's name
     * @param port the port on the pod's loopback
     */
    record Target(String namespace, String pod, int port) {
        /** Where HTTP requests go; it never leaves this process, since the socket is a tunnel. */
        HttpUrl url(String pathAndQuery) {
            HttpUrl url = HttpUrl.parse("http://127.0.0.1:" + port + pathAndQuery);
            if (url == null) {
                throw new IllegalArgumentException("Not a path: " + pathAndQuery);
            }
            return url;
        }

        @Override
        public String toString() {
            return namespace + "/" + pod + ":" + port;
        }
    }

    /**
     * A socket that is not connected yet. Its {@code connect} opens the tunnel, whatever address it is given, and throws a
     * {@link TunnelException} with the reason if it cannot; so do its streams.
     */
    Socket open(Target target);

    /** Breaks all tunnels. */
    @Override
    void close();
}
