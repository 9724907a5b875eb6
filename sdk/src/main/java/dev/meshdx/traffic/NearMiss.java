package dev.meshdx.traffic;

/**
 * Something that would have taken the request, but for one thing.
 *
 * @param what the candidate: a route, a virtual host, a filter chain
 * @param where where it stands: virtual host and route configuration, or the listener
 * @param because why it did not take the request
 */
public record NearMiss(String what, String where, String because) {
    /** One line. */
    @Override
    public String toString() {
        return what + " (" + where + "): " + because;
    }
}
