package dev.meshdx.health;

/**
 * Whether a proxy has what istiod sent. The terms and their rules are those of {@code istioctl proxy-status}. Source: Istio,
 * "Debugging Envoy and Istiod"; {@code pilot/pkg/xds/statusgen.go}.
 */
public enum SyncState {
    /** The proxy has acknowledged the last configuration that it was sent. */
    SYNCED,
    /** It was sent something and has not acknowledged it (yet). Normal for a moment after a push. */
    STALE,
    /** It asked for the type and was never sent anything, usually because there is nothing to send. */
    NOT_SENT,
    /** It did not ask for the type. */
    IGNORED,
    /** It has refused the last configuration (NACK) and keeps the one before. */
    ERROR,
    /** Nobody who knows could be asked: no istiod that answered knows the proxy, and one that may know it did not answer. */
    UNKNOWN;

    /** As istioctl writes it: {@code NOT SENT}. */
    @Override
    public String toString() {
        return name().replace('_', ' ');
    }
}
