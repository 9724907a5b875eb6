package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;

/** What the HTTP connection manager does with the host. Source: Envoy, {@code source/common/http/header_utility.cc}. */
public final class Hostnames {
    private Hostnames() {}

    /** Where the colon before the port stands; -1 where there is none. */
    public static int portStart(String host) {
        int colon = host.lastIndexOf(':');
        if (colon < 0) {
            return -1;
        }
        return colon < host.lastIndexOf(']') ? -1 : colon;
    }

    /** The host without the dot at its end, where the connection manager is told to cut it off. */
    public static String withoutDot(String original, Json manager) {
        String host = original;
        if (manager.at("strip_trailing_host_dot").bool(false)) {
            int dot = host.lastIndexOf('.');
            if (dot >= 0 && dot == host.length() - 1) {
                host = host.substring(0, dot);
            } else if (dot >= 0 && host.charAt(dot + 1) == ':') {
                host = host.substring(0, dot) + host.substring(dot + 1);
            }
        }
        return host;
    }

    /** The host as the connection manager is told to shorten it. */
    public static String normalize(String original, Json manager, int listenerPort) {
        String host = withoutDot(original, manager);
        boolean any = manager.at("strip_any_host_port").bool(false);
        if (any || manager.at("strip_matching_host_port").bool(false)) {
            int start = portStart(host);
            if (start >= 0 && host.substring(start + 1).matches("\\d{1,9}")) {
                int port = Integer.parseInt(host.substring(start + 1));
                if (any || port == listenerPort) {
                    host = host.substring(0, start);
                }
            }
        }
        return host;
    }
}
