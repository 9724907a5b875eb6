package dev.meshdx.finding;

/**
 * One observation that a finding rests on.
 *
 * @param what what was looked at: {@code spec.http[0].route[0].destination.subset}, {@code response flags}
 * @param where where it was seen: a resource, a pod's admin page, a log line
 * @param value what was there, quoted
 */
public record Evidence(String what, String where, String value) {
    @Override
    public String toString() {
        return what + " = " + value + (where.isEmpty() ? "" : " (" + where + ")");
    }
}
