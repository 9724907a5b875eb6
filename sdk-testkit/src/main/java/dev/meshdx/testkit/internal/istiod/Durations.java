package dev.meshdx.testkit.internal.istiod;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations of manifests ({@code 1m30s}, {@code 500ms}) in the form of Envoy's dumps (seconds). */
final class Durations {
    private static final Pattern PART = Pattern.compile("([0-9]*\\.?[0-9]+)(ms|us|ns|h|m|s)");

    private Durations() {}

    static String envoy(String duration) {
        BigDecimal seconds = seconds(duration).stripTrailingZeros();
        if (seconds.scale() <= 0) {
            return seconds.toBigInteger() + "s";
        }
        int digits = seconds.scale() <= 3 ? 3 : seconds.scale() <= 6 ? 6 : 9;
        return seconds.setScale(digits).toPlainString() + "s";
    }

    private static BigDecimal seconds(String duration) {
        BigDecimal sum = BigDecimal.ZERO;
        Matcher parts = PART.matcher(duration);
        while (parts.find()) {
            BigDecimal number = new BigDecimal(parts.group(1));
            sum = sum.add(
                    switch (parts.group(2)) {
                        case "h" -> number.multiply(BigDecimal.valueOf(3600));
                        case "m" -> number.multiply(BigDecimal.valueOf(60));
                        case "ms" -> number.movePointLeft(3);
                        case "us" -> number.movePointLeft(6);
                        case "ns" -> number.movePointLeft(9);
                        default -> number;
                    });
        }
        return sum;
    }
}
