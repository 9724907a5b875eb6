package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * When a request is tried again. Immutable. Source: Envoy, {@code config/route/v3/route_components.proto},
 * {@code RetryPolicy}.
 */
public final class RetryPolicy {
    private static final Duration BASE_INTERVAL = Duration.ofMillis(25);
    private static final int SHOWN = 2;

    private final Json raw;

    private RetryPolicy(Json raw) {
        this.raw = raw;
    }

    static Optional<RetryPolicy> of(Json raw) {
        return raw.isObject() ? Optional.of(new RetryPolicy(raw)) : Optional.empty();
    }

    /** What is tried again: {@code 5xx}, {@code connect-failure}, {@code retriable-status-codes} … */
    public List<String> retryOn() {
        List<String> conditions = new ArrayList<>();
        for (String condition : raw.at("retry_on").text("").split(",", -1)) {
            if (!condition.isBlank()) {
                conditions.add(condition.strip());
            }
        }
        return List.copyOf(conditions);
    }

    /** How often at most, the first try not counted; 1 where nothing is set. */
    public int retries() {
        return ProtoValues.count(raw.at("num_retries"), 1);
    }

    /** How long one try may take; empty where only the route's timeout ends it. */
    public Optional<Duration> perTryTimeout() {
        return ProtoValues.duration(raw.at("per_try_timeout")).filter(timeout -> !timeout.isZero());
    }

    /** How long one try may be silent; empty for no limit. */
    public Optional<Duration> perTryIdleTimeout() {
        return ProtoValues.duration(raw.at("per_try_idle_timeout")).filter(timeout -> !timeout.isZero());
    }

    /** What keeps a retry away from a host, by the extensions' short names: {@code previous_hosts}. */
    public List<String> hostPredicates() {
        List<String> names = new ArrayList<>();
        for (Json predicate : raw.at("retry_host_predicate").items()) {
            String name = predicate.at("name").text("");
            names.add(name.substring(name.lastIndexOf('.') + 1));
        }
        return List.copyOf(names);
    }

    /** How often another host is looked for; 1 where nothing is set. */
    public int hostSelectionAttempts() {
        return ProtoValues.count(raw.at("host_selection_retry_max_attempts"), 1);
    }

    /** The statuses that are tried again, where {@link #retryOn()} has {@code retriable-status-codes}. */
    public List<Integer> retriableStatusCodes() {
        return raw.at("retriable_status_codes").items().stream()
                .map(code -> ProtoValues.count(code, 0))
                .toList();
    }

    /** The response headers with which a response is tried again, where {@link #retryOn()} has {@code retriable-headers}. */
    public List<FieldMatch> retriableHeaders() {
        return raw.at("retriable_headers").items().stream()
                .map(FieldMatch::header)
                .toList();
    }

    /** The back-off before the first retry, doubled for each one after it and varied at random; 25 ms where nothing is set. */
    public Duration backOffBase() {
        return ProtoValues.duration(raw.at("retry_back_off", "base_interval")).orElse(BASE_INTERVAL);
    }

    /** The longest back-off; ten times the base where nothing is set. */
    public Duration backOffMax() {
        return ProtoValues.duration(raw.at("retry_back_off", "max_interval"))
                .orElseGet(() -> backOffBase().multipliedBy(10));
    }

    /** The whole policy as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** {@code 2 retries on 5xx, each 2s}; {@code no retries}. */
    @Override
    public String toString() {
        if (retries() == 0 || retryOn().isEmpty()) {
            return "no retries";
        }
        List<String> on = new ArrayList<>(retryOn());
        if (!retriableStatusCodes().isEmpty() && on.remove("retriable-status-codes")) {
            on.add("status " + String.join("/", raw.at("retriable_status_codes").texts()));
        }
        return retries()
                + (retries() == 1 ? " retry on " : " retries on ")
                + ProtoValues.some(on, SHOWN)
                + perTryTimeout()
                        .map(timeout -> ", each " + ProtoValues.text(timeout))
                        .orElse("");
    }
}
