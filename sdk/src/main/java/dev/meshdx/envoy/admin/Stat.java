package dev.meshdx.envoy.admin;

import java.math.BigInteger;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One of Envoy's statistics: a number (a counter or a gauge; Envoy's page does not say which), a text, or a histogram.
 * Immutable; safe for use by several threads.
 */
public final class Stat {
    private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);

    private final String name;
    private final Object value;

    /** With a {@code Long}, a {@code BigInteger} (unsigned, beyond a long), a {@code String} or a {@code StatHistogram}. */
    Stat(String name, Object value) {
        this.name = name;
        this.value = value;
    }

    /** Its name as Envoy prints it: {@code cluster.outbound|80||web.production.svc.cluster.local;.upstream_cx_total}. */
    public String name() {
        return name;
    }

    /** A counter or a gauge; of a difference, how much it grew. What does not fit into a long is its largest value. */
    public OptionalLong number() {
        if (value instanceof Long number) {
            return OptionalLong.of(number);
        }
        return value instanceof BigInteger large
                ? OptionalLong.of(large.min(MAX).longValue())
                : OptionalLong.empty();
    }

    /** The text of a text readout; of a number all of its digits. */
    public Optional<String> text() {
        return value instanceof StatHistogram ? Optional.empty() : Optional.of(value.toString());
    }

    /** The histogram. */
    public Optional<StatHistogram> histogram() {
        return value instanceof StatHistogram histogram ? Optional.of(histogram) : Optional.empty();
    }

    /** The value on one line. */
    String shown() {
        String text = value.toString();
        return text.length() > 200 ? text.substring(0, 199) + "…" : text;
    }

    /** {@code NAME: VALUE}, as in Envoy's text. */
    @Override
    public String toString() {
        return name + ": " + shown();
    }
}
