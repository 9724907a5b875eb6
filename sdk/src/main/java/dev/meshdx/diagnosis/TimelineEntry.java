package dev.meshdx.diagnosis;

import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.Comparator;

/**
 * Something that happened.
 *
 * @param at when
 * @param kind what kind of thing
 * @param subject what it happened to
 * @param text what happened, in words
 */
public record TimelineEntry(Instant at, Kind kind, ResourceRef subject, String text)
        implements Comparable<TimelineEntry> {
    private static final Comparator<TimelineEntry> ORDER = Comparator.comparing(TimelineEntry::at)
            .thenComparing(TimelineEntry::kind)
            .thenComparing(entry -> entry.subject().toString())
            .thenComparing(TimelineEntry::text);

    /** Kinds of what happens, causes before effects. */
    public enum Kind {
        /** A resource of Istio, the Gateway API or a NetworkPolicy was created or changed. */
        CONFIGURATION,
        /** A new version of a workload began to roll out. */
        ROLLOUT,
        /** A pod began to exist, or a container was started or ended. */
        RESTART,
        /** istiod sent the proxy something. */
        PUSH,
        /** The proxy was given a new certificate. */
        CERTIFICATE,
        /** Kubernetes reported something. */
        EVENT,
        /** The log tells of errors from then on. */
        ERRORS;

        /** In small letters. */
        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    @Override
    public int compareTo(TimelineEntry other) {
        return ORDER.compare(this, other);
    }

    /** One line. */
    @Override
    public String toString() {
        return at + " " + kind + " " + subject + ": " + text;
    }
}
