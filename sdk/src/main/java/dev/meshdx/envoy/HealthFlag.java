package dev.meshdx.envoy;

import java.util.Locale;

/**
 * What a proxy itself found out about the health of a host. Source: Envoy, {@code admin/v3/clusters.proto},
 * {@code HostHealthStatus}.
 */
public enum HealthFlag {
    /** Ejected by outlier detection. */
    FAILED_OUTLIER_CHECK(true),
    /** The proxy's own health check fails. */
    FAILED_ACTIVE_HEALTH_CHECK(true),
    /** The proxy's own health check gets no answer in time. */
    ACTIVE_HC_TIMEOUT(true),
    /** The proxy's own health check has not asked yet. */
    PENDING_ACTIVE_HC(true),
    /** The control plane removed it; it stays until its health check fails. */
    PENDING_DYNAMIC_REMOVAL(true),
    /** It answered that it is not to be used ({@code x-envoy-immediate-health-check-fail}), and does not even count. */
    EXCLUDED_VIA_IMMEDIATE_HC_FAIL(true),
    /** The proxy's own health check says degraded: used where there are too few healthy ones. */
    FAILED_ACTIVE_DEGRADED_CHECK(false),
    /** Outlier detection says degraded. */
    DEGRADED_OUTLIER_DETECTION(false);

    private final boolean failure;

    HealthFlag(boolean failure) {
        this.failure = failure;
    }

    /** Whether the host gets no requests for it. */
    public boolean isFailure() {
        return failure;
    }

    /** The field's name. */
    String field() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As the field is named: {@code failed_outlier_check}. */
    @Override
    public String toString() {
        return field();
    }
}
