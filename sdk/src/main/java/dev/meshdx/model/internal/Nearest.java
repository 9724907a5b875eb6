package dev.meshdx.model.internal;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Suggests names that were probably meant. */
public final class Nearest {
    private Nearest() {}

    /** At most three of the candidates that are so like the name that a slip of the pen explains it, nearest first. */
    public static List<String> to(String name, Collection<String> candidates) {
        int tolerance = Math.max(2, name.length() / 4);
        record Scored(String candidate, int distance) {}
        return candidates.stream()
                .distinct()
                .filter(candidate -> !candidate.equals(name))
                .map(candidate -> new Scored(candidate, distance(name, candidate, tolerance)))
                .filter(scored -> scored.distance <= tolerance)
                .sorted(Comparator.comparingInt(Scored::distance).thenComparing(Scored::candidate))
                .limit(3)
                .map(Scored::candidate)
                .toList();
    }

    /**
     * Edit distance (Levenshtein), where a difference in case alone counts one in all; any larger number where it is larger
     * than the limit: then it is not worth its time, for there are many candidates and few that are near.
     */
    static int distance(String left, String right, int limit) {
        if (Math.abs(left.length() - right.length()) > limit) {
            return limit + 1;
        }
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        if (a.equals(b)) {
            return left.equals(right) ? 0 : 1;
        }
        int far = limit + 1;
        int[] previous = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            // Outside of this band the distance is larger than the limit anyway.
            int from = Math.max(1, i - limit);
            int to = Math.min(b.length(), i + limit);
            current[from - 1] = from == 1 ? i : far;
            int least = current[from - 1];
            for (int j = from; j <= to; j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                int above = j < i + limit ? previous[j] : far;
                current[j] = Math.min(substitution, Math.min(above, current[j - 1]) + 1);
                least = Math.min(least, current[j]);
            }
            if (least > limit) {
                return far;
            }
            int[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[b.length()];
    }
}
