package dev.meshdx.traffic.internal;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Something that is worked out when it is asked for the first time. Safe for use by several threads. */
public final class Lazy<T> {
    private @Nullable Supplier<T> work;
    private @Nullable T value;

    /** Will be worked out. */
    public Lazy(Supplier<T> work) {
        this.work = work;
    }

    /** What came of it. */
    public synchronized T get() {
        T known = value;
        if (known == null) {
            known = java.util.Objects.requireNonNull(work).get();
            value = known;
            // What it was made of can be large.
            work = null;
        }
        return known;
    }
}
