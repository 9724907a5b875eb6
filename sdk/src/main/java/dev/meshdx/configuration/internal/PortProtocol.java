package dev.meshdx.configuration.internal;

import dev.meshdx.model.Json;

/** What routes and policies find in the traffic of a port; see {@link Protocols}. */
public enum PortProtocol {
    /** Declared as HTTP, HTTP/2 or gRPC: routes and policies for requests apply. */
    HTTP,
    /** Declared as something else, TLS among it: there are connections only, no requests. */
    TCP,
    /** Not proxied. */
    UDP,
    /** Not declared: proxies look at the first bytes of each connection. */
    DETECTED;

    /** Of a port of a Service. */
    public static PortProtocol ofService(Json port) {
        return of(Protocols.ofServicePort(port));
    }

    /** Of a port of a ServiceEntry. */
    public static PortProtocol ofServiceEntry(Json port) {
        return of(Protocols.ofServiceEntryPort(port));
    }

    private static PortProtocol of(String protocol) {
        return switch (protocol) {
            case "UDP" -> UDP;
            case Protocols.AUTO -> DETECTED;
            default -> Protocols.isHttp(protocol) ? HTTP : TCP;
        };
    }
}
