package dev.meshdx.health.internal;

import java.math.BigDecimal;
import java.util.Map;

/** Kubernetes quantities. Source: Kubernetes, {@code apimachinery/pkg/api/resource/quantity.go}. */
final class Quantities {
    private static final Map<String, BigDecimal> FACTORS = Map.ofEntries(
            Map.entry("m", new BigDecimal("0.001")),
            Map.entry("k", new BigDecimal("1e3")),
            Map.entry("M", new BigDecimal("1e6")),
            Map.entry("G", new BigDecimal("1e9")),
            Map.entry("T", new BigDecimal("1e12")),
            Map.entry("P", new BigDecimal("1e15")),
            Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
            Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
            Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
            Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
            Map.entry("Pi", BigDecimal.valueOf(1L << 50)));

    private Quantities() {}

    /** {@code 2Gi}, {@code 1500M}, {@code 1e9} as bytes; -1 for what is not a quantity. */
    static long bytes(String text) {
        String number = text.strip();
        BigDecimal factor = BigDecimal.ONE;
        for (int length = 2; length > 0; length--) {
            int cut = number.length() - length;
            BigDecimal known = cut > 0 ? FACTORS.get(number.substring(cut)) : null;
            if (known != null) {
                factor = known;
                number = number.substring(0, cut);
                break;
            }
        }
        // A hostile exponent must not become a number with a billion digits.
        if (number.isEmpty() || number.length() > 30) {
            return -1;
        }
        try {
            BigDecimal value = new BigDecimal(number).multiply(factor);
            return value.signum() < 0 || value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
                    ? -1
                    : value.longValue();
        } catch (ArithmeticException | NumberFormatException e) {
            return -1;
        }
    }

    /** {@code 500m}, {@code 2}, {@code 1500000000n} as a number; -1 for what is not a quantity. */
    static double decimal(String text) {
        String number = text.strip();
        double factor = number.endsWith("n") ? 1e-9 : number.endsWith("u") ? 1e-6 : number.endsWith("m") ? 1e-3 : 1;
        if (factor != 1) {
            number = number.substring(0, number.length() - 1);
        }
        if (number.isEmpty() || number.length() > 30) {
            return -1;
        }
        try {
            double value = new BigDecimal(number).doubleValue() * factor;
            return value < 0 || value > 1e6 ? -1 : value;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Bytes as operators write them: {@code 4.2 GiB}, {@code 134 MiB}. */
    static String text(long bytes) {
        if (bytes >= 1L << 30) {
            return String.format(java.util.Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
        }
        return bytes / (1L << 20) + " MiB";
    }
}
