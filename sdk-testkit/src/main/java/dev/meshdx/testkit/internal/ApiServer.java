package dev.meshdx.testkit.internal;

import dev.meshdx.testkit.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** The sockets and threads of the fake: HTTPS on a port of the loopback interface. */
final class ApiServer {
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final Authority authority;
    private final SSLSocketFactory sockets;
    private final ThreadPoolExecutor executor;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Object lifecycle = new Object();
    private final int port;
    private volatile @Nullable ServerSocket listener;

    /** What the server does with a request. */
    @FunctionalInterface
    interface Handler {
        HttpResponse answer(HttpRequest request, @Nullable X509Certificate certificate);
    }

    private volatile Handler handler = (request, certificate) -> Statuses.of(503);

    ApiServer(Authority authority) {
        this.authority = authority;
        this.sockets = authority.sockets();
        this.executor =
                new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "mesh-fake-" + THREADS.incrementAndGet());
                    thread.setDaemon(true);
                    threads.removeIf(other -> other.getState() == Thread.State.TERMINATED);
                    threads.add(thread);
                    return thread;
                });
        this.port = listen(0);
    }

    Authority authority() {
        return authority;
    }

    ExecutorService executor() {
        return executor;
    }

    CountDownLatch closing() {
        return closing;
    }

    void handler(Handler handler) {
        this.handler = handler;
    }

    int port() {
        return port;
    }

    /** The number of the answer's status; 0 where none is sent. */
    static int statusOf(HttpResponse response) {
        Fault fault = response.fault();
        if (fault == null) {
            return response.status();
        }
        return switch (fault.kind()) {
            case HANG, DISCONNECT, RUBBISH -> 0;
            case NONE, DRIP, CLOSE_AFTER, TRUNCATE, ANSWER -> response.status();
        };
    }

    /**
     * Opens the port. One that was just closed is free only when the thread that waited at it has let go, so a port that is
     * wanted back is asked for again for a while.
     */
    private int listen(int wanted) {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(wanted == 0 ? 0 : 5);
        while (true) {
            try {
                return bind(wanted);
            } catch (BindException e) {
                if (System.nanoTime() >= patience) {
                    throw new UncheckedIOException("The fake API server cannot have its port " + wanted + " back.", e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private int bind(int wanted) throws BindException {
        try {
            ServerSocket socket = new ServerSocket();
            try {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), wanted), 200);
                listener = socket;
                executor.execute(() -> accept(socket));
                return socket.getLocalPort();
            } catch (IOException | RuntimeException e) {
                socket.close();
                throw e;
            }
        } catch (BindException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("The fake API server finds no port on 127.0.0.1.", e);
        }
    }

    private void accept(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket socket = from.accept();
                open.add(socket);
                try {
                    executor.execute(() -> serve(socket));
                } catch (RejectedExecutionException e) {
                    closeQuietly(socket);
                }
                if (from.isClosed()) {
                    closeQuietly(socket);
                }
            } catch (IOException e) {
                // It was closed, or the client was gone before it was let in.
            }
        }
    }

    private void serve(Socket raw) {
        try (raw) {
            raw.setTcpNoDelay(true);
            // Layered over a plain socket, so that a connection can also be torn off, without TLS's goodbye.
            SSLSocket socket = (SSLSocket) sockets.createSocket(raw, null, true);
            socket.setUseClientMode(false);
            socket.setWantClientAuth(true);
            raw.setSoTimeout(10_000);
            socket.startHandshake();
            raw.setSoTimeout(0);
            X509Certificate certificate = certificate(socket);
            new HttpConnection(socket.getInputStream(), socket.getOutputStream(), closing)
                    .serve(request -> handler.answer(request, certificate));
            socket.close();
        } catch (IOException | RejectedExecutionException e) {
            // The client has gone, or was never one; or the server stops.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(raw);
        }
    }

    private static @Nullable X509Certificate certificate(SSLSocket socket) {
        try {
            Certificate[] chain = socket.getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate certificate ? certificate : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    /** Stops to listen and ends all connections: the next one is refused. */
    void down() {
        synchronized (lifecycle) {
            closeListener();
            open.forEach(ApiServer::closeQuietly);
        }
    }

    /** Listens again, on the same port. */
    void up() {
        synchronized (lifecycle) {
            ServerSocket present = listener;
            if ((present == null || present.isClosed()) && closing.getCount() > 0) {
                listen(port);
            }
        }
    }

    private void closeListener() {
        ServerSocket present = listener;
        if (present != null) {
            try {
                present.close();
            } catch (IOException e) {
                // Then it is closed already.
            }
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Then it is closed already.
        }
    }

    /** Ends everything, and waits for the threads. */
    void close() {
        synchronized (lifecycle) {
            closing.countDown();
            closeListener();
            executor.shutdownNow();
            open.forEach(ApiServer::closeQuietly);
        }
        try {
            // The executor counts a thread as ended a moment before it is.
            boolean ended = executor.awaitTermination(5, TimeUnit.SECONDS);
            for (Thread thread : threads) {
                if (thread != Thread.currentThread()) {
                    thread.join(ended ? 1000 : 1);
                }
            }
            if (!ended) {
                throw new IllegalStateException("A thread of the fake mesh does not end.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
