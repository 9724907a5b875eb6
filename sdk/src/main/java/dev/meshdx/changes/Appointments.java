package dev.meshdx.changes;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done later, at most one thing for each key. Its thread, a daemon, exists only while something is to come, and
 * only hands out: what is due is done by the executor. Safe for use by several threads.
 */
final class Appointments {
    private record Due(long nanos, Runnable task) {}

    private final String name;
    private final Executor executor;
    private final Map<Object, Due> due = new LinkedHashMap<>();
    private @Nullable Thread thread;
    private boolean closed;

    Appointments(String name, Executor executor) {
        this.name = name;
        this.executor = executor;
    }

    /** Makes an appointment in the place of the key's present one. */
    synchronized void in(Duration delay, Object key, Runnable task) {
        if (closed) {
            return;
        }
        due.put(key, new Due(System.nanoTime() + delay.toNanos(), task));
        if (thread == null) {
            Thread next = new Thread(this::handOut, name);
            next.setDaemon(true);
            thread = next;
            next.start();
        }
        notifyAll();
    }

    synchronized void cancel(Object key) {
        due.remove(key);
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        due.clear();
        notifyAll();
    }

    private synchronized void handOut() {
        try {
            while (!due.isEmpty()) {
                Map.Entry<Object, Due> next = due.entrySet().iterator().next();
                for (Map.Entry<Object, Due> other : due.entrySet()) {
                    if (other.getValue().nanos() - next.getValue().nanos() < 0) {
                        next = other;
                    }
                }
                long left = next.getValue().nanos() - System.nanoTime();
                if (left > 0) {
                    // Rounded up: what is too early would only wait once more.
                    wait(left / 1_000_000 + 1);
                } else {
                    due.remove(next.getKey());
                    executor.execute(next.getValue().task());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException e) {
            // The mesh is closed, and puts everything back itself.
            due.clear();
        } finally {
            thread = null;
        }
    }
}
