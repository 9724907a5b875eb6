package dev.meshdx.traffic;

import dev.meshdx.envoy.Bootstrap;
import dev.meshdx.envoy.ClusterName;
import dev.meshdx.traffic.internal.Addresses;
import dev.meshdx.traffic.internal.CompiledChain;
import dev.meshdx.traffic.internal.CompiledListener;
import dev.meshdx.traffic.internal.Hostnames;
import dev.meshdx.traffic.internal.RouteTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The addresses that a client asks when it calls hosts: what its name resolution would give, as far as the proxy's own
 * configuration tells. istiod puts a Service's addresses into the listener's name and among the domains of its virtual host.
 */
final class Destinations {
    /**
     * Where a request goes.
     *
     * @param address the address; empty where only the port is known
     * @param note how it was found, where that is worth saying
     */
    record Destination(String address, int port, String note) {}

    /** What the resolver's search list puts behind a name. Source: Kubernetes, "DNS for Services and Pods". */
    private final List<String> searched;

    private final Set<Integer> ports = new HashSet<>();
    private final boolean redirected;
    /** By host and port. */
    private final Map<String, String> addresses = new HashMap<>();

    Destinations(List<CompiledListener> listeners, Iterable<RouteTable> routes, Bootstrap bootstrap) {
        String domain = bootstrap.domain();
        this.searched = List.of("." + bootstrap.namespace() + ".svc." + domain, ".svc." + domain, "." + domain);
        listeners.forEach(listener -> ports.add(listener.port()));
        this.redirected = listeners.stream().anyMatch(CompiledListener::usesOriginalDestination);
        if (redirected) {
            listeners.forEach(this::add);
            routes.forEach(this::add);
        }
    }

    private void add(CompiledListener listener) {
        String address = listener.view().address();
        if (Addresses.isWildcard(address)) {
            return;
        }
        for (CompiledChain chain : listener.chains().all()) {
            Optional<String> route = Optional.ofNullable(chain.routeConfigName());
            route.filter(name -> name.endsWith(":" + listener.port()))
                    .ifPresent(name -> addresses.putIfAbsent(name.toLowerCase(Locale.ROOT), address));
            for (String cluster : chain.view().tcpClusters()) {
                ClusterName name = ClusterName.parse(cluster);
                if (name.isStructured()) {
                    addresses.putIfAbsent(name.host() + ":" + listener.port(), address);
                }
            }
        }
    }

    private void add(RouteTable routes) {
        String port = routes.config().name();
        if (!port.chars().allMatch(Character::isDigit)) {
            return;
        }
        for (RouteTable.Host host : routes.hosts()) {
            List<String> domains = host.view().domains();
            domains.stream()
                    .filter(domain -> Addresses.bytes(domain).isPresent())
                    .findFirst()
                    .ifPresent(address -> domains.forEach(domain -> addresses.putIfAbsent(
                            domain.toLowerCase(Locale.ROOT) + ":" + port, Addresses.host(address + ":0"))));
        }
    }

    Destination of(HttpRequest request) {
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
        return redirected ? ofService(host, port) : ofGateway(port);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** A gateway's Service maps 80 and 443 to ports that need no privilege. Source: Istio, gateway Helm chart. */
    private Destination ofGateway(int port) {
        int mapped = port == 80 ? 8080 : port == 443 ? 8443 : port;
        boolean bound = listens(port);
        return !bound && listens(mapped)
                ? new Destination("", mapped, "port " + port + " was taken for the gateway's port " + mapped)
                : new Destination("", port, "");
    }

    private boolean listens(int port) {
        return ports.contains(port);
    }

    private Destination ofService(String host, int port) {
        boolean whole = host.endsWith(".");
        String bare = whole ? host.substring(0, host.length() - 1) : host;
        String address = addresses.get(bare + ":" + port);
        for (int i = 0; address == null && !whole && i < searched.size(); i++) {
            address = addresses.get(bare + searched.get(i) + ":" + port);
        }
        return address == null
                ? new Destination("", port, "")
                : new Destination(address, port, host + " was taken for " + address);
    }
}
