package dev.meshdx.source;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which lines of a container's log are wanted. A log is read as it is at that moment, and never followed.
 *
 * @param namespace the pod's namespace
 * @param pod the pod's name
 * @param container the container's name
 * @param tailLines how many of the last lines; 0 for all
 * @param previous whether the log of the container's previous run is wanted
 * @param since how old the lines may be; null for any age. A source that does not know the age of lines gives them all
 */
public record LogQuery(
        String namespace,
        String pod,
        String container,
        int tailLines,
        boolean previous,
        @Nullable Duration since) {
    /** The last lines of the present run. */
    public static LogQuery tail(String namespace, String pod, String container, int lines) {
        return new LogQuery(namespace, pod, container, lines, false, null);
    }

    @Override
    public String toString() {
        return "log of " + namespace + "/" + pod + " container " + container + (previous ? " (previous run)" : "");
    }
}
