package dev.meshdx.source.internal.live;

import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.source.Deadline;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each question on a thread of its own while the caller waits. Only so can the caller be sure to be back at the
 * deadline, or when it is interrupted: a thread that looks up a name, or reads from a socket, hears neither.
 */
final class Workers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final AtomicInteger SOURCES = new AtomicInteger();

    private final ThreadPoolExecutor executor;
    private final Set<Ticket> running = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Workers() {
        this.executor = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                5,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                threads("mesh-live-" + SOURCES.incrementAndGet() + "-"));
    }

    /** Daemon threads with a name that tells whose they are. */
    static ThreadFactory threads(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return runnable -> {
            Thread thread = new Thread(runnable, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            // OkHttp throws what an interceptor threw once more, after it has told it to whoever waits for it.
            thread.setUncaughtExceptionHandler((where, e) -> LOG.debug("{}: {}", where.getName(), e.toString()));
            return thread;
        };
    }

    /** What is done on the worker thread. */
    @FunctionalInterface
    interface Work<T> {
        T run(Ticket ticket) throws InterruptedException;
    }

    /** One question that is being asked, and how to stop it. */
    static final class Ticket {
        private final CompletableFuture<Object> result = new CompletableFuture<>();
        private volatile boolean stopped;
        private volatile @Nullable Call call;
        private volatile @Nullable Future<?> task;

        /** The call that must be cancelled if the caller leaves; cancelled right away where it has left. */
        void track(Call current) {
            call = current;
            if (stopped) {
                current.cancel();
            }
        }

        private void stop() {
            stopped = true;
            Call current = call;
            if (current != null) {
                current.cancel();
            }
            Future<?> running = task;
            if (running != null) {
                running.cancel(true);
            }
        }
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Runs the work and waits for it, until the deadline at most.
     *
     * @param what for the message if it takes too long
     */
    @SuppressWarnings("unchecked")
    <T> T run(String what, Deadline deadline, Work<T> work) {
        requireOpen();
        deadline.require(what);
        Ticket ticket = new Ticket();
        running.add(ticket);
        try {
            ticket.task = executor.submit(() -> attempt(ticket, work));
            requireOpen();
            return (T) ticket.result.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MeshInterruptedException("Interrupted while waiting for: " + what + ".", "");
        } catch (TimeoutException e) {
            throw deadline.timeout(what);
        } catch (RejectedExecutionException e) {
            throw closedException();
        } catch (ExecutionException e) {
            throw rethrow(e.getCause());
        } finally {
            if (!ticket.result.isDone()) {
                ticket.stop();
            }
            running.remove(ticket);
        }
    }

    private <T> void attempt(Ticket ticket, Work<T> work) {
        try {
            ticket.result.complete(work.run(ticket));
        } catch (InterruptedException e) {
            // Only stop() interrupts: nobody waits any more, or the source was closed.
            ticket.result.completeExceptionally(closedException());
        } catch (Throwable e) {
            // Whatever goes wrong once the connections are being torn down is because of that.
            ticket.result.completeExceptionally(closed && e instanceof Exception ? closedException() : e);
        }
    }

    private static RuntimeException rethrow(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException e) {
            return e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return new CompletionException(cause);
    }

    private void requireOpen() {
        if (closed) {
            throw closedException();
        }
    }

    static MeshClosedException closedException() {
        return new MeshClosedException("The mesh was closed.", "Connect again.");
    }

    /** From now on whatever goes wrong is because of the closing; to be called before connections are torn down. */
    void closing() {
        closed = true;
    }

    /** Ends what is running, with a {@link MeshClosedException} for whoever waits for it. */
    @Override
    public void close() {
        closed = true;
        for (Ticket ticket : running) {
            ticket.result.completeExceptionally(closedException());
            ticket.stop();
        }
        executor.shutdownNow();
        try {
            // Connections can be counted as idle, and be closed, only when their users have let go.
            if (!executor.awaitTermination(2, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
