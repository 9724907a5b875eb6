package dev.meshdx.testkit.internal;

import dev.meshdx.testkit.Fault;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** Faults by path. The latest that matches counts; one that is used up makes way for those before it. */
final class Faults {
    private record Entry(Pattern path, Fault fault, AtomicInteger left) {
        Optional<Fault> take() {
            if (fault.times() == Integer.MAX_VALUE) {
                return Optional.of(fault);
            }
            return left.getAndUpdate(count -> Math.max(0, count - 1)) > 0 ? Optional.of(fault) : Optional.empty();
        }
    }

    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    /**
     * Adds a fault.
     *
     * @param path where a star stands for any text; without a question mark it matches whatever the query is
     */
    void add(String path, Fault fault) {
        entries.add(0, new Entry(glob(path), fault, new AtomicInteger(fault.times())));
    }

    void clear() {
        entries.clear();
    }

    /** What goes wrong with a request now. */
    Optional<Fault> next(String target) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        for (Entry entry : entries) {
            if (entry.path().matcher(target).matches()
                    || entry.path().matcher(path).matches()) {
                Optional<Fault> fault = entry.take();
                if (fault.isPresent()) {
                    return fault;
                }
            }
        }
        return Optional.empty();
    }

    static Pattern glob(String glob) {
        StringBuilder pattern = new StringBuilder();
        for (String part : glob.split("\\*", -1)) {
            pattern.append(pattern.length() == 0 ? "" : ".*").append(Pattern.quote(part));
        }
        return Pattern.compile(pattern.toString());
    }
}
