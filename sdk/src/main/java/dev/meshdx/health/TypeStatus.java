package dev.meshdx.health;

import dev.meshdx.annotation.Internal;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The state of one type of configuration on one proxy. Immutable; safe for use by several threads. */
public final class TypeStatus {
    private static final TypeStatus IGNORED = new TypeStatus(SyncState.IGNORED, null, "", "", "");

    private final SyncState state;
    private final @Nullable Instant since;
    private final String error;
    private final String sentVersion;
    private final String ackedVersion;

    private TypeStatus(
            SyncState state, @Nullable Instant since, String error, String sentVersion, String ackedVersion) {
        this.state = state;
        this.since = since;
        this.error = error;
        this.sentVersion = sentVersion;
        this.ackedVersion = ackedVersion;
    }

    /** Made by the reader. */
    @Internal
    public static TypeStatus of(SyncState state, @Nullable Instant since, String error) {
        return state == SyncState.IGNORED && since == null && error.isEmpty()
                ? IGNORED
                : new TypeStatus(state, since, error, "", "");
    }

    /** With the versions of the pushes; empty texts where they are not known. */
    @Internal
    public TypeStatus withVersions(String sent, String acked) {
        return sent.isEmpty() && acked.isEmpty() ? this : new TypeStatus(state, since, error, sent, acked);
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

    /**
     * The version of the push that istiod sent last: the time at which it began and a count, {@code 2026-01-02T03:04:05Z/12}.
     * Empty where the istiod does not tell.
     */
    public Optional<String> sentVersion() {
        return sentVersion.isEmpty() ? Optional.empty() : Optional.of(sentVersion);
    }

    /** The version of the push that the proxy acknowledged last: what it runs with. Empty where it never did. */
    public Optional<String> ackedVersion() {
        return ackedVersion.isEmpty() ? Optional.empty() : Optional.of(ackedVersion);
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
                && error.equals(that.error)
                && sentVersion.equals(that.sentVersion)
                && ackedVersion.equals(that.ackedVersion);
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
