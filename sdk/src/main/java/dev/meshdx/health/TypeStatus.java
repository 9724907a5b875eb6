package dev.meshdx.health;

import dev.meshdx.annotation.Internal;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The state of one type of configuration on one proxy. Immutable; safe for use by several threads. */
public final class TypeStatus {
    private static final long NEVER = Long.MIN_VALUE;
    private static final TypeStatus IGNORED = new TypeStatus(SyncState.IGNORED, NEVER, 0, "", "", "");
    private static final TypeStatus NOT_SENT = new TypeStatus(SyncState.NOT_SENT, NEVER, 0, "", "", "");
    private static final TypeStatus UNKNOWN = new TypeStatus(SyncState.UNKNOWN, NEVER, 0, "", "", "");

    private final SyncState state;
    // There are several of these for each of ten thousand proxies: an object less in each.
    private final long seconds;
    private final int nanos;
    private final String error;
    private final String sentVersion;
    private final String ackedVersion;

    private TypeStatus(
            SyncState state, long seconds, int nanos, String error, String sentVersion, String ackedVersion) {
        this.state = state;
        this.seconds = seconds;
        this.nanos = nanos;
        this.error = error;
        this.sentVersion = sentVersion;
        this.ackedVersion = ackedVersion;
    }

    /** Made by the reader. */
    @Internal
    public static TypeStatus of(SyncState state, @Nullable Instant since, String error) {
        return since == null
                ? of(state, NEVER, 0, error, "", "")
                : of(state, since.getEpochSecond(), since.getNano(), error, "", "");
    }

    /**
     * Made by the reader.
     *
     * @param seconds when it was sent, since 1970; the smallest number where that is not known
     */
    @Internal
    public static TypeStatus of(
            SyncState state, long seconds, int nanos, String error, String sentVersion, String ackedVersion) {
        if (seconds == NEVER && error.isEmpty() && sentVersion.isEmpty() && ackedVersion.isEmpty()) {
            switch (state) {
                case IGNORED -> {
                    return IGNORED;
                }
                case NOT_SENT -> {
                    return NOT_SENT;
                }
                case UNKNOWN -> {
                    return UNKNOWN;
                }
                default -> {}
            }
        }
        return new TypeStatus(state, seconds, nanos, error, sentVersion, ackedVersion);
    }

    /** With the versions of the pushes; empty texts where they are not known. */
    @Internal
    public TypeStatus withVersions(String sent, String acked) {
        return sent.isEmpty() && acked.isEmpty() ? this : new TypeStatus(state, seconds, nanos, error, sent, acked);
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
        return seconds == NEVER ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds, nanos));
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
                && seconds == that.seconds
                && nanos == that.nanos
                && error.equals(that.error)
                && sentVersion.equals(that.sentVersion)
                && ackedVersion.equals(that.ackedVersion);
    }

    @Override
    public int hashCode() {
        return Objects.hash(state, seconds, error);
    }

    /** The state, and the error where there is one. */
    @Override
    public String toString() {
        return error.isEmpty()
                ? state.toString()
                : state + " (" + error.lines().findFirst().orElse("") + ")";
    }
}
