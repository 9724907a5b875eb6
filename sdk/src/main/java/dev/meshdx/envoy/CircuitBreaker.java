package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How much a proxy lets through to a cluster at one time, for one priority of requests. Above a limit requests fail at once
 * with 503 and the flag {@code UO}. The limits hold for each proxy by itself.
 *
 * <p>Envoy's defaults are 1024 connections, 1024 pending requests, 1024 requests and 3 retries; Istio writes the largest
 * number, which is no limit, unless a DestinationRule has a {@code connectionPool}. Source: Envoy,
 * {@code config/cluster/v3/circuit_breaker.proto}. Immutable.
 */
public final class CircuitBreaker {
    private static final long DEFAULT_LIMIT = 1024;
    private static final long DEFAULT_RETRIES = 3;

    private final String priority;
    private final Json raw;

    CircuitBreaker(String priority, Json raw) {
        this.priority = priority;
        this.raw = raw;
    }

    /** Which requests it counts: {@code DEFAULT}, or {@code HIGH}, which Istio's routes do not use. */
    public String priority() {
        return priority;
    }

    /** Whether the cluster says something about this priority; if not, all limits are Envoy's defaults. */
    public boolean isConfigured() {
        return raw.exists();
    }

    /** How many connections may be open; empty for no limit. */
    public OptionalLong maxConnections() {
        return limit("max_connections", DEFAULT_LIMIT);
    }

    /** How many requests may wait for a connection; empty for no limit. */
    public OptionalLong maxPendingRequests() {
        return limit("max_pending_requests", DEFAULT_LIMIT);
    }

    /** How many requests may be under way; empty for no limit. */
    public OptionalLong maxRequests() {
        return limit("max_requests", DEFAULT_LIMIT);
    }

    /** How many retries may be under way; empty for no limit. A {@link #retryBudget()} counts instead. */
    public OptionalLong maxRetries() {
        return limit("max_retries", DEFAULT_RETRIES);
    }

    /** How many connection pools there may be; empty for no limit, which is the default. */
    public OptionalLong maxConnectionPools() {
        return limit("max_connection_pools", ProtoValues.MAX_UINT32);
    }

    /** How many percent of the requests under way may be retries, where that is what limits them; 20 by default. */
    public OptionalDouble retryBudget() {
        Json budget = raw.at("retry_budget");
        return budget.exists()
                ? OptionalDouble.of(ProtoValues.percent(budget.at("budget_percent"), 20))
                : OptionalDouble.empty();
    }

    /** Whether nothing but memory limits it. */
    public boolean isUnlimited() {
        return maxConnections().isEmpty()
                && maxPendingRequests().isEmpty()
                && maxRequests().isEmpty()
                && maxRetries().isEmpty()
                && retryBudget().isEmpty();
    }

    private OptionalLong limit(String field, long fallback) {
        long limit = ProtoValues.uint32(raw.at(field), fallback);
        return limit == ProtoValues.MAX_UINT32 ? OptionalLong.empty() : OptionalLong.of(limit);
    }

    /** The thresholds as Envoy prints them; missing where {@link #isConfigured()} is false. */
    public Json raw() {
        return raw;
    }

    private static String text(OptionalLong limit) {
        return limit.isPresent() ? String.valueOf(limit.getAsLong()) : "no limit";
    }

    /** One line. */
    @Override
    public String toString() {
        return priority + (isConfigured() ? "" : " (Envoy's defaults)") + ": connections " + text(maxConnections())
                + ", pending " + text(maxPendingRequests()) + ", requests " + text(maxRequests()) + ", retries "
                + (retryBudget().isPresent() ? retryBudget().getAsDouble() + " %" : text(maxRetries()));
    }
}
