package dev.meshdx.logs;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.logs.internal.LogReader;
import dev.meshdx.logs.internal.LogReader.Bounds;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.Session;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The log of a pod. Which lines, is said first ({@link #since}, {@link #last}, {@link #previous}, {@link #container}), without any
 * I/O; each result reads the log once, as it is at that moment: a log is never followed. Costs one read of the pod, to choose the
 * container, one of the mesh's ConfigMap, for the format of access logs, and one of the log; needs {@code get pods/log}, and works
 * without the others. Reading ends at the pod's deadline and after 256 MiB: what came before stands, and that there was more is in
 * {@link LogSummary#inconclusive()} and {@link LogLines#inconclusive()}. Immutable; safe for use by several threads.
 *
 * <p>The container is the proxy's, whether it is an ordinary one or an init container that goes on running (native sidecar); of istiod
 * {@code discovery}, of the CNI agent {@code install-cni}.
 */
@CheckReturnValue
public final class PodLogs {
    private final Supplier<Session> session;
    private final ResourceRef pod;
    private final Bounds bounds;

    /** Made by the pod. */
    @Internal
    public PodLogs(Supplier<Session> session, String namespace, String pod) {
        this(session, ResourceRef.of("Pod", namespace, pod), Bounds.NONE);
    }

    private PodLogs(Supplier<Session> session, ResourceRef pod, Bounds bounds) {
        this.session = session;
        this.pod = pod;
        this.bounds = bounds;
    }

    /** The log of another container. */
    public PodLogs container(String name) {
        return with(bounds.of(name));
    }

    /** The log of the container's previous run: what it said before it crashed. */
    public PodLogs previous() {
        return with(bounds.ofPreviousRun());
    }

    /**
     * Only the last so many lines.
     *
     * @throws IllegalArgumentException if {@code lines} is less than 1
     */
    public PodLogs last(int lines) {
        return with(bounds.last(lines));
    }

    /**
     * Only lines that are not older; for a recording as seen from the time at which it was made.
     *
     * @throws IllegalArgumentException if {@code age} is not positive
     */
    public PodLogs since(Duration age) {
        return with(bounds.notOlder(age));
    }

    private PodLogs with(Bounds other) {
        return new PodLogs(session, pod, other);
    }

    /**
     * The last lines.
     *
     * @param lines how many; at least 1
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod or container; the remedy names those that are like it
     * @throws dev.meshdx.error.MeshUnsupportedException if the pod has no proxy
     * @throws dev.meshdx.error.MeshException if the log cannot be read
     * @throws IllegalArgumentException if {@code lines} is less than 1
     */
    public LogLines tail(int lines) {
        return last(lines).lines();
    }

    /**
     * The lines; the last 1,000 where neither {@link #last} nor {@link #since} says something else.
     *
     * @throws dev.meshdx.error.MeshException as {@link #tail}
     */
    public LogLines lines() {
        return LogReader.lines(session.get(), pod, bounds);
    }

    /**
     * What the log says, in numbers: patterns, failures by cluster, route, status and reason, bursts, the slowest. Of the last 10,000
     * lines, where neither {@link #last} nor {@link #since} says something else. No line is kept but examples.
     *
     * @throws dev.meshdx.error.MeshException as {@link #tail}
     */
    public LogSummary summary() {
        return LogReader.summary(session.get(), pod, bounds);
    }

    /**
     * What went wrong, by pattern; see {@link #summary()}.
     *
     * @throws dev.meshdx.error.MeshException as {@link #tail}
     */
    public LogMatches patterns() {
        return summary().patterns();
    }

    /**
     * The requests and connections in {@link #lines()}.
     *
     * @throws dev.meshdx.error.MeshException as {@link #tail}
     */
    public AccessLog accessLog() {
        return lines().accessLog();
    }

    @Override
    public String toString() {
        return "log of " + pod.qualifiedName()
                + (bounds.container().isEmpty() ? "" : " container " + bounds.container())
                + (bounds.previous() ? ", previous run" : "");
    }
}
