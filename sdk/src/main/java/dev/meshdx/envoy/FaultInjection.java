package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Faults that the proxy makes on purpose: answers of its own instead of the service's, and delays. Immutable. Source: Envoy,
 * {@code extensions/filters/http/fault/v3/fault.proto} and {@code extensions/filters/common/fault/v3/fault.proto}.
 */
public final class FaultInjection {
    private final Json raw;

    FaultInjection(Json raw) {
        this.raw = raw;
    }

    /** Whether any fault is made; the filter stands in every chain of Istio's, mostly without one. */
    public boolean isActive() {
        return raw.at("abort").exists()
                || raw.at("delay").exists()
                || raw.at("response_rate_limit").exists();
    }

    /** The share of requests, in percent, that get an answer of the proxy's own; 0 for none. */
    public double abortPercent() {
        return percent(raw.at("abort"));
    }

    /** The status of that answer; 0 where there is none, or a gRPC one, or one that a header of the request chooses. */
    public int abortStatus() {
        return ProtoValues.count(raw.at("abort", "http_status"), 0);
    }

    /** The gRPC status of that answer, where it is one. */
    public Optional<Integer> abortGrpcStatus() {
        Json status = raw.at("abort", "grpc_status");
        return status.exists() ? Optional.of(ProtoValues.count(status, 0)) : Optional.empty();
    }

    /** The share of requests, in percent, that are held back; 0 for none. */
    public double delayPercent() {
        return percent(raw.at("delay"));
    }

    /** For how long; empty where there is no delay, or a header of the request chooses. */
    public Optional<Duration> delay() {
        return ProtoValues.duration(raw.at("delay", "fixed_delay"))
                .or(() -> ProtoValues.duration(raw.at("delay", "fixed_duration")));
    }

    private static double percent(Json fault) {
        // FractionalPercent without a numerator is 0; "percent" is the form before it.
        return fault.at("percentage").exists()
                ? ProtoValues.percent(fault.at("percentage"), 0)
                : ProtoValues.percent(fault.at("percent"), 0);
    }

    /** The headers that a request has to have to be hit; empty for all requests. */
    public List<FieldMatch> headers() {
        return raw.at("headers").items().stream().map(FieldMatch::header).toList();
    }

    /** The cluster whose requests are hit; empty for all. */
    public Optional<String> upstreamCluster() {
        return ProtoValues.text(raw.at("upstream_cluster"));
    }

    /** The whole fault as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** {@code abort 503 for 10%, delay 7s for 5%}; {@code no fault}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (raw.at("abort").exists()) {
            String what = raw.at("abort", "header_abort").exists()
                    ? "as the request's header says"
                    : abortGrpcStatus().map(status -> "gRPC " + status).orElseGet(() -> String.valueOf(abortStatus()));
            parts.add("abort " + what + " for " + ProtoValues.percentText(abortPercent()));
        }
        if (raw.at("delay").exists()) {
            parts.add("delay " + delay().map(ProtoValues::text).orElse("as the request's header says") + " for "
                    + ProtoValues.percentText(delayPercent()));
        }
        if (raw.at("response_rate_limit").exists()) {
            parts.add("response rate limited");
        }
        headers().forEach(header -> parts.add("with " + header));
        return parts.isEmpty() ? "no fault" : String.join(", ", parts);
    }
}
