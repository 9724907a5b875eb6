package dev.meshdx.changes;

import dev.meshdx.changes.LoggerChange.State;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.LogLevels.Level;
import dev.meshdx.error.MeshException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.TextTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A change of one proxy's log levels, and the way back.
 *
 * <pre>{@code
 * try (LogLevelChange change = mesh.changes().lasting(Duration.ofMinutes(5)).logLevel(pod, "rbac:debug")) {
 *     // make the request that is refused, and read pod.logs()
 * }
 * }</pre>
 *
 * <p>Undone, each logger has the level from before again, but for those that have meanwhile got another level than this change
 * gave them: somebody else wants that, and it stays ({@link #leftAlone()}).
 *
 * <p>Several changes of one mesh may hold the same logger; the latest decides. One that is undone in between takes its wish
 * away: the logger then has what the latest of the others wants, and after the last one what it had before the first.
 *
 * <p>Where an answer does not arrive it cannot be told whether the request did: then the state is {@link Status#UNKNOWN}, and
 * undoing covers everything that may have been set. Safe for use by several threads.
 */
public final class LogLevelChange implements AutoCloseable {
    /** What has become of a change. */
    public enum Status {
        /** Nothing was sent: a dry run. */
        PLANNED,
        /** The levels are set, as Envoy answered. */
        APPLIED,
        /** The levels from before are back, as far as nobody else changed them or the pod is gone. */
        UNDONE,
        /** Some request got no answer: which levels are in force cannot be told. {@link #problem()} says more. */
        UNKNOWN
    }

    private record Snapshot(
            Status status,
            List<LoggerChange> changed,
            @Nullable Inconclusive problem) {}

    private final LogLevelChanges owner;
    private final ResourceRef pod;
    private final LogLevels before;
    private final int loggers;
    private volatile @Nullable Instant expiresAt;
    private volatile Snapshot snapshot;
    private int failures;

    LogLevelChange(
            LogLevelChanges owner, ResourceRef pod, LogLevels before, List<LoggerChange> planned, Status status) {
        this.owner = owner;
        this.pod = pod;
        this.before = before;
        this.loggers = planned.size();
        this.snapshot = new Snapshot(status, List.copyOf(planned), null);
    }

    /** The pod. */
    public ResourceRef pod() {
        return pod;
    }

    /** All levels as they were read before anything was sent. */
    public LogLevels before() {
        return before;
    }

    /**
     * The loggers that are given another level, in Envoy's order, with what has become of each. One that has the level already
     * is not among them, unless another open change of this mesh gave it that level.
     */
    public List<LoggerChange> changed() {
        return snapshot.changed();
    }

    /** What has become of the whole. */
    public Status status() {
        return snapshot.status();
    }

    /** When it is undone by itself; empty where it lasts until {@link #undo()}, {@link #close()} or the mesh is closed. */
    public Optional<Instant> expiresAt() {
        return Optional.ofNullable(expiresAt);
    }

    /** Why it cannot be told which levels are in force, and what to type then; empty where it can. */
    public Optional<Inconclusive> problem() {
        return Optional.ofNullable(snapshot.problem());
    }

    /** The loggers that somebody else changed before this was undone, and that were therefore left alone. */
    public List<LoggerChange> leftAlone() {
        return changed().stream().filter(change -> change.state() == State.LEFT).toList();
    }

    /** What to type to put the levels back by hand; empty where nothing was set. */
    public List<String> commands() {
        Map<String, Level> targets = new LinkedHashMap<>();
        for (LoggerChange change : changed()) {
            if (change.state() == State.SET || change.state() == State.UNKNOWN) {
                targets.put(change.logger(), change.from());
            }
        }
        return LevelPlan.commands(pod, targets, before);
    }

    /**
     * Puts the levels back. Costs a read and a request. Does nothing the second time, nor where nothing was set. Where the pod
     * is gone there is nothing to put back, and that is a success.
     *
     * @throws MeshException if it does not succeed; it is tried again in the background, with growing pauses, until it does or
     *     the mesh is closed
     */
    public void undo() {
        owner.undo(this);
    }

    /** As {@link #undo()}. */
    @Override
    public void close() {
        undo();
    }

    /** One map a row: {@code logger}, {@code from}, {@code to}, {@code state}. */
    public List<Map<String, String>> rows() {
        List<Map<String, String>> rows = new ArrayList<>();
        for (LoggerChange change : changed()) {
            Map<String, String> row = new LinkedHashMap<>();
            row.put("logger", change.logger());
            row.put("from", change.from().toString());
            row.put("to", change.to().toString());
            row.put("state", change.state().name());
            rows.add(row);
        }
        return rows;
    }

    /** What it does, in a line: {@code rbac: warning → debug}, or how many loggers of each kind. */
    public String summary() {
        if (loggers == 0) {
            return "every logger has its level already";
        }
        Map<String, List<String>> groups = new LinkedHashMap<>();
        for (LoggerChange change : changed()) {
            groups.computeIfAbsent(change.from() + " → " + change.to(), key -> new ArrayList<>())
                    .add(change.logger());
        }
        List<String> parts = new ArrayList<>();
        groups.forEach((levels, names) ->
                parts.add((names.size() <= 3 ? String.join(", ", names) : names.size() + " loggers") + ": " + levels));
        return String.join("; ", parts);
    }

    void expiresAt(Instant at) {
        expiresAt = at;
    }

    void become(Status status, List<LoggerChange> changed, @Nullable Inconclusive problem) {
        snapshot = new Snapshot(status, List.copyOf(changed), problem);
    }

    /** Whether nothing is left to be put back. */
    boolean settled() {
        Status status = status();
        return status == Status.PLANNED || status == Status.UNDONE || loggers == 0;
    }

    /** The pause before the next attempt: 1, 2, 4 … 60 seconds. Called by one thread at a time. */
    long nextPauseSeconds() {
        return Math.min(60, 1L << Math.min(6, failures++));
    }

    boolean failedBefore() {
        return failures > 0;
    }

    /** The loggers, their levels and what has become of them. */
    @Override
    public String toString() {
        Snapshot now = snapshot;
        Instant until = expiresAt;
        String title = now.status() + " on " + pod
                + (until == null || now.status() != Status.APPLIED ? "" : " until " + until)
                + (now.problem() == null ? "" : ": " + now.problem().message());
        TextTable table = new TextTable("LOGGER", "FROM", "TO", "STATE");
        for (LoggerChange change : now.changed()) {
            table.row(
                    change.logger(),
                    change.from().toString(),
                    change.to().toString(),
                    change.state().name());
        }
        return table.isEmpty() ? title + ": " + summary() : table.summary(title, "loggers");
    }
}
