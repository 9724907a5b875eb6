package dev.meshdx.source.internal.live;

import dev.meshdx.source.internal.live.PodTunnel.Target;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.SocketFactory;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/**
 * HTTP clients that talk to one port of one pod each, so that all requests to it use one tunnel. Each has a connection pool
 * of its own: OkHttp tells connections apart by host and port, and those are the same for all pods.
 */
final class PodClients implements AutoCloseable {
    /** Tunnels that wait for a next request; above this, the one that waited longest is closed. */
    private static final int IDLE = 32;

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

    private final PodTunnel tunnel;
    private final OkHttpClient base;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Target, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;

    PodClients(PodTunnel tunnel) {
        this.tunnel = tunnel;
        // Nothing of the API server's client comes along: a token has no business in a pod.
        this.base = new OkHttpClient.Builder()
                .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT))
                .protocols(List.of(Protocol.HTTP_1_1))
                .proxy(Proxy.NO_PROXY)
                .dispatcher(new Dispatcher())
                .followRedirects(false)
                .fastFallback(false)
                // The deadline of each call bounds all of these.
                .connectTimeout(Duration.ZERO)
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .build();
    }

    private static final class Entry {
        final OkHttpClient client;
        int users;

        Entry(OkHttpClient client) {
            this.client = client;
        }
    }

    /** A client that is in use until it is closed. */
    final class Lease implements AutoCloseable {
        private final Target target;
        private final Entry entry;

        private Lease(Target target, Entry entry) {
            this.target = target;
            this.entry = entry;
        }

        OkHttpClient client() {
            return entry.client;
        }

        @Override
        public void close() {
            release(target, entry);
        }
    }

    Lease lease(Target target) {
        lock.lock();
        try {
            if (closed) {
                throw Workers.closedException();
            }
            Entry entry = entries.computeIfAbsent(target, key -> new Entry(client(key)));
            entry.users++;
            return new Lease(target, entry);
        } finally {
            lock.unlock();
        }
    }

    private OkHttpClient client(Target target) {
        return base.newBuilder()
                .socketFactory(new Sockets(tunnel, target))
                .connectionPool(new ConnectionPool(2, KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS))
                .build();
    }

    private void release(Target target, Entry entry) {
        lock.lock();
        try {
            entry.users--;
            if (closed) {
                entry.client.connectionPool().evictAll();
                return;
            }
            Iterator<Map.Entry<Target, Entry>> oldestFirst = entries.entrySet().iterator();
            long idle =
                    entries.values().stream().filter(other -> other.users == 0).count();
            while (oldestFirst.hasNext()) {
                Map.Entry<Target, Entry> next = oldestFirst.next();
                if (next.getValue().users > 0 || next.getKey().equals(target)) {
                    continue;
                }
                if (idle > IDLE || next.getValue().client.connectionPool().connectionCount() == 0) {
                    next.getValue().client.connectionPool().evictAll();
                    oldestFirst.remove();
                    idle--;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Closes what waits; what is in use is closed when it is given back. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            entries.values().forEach(entry -> entry.client.connectionPool().evictAll());
            entries.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Makes tunnels where a client wants sockets. */
    private static final class Sockets extends SocketFactory {
        private final PodTunnel tunnel;
        private final Target target;

        Sockets(PodTunnel tunnel, Target target) {
            this.tunnel = tunnel;
            this.target = target;
        }

        @Override
        public Socket createSocket() {
            return tunnel.open(target);
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw connectsItself();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw connectsItself();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw connectsItself();
        }

        @Override
        public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
            throw connectsItself();
        }

        private static UnsupportedOperationException connectsItself() {
            return new UnsupportedOperationException("OkHttp asks for sockets that it connects itself");
        }
    }
}
