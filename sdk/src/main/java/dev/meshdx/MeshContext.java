package dev.meshdx;

import dev.meshdx.changes.LogLevelChanges;
import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** What the nouns of one mesh share: the source, the options, the threads. */
final class MeshContext implements AutoCloseable {
    private static final AtomicInteger MESHES = new AtomicInteger();

    private final MeshSource source;
    private final MeshOptions options;
    private final ExecutorService executor;
    private final LogLevelChanges logLevels;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    MeshContext(MeshSource source, MeshOptions options) {
        this.source = source;
        this.options = options;
        String prefix = "mesh-" + MESHES.incrementAndGet() + "-";
        AtomicInteger threads = new AtomicInteger();
        // Threads are made as needed and none waits behind another: a step that waits for its own fan-out must not
        // block it.
        this.executor = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), runnable -> {
                    Thread thread = new Thread(runnable, prefix + threads.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        Session.Options bounds = options.session();
        this.logLevels = new LogLevelChanges(
                this::session,
                () -> new Session(source, bounds.within(bounds.podDeadline()), executor),
                bounds.clock(),
                executor,
                prefix + "changes");
    }

    MeshSource source() {
        return source;
    }

    MeshOptions options() {
        return options;
    }

    LogLevelChanges logLevels() {
        return logLevels;
    }

    /** A session for one question, with a deadline that starts now. */
    Session session() {
        if (closed.get()) {
            throw new MeshClosedException("The mesh was closed.", "Connect again.");
        }
        return new Session(source, options.session(), executor);
    }

    /**
     * Asks one question.
     *
     * @throws dev.meshdx.error.MeshException if nothing at all could be read for it
     */
    <T> T ask(Function<? super Session, ? extends T> question) {
        Session session = session();
        try {
            T answer = question.apply(session);
            session.requireAnything();
            return answer;
        } catch (MeshInterruptedException e) {
            // Closing interrupts our threads, not the caller's.
            if (closed.get() && !Thread.currentThread().isInterrupted()) {
                throw new MeshClosedException("The mesh was closed.", "Connect again.", e);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        try {
            // What was changed is put back while the source can still be asked.
            logLevels.close();
        } finally {
            closed.set(true);
            executor.shutdownNow();
            source.close();
        }
    }
}
