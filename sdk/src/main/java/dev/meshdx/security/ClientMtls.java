package dev.meshdx.security;

import dev.meshdx.annotation.Internal;
import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.model.ResourceRef;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client does to a connection to one port of a service: as the DestinationRules have it, and as its proxy really has
 * it where its configuration could be read. Immutable; safe for use by several threads.
 */
public final class ClientMtls {
    private final ClientTlsMode configured;
    private final @Nullable ClientTlsMode actual;
    private final @Nullable ResourceRef policy;
    private final String field;
    private final String because;
    private final @Nullable ResourceRef seenAt;

    private ClientMtls(
            ClientTlsMode configured,
            @Nullable ClientTlsMode actual,
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
    public static ClientMtls of(ClientTlsMode configured, @Nullable ResourceRef policy, String field, String because) {
        return new ClientMtls(configured, null, policy, field, because, null);
    }

    /** The same, with what the proxy has. */
    @Internal
    public ClientMtls withActual(ClientTlsMode actual, @Nullable ResourceRef policy, ResourceRef seenAt) {
        return new ClientMtls(configured, actual, this.policy == null ? policy : this.policy, field, because, seenAt);
    }

    /** What counts: what the proxy has, or, where that could not be read, what the rules say. */
    public ClientTlsMode mode() {
        return actual == null ? configured : actual;
    }

    /** What the DestinationRules and the mesh's settings say. */
    public ClientTlsMode configured() {
        return configured;
    }

    /** What the proxy's cluster does; empty where it was not read. */
    public Optional<ClientTlsMode> actual() {
        return Optional.ofNullable(actual);
    }

    /** The DestinationRule that the cluster follows; empty where there is none, or none that speaks of TLS. */
    public Optional<ResourceRef> policy() {
        return Optional.ofNullable(policy);
    }

    /** The field of the rule that decided, such as {@code spec.trafficPolicy.tls.mode}; empty where there is none. */
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
        return other instanceof ClientMtls that
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
