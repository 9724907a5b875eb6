package dev.meshdx.source;

/**
 * What a longer question is doing right now, for a progress line.
 *
 * @param activity what is being read, such as {@code "pods"}
 * @param done how many reads are finished
 * @param started how many reads were started so far
 */
public record Progress(String activity, int done, int started) {}
