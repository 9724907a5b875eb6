package dev.meshdx.health.internal;

import dev.meshdx.health.Latency;
import dev.meshdx.health.PushStatistics;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a diagnosis wants of istiod's {@code /metrics}: sums, histograms and a few series with their labels, whatever other labels
 * a version adds. Source: Istio, {@code pilot/pkg/xds/monitoring.go}, {@code pilot/pkg/model/push_context.go}, {@code
 * security/pkg/server/ca/monitoring.go}, {@code pkg/kube/inject/monitoring.go}, {@code pkg/webhooks/monitoring.go}, {@code
 * pilot/pkg/model/jwks_resolver.go}; Prometheus' own {@code process_…} and {@code go_…}.
 */
final class IstiodMetrics {
    private static final Map<String, String> HISTOGRAMS = Map.of(
            "convergence", "pilot_proxy_convergence_time",
            "queue", "pilot_proxy_queue_time",
            "debounce", "pilot_debounce_time",
            "initialisation", "pilot_pushcontext_init_seconds",
            "generation", "pilot_xds_push_time");

    /** Metrics of which each series is kept, under the text of its labels. */
    private static final Set<String> SERIES = Set.of(
            "pilot_xds",
            "pilot_xds_pushes",
            "pilot_total_xds_rejects",
            "pilot_xds_cds_reject",
            "pilot_xds_lds_reject",
            "pilot_xds_rds_reject",
            "pilot_xds_eds_reject",
            "pilot_total_rejected_configs",
            "webhook_patch_failures_total",
            "pilot_info",
            "istio_build");

    /** Metrics of which the sum over all series is kept. */
    private static final Set<String> SUMS = Set.of(
            "istiod_uptime_seconds",
            "process_start_time_seconds",
            "process_cpu_seconds_total",
            "process_resident_memory_bytes",
            "go_memstats_heap_inuse_bytes",
            "go_memstats_alloc_bytes",
            "pilot_total_xds_internal_errors",
            "pilot_xds_write_timeout",
            "citadel_server_root_cert_expiry_timestamp",
            "citadel_server_cert_chain_expiry_timestamp",
            "citadel_server_csr_count",
            "citadel_server_success_cert_issuance_count",
            "citadel_server_authentication_failure_count",
            "citadel_server_csr_parsing_err_count",
            "citadel_server_csr_sign_err_count",
            "citadel_server_csr_sign_error_count",
            "citadel_server_id_extraction_err_count",
            "pilot_jwks_resolver_network_fetch_success_total",
            "pilot_jwks_resolver_network_fetch_fail_total",
            "sidecar_injection_requests_total",
            "sidecar_injection_failure_total",
            "galley_validation_failed",
            "galley_validation_http_error");

    /** So many series and bounds are kept; a label with the name of each proxy makes no more of them matter. */
    private static final int MOST = 2_000;

    private static final int LONGEST_LABELS = 300;

    private final Map<String, Double> sums = new HashMap<>();
    private final Map<String, SortedMap<String, Double>> series = new HashMap<>();
    private final Map<String, SortedMap<Double, Double>> buckets = new HashMap<>();
    private boolean complete = true;

    private IstiodMetrics() {}

    /** Reads a page. */
    static IstiodMetrics read(InputStream in) throws IOException {
        IstiodMetrics metrics = new IstiodMetrics();
        metrics.complete =
                PrometheusText.read(in, IstiodMetrics::isWanted, metrics::add).complete();
        return metrics;
    }

    private static boolean isWanted(String name) {
        return SUMS.contains(name) || SERIES.contains(name) || HISTOGRAMS.containsValue(histogram(name));
    }

    private static String histogram(String name) {
        for (String suffix : new String[] {"_bucket", "_sum", "_count"}) {
            if (name.endsWith(suffix)) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        return "";
    }

    private void add(String name, Map<String, String> labels, double value) {
        if (Double.isNaN(value)) {
            return;
        }
        String histogram = histogram(name);
        if (name.endsWith("_bucket") && HISTOGRAMS.containsValue(histogram)) {
            SortedMap<Double, Double> of = buckets.computeIfAbsent(histogram, key -> new TreeMap<>());
            try {
                String bound = labels.getOrDefault("le", "");
                double le = bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound);
                if (of.size() < MOST || of.containsKey(le)) {
                    of.merge(le, value, Double::sum);
                }
            } catch (NumberFormatException e) {
                // A bucket without a bound says nothing.
            }
            return;
        }
        sums.merge(name, value, Double::sum);
        if (SERIES.contains(name)) {
            SortedMap<String, Double> of = series.computeIfAbsent(name, key -> new TreeMap<>());
            String key = labels(name, labels);
            if (of.size() < MOST || of.containsKey(key)) {
                of.merge(key, value, Double::sum);
            }
        }
    }

    /** The one label that matters, or all of them. */
    private static String labels(String name, Map<String, String> labels) {
        String only = switch (name) {
            case "pilot_xds", "pilot_info" -> labels.get("version");
            case "pilot_xds_pushes", "pilot_total_xds_rejects" -> labels.get("type");
            default -> null;
        };
        String text = only;
        if (text == null) {
            StringBuilder all = new StringBuilder();
            labels.forEach((label, value) -> all.append(all.isEmpty() ? "" : ", ")
                    .append(label)
                    .append('=')
                    .append(value));
            text = all.toString();
        }
        return text.length() > LONGEST_LABELS ? text.substring(0, LONGEST_LABELS) + "…" : text;
    }

    /** Whether the page was read to its end. */
    boolean complete() {
        return complete;
    }

    /** The sum over all series of a metric; empty where the page does not have it. */
    OptionalDouble sum(String name) {
        Double value = sums.get(name);
        return value == null || !Double.isFinite(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** A count; 0 where the page does not have it: counters of failures are written with the first failure. */
    long count(String name) {
        double value = sum(name).orElse(0);
        return value < 0 || value > 1e15 ? 0 : (long) value;
    }

    /** The series of a metric, by their labels. */
    SortedMap<String, Double> series(String name) {
        return Collections.unmodifiableSortedMap(series.getOrDefault(name, new TreeMap<>()));
    }

    /** The series as whole numbers, without those that are zero. */
    SortedMap<String, Long> counts(String name) {
        SortedMap<String, Long> counts = new TreeMap<>();
        series(name).forEach((labels, value) -> {
            if (value >= 1 && value < 1e15) {
                counts.put(labels, value.longValue());
            }
        });
        return counts;
    }

    private @Nullable Latency latency(String stage) {
        String name = HISTOGRAMS.getOrDefault(stage, "");
        return Latency.of(
                        buckets.getOrDefault(name, new TreeMap<>()),
                        sum(name + "_count").orElse(-1),
                        sum(name + "_sum").orElse(Double.NaN))
                .orElse(null);
    }

    /** For how long the process has been running at a time. */
    Optional<Duration> uptime(Instant now) {
        OptionalDouble told = sum("istiod_uptime_seconds");
        double seconds = told.orElse(-1);
        if (told.isEmpty()) {
            OptionalDouble start = sum("process_start_time_seconds");
            seconds = start.isEmpty() ? -1 : now.getEpochSecond() - start.getAsDouble();
        }
        return seconds < 0 || seconds > 1e10
                ? Optional.empty()
                : Optional.of(Duration.ofMillis((long) (seconds * 1000)));
    }

    /** How configuration is brought to proxies. */
    PushStatistics push() {
        SortedMap<String, Long> pushes = counts("pilot_xds_pushes");
        return new PushStatistics(new PushStatistics.Fields(
                latency("convergence"),
                latency("queue"),
                latency("debounce"),
                latency("initialisation"),
                latency("generation"),
                pushes,
                counts("pilot_total_xds_rejects"),
                count("pilot_total_xds_internal_errors"),
                count("pilot_xds_write_timeout"),
                count("pilot_total_rejected_configs")));
    }
}
