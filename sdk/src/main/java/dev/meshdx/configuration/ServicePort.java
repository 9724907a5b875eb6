package dev.meshdx.configuration;

/**
 * A port of a Service or a ServiceEntry.
 *
 * @param number its number
 * @param name its name; empty where it has none
 * @param protocol as proxies take it: {@code HTTP}, {@code HTTP2}, {@code GRPC}, {@code HTTPS}, {@code TLS}, {@code TCP}, {@code UDP} and others, or
 *     {@code AUTO} where they find out by themselves
 * @param targetPort number or name; empty where it is the same
 */
public record ServicePort(int number, String name, String protocol, String targetPort) {
    /** One line. */
    @Override
    public String toString() {
        return protocol + " " + number + (name.isEmpty() ? "" : " (" + name + ")");
    }
}
