package dev.meshdx.envoy.diff;

/**
 * One field in which two versions of a resource differ.
 *
 * @param kind what kind of difference
 * @param path where: field names with dots between, items of lists by their key in brackets, such as
 *     {@code virtual_hosts[reviews.production.svc.cluster.local:9080].routes[default].route.timeout}; the address of a host for
 *     endpoints
 * @param before the value on the first side, as JSON where it is no single value; empty where it has none
 * @param after the value on the second side; empty where it has none
 */
public record FieldChange(Kind kind, String path, String before, String after) {
    /** Kinds of differences. */
    public enum Kind {
        /** The values differ, or one side has none. */
        CHANGED,
        /** The items of a list are the same, in another order; the values are their keys. */
        ORDER,
        /** What the proxy does with the resource: {@code ACTIVE} on one side, {@code REJECTED} on the other. */
        STATE
    }

    private static final int LINE = 160;

    static String clip(String text) {
        String shown = text.isEmpty() ? "(none)" : text;
        return shown.length() <= LINE ? shown : shown.substring(0, LINE - 1) + "…";
    }

    /** One line, {@code path: before -> after}; long values are cut. */
    @Override
    public String toString() {
        return path + (kind == Kind.ORDER ? " (order)" : "") + ": " + clip(before) + " -> " + clip(after);
    }
}
