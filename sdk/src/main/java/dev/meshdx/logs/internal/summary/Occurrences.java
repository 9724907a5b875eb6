package dev.meshdx.logs.internal.summary;

import dev.meshdx.logs.Burst;
import dev.meshdx.logs.internal.line.Line;
import dev.meshdx.logs.internal.line.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How often something happened, first and last, and its bursts: the largest few are kept. */
final class Occurrences {
    private static final long GAP = 60_000_000;
    private static final int KEPT = 3;

    long count;
    private long first = Timestamps.NONE;
    private long last = Timestamps.NONE;
    private long burstFirst = Timestamps.NONE;
    private long burstLast = Timestamps.NONE;
    private long burstCount;
    private int bursts;
    private final List<Burst> largest = new ArrayList<>();

    /** Once more, at this time in microseconds or at none. */
    void add(long time) {
        count++;
        if (time == Timestamps.NONE) {
            return;
        }
        first = first == Timestamps.NONE ? time : Math.min(first, time);
        last = last == Timestamps.NONE ? time : Math.max(last, time);
        if (burstCount == 0 || time > burstLast + GAP || time < burstFirst - GAP) {
            endBurst();
            burstFirst = time;
            burstLast = time;
            burstCount = 1;
            bursts++;
        } else {
            burstFirst = Math.min(burstFirst, time);
            burstLast = Math.max(burstLast, time);
            burstCount++;
        }
    }

    private void endBurst() {
        if (burstCount > 0) {
            keep(new Burst(instant(burstFirst), instant(burstLast), burstCount));
            burstCount = 0;
        }
    }

    private static Instant instant(long micros) {
        return Objects.requireNonNull(Line.instant(micros));
    }

    private void keep(Burst burst) {
        largest.add(burst);
        largest.sort(Comparator.comparingLong(Burst::count).reversed().thenComparing(Burst::first));
        if (largest.size() > KEPT) {
            largest.remove(KEPT);
        }
    }

    /** Adds what happened in another log. Bursts that overlap there and here are one. */
    void merge(Occurrences other) {
        endBurst();
        other.endBurst();
        count += other.count;
        first = first == Timestamps.NONE
                ? other.first
                : other.first == Timestamps.NONE ? first : Math.min(first, other.first);
        last = Math.max(last, other.last);
        int together = 0;
        for (Burst burst : other.largest) {
            Burst joined = burst;
            for (Burst mine : List.copyOf(largest)) {
                if (!mine.first().isAfter(joined.last().plusSeconds(60))
                        && !joined.first().isAfter(mine.last().plusSeconds(60))) {
                    largest.remove(mine);
                    together++;
                    joined = new Burst(
                            mine.first().isBefore(joined.first()) ? mine.first() : joined.first(),
                            mine.last().isAfter(joined.last()) ? mine.last() : joined.last(),
                            mine.count() + joined.count());
                }
            }
            keep(joined);
        }
        bursts = Math.max(largest.size(), bursts + other.bursts - together);
    }

    @Nullable
    Instant first() {
        return Line.instant(first);
    }

    @Nullable
    Instant last() {
        return Line.instant(last);
    }

    /** The largest bursts, the largest first. */
    List<Burst> bursts() {
        endBurst();
        return List.copyOf(largest);
    }

    /** How many bursts there were in all. */
    int burstCount() {
        return bursts;
    }
}
