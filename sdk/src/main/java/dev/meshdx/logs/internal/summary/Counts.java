package dev.meshdx.logs.internal.summary;

import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The order of what was counted. */
public final class Counts {
    private Counts() {}

    /** The most frequent first, those that are as frequent by name. */
    public static <N extends Comparable<? super N>> Map<String, N> sorted(Map<String, N> counts) {
        Map<String, N> sorted = new LinkedHashMap<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, N>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return Collections.unmodifiableMap(sorted);
    }
}
