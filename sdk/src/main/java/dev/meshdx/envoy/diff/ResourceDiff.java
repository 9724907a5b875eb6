package dev.meshdx.envoy.diff;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A resource that two configurations do not hold alike. Immutable. */
public final class ResourceDiff {
    /** On which side it is. */
    public enum Presence {
        /** Only the first configuration has it. */
        ONLY_BEFORE,
        /** Only the second configuration has it. */
        ONLY_AFTER,
        /** Both have it, and it differs. */
        CHANGED
    }

    private final ConfigDiff.Section section;
    private final String name;
    private final Presence presence;
    private final List<FieldChange> changes;
    private final @Nullable Version before;
    private final @Nullable Version after;

    /** What a comparison leaves out, because it differs without a difference. */
    record Version(Optional<String> version, Optional<Instant> lastUpdated, String summary) {
        static final Version NONE = new Version(Optional.empty(), Optional.empty(), "");
    }

    ResourceDiff(
            ConfigDiff.Section section,
            String name,
            Presence presence,
            List<FieldChange> changes,
            @Nullable Version before,
            @Nullable Version after) {
        this.section = section;
        this.name = name;
        this.presence = presence;
        this.changes = List.copyOf(changes);
        this.before = before;
        this.after = after;
    }

    /** The part of the configuration. */
    public ConfigDiff.Section section() {
        return section;
    }

    /** The resource's name; for endpoints the cluster's. Of several with one name, the second is {@code NAME #2}. */
    public String name() {
        return name;
    }

    /** On which side it is. */
    public Presence presence() {
        return presence;
    }

    /** The fields that differ; empty where only one side has the resource. */
    public List<FieldChange> changes() {
        return changes;
    }

    /** The version ({@code version_info}) on the first side; empty where Envoy does not say. It is not compared. */
    public Optional<String> versionBefore() {
        return before == null ? Optional.empty() : before.version();
    }

    /** The version ({@code version_info}) on the second side; empty where Envoy does not say. It is not compared. */
    public Optional<String> versionAfter() {
        return after == null ? Optional.empty() : after.version();
    }

    /** When the first side took it over ({@code last_updated}). It is not compared. */
    public Optional<Instant> lastUpdatedBefore() {
        return before == null ? Optional.empty() : before.lastUpdated();
    }

    /** When the second side took it over ({@code last_updated}). It is not compared. */
    public Optional<Instant> lastUpdatedAfter() {
        return after == null ? Optional.empty() : after.lastUpdated();
    }

    /** A few words about the resource on the first side, such as {@code ACTIVE} or {@code 2 endpoints}. */
    String summaryBefore() {
        return before == null ? "" : before.summary();
    }

    /** A few words about the resource on the second side. */
    String summaryAfter() {
        return after == null ? "" : after.summary();
    }

    /** One line. */
    @Override
    public String toString() {
        return section + " " + name + ": "
                + (presence == Presence.CHANGED
                        ? changes.size() == 1 ? changes.get(0).toString() : changes.size() + " fields differ"
                        : presence == Presence.ONLY_BEFORE
                                ? "only the first has it (" + summaryBefore() + ")"
                                : "only the second has it (" + summaryAfter() + ")");
    }
}
