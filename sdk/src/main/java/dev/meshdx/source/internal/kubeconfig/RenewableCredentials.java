package dev.meshdx.source.internal.kubeconfig;

import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Credentials that are got, kept while they are good, and got again. One thread gets them and the others wait for it; a
 * failure is remembered for a few seconds, so that a diagnosis with a hundred reads does not run a broken plug-in a
 * hundred times.
 */
abstract class RenewableCredentials implements Credentials {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean closed;
    private volatile @Nullable Obtained held;
    private @Nullable MeshException failure;
    private Instant failedAt = Instant.MIN;
    private Instant renewedAt = Instant.MIN;

    RenewableCredentials(Clock clock) {
        this.clock = clock;
    }

    /**
     * What was got.
     *
     * @param credential the credential
     * @param goodUntil when to get another one; null for never, unless the server refuses it
     */
    record Obtained(Credential credential, @Nullable Instant goodUntil) {
        boolean isGood(Instant now) {
            return goodUntil == null || now.isBefore(goodUntil);
        }
    }

    /**
     * Gets a credential; called by one thread at a time.
     *
     * @param previous the last one; null the first time
     * @param canceled tells that nobody waits any more
     * @throws MeshException if there is none to be had
     * @throws IOException if nobody waits any more
     */
    abstract Obtained obtain(@Nullable Credential previous, BooleanSupplier canceled) throws IOException;

    final Clock clock() {
        return clock;
    }

    final boolean isClosed() {
        return closed;
    }

    @Override
    public final Credential current(BooleanSupplier canceled) throws IOException {
        Obtained known = held;
        if (known != null && known.isGood(clock.instant())) {
            return known.credential();
        }
        lock(canceled);
        try {
            known = held;
            if (known != null && known.isGood(clock.instant())) {
                return known.credential();
            }
            return obtain(known, canceled);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public final Credential renewed(Credential refused, BooleanSupplier canceled) throws IOException {
        lock(canceled);
        try {
            Obtained known = held;
            if (known != null && !known.credential().sameAs(refused)) {
                return known.credential();
            }
            Instant now = clock.instant();
            if (now.isBefore(renewedAt.plus(PATIENCE)) && !now.isBefore(renewedAt)) {
                return refused;
            }
            Credential fresh = obtain(known, canceled);
            renewedAt = clock.instant();
            return fresh.sameAs(refused) ? refused : fresh;
        } finally {
            lock.unlock();
        }
    }

    private Credential obtain(@Nullable Obtained known, BooleanSupplier canceled) throws IOException {
        if (closed) {
            throw new CredentialException(new MeshClosedException("The mesh was closed.", "Connect again."));
        }
        Instant now = clock.instant();
        MeshException lately = failure;
        if (lately != null && now.isBefore(failedAt.plus(PATIENCE)) && !now.isBefore(failedAt)) {
            throw new CredentialException(lately);
        }
        try {
            Obtained fresh = obtain(known == null ? null : known.credential(), canceled);
            held = fresh;
            failure = null;
            return fresh.credential();
        } catch (MeshException e) {
            failure = e;
            failedAt = clock.instant();
            throw new CredentialException(e);
        }
    }

    /** Waits for whoever gets the credential now, but not longer than the caller does. */
    private void lock(BooleanSupplier canceled) throws IOException {
        try {
            while (!lock.tryLock(50, TimeUnit.MILLISECONDS)) {
                if (canceled.getAsBoolean()) {
                    throw new IOException("Canceled");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
