package dev.meshdx.model;

/**
 * Where a resource was read from.
 *
 * @param file the file's path as the caller named it; empty for a cluster
 * @param line the first line of the resource in the file, counted from 1; 0 where unknown
 */
public record Origin(String file, int line) {
    /** Read from a cluster or a recording: there is no line to point at. */
    public static final Origin NONE = new Origin("", 0);

    /** Whether there is a file to point at. */
    public boolean known() {
        return !file.isEmpty();
    }

    @Override
    public String toString() {
        return known() ? file + (line > 0 ? ":" + line : "") : "";
    }
}
