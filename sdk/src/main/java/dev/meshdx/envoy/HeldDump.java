package dev.meshdx.envoy;

import dev.meshdx.model.internal.Projection;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** A configuration that was read whole and is in memory. */
final class HeldDump implements Dump {
    private final Map<Section, List<Entry>> entries;
    private final Outcome outcome;

    private HeldDump(Map<Section, List<Entry>> entries, Outcome outcome) {
        this.entries = entries;
        this.outcome = outcome;
    }

    /** Reads something that can be read once. */
    interface Reading {
        Outcome into(Map<Section, Projection> wanted, BiConsumer<Section, Entry> entries) throws java.io.IOException;
    }

    static HeldDump of(Reading reading) throws java.io.IOException {
        Map<Section, Projection> all = new EnumMap<>(Section.class);
        Map<Section, List<Entry>> entries = new EnumMap<>(Section.class);
        for (Section section : Section.values()) {
            all.put(section, Projection.WHOLE);
            entries.put(section, new ArrayList<>());
        }
        Outcome outcome = reading.into(
                all,
                (section, entry) -> entries.computeIfAbsent(section, none -> new ArrayList<>())
                        .add(entry));
        return new HeldDump(entries, outcome);
    }

    @Override
    public Outcome read(Map<Section, Projection> wanted, NameFilter names, BiConsumer<Section, Entry> found) {
        for (Section section : wanted.keySet()) {
            entries.getOrDefault(section, List.of()).forEach(entry -> found.accept(section, entry));
        }
        return outcome;
    }
}
