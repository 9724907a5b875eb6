package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.Optional;

/**
 * How a proxy itself asks the hosts of a cluster for their health. Istio makes none; an EnvoyFilter may. Source: Envoy,
 * {@code config/core/v3/health_check.proto}. Immutable.
 */
public final class HealthCheck {
    private final Json raw;

    HealthCheck(Json raw) {
        this.raw = raw;
    }

    /** {@code HTTP}, {@code TCP}, {@code GRPC}, or the name of an extension. */
    public String kind() {
        if (raw.at("http_health_check").exists()) {
            return "HTTP";
        }
        if (raw.at("grpc_health_check").exists()) {
            return "GRPC";
        }
        return raw.at("custom_health_check", "name").text("TCP");
    }

    /** The path that is asked for, for {@code HTTP}. */
    public Optional<String> path() {
        return raw.at("http_health_check", "path").text();
    }

    /** How long an answer may take; zero where the proxy does not say. */
    public Duration timeout() {
        return ProtoValues.duration(raw.at("timeout"), Duration.ZERO);
    }

    /** The time between two questions; zero where the proxy does not say. */
    public Duration interval() {
        return ProtoValues.duration(raw.at("interval"), Duration.ZERO);
    }

    /** After how many failures a host counts as unhealthy; an HTTP 503 does so at once. */
    public long unhealthyThreshold() {
        return ProtoValues.uint32(raw.at("unhealthy_threshold"), 0);
    }

    /** After how many successes a host counts as healthy again. */
    public long healthyThreshold() {
        return ProtoValues.uint32(raw.at("healthy_threshold"), 0);
    }

    /** The whole check as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One line. */
    @Override
    public String toString() {
        return kind() + path().map(path -> " " + path).orElse("") + " every " + ProtoValues.text(interval())
                + ", timeout "
                + ProtoValues.text(timeout()) + ", unhealthy after " + unhealthyThreshold() + ", healthy after "
                + healthyThreshold();
    }
}
