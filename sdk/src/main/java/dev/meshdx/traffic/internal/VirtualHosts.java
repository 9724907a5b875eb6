package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.VirtualHost;
import java.util.Locale;
import java.util.Optional;

/**
 * Which virtual host serves a host. Source: Envoy, {@code config/route/v3/route_components.proto}, {@code domains}, and
 * {@code RouteMatcher::findVirtualHost}.
 */
public final class VirtualHosts {
    /**
     * The virtual host and the domain by which it was found.
     *
     * @param domain as it is configured
     */
    public record Choice(VirtualHost host, String domain) {}

    private VirtualHosts() {}

    /** The host as it is compared: in lower case, without a port where ports are ignored. */
    public static String compared(RouteConfiguration config, String authority) {
        String host = authority.toLowerCase(Locale.ROOT);
        if (config.ignoresPortInHost()) {
            int colon = Hostnames.portStart(host);
            host = colon < 0 ? host : host.substring(0, colon);
        }
        return host;
    }

    /** The choice; empty where no virtual host serves the host. */
    public static Optional<Choice> find(RouteConfiguration config, Headers headers) {
        if (isOnlyCatchAll(config)) {
            return Optional.of(new Choice(config.virtualHosts().get(0), "*"));
        }
        Optional<String> named = config.virtualHostHeader();
        Optional<String> authority = named.isEmpty() ? Optional.of(headers.authority()) : headers.first(named.get());
        return authority.flatMap(text -> find(config, compared(config, text)));
    }

    private static boolean isOnlyCatchAll(RouteConfiguration config) {
        return config.virtualHosts().size() == 1
                && config.virtualHosts().get(0).domains().equals(java.util.List.of("*"));
    }

    private static Optional<Choice> find(RouteConfiguration config, String host) {
        VirtualHost best = null;
        String bestDomain = "";
        int bestRank = -1;
        for (VirtualHost candidate : config.virtualHosts()) {
            for (String configured : candidate.domains()) {
                int rank = rank(configured.toLowerCase(Locale.ROOT), host);
                if (rank > bestRank) {
                    best = candidate;
                    bestDomain = configured;
                    bestRank = rank;
                }
            }
        }
        return best == null ? Optional.empty() : Optional.of(new Choice(best, bestDomain));
    }

    /** Exact before suffix wildcards (longest first) before prefix wildcards (longest first) before {@code *}; -1 for no. */
    private static int rank(String domain, String host) {
        if (domain.equals("*")) {
            return 0;
        }
        if (domain.startsWith("*")) {
            String suffix = domain.substring(1);
            return host.length() > suffix.length() && host.endsWith(suffix) ? 100_000 + suffix.length() : -1;
        }
        if (domain.endsWith("*")) {
            String prefix = domain.substring(0, domain.length() - 1);
            return host.length() > prefix.length() && host.startsWith(prefix) ? 1_000 + prefix.length() : -1;
        }
        return domain.equals(host) ? 1_000_000 : -1;
    }
}
