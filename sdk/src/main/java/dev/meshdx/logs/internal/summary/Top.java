package dev.meshdx.logs.internal.summary;

import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.internal.line.Line;
import dev.meshdx.logs.internal.line.LineTexts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The few requests of which some number is largest. */
final class Top {
    private static final int KEPT = 10;

    private record Place(long value, AccessLogEntry entry) {}

    private static final Comparator<Place> ORDER =
            Comparator.comparingLong(Place::value).reversed();

    private final List<Place> places = new ArrayList<>();
    private long threshold;

    void add(long value, Line line) {
        if (value > threshold || (value > 0 && places.size() < KEPT)) {
            keep(new Place(value, LineTexts.entry(line)));
        }
    }

    private void keep(Place place) {
        int at = places.size();
        while (at > 0 && places.get(at - 1).value() < place.value()) {
            at--;
        }
        places.add(at, place);
        if (places.size() > KEPT) {
            places.remove(KEPT);
        }
        threshold = places.size() == KEPT ? places.get(KEPT - 1).value() : 0;
    }

    void merge(Top other) {
        other.places.forEach(this::keep);
    }

    /** The largest first. */
    List<AccessLogEntry> entries() {
        return places.stream().sorted(ORDER).map(Place::entry).toList();
    }
}
