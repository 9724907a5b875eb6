package dev.meshdx.envoy.internal;

import dev.meshdx.model.Json;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Values that protobuf JSON writes in forms of its own: durations as {@code "0.250s"}, shares as numerator and denominator,
 * wrapped numbers. What is not of the form is not there. Source: Protocol Buffers, "ProtoJSON format"; Envoy,
 * {@code type/v3/percent.proto}.
 */
public final class ProtoValues {
    /** The largest {@code uint32}. */
    public static final long MAX_UINT32 = 4_294_967_295L;

    /** The range that protobuf allows is shorter than this; longer texts are no durations. */
    private static final Pattern SECONDS = Pattern.compile("-?\\d{1,12}(\\.\\d{1,9})?s");

    private static final int NANOS = 9;

    private ProtoValues() {}

    /** A duration, where the value is one that is not negative. */
    public static Optional<Duration> duration(Json value) {
        String text = value.text("");
        if (!SECONDS.matcher(text).matches()) {
            return Optional.empty();
        }
        long nanos = new BigDecimal(text.substring(0, text.length() - 1))
                .setScale(NANOS, RoundingMode.DOWN)
                .remainder(BigDecimal.ONE)
                .unscaledValue()
                .longValue();
        long seconds = new BigDecimal(text.substring(0, text.length() - 1)).longValue();
        Duration duration = Duration.ofSeconds(seconds, nanos);
        return duration.isNegative() ? Optional.empty() : Optional.of(duration);
    }

    /** A duration, or the fallback where the value is none. */
    public static Duration duration(Json value, Duration fallback) {
        return duration(value).orElse(fallback);
    }

    /** A timestamp. */
    public static Optional<Instant> time(Json value) {
        try {
            return text(value).map(text -> OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** For people: {@code 3s}, {@code 250ms}, {@code 1.5s}, {@code 10m}. */
    public static String text(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        if (duration.toMillis() < 1_000) {
            return plain(BigDecimal.valueOf(duration.toNanos(), 6)) + "ms";
        }
        if (duration.getNano() == 0 && duration.toSeconds() % 3_600 == 0) {
            return duration.toHours() + "h";
        }
        if (duration.getNano() == 0 && duration.toSeconds() % 60 == 0) {
            return duration.toMinutes() + "m";
        }
        return plain(BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), NANOS)))
                + "s";
    }

    /**
     * A share in percent, of a {@code FractionalPercent}, a {@code RuntimeFractionalPercent}, a {@code Percent} or a plain
     * number; the fallback where the value is none of them. Not below 0, not above 100.
     */
    public static double percent(Json value, double fallback) {
        Json fraction = value.at("default_value").exists() ? value.at("default_value") : value;
        double percent;
        if (fraction.isObject()) {
            if (fraction.at("value").exists()) {
                percent = fraction.at("value").decimal(fallback);
            } else {
                percent = 100.0
                        * fraction.at("numerator").number(0)
                        / denominator(fraction.at("denominator").text(""));
            }
        } else {
            percent = fraction.decimal(fallback);
        }
        return Double.isNaN(percent) ? fallback : Math.max(0, Math.min(100, percent));
    }

    private static double denominator(String name) {
        return switch (name) {
            case "TEN_THOUSAND", "1" -> 10_000.0;
            case "MILLION", "2" -> 1_000_000.0;
            default -> 100.0;
        };
    }

    /** For people: {@code 90%}, {@code 0.1%}. */
    public static String percentText(double percent) {
        BigDecimal rounded = BigDecimal.valueOf(percent).setScale(percent < 1 ? 4 : 2, RoundingMode.HALF_UP);
        return plain(rounded) + "%";
    }

    private static String plain(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
    }

    /** A count, a port, a status: a whole number from 0 to the largest {@code int}; the fallback for everything else. */
    public static int count(Json value, int fallback) {
        long number = value.number(fallback);
        return number < 0 || number > Integer.MAX_VALUE ? fallback : (int) number;
    }

    /** A {@code uint32}, wrapped or not; else the fallback. */
    public static long uint32(Json value, long fallback) {
        double number = value.decimal(-1);
        return number >= 0 && number <= MAX_UINT32 ? (long) number : fallback;
    }

    /** For people, a number without a fraction where there is none: {@code 50}, {@code 33.3}. */
    public static String text(double number) {
        double rounded = Math.round(number * 100) / 100.0;
        return rounded == Math.rint(rounded) ? String.valueOf((long) rounded) : String.valueOf(rounded);
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

    /** A text that is not empty. */
    public static Optional<String> text(Json value) {
        return value.text().filter(text -> !text.isEmpty());
    }

    /** A regular expression; older proxies write it with the engine beside it, oldest ones as a plain text. */
    public static String regex(Json value) {
        return value.at("regex").text(value.text(""));
    }

    /** At most this many characters, for lines that people read. */
    public static String shorten(String text, int length) {
        String line = text.replace('\n', ' ').replace('\r', ' ');
        return line.length() <= length ? line : line.substring(0, length - 3) + "...";
    }

    /** The first few, and how many more. */
    public static String some(List<String> names, int shown) {
        return names.size() <= shown
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, shown)) + " +" + (names.size() - shown);
    }

    /** The first value of an enum that Envoy left out, or the value in capitals. */
    public static String enumText(Json value, String first) {
        return text(value).orElse(first).toUpperCase(Locale.ROOT);
    }
}
