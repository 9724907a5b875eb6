package dev.meshdx.source.internal.kubeconfig;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/** OkHttp clients whose threads and connections are their own. */
final class HttpClients {
    private static final AtomicInteger THREADS = new AtomicInteger();
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private HttpClients() {}

    static OkHttpClient.Builder builder() {
        // OkHttp's own threads are not daemons: they would keep a program alive for a minute after its end.
        ExecutorService executor = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), runnable -> {
                    Thread thread = new Thread(runnable, "mesh-http-" + THREADS.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        Dispatcher dispatcher = new Dispatcher(executor);
        dispatcher.setMaxRequests(256);
        dispatcher.setMaxRequestsPerHost(256);
        return new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(16, 1, TimeUnit.MINUTES))
                .connectTimeout(CONNECT)
                .readTimeout(SILENCE)
                .writeTimeout(SILENCE)
                // An API server does not redirect; a gateway that sends its visitors to a login page does.
                .followRedirects(false)
                .followSslRedirects(false);
    }

    /** Ends what is under way, and lets go of threads and connections. */
    static void close(OkHttpClient http) {
        http.dispatcher().cancelAll();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }
}
