package dev.meshdx.health;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How long something took, as a histogram tells it: how often, on average, and between which bounds the median and the slowest
 * hundredth lie. It counts from the start of the process: a slow minute of today is hidden by a fast week. Immutable; safe for
 * use by several threads. Source: Prometheus, "Histograms and summaries", errors of quantile estimation.
 */
@CheckReturnValue
public final class Latency {
    private final SortedMap<Double, Double> buckets;
    private final long count;
    private final double sum;

    private Latency(SortedMap<Double, Double> buckets, long count, double sum) {
        this.buckets = buckets;
        this.count = count;
        this.sum = sum;
    }

    /** A quantile, as far as buckets can tell it. Immutable. */
    public static final class Quantile {
        private final Duration atLeast;
        private final Duration estimate;
        private final @Nullable Duration upper;

        private Quantile(Duration atLeast, Duration estimate, @Nullable Duration upper) {
            this.atLeast = atLeast;
            this.estimate = estimate;
            this.upper = upper;
        }

        /** The lower bound of its bucket. */
        public Duration atLeast() {
            return atLeast;
        }

        /** Within the bucket, as if what is in it were spread evenly; the lower bound of a bucket without an upper one. */
        public Duration estimate() {
            return estimate;
        }

        /** The upper bound of its bucket; empty where it has none. */
        public Optional<Duration> atMost() {
            return Optional.ofNullable(upper);
        }

        /** {@code 0.1 s to 0.5 s}, {@code up to 0.01 s}, {@code more than 30 s}. */
        @Override
        public String toString() {
            if (upper == null) {
                return "more than " + text(atLeast);
            }
            return atLeast.isZero() ? "up to " + text(upper) : text(atLeast) + " to " + text(upper);
        }
    }

    /**
     * Made by the reader of metrics.
     *
     * @param cumulative how many were at most so many seconds, by seconds
     * @param count how many in all; negative where the page does not say
     * @param sum seconds in all; not a number where the page does not say
     */
    @Internal
    public static Optional<Latency> of(Map<Double, Double> cumulative, double count, double sum) {
        SortedMap<Double, Double> buckets = new TreeMap<>();
        double most = 0;
        for (Map.Entry<Double, Double> bucket : new TreeMap<>(cumulative).entrySet()) {
            if (!Double.isNaN(bucket.getKey()) && bucket.getKey() >= 0 && Double.isFinite(bucket.getValue())) {
                // Cumulative counts cannot fall; where they do, replicas of a page were mixed.
                most = Math.max(most, bucket.getValue());
                buckets.put(bucket.getKey(), most);
            }
        }
        double all = count > 0 && Double.isFinite(count) ? count : most;
        return all < 1 || all > 1e15
                ? Optional.empty()
                : Optional.of(new Latency(buckets, (long) all, Double.isFinite(sum) ? Math.max(0, sum) : Double.NaN));
    }

    /** How many were measured. */
    public long count() {
        return count;
    }

    /** The average; empty where the sum is not known. */
    public Optional<Duration> mean() {
        return Double.isNaN(sum) ? Optional.empty() : Optional.of(seconds(sum / count));
    }

    /** The median; empty where there are no buckets. */
    public Optional<Quantile> p50() {
        return quantile(0.5);
    }

    /** What 99 of 100 do not exceed; empty where there are no buckets. */
    public Optional<Quantile> p99() {
        return quantile(0.99);
    }

    private Optional<Quantile> quantile(double share) {
        double rank = share * count;
        double lower = 0;
        double below = 0;
        for (Map.Entry<Double, Double> bucket : buckets.entrySet()) {
            double upper = bucket.getKey();
            if (bucket.getValue() >= rank) {
                if (Double.isInfinite(upper)) {
                    break;
                }
                double inside = bucket.getValue() - below;
                double estimate = inside <= 0 ? upper : lower + (upper - lower) * (rank - below) / inside;
                return Optional.of(new Quantile(seconds(lower), seconds(estimate), seconds(upper)));
            }
            if (!Double.isInfinite(upper)) {
                lower = upper;
            }
            below = bucket.getValue();
        }
        return buckets.isEmpty() ? Optional.empty() : Optional.of(new Quantile(seconds(lower), seconds(lower), null));
    }

    /** How many took longer than this, at least: those of the buckets that begin there or above. */
    public long longerThan(Duration limit) {
        double seconds = limit.toMillis() / 1000.0;
        for (Map.Entry<Double, Double> bucket : buckets.entrySet()) {
            if (bucket.getKey() >= seconds) {
                return Math.max(0, count - bucket.getValue().longValue());
            }
        }
        return 0;
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos((long) (Math.min(seconds, 1e9) * 1e9));
    }

    private static String text(Duration duration) {
        String text = String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e9);
        return text.replaceFirst("\\.?0+$", "") + " s";
    }

    /** {@code 412 measured, p50 up to 0.1 s, p99 3 s to 5 s}. */
    @Override
    public String toString() {
        return count + " measured" + p50().map(median -> ", p50 " + median).orElse("")
                + p99().map(slow -> ", p99 " + slow).orElse("");
    }
}
