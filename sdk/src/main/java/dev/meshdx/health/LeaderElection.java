package dev.meshdx.health;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A duty that only one istiod does at a time, and which one. Immutable; safe for use by several threads. Source: Istio, {@code
 * pilot/pkg/leaderelection/leaderelection.go}: locks are ConfigMaps or Leases in the control plane's namespace.
 */
public final class LeaderElection {
    private final Fields fields;

    /** What the reader collects. */
    @Internal
    public record Fields(
            String kind,
            String namespace,
            String name,
            String revision,
            String holder,
            boolean holderExists,
            @Nullable Instant renewedAt,
            Duration lease) {}

    /** Made by the reader. */
    @Internal
    public LeaderElection(Fields fields) {
        this.fields = fields;
    }

    /** The name of the lock, such as {@code istio-namespace-controller-election}. */
    public String name() {
        return fields.name();
    }

    /** The revision of the holder, where the lock names it; else empty. */
    public String revision() {
        return fields.revision();
    }

    /** The pod that does it; empty where nobody does. */
    public String holder() {
        return fields.holder();
    }

    /** Whether that pod is one of the istiods that there are. */
    public boolean holderExists() {
        return fields.holderExists();
    }

    /** When it last said so. */
    public Optional<Instant> renewedAt() {
        return Optional.ofNullable(fields.renewedAt());
    }

    /** After how long without a word another one may take over. */
    public Duration lease() {
        return fields.lease();
    }

    /** The lock. */
    public ResourceRef ref() {
        return ResourceRef.of(fields.kind(), fields.namespace(), fields.name());
    }

    /** One line. */
    @Override
    public String toString() {
        return name() + " held by " + (holder().isEmpty() ? "nobody" : holder())
                + (holderExists() ? "" : " (no such pod)");
    }
}
