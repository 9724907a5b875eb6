package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;

/**
 * When a proxy stops sending to a host that fails, and for how long. Each proxy judges by what it sees itself; a host is
 * ejected from one cluster, not from others that also have it.
 *
 * <p>Source: Envoy, {@code config/cluster/v3/outlier_detection.proto} for fields and defaults. Immutable.
 */
public final class OutlierDetection {
    private final Json raw;
    private final double minHealthPercent;

    OutlierDetection(Json raw, double minHealthPercent) {
        this.raw = raw;
        this.minHealthPercent = minHealthPercent;
    }

    private long number(String field, long fallback) {
        return ProtoValues.uint32(raw.at(field), fallback);
    }

    /** After how many answers with 5xx in a row a host is ejected; 5 by default. 0 where it is never for that. */
    public long consecutive5xx() {
        return number("enforcing_consecutive_5xx", 100) == 0 ? 0 : number("consecutive_5xx", 5);
    }

    /**
     * After how many answers with 502, 503 or 504 in a row a host is ejected; 0 where it is never for that, which is the
     * default.
     */
    public long consecutiveGatewayErrors() {
        return number("enforcing_consecutive_gateway_failure", 0) == 0 ? 0 : number("consecutive_gateway_failure", 5);
    }

    /**
     * After how many failures that the proxy sees itself (no connection, reset, timeout) in a row a host is ejected; 5 by
     * default. 0 where these are not counted by themselves: then they count as {@link #consecutive5xx()}.
     */
    public long consecutiveLocalOriginFailures() {
        return !splitsLocalOriginErrors() || number("enforcing_consecutive_local_origin_failure", 100) == 0
                ? 0
                : number("consecutive_local_origin_failure", 5);
    }

    /** Whether failures of connections are counted apart from answers. */
    public boolean splitsLocalOriginErrors() {
        return raw.at("split_external_local_origin_errors").bool(false);
    }

    /** Whether hosts are ejected for a lower rate of success than the others have; Istio turns that off. */
    public boolean enforcesSuccessRate() {
        return number("enforcing_success_rate", 100) > 0;
    }

    /** How often the proxy looks: ejected hosts return at such a time; 10 s by default. */
    public Duration interval() {
        return ProtoValues.duration(raw.at("interval"), Duration.ofSeconds(10));
    }

    /** How long a host is ejected the first time; times the number of its ejections after that. 30 s by default. */
    public Duration baseEjectionTime() {
        return ProtoValues.duration(raw.at("base_ejection_time"), Duration.ofSeconds(30));
    }

    /** The longest ejection: five minutes by default, and never less than the base. */
    public Duration maxEjectionTime() {
        Duration longest = ProtoValues.duration(raw.at("max_ejection_time"), Duration.ofMinutes(5));
        return longest.compareTo(baseEjectionTime()) < 0 ? baseEjectionTime() : longest;
    }

    /** How many percent of the hosts may be ejected at one time; 10 by default. */
    public int maxEjectionPercent() {
        return (int) Math.min(100, number("max_ejection_percent", 10));
    }

    /**
     * How many hosts of a cluster may be ejected at one time: the percentage, rounded down. 10 % of nine hosts is none. Older
     * proxies (before 1.28) eject one in any case. Source: Envoy, {@code outlier_detection_impl.cc}, {@code ejectHost}.
     *
     * @param hosts how many the cluster has
     */
    public int maxEjections(int hosts) {
        int most = (int) ((long) Math.max(0, hosts) * maxEjectionPercent() / 100);
        return most == 0 && hosts > 0 && raw.at("always_eject_one_host").bool(false) ? 1 : most;
    }

    /**
     * Below how many percent of healthy hosts ejections are ignored and all hosts get requests: the cluster's panic
     * threshold, {@code minHealthPercent} of a DestinationRule. Istio writes 0, for never.
     */
    public double minHealthPercent() {
        return minHealthPercent;
    }

    /** The whole message as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One line. */
    @Override
    public String toString() {
        return "5xx " + text(consecutive5xx()) + ", gateway errors " + text(consecutiveGatewayErrors())
                + ", local origin " + text(consecutiveLocalOriginFailures()) + ", every " + ProtoValues.text(interval())
                + ", for " + ProtoValues.text(baseEjectionTime()) + ", at most " + maxEjectionPercent() + " %";
    }

    private static String text(long count) {
        return count == 0 ? "not counted" : String.valueOf(count);
    }
}
