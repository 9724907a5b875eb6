package dev.meshdx.logs;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.internal.TextTable;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The requests and connections of a log in numbers. Access logging may be off, or filtered: that there is no line proves nothing.
 * Each map takes some thousand different keys and counts what is beyond as {@code (others)}. Immutable; safe for use by several
 * threads.
 */
public final class AccessSummary {
    private final Fields fields;

    /** What the summary collects. */
    @Internal
    public record Fields(
            long entries,
            long failed,
            Map<String, Long> byFlag,
            Map<Integer, Long> byCode,
            Map<String, Long> byRoute,
            Map<String, Long> byCluster,
            Map<String, Long> byPeer,
            List<AccessLogEntry> slowest,
            List<AccessLogEntry> biggest,
            List<AccessFailure> failures,
            long ungrouped) {
        /** Keeps them from changes. */
        public Fields {
            byFlag = Collections.unmodifiableMap(byFlag);
            byCode = Collections.unmodifiableMap(byCode);
            slowest = List.copyOf(slowest);
            biggest = List.copyOf(biggest);
            failures = List.copyOf(failures);
        }
    }

    /** Made by the summary. */
    @Internal
    public AccessSummary(Fields fields) {
        this.fields = fields;
    }

    /** How many requests and connections. */
    public long entries() {
        return fields.entries();
    }

    /** How many of them went wrong; see {@link AccessLogEntry#failed()}. */
    public long failed() {
        return fields.failed();
    }

    /** How many have each flag, the most frequent first; those with none are counted as {@code -}. */
    public Map<String, Long> byFlag() {
        return fields.byFlag();
    }

    /** How many have each status, in the order of the codes; 0 stands for those that got none. */
    public Map<Integer, Long> byCode() {
        return fields.byCode();
    }

    /** How many took each route, the most frequent first; those that took none are counted as {@code -}. */
    public Map<String, Long> byRoute() {
        return fields.byRoute();
    }

    /** How many went to each cluster, the most frequent first; those for which none was chosen are counted as {@code -}. */
    public Map<String, Long> byCluster() {
        return fields.byCluster();
    }

    /** How many had each peer, the most frequent first; see {@link AccessFailure#peers()}. */
    public Map<String, Long> byPeer() {
        return fields.byPeer();
    }

    /** The ten HTTP requests that took longest, the slowest first. */
    public List<AccessLogEntry> slowest() {
        return fields.slowest();
    }

    /** The ten with the most bytes of request and answer together, the biggest first. */
    public List<AccessLogEntry> biggest() {
        return fields.biggest();
    }

    /** What failed, by cluster, route, status, flags and reason, the most frequent first; at most a thousand of them. */
    public List<AccessFailure> failures() {
        return fields.failures();
    }

    /** How many failed that are in none of {@link #failures()}, because there were a thousand kinds before. */
    public long ungrouped() {
        return fields.ungrouped();
    }

    /** The numbers, and the most frequent failures. */
    @Override
    public String toString() {
        return TextTable.list(
                entries() + " entries, " + failed() + " failed; codes " + byCode() + ", flags " + byFlag(),
                failures().stream().map(AccessFailure::toString).toList(),
                "kinds of failure");
    }
}
