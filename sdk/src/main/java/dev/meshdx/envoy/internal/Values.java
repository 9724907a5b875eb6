package dev.meshdx.envoy.internal;

import dev.meshdx.model.Json;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values of protobuf JSON. What has another type than it should, or is out of its range, counts as not there. Source:
 * Protocol Buffers, "ProtoJSON format".
 */
public final class Values {
    /** The largest {@code uint32}. */
    public static final long MAX_UINT32 = 4_294_967_295L;

    private static final Pattern DURATION = Pattern.compile("(-?)(\\d{1,12})(?:\\.(\\d{1,9}))?s");

    private Values() {}

    /** A duration, such as {@code 0.250s}. */
    public static Optional<Duration> duration(Json value) {
        Matcher parts = DURATION.matcher(value.text(""));
        if (!parts.matches()) {
            return Optional.empty();
        }
        BigDecimal seconds =
                new BigDecimal(parts.group(1) + parts.group(2) + "." + (parts.group(3) == null ? "0" : parts.group(3)));
        return Optional.of(Duration.ofSeconds(
                seconds.longValue(),
                seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue()));
    }

    /** A duration that is not negative; else the fallback. */
    public static Duration duration(Json value, Duration fallback) {
        return duration(value).filter(duration -> !duration.isNegative()).orElse(fallback);
    }

    /** A {@code uint32}, wrapped or not; else the fallback. */
    public static long uint32(Json value, long fallback) {
        double number = value.decimal(-1);
        return number >= 0 && number <= MAX_UINT32 ? (long) number : fallback;
    }

    /** A {@code Percent} message: an empty one is 0; between 0 and 100; the fallback where there is none. */
    public static double percent(Json value, double fallback) {
        if (!value.isObject()) {
            return fallback;
        }
        double number = value.at("value").decimal(0);
        return number >= 0 ? Math.min(number, 100) : fallback;
    }

    /** A timestamp. */
    public static Optional<Instant> time(Json value) {
        try {
            return value.text().map(Instant::parse);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The last part of the name of an {@code Any}'s type: {@code UpstreamTlsContext}; empty where it has none. */
    public static String type(Json any) {
        String type = any.at("@type").text("");
        return type.substring(Math.max(type.lastIndexOf('.'), type.lastIndexOf('/')) + 1);
    }

    /** The file, or the environment variable, from which a {@code DataSource} takes its value, where it does. */
    public static Optional<String> place(Json dataSource) {
        return dataSource
                .at("filename")
                .text()
                .or(() -> dataSource.at("environment_variable").text().map(name -> "$" + name));
    }

    /** A duration as people write it: {@code 10s}, {@code 0.25s}. */
    public static String text(Duration duration) {
        return text(duration.toNanosPart() == 0 ? duration.toSeconds() : duration.toMillis() / 1000.0) + "s";
    }

    /** A number without a fraction where there is none: {@code 50}, {@code 33.3}. */
    public static String text(double number) {
        double rounded = Math.round(number * 100) / 100.0;
        return rounded == Math.rint(rounded) ? String.valueOf((long) rounded) : String.valueOf(rounded);
    }
}
