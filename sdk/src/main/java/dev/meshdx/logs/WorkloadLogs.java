package dev.meshdx.logs;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.logs.internal.LogReader;
import dev.meshdx.logs.internal.LogReader.Bounds;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.Session;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The logs of several pods, read in parallel: of a service, or of all pods with some labels. Which lines, is said as for
 * {@link PodLogs}. Costs a list of pods, and for each pod what {@link PodLogs} costs. A pod that has no proxy, is gone meanwhile, or
 * whose log cannot be read is told of, and the others stand. Immutable; safe for use by several threads.
 */
@CheckReturnValue
public final class WorkloadLogs {
    private final Supplier<Session> session;
    private final String what;
    private final Function<Session, List<ResourceRef>> pods;
    private final Bounds bounds;

    /** Made by the service or namespace. */
    @Internal
    public WorkloadLogs(Supplier<Session> session, String what, Function<Session, List<ResourceRef>> pods) {
        this(session, what, pods, Bounds.NONE);
    }

    private WorkloadLogs(
            Supplier<Session> session, String what, Function<Session, List<ResourceRef>> pods, Bounds bounds) {
        this.session = session;
        this.what = what;
        this.pods = pods;
        this.bounds = bounds;
    }

    /** The logs of another container. */
    public WorkloadLogs container(String name) {
        return with(bounds.of(name));
    }

    /** The logs of the containers' previous runs; pods that were never restarted are told of as such that have none. */
    public WorkloadLogs previous() {
        return with(bounds.ofPreviousRun());
    }

    /**
     * Only the last so many lines of each pod.
     *
     * @throws IllegalArgumentException if {@code lines} is less than 1
     */
    public WorkloadLogs last(int lines) {
        return with(bounds.last(lines));
    }

    /**
     * Only lines that are not older.
     *
     * @throws IllegalArgumentException if {@code age} is not positive
     */
    public WorkloadLogs since(Duration age) {
        return with(bounds.notOlder(age));
    }

    private WorkloadLogs with(Bounds other) {
        return new WorkloadLogs(session, what, pods, other);
    }

    /**
     * What the logs say together, of the last 10,000 lines of each pod where nothing else was said.
     *
     * @throws dev.meshdx.error.MeshException if the pods cannot be listed
     */
    public LogSummary summary() {
        Session own = session.get();
        return LogReader.summary(own, pods.apply(own), bounds);
    }

    /**
     * What went wrong, by pattern; see {@link #summary()}.
     *
     * @throws dev.meshdx.error.MeshException if the pods cannot be listed
     */
    public LogMatches patterns() {
        return summary().patterns();
    }

    /**
     * The lines of each pod, by its name; the last 1,000 of each where nothing else was said. A pod whose log cannot be read is left
     * out: {@link LogSummary#inconclusive()} says why.
     *
     * @throws dev.meshdx.error.MeshException if the pods cannot be listed
     */
    public Map<String, LogLines> lines() {
        Session own = session.get();
        Map<String, LogLines> lines = new TreeMap<>();
        LogReader.lines(own, pods.apply(own), bounds).forEach((pod, found) -> lines.put(pod.name(), found));
        return lines;
    }

    @Override
    public String toString() {
        return "logs of " + what;
    }
}
