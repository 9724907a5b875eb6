package dev.meshdx.logs;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.Session;
import java.util.function.Supplier;

/**
 * The log of a pod's proxy. Navigating does no I/O; each method reads the end of the log once. Safe for use by several threads.
 */
@CheckReturnValue
public final class PodLogs {
    /** How many lines are read where the caller does not say: minutes to hours of a usual proxy, about 500 kB. */
    private static final int DEFAULT_LINES = 1000;

    private final Supplier<Session> session;
    private final String namespace;
    private final String pod;
    private final String container;

    /** Made by the pod. */
    @Internal
    public PodLogs(Supplier<Session> session, String namespace, String pod, String container) {
        this.session = session;
        this.namespace = namespace;
        this.pod = pod;
        this.container = container;
    }

    /**
     * The last lines.
     *
     * @param lines how many; at least 1
     * @throws dev.meshdx.error.MeshException if the log cannot be read
     * @throws IllegalArgumentException if {@code lines} is less than 1
     */
    public LogLines tail(int lines) {
        if (lines < 1) {
            throw new IllegalArgumentException("lines must be at least 1, not " + lines);
        }
        return LogParser.read(session.get().log(LogQuery.tail(namespace, pod, container, lines)));
    }

    /**
     * What went wrong in the last 1,000 lines, by pattern.
     *
     * @throws dev.meshdx.error.MeshException if the log cannot be read
     */
    public LogMatches patterns() {
        return tail(DEFAULT_LINES).patterns();
    }

    /**
     * The requests and connections in the last 1,000 lines.
     *
     * @throws dev.meshdx.error.MeshException if the log cannot be read
     */
    public AccessLog accessLog() {
        return tail(DEFAULT_LINES).accessLog();
    }

    @Override
    public String toString() {
        return "log of " + namespace + "/" + pod + " container " + container;
    }
}
