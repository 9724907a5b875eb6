package dev.meshdx.envoy.internal;

import dev.meshdx.model.Json;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** Protobuf's durations and times in JSON. What is none is absent. Source: Protocol Buffers, "ProtoJSON format". */
public final class ProtoValues {
    private ProtoValues() {}

    /** {@code "5s"}, {@code "0.250s"}. */
    public static Optional<Duration> duration(Json value) {
        String text = value.text("");
        if (text.length() < 2 || text.length() > 32 || !text.endsWith("s")) {
            return Optional.empty();
        }
        try {
            BigDecimal seconds = new BigDecimal(text.substring(0, text.length() - 1));
            if (Math.abs((long) seconds.scale()) > 40 || seconds.precision() > 40) {
                return Optional.empty();
            }
            long whole = seconds.longValue();
            // Protobuf's own limit: ten thousand years.
            return Math.abs(whole) > 315_576_000_000L || seconds.abs().compareTo(BigDecimal.valueOf(1e12)) > 0
                    ? Optional.empty()
                    : Optional.of(Duration.ofSeconds(
                            whole,
                            seconds.subtract(BigDecimal.valueOf(whole))
                                    .movePointRight(9)
                                    .longValue()));
        } catch (NumberFormatException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** {@code "2026-01-02T03:04:05Z"}. */
    public static Optional<Instant> time(Json value) {
        String text = value.text("");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
