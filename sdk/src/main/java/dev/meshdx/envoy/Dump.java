package dev.meshdx.envoy;

import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.internal.Projection;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where the sections of a proxy's configuration come from: memory, a file that is read for each question, a live proxy. */
interface Dump {
    /**
     * Goes through sections once and hands out their entries one at a time.
     *
     * @param wanted the sections, and what of their entries
     * @param names of the entries wanted. A hint: entries of other names may come too
     */
    Outcome read(Map<Section, Projection> wanted, NameFilter names, BiConsumer<Section, Entry> entries);

    /** Goes through one section. */
    default Outcome read(Section section, Projection fields, NameFilter names, Consumer<Entry> entries) {
        return read(Map.of(section, fields), names, (found, entry) -> entries.accept(entry));
    }

    /**
     * How the reading went.
     *
     * @param sections those that the document has
     * @param problem why it is not complete, where it is not
     */
    record Outcome(Set<Section> sections, @Nullable Inconclusive problem) {
        public Outcome {
            sections = Set.copyOf(sections);
        }

        /**
         * The same as an answer of a proxy: one that tells what it was started with was asked for everything, and leaves out
         * these sections where they would be empty. Source: a real Envoy without discovered filters, or without routes.
         */
        Outcome ofProxy() {
            if (problem != null || !sections.contains(Section.BOOTSTRAP)) {
                return this;
            }
            Set<Section> all = EnumSet.of(Section.EXTENSIONS, Section.ROUTES);
            all.addAll(sections);
            return new Outcome(all, null);
        }

        List<Inconclusive> gaps(Section section) {
            List<Inconclusive> gaps = new ArrayList<>();
            if (problem != null) {
                gaps.add(problem);
            }
            if (!sections.contains(section)) {
                gaps.add(Inconclusive.of(
                        section.text(),
                        null,
                        Reason.NOT_RECORDED,
                        "The document has no section with " + section.text() + ".",
                        "Ask the proxy for the whole /config_dump?include_eds."));
            }
            return List.copyOf(gaps);
        }
    }
}
