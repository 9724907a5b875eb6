package dev.meshdx.configuration.internal;

import java.util.Locale;

/** Registering hosts outside. Source: Istio, "Service Entry" and "Accessing External Services". */
public final class ExternalHosts {
    private ExternalHosts() {}

    /** The command that registers a host for a namespace, in one piece. */
    public static String register(String host, String namespace, long port, String protocol) {
        return "kubectl apply -f - <<EOF\n"
                + "apiVersion: networking.istio.io/v1\n"
                + "kind: ServiceEntry\n"
                + "metadata: {name: " + host.replace('.', '-') + ", namespace: " + namespace + "}\n"
                + "spec:\n"
                + "  hosts: [" + host + "]\n"
                + "  location: MESH_EXTERNAL\n"
                + "  resolution: DNS\n"
                + "  exportTo: [\".\"]\n"
                + "  ports: [{number: " + port + ", name: " + protocol.toLowerCase(Locale.ROOT) + "-" + port
                + ", protocol: " + protocol + "}]\n"
                + "EOF";
    }

    /** The protocol that a port outside usually has, as a ServiceEntry writes it. */
    public static String protocol(long port) {
        return port == 443 ? "TLS" : port == 80 ? "HTTP" : "TCP";
    }
}
