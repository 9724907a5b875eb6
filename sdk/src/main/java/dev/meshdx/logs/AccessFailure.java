package dev.meshdx.logs;

import dev.meshdx.annotation.Internal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Requests or connections that failed alike: on the way to the same cluster by the same route, with the same status, flags and
 * details. Immutable; safe for use by several threads.
 */
public final class AccessFailure {
    private final Fields fields;

    /** What the summary collects. */
    @Internal
    public record Fields(
            String cluster,
            String authority,
            String route,
            int code,
            String flags,
            String details,
            String transportFailure,
            List<String> patterns,
            long count,
            @Nullable Instant first,
            @Nullable Instant last,
            List<Burst> bursts,
            Map<String, Long> peers,
            String example) {
        /** What failures have in common. */
        public static Fields of(
                String cluster,
                String authority,
                String route,
                int code,
                String flags,
                String details,
                String transportFailure,
                List<String> patterns) {
            return new Fields(
                    cluster,
                    authority,
                    route,
                    code,
                    flags,
                    details,
                    transportFailure,
                    List.copyOf(patterns),
                    0,
                    null,
                    null,
                    List.of(),
                    Map.of(),
                    "");
        }

        /** With what was counted. */
        public Fields with(
                long howOften,
                @Nullable Instant firstTime,
                @Nullable Instant lastTime,
                List<Burst> times,
                Map<String, Long> others,
                String line) {
            return new Fields(
                    cluster,
                    authority,
                    route,
                    code,
                    flags,
                    details,
                    transportFailure,
                    patterns,
                    howOften,
                    firstTime,
                    lastTime,
                    List.copyOf(times),
                    others,
                    line);
        }
    }

    /** Made by the summary. */
    @Internal
    public AccessFailure(Fields fields) {
        this.fields = fields;
    }

    /** The cluster that was chosen; empty where none was. */
    public String cluster() {
        return fields.cluster();
    }

    /** The host that the first of them asked for. */
    public String authority() {
        return fields.authority();
    }

    /** The route that was taken; empty where none was. */
    public String route() {
        return fields.route();
    }

    /** The status; 0 where the client got none. */
    public int code() {
        return fields.code();
    }

    /** The response flags; empty where the answer was only passed on. */
    public List<String> flags() {
        return fields.flags().isEmpty() ? List.of() : List.of(fields.flags().split(",", -1));
    }

    /** Why, as the proxy says it. */
    public String details() {
        return fields.details();
    }

    /** Why the connection to the server failed; of ztunnel its error. */
    public String transportFailure() {
        return fields.transportFailure();
    }

    /** The ids of the patterns that match. */
    public List<String> patterns() {
        return fields.patterns();
    }

    /** How many. */
    public long count() {
        return fields.count();
    }

    /** When the first of them began; empty where the log has no times. */
    public Optional<Instant> first() {
        return Optional.ofNullable(fields.first());
    }

    /** When the last of them began. */
    public Optional<Instant> last() {
        return Optional.ofNullable(fields.last());
    }

    /** The three largest bursts, the largest first; empty where the log has no times. */
    public List<Burst> bursts() {
        return fields.bursts();
    }

    /**
     * How often with whom, the most frequent first: the endpoint that was chosen, or the client's address where the request
     * arrived at this workload, or no endpoint was chosen.
     */
    public Map<String, Long> peers() {
        return fields.peers();
    }

    /** The first of the lines, without what looks like a token. */
    public String example() {
        return fields.example();
    }

    /** One line. */
    @Override
    public String toString() {
        return count() + " × " + code() + " " + (fields.flags().isEmpty() ? "-" : fields.flags()) + " "
                + (details().isEmpty() ? "-" : details()) + " to "
                + (cluster().isEmpty() ? (authority().isEmpty() ? "-" : authority()) : cluster())
                + first().map(from -> ", first " + from).orElse("")
                + last().map(to -> ", last " + to).orElse("");
    }
}
