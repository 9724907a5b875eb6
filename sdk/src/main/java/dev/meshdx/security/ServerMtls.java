package dev.meshdx.security;

import dev.meshdx.annotation.Internal;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.model.ResourceRef;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one port of a workload accepts: as the PeerAuthentications have it, and as the proxy really has it where its
 * configuration could be read. Immutable; safe for use by several threads.
 */
public final class ServerMtls {
    private final MtlsMode configured;
    private final @Nullable MtlsMode actual;
    private final @Nullable ResourceRef policy;
    private final String field;
    private final String because;
    private final @Nullable ResourceRef seenAt;

    private ServerMtls(
            MtlsMode configured,
            @Nullable MtlsMode actual,
            @Nullable ResourceRef policy,
            String field,
            String because,
            @Nullable ResourceRef seenAt) {
        this.configured = configured;
        this.actual = actual;
        this.policy = policy;
        this.field = field;
        this.because = because;
        this.seenAt = seenAt;
    }

    /** As the rules have it. */
    @Internal
    public static ServerMtls of(MtlsMode configured, @Nullable ResourceRef policy, String field, String because) {
        return new ServerMtls(configured, null, policy, field, because, null);
    }

    /** The same, with what the proxy has. */
    @Internal
    public ServerMtls withActual(MtlsMode actual, ResourceRef seenAt) {
        return new ServerMtls(configured, actual, policy, field, because, seenAt);
    }

    /** What counts: what the proxy has, or, where that could not be read, what the rules say. */
    public MtlsMode mode() {
        return actual == null ? configured : actual;
    }

    /** What the PeerAuthentications say. */
    public MtlsMode configured() {
        return configured;
    }

    /** What the filter chains of the proxy's inbound listener do; empty where they were not read. */
    public Optional<MtlsMode> actual() {
        return Optional.ofNullable(actual);
    }

    /** The PeerAuthentication that decided; empty where none did. */
    public Optional<ResourceRef> policy() {
        return Optional.ofNullable(policy);
    }

    /** The field of the policy that decided, such as {@code spec.mtls.mode}; empty where there is no policy. */
    public String field() {
        return field;
    }

    /** Why, in a few words. */
    public String because() {
        return because;
    }

    /** The pod whose proxy {@link #actual()} was read from; of pods that are alike, one. */
    public Optional<ResourceRef> seenAt() {
        return Optional.ofNullable(seenAt);
    }

    /** One line: mode and who decided. */
    @Override
    public String toString() {
        return mode() + (policy == null ? " (" + because + ")" : " by " + policy);
    }

    /** Where it was seen does not matter: two pods may have the same. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ServerMtls that
                && configured == that.configured
                && actual == that.actual
                && Objects.equals(policy, that.policy)
                && field.equals(that.field)
                && because.equals(that.because);
    }

    @Override
    public int hashCode() {
        return Objects.hash(configured, actual, policy, field);
    }
}
