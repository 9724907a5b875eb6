package dev.meshdx.health;

import dev.meshdx.annotation.Internal;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The state of one type of configuration on one proxy. Immutable; safe for use by several threads. */
public final class TypeStatus {
    private static final TypeStatus IGNORED = new TypeStatus(SyncState.IGNORED, null, "");

    private final SyncState state;
    private final @Nullable Instant since;
    private final String error;

    private TypeStatus(SyncState state, @Nullable Instant since, String error) {
        this.state = state;
        this.since = since;
        this.error = error;
    }

    /** Made by the reader. */
    @Internal
    public static TypeStatus of(SyncState state, @Nullable Instant since, String error) {
        return state == SyncState.IGNORED && since == null && error.isEmpty()
                ? IGNORED
                : new TypeStatus(state, since, error);
    }

    /** Whether the proxy has what was sent. */
    public SyncState state() {
        return state;
    }

    /**
     * When istiod last sent the type to the proxy. Empty where it never did, and where the istiod is too old to tell (before
     * about 1.20 it is taken from the version of the push, which is the time at which the push began).
     */
    public Optional<Instant> since() {
        return Optional.ofNullable(since);
    }

    /** Why the proxy refused the configuration, in Envoy's words; only with {@link SyncState#ERROR}. */
    public Optional<String> error() {
        return error.isEmpty() ? Optional.empty() : Optional.of(error);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TypeStatus that
                && state == that.state
                && Objects.equals(since, that.since)
                && error.equals(that.error);
    }

    @Override
    public int hashCode() {
        return Objects.hash(state, since, error);
    }

    /** The state, and the error where there is one. */
    @Override
    public String toString() {
        return error.isEmpty()
                ? state.toString()
                : state + " (" + error.lines().findFirst().orElse("") + ")";
    }
}
