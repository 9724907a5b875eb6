package dev.meshdx.configuration.internal;

import dev.meshdx.model.Json;
import java.util.Locale;
import java.util.Set;

/**
 * What Istio takes the traffic of a port for. Source: Istio, "Protocol Selection"; istio/istio,
 * {@code pkg/config/kube/conversion.go}, {@code ConvertProtocol}.
 */
public enum PortProtocol {
    /** Declared as HTTP, HTTP/2 or gRPC: routes and policies for requests apply. */
    HTTP,
    /** Declared as something else, TLS among it: there are connections only, no requests. */
    TCP,
    /** Not proxied. */
    UDP,
    /** Not declared: proxies look at the first bytes of each connection. */
    DETECTED;

    private static final Set<String> REQUESTS =
            Set.of("http", "http2", "http_proxy", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws");
    private static final Set<String> CONNECTIONS =
            Set.of("tcp", "https", "tls", "mongo", "redis", "mysql", "kubernetes.io/wss");

    /** SMTP, DNS, MySQL and MongoDB: the server speaks first, so nothing can be detected. */
    private static final Set<Long> SERVER_FIRST = Set.of(25L, 53L, 3306L, 27017L);

    /** Of a port of a Service. */
    public static PortProtocol ofService(Json port) {
        if (port.at("protocol").text("").equals("UDP")) {
            return UDP;
        }
        boolean declared = port.at("appProtocol").exists();
        PortProtocol found =
                of(declared ? port.at("appProtocol").text("") : port.at("name").text(""), !declared);
        return found == DETECTED && SERVER_FIRST.contains(port.at("port").number(0)) ? TCP : found;
    }

    /** Of a port of a ServiceEntry. */
    public static PortProtocol ofServiceEntry(Json port) {
        return of(port.at("protocol").text(""), false);
    }

    private static PortProtocol of(String written, boolean prefix) {
        String name = written.toLowerCase(Locale.ROOT);
        if (name.startsWith("grpc-web")) {
            return HTTP;
        }
        int dash = name.indexOf('-');
        String protocol = dash < 0 ? name : name.substring(0, dash);
        if (!prefix && (REQUESTS.contains(name) || CONNECTIONS.contains(name))) {
            protocol = name;
        } else if (prefix && protocol.startsWith("kubernetes.io/")) {
            return DETECTED;
        }
        return REQUESTS.contains(protocol)
                ? HTTP
                : CONNECTIONS.contains(protocol) ? TCP : protocol.equals("udp") ? UDP : DETECTED;
    }
}
