package dev.meshdx.source;

/**
 * Which lines of a container's log are wanted.
 *
 * @param namespace the pod's namespace
 * @param pod the pod's name
 * @param container the container's name
 * @param tailLines how many of the last lines; 0 for all
 * @param previous whether the log of the container's previous run is wanted
 */
public record LogQuery(String namespace, String pod, String container, int tailLines, boolean previous) {
    /** The last lines of the present run. */
    public static LogQuery tail(String namespace, String pod, String container, int lines) {
        return new LogQuery(namespace, pod, container, lines, false);
    }

    @Override
    public String toString() {
        return "log of " + namespace + "/" + pod + " container " + container;
    }
}
