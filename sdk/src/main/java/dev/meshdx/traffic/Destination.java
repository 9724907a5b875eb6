package dev.meshdx.traffic;

import dev.meshdx.envoy.ClusterName;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.VirtualHost;
import dev.meshdx.traffic.internal.Addresses;
import dev.meshdx.traffic.internal.Hostnames;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The address that a client asks when it calls a host: what its name resolution would give, as far as the proxy's own
 * configuration tells. istiod puts a Service's addresses into the listener's name and among the domains of its virtual host.
 *
 * @param address the address; empty where only the port is known
 * @param note how it was found, where that is worth saying
 */
record Destination(String address, int port, String note) {
    static Destination of(ConfigDump dump, HttpRequest request) {
        if (request.destination().isPresent()) {
            String destination = request.destination().get();
            return new Destination(Addresses.host(destination), Addresses.port(destination), "");
        }
        String authority = request.authority().orElse("");
        int colon = Hostnames.portStart(authority);
        String host = (colon < 0 ? authority : authority.substring(0, colon)).toLowerCase(Locale.ROOT);
        int port = colon < 0 ? (request.tls().isPresent() ? 443 : 80) : number(authority.substring(colon + 1));
        if (Addresses.bytes(host).isPresent()) {
            return new Destination(Addresses.host(host + ":0"), port, "");
        }
        List<Listener> active = dump.listeners().stream()
                .filter(listener -> listener.state() == ResourceState.ACTIVE)
                .toList();
        boolean redirected = active.stream().anyMatch(Listener::usesOriginalDestination);
        return redirected ? ofService(dump, active, host, port) : ofGateway(active, port);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** A gateway's Service maps 80 and 443 to ports that need no privilege. Source: Istio, gateway Helm chart. */
    private static Destination ofGateway(List<Listener> active, int port) {
        boolean bound = active.stream().anyMatch(listener -> listener.port() == port);
        int mapped = port == 80 ? 8080 : port == 443 ? 8443 : port;
        boolean better = !bound && active.stream().anyMatch(listener -> listener.port() == mapped);
        return better
                ? new Destination("", mapped, "port " + port + " was taken for the gateway's port " + mapped)
                : new Destination("", port, "");
    }

    private static Destination ofService(ConfigDump dump, List<Listener> active, String host, int port) {
        List<String> names = names(dump, host);
        for (Listener listener : active) {
            if (listener.port() == port && !Addresses.isWildcard(listener.address()) && serves(listener, names, port)) {
                return new Destination(listener.address(), port, host + " was taken for " + listener.address());
            }
        }
        for (RouteConfiguration config : dump.routes()) {
            if (!config.name().equals(String.valueOf(port))) {
                continue;
            }
            for (VirtualHost virtualHost : config.virtualHosts()) {
                List<String> domains = virtualHost.domains();
                if (names.stream().anyMatch(domains::contains)) {
                    Optional<String> address = domains.stream()
                            .filter(domain -> Addresses.bytes(domain).isPresent())
                            .findFirst();
                    if (address.isPresent()) {
                        return new Destination(
                                Addresses.host(address.get() + ":0"), port, host + " was taken for " + address.get());
                    }
                }
            }
        }
        return new Destination("", port, "");
    }

    /** What the resolver's search list makes of a name. Source: Kubernetes, "DNS for Services and Pods". */
    private static List<String> names(ConfigDump dump, String host) {
        String domain = dump.bootstrap().domain();
        String bare = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        List<String> names = new ArrayList<>(List.of(bare));
        if (!host.endsWith(".")) {
            names.add(bare + "." + dump.bootstrap().namespace() + ".svc." + domain);
            names.add(bare + ".svc." + domain);
            names.add(bare + "." + domain);
        }
        return names;
    }

    private static boolean serves(Listener listener, List<String> names, int port) {
        for (FilterChain chain : listener.allFilterChains()) {
            String route = chain.routeConfigName().orElse("");
            if (names.stream().anyMatch(name -> route.equals(name + ":" + port))) {
                return true;
            }
            for (String cluster : chain.tcpClusters()) {
                ClusterName name = ClusterName.parse(cluster);
                if (name.isStructured() && names.contains(name.host())) {
                    return true;
                }
            }
        }
        return false;
    }
}
