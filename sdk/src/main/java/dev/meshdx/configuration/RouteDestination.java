package dev.meshdx.configuration;

/**
 * Where a rule sends requests.
 *
 * @param host as written
 * @param subset empty where none is named
 * @param port 0 where none is named
 * @param weight its share; 100 where it is the only one
 */
public record RouteDestination(String host, String subset, int port, int weight) {
    /** One line. */
    @Override
    public String toString() {
        return host
                + (port == 0 ? "" : ":" + port)
                + (subset.isEmpty() ? "" : " subset " + subset)
                + (weight == 100 ? "" : " " + weight + "%");
    }
}
