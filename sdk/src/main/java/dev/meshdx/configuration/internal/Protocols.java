package dev.meshdx.configuration.internal;

import dev.meshdx.model.Json;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which protocol proxies take a Service's port for. Source: Istio, "Protocol Selection"; istio/istio,
 * {@code pkg/config/kube/conversion.go}, {@code ConvertProtocol}.
 */
public final class Protocols {
    /** Where the proxies find out by themselves. */
    public static final String AUTO = "AUTO";

    /** Servers there speak first, so nothing can be found out. */
    private static final Set<Long> SERVER_FIRST = Set.of(25L, 53L, 3306L, 27017L);

    private static final Set<String> NAMES = Set.of(
            "grpc",
            "grpc-web",
            "http",
            "http_proxy",
            "http2",
            "https",
            "tcp",
            "tls",
            "udp",
            "mongo",
            "redis",
            "mysql",
            "hbone");

    private static final Map<String, String> APP_PROTOCOLS =
            Map.of("kubernetes.io/h2c", "HTTP2", "kubernetes.io/ws", "HTTP", "kubernetes.io/wss", "HTTPS");

    private static final Set<String> HTTP = Set.of("HTTP", "HTTP2", "HTTP_PROXY", "GRPC", "GRPC-WEB");

    private Protocols() {}

    /** Of an entry of {@code spec.ports} of a Service: {@code HTTP}, {@code TCP}, …, or {@link #AUTO}. */
    public static String ofServicePort(Json port) {
        if (port.at("protocol").text("TCP").equals("UDP")) {
            return "UDP";
        }
        boolean declared = port.at("appProtocol").exists();
        String found =
                of(declared ? port.at("appProtocol").text("") : port.at("name").text(""), declared);
        return found.equals(AUTO) && SERVER_FIRST.contains(port.at("port").number(0)) ? "TCP" : found;
    }

    /**
     * Of a name that begins with a protocol.
     *
     * @param declared whether it is one of {@code appProtocol}, where Kubernetes' own names count too
     */
    private static String of(String written, boolean declared) {
        String name = written.toLowerCase(Locale.ROOT);
        String kubernetes = APP_PROTOCOLS.get(name);
        if (declared && kubernetes != null) {
            return kubernetes;
        }
        if (name.startsWith("grpc-web")) {
            return "GRPC-WEB";
        }
        int dash = name.indexOf('-');
        String protocol = dash < 0 ? name : name.substring(0, dash);
        return NAMES.contains(protocol) ? protocol.toUpperCase(Locale.ROOT) : AUTO;
    }

    /** Of an entry of {@code spec.ports} of a ServiceEntry. */
    public static String ofServiceEntryPort(Json port) {
        return of(port.at("protocol").text(""), true);
    }

    /** Whether routes for HTTP hold for a port of this protocol: they do where it is found out, too. */
    public static boolean isHttp(String protocol) {
        return HTTP.contains(protocol);
    }
}
