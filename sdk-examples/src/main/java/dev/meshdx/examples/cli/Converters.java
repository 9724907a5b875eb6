package dev.meshdx.examples.cli;

import dev.meshdx.envoy.TrafficDirection;
import dev.meshdx.report.Format;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What people type, as values; what is not one of them is refused with a list of those that there are. */
final class Converters {
    private Converters() {}

    private static <E> E oneOf(String text, List<E> values) {
        String wanted = text.trim().toLowerCase(Locale.ROOT).replace('_', '-');
        return values.stream()
                .filter(value -> value.toString()
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-')
                        .equals(wanted))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of "
                        + String.join(
                                ", ",
                                values.stream()
                                        .map(value -> value.toString().toLowerCase(Locale.ROOT))
                                        .toList())));
    }

    static final class OfFormat implements ITypeConverter<Format> {
        @Override
        public Format convert(String text) {
            return oneOf(text, Arrays.asList(Format.values()));
        }
    }

    static final class OfFailOn implements ITypeConverter<MeshCommand.FailOn> {
        @Override
        public MeshCommand.FailOn convert(String text) {
            return oneOf(text, Arrays.asList(MeshCommand.FailOn.values()));
        }
    }

    static final class OfSection implements ITypeConverter<ProxyConfigCommand.Section> {
        @Override
        public ProxyConfigCommand.Section convert(String text) {
            // istioctl takes the singular and its short forms too.
            String lower = text.trim().toLowerCase(Locale.ROOT);
            return oneOf(
                    switch (lower) {
                        case "cluster", "c" -> "clusters";
                        case "listener", "l" -> "listeners";
                        case "route", "r" -> "routes";
                        case "endpoint", "ep" -> "endpoints";
                        case "secret", "s" -> "secrets";
                        case "b" -> "bootstrap";
                        case "extension", "ecds" -> "extensions";
                        default -> lower;
                    },
                    Arrays.asList(ProxyConfigCommand.Section.values()));
        }
    }

    static final class OfDirection implements ITypeConverter<TrafficDirection> {
        @Override
        public TrafficDirection convert(String text) {
            return oneOf(
                    text,
                    Arrays.stream(TrafficDirection.values())
                            .filter(direction -> !direction.toString().equals("-"))
                            .toList());
        }
    }

    static final class OfDuration implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            String upper = text.trim().toUpperCase(Locale.ROOT);
            try {
                Duration duration = upper.endsWith("MS")
                        ? Duration.ofMillis(Long.parseLong(upper.substring(0, upper.length() - 2)))
                        : Duration.parse("PT" + upper);
                if (!duration.isNegative() && !duration.isZero() && duration.compareTo(Duration.ofDays(1)) <= 0) {
                    return duration;
                }
            } catch (DateTimeException | NumberFormatException | ArithmeticException e) {
                // Said below.
            }
            throw new TypeConversionException("'" + text + "' is no time up to a day, such as 500ms, 30s or 2m");
        }
    }

    static final class OfInstant implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw new TypeConversionException("'" + text + "' is no instant such as 2026-01-02T03:04:05Z");
            }
        }
    }
}
