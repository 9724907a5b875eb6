package dev.meshdx.envoy.admin;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How the values of a statistic are spread, such as durations in milliseconds: percentiles of the last interval (Envoy's flush,
 * 5 s unless set otherwise) and since the proxy started. Immutable; safe for use by several threads.
 */
public final class StatHistogram {
    private final List<Double> percentiles;
    private final List<Double> interval;
    private final List<Double> cumulative;

    /** With NaN where there is no value; the lists are as long as each other. */
    StatHistogram(List<Double> percentiles, List<Double> interval, List<Double> cumulative) {
        this.percentiles = List.copyOf(percentiles);
        this.interval = List.copyOf(interval);
        this.cumulative = List.copyOf(cumulative);
    }

    /** Which percentiles there are: 0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100. */
    public List<Double> percentiles() {
        return percentiles;
    }

    /** The value below which so many per cent of those since the start are; empty where nothing was recorded. */
    public OptionalDouble cumulative(double percentile) {
        return at(cumulative, percentile);
    }

    /** The value below which so many per cent of those in the last interval are; empty where nothing was recorded. */
    public OptionalDouble interval(double percentile) {
        return at(interval, percentile);
    }

    private OptionalDouble at(List<Double> values, double percentile) {
        int index = percentiles.indexOf(percentile);
        return index < 0 || values.get(index).isNaN() ? OptionalDouble.empty() : OptionalDouble.of(values.get(index));
    }

    /** Whether nothing was ever recorded. */
    public boolean isEmpty() {
        return cumulative.stream().allMatch(value -> value.isNaN());
    }

    /** Half, nine out of ten, ninety-nine of a hundred, and the largest, since the start. */
    @Override
    public String toString() {
        if (isEmpty()) {
            return "no recorded values";
        }
        StringBuilder text = new StringBuilder();
        for (double percentile : new double[] {50, 90, 99, 100}) {
            cumulative(percentile)
                    .ifPresent(value -> text.append(text.isEmpty() ? "" : " ")
                            .append('P')
                            .append((int) percentile)
                            .append('=')
                            .append(number(value)));
        }
        return text.toString();
    }

    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : String.format(Locale.ROOT, "%.4g", value);
    }
}
