package dev.meshdx.traffic;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ClusterName;
import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.traffic.NearMiss.Reason;
import dev.meshdx.traffic.internal.CompiledChain;
import dev.meshdx.traffic.internal.CompiledListener;
import dev.meshdx.traffic.internal.CompiledRoute;
import dev.meshdx.traffic.internal.Connection;
import dev.meshdx.traffic.internal.FilterChains;
import dev.meshdx.traffic.internal.Headers;
import dev.meshdx.traffic.internal.Hostnames;
import dev.meshdx.traffic.internal.Mismatch;
import dev.meshdx.traffic.internal.RouteTable;
import dev.meshdx.traffic.internal.RoutedRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What would have taken a request but for one thing. */
final class NearMisses {
    private static final int SHOWN = 3;

    /** To explain why a route does not take a request is a hundred times the work of asking it. */
    private static final int EXPLAINED = 300;

    private NearMisses() {}

    private static Trace.Nearest nearest(List<NearMiss> misses, String criterion) {
        return new Trace.Nearest(
                List.copyOf(misses.subList(0, Math.min(SHOWN, misses.size()))),
                !misses.isEmpty(),
                misses.isEmpty() ? "" : criterion);
    }

    // ---------------------------------------------------------------- routes

    private record Candidate(CompiledRoute route, List<Mismatch> failed, int likeness) {
        /** Lower is nearer: one slip, then one difference, then two slips. */
        int rank() {
            boolean near = failed.stream().allMatch(Mismatch::near);
            boolean path =
                    failed.stream().anyMatch(mismatch -> mismatch.criterion().equals("path"));
            return switch (failed.size()) {
                case 1 -> near ? 0 : 1;
                case 2 -> near ? (path ? 3 : 2) : 4;
                default -> 5;
            };
        }
    }

    /** Routes of the virtual host that come before the one that was taken, or all where none was. */
    static Trace.Nearest routes(
            RouteTable table,
            RouteTable.Host host,
            @Nullable CompiledRoute taken,
            RoutedRequest request,
            Tracer tracer) {
        List<Candidate> candidates = new ArrayList<>();
        for (CompiledRoute route : likely(host, taken, request)) {
            candidates.add(new Candidate(route, route.mismatches(request), route.likeness(request)));
        }
        // Candidates that differ in everything are worth a line only where nothing is nearer.
        boolean slip = candidates.stream().anyMatch(candidate -> candidate.rank() == 0);
        int worst = taken != null || slip ? 0 : 3;
        List<Candidate> near = candidates.stream()
                .filter(candidate -> candidate.rank() <= worst)
                .sorted(Comparator.comparingInt(Candidate::rank)
                        .thenComparing(
                                Comparator.comparingInt(Candidate::likeness).reversed())
                        .thenComparingInt(candidate -> candidate.route().position()))
                .limit(SHOWN)
                .toList();
        String where = where(host, table.config());
        List<NearMiss> misses = new ArrayList<>();
        for (Candidate candidate : near) {
            List<String> reasons =
                    candidate.failed().stream().map(Mismatch::because).toList();
            misses.add(miss(
                    candidate.failed().get(0).reason(),
                    candidate.route().route(),
                    where,
                    String.join("; and ", reasons)));
        }
        boolean explained = !near.isEmpty() && near.get(0).rank() == 0;
        String criterion = near.isEmpty() ? "" : near.get(0).failed().get(0).criterion();
        if (taken == null) {
            fallback(table, host, request).ifPresent(misses::add);
        } else {
            shadowed(host, taken, request, where).ifPresent(misses::add);
        }
        String name = host.view().name();
        if (name.equals("allow_any") || name.equals("block_all")) {
            // Istio's virtual hosts for what is not in the mesh: perhaps a service was meant.
            Trace.Nearest services = hosts(table, request.headers(), tracer);
            if (!services.misses().isEmpty()) {
                return services;
            }
        }
        return new Trace.Nearest(List.copyOf(misses), explained, criterion);
    }

    /** The routes before the one that was taken; of very many those that have most in common with the request. */
    private static List<CompiledRoute> likely(
            RouteTable.Host host, @Nullable CompiledRoute taken, RoutedRequest request) {
        List<CompiledRoute> all = host.routes().all();
        List<CompiledRoute> before = taken == null ? all : all.subList(0, taken.position());
        if (before.size() <= EXPLAINED) {
            return before;
        }
        record Likely(CompiledRoute route, int unmet, int likeness) {}
        return before.stream()
                .map(route -> new Likely(route, route.unmet(request), route.likeness(request)))
                .sorted(Comparator.comparingInt(Likely::unmet)
                        .thenComparing(Comparator.comparingInt(Likely::likeness).reversed()))
                .limit(EXPLAINED)
                .map(Likely::route)
                .toList();
    }

    private static NearMiss miss(Reason reason, Route route, String where, String because) {
        ResourceRef by = route.configuredBy().orElse(null);
        String name = "route " + (route.name().isEmpty() ? route.requirements() : route.name())
                + (by == null ? "" : " from " + by);
        return NearMiss.of(reason, name, where, because, by);
    }

    private static String where(RouteTable.Host host, RouteConfiguration config) {
        return "virtual host " + host.view().name() + " of route configuration " + config.name();
    }

    /** A route behind the one that was taken which is made for such requests, and never gets one. */
    private static Optional<NearMiss> shadowed(
            RouteTable.Host host, CompiledRoute taken, RoutedRequest request, String where) {
        CompiledRoute next = host.routes().first(request, taken.position() + 1);
        while (next != null) {
            if (next.isMoreSpecificThan(taken) && !taken.isByChance()) {
                Route before = taken.route();
                return Optional.of(miss(
                        Reason.SHADOWED,
                        next.route(),
                        where,
                        "it would take the request too, but route "
                                + (before.name().isEmpty() ? before.requirements() : before.name())
                                + " stands before it, and the first that matches counts"));
            }
            next = host.routes().first(request, next.position() + 1);
        }
        return Optional.empty();
    }

    /** The classic: the virtual host for all hosts would have a route, but a more specific one was chosen. */
    private static Optional<NearMiss> fallback(RouteTable table, RouteTable.Host chosen, RoutedRequest request) {
        for (RouteTable.Host host : table.hosts()) {
            if (host != chosen && host.view().domains().contains("*")) {
                CompiledRoute route = host.routes().first(request, 0);
                if (route != null) {
                    return Optional.of(miss(
                            Reason.OTHER_VIRTUAL_HOST,
                            route.route(),
                            where(host, table.config()),
                            "the host belongs to virtual host " + chosen.view().name()
                                    + ", and there is no falling back from it to *"));
                }
            }
        }
        return Optional.empty();
    }

    // ---------------------------------------------------------------- hosts

    private record Why(Reason reason, String because) {}

    /** Domains like the host, and other route configurations that serve it. */
    static Trace.Nearest hosts(RouteTable table, Headers headers, Tracer tracer) {
        RouteConfiguration config = table.config();
        String vhostHeader = config.virtualHostHeader().orElse("");
        String authority = vhostHeader.isEmpty()
                ? headers.authority()
                : headers.first(vhostHeader).orElse("");
        List<NearMiss> misses = new ArrayList<>();
        if (!vhostHeader.isEmpty() && authority.isEmpty()) {
            misses.add(NearMiss.of(
                    Reason.HOST_HEADER,
                    "header " + vhostHeader,
                    "route configuration " + config.name(),
                    "the virtual host is chosen by this header, and the request has none",
                    null));
        }
        String host = table.compared(authority);
        Map<String, RouteTable.Host> domains = new LinkedHashMap<>();
        for (RouteTable.Host candidate : table.hosts()) {
            candidate.view().domains().forEach(domain -> domains.put(domain.toLowerCase(Locale.ROOT), candidate));
        }
        if (!host.isEmpty()) {
            domains.forEach((domain, candidate) -> why(host, domain)
                    .ifPresent(why -> misses.add(domain(why.reason(), domain, candidate, config, why.because()))));
            for (String domain : Nearest.to(host, domains.keySet())) {
                if (misses.stream().noneMatch(miss -> miss.what().equals("domain " + domain))) {
                    misses.add(domain(
                            Reason.HOST_TYPO,
                            domain,
                            Objects.requireNonNull(domains.get(domain)),
                            config,
                            "the host " + host + " is spelled differently"));
                }
            }
            elsewhere(config, host, tracer).ifPresent(misses::add);
        }
        return nearest(misses, "host");
    }

    private static NearMiss domain(
            Reason reason, String domain, RouteTable.Host host, RouteConfiguration config, String because) {
        List<Route> routes = host.view().routes();
        return NearMiss.of(
                reason,
                "domain " + domain,
                where(host, config),
                because,
                routes.isEmpty() ? null : routes.get(0).configuredBy().orElse(null));
    }

    private static Optional<Why> why(String host, String domain) {
        int hostPort = Hostnames.portStart(host);
        int domainPort = Hostnames.portStart(domain);
        String bareHost = hostPort < 0 ? host : host.substring(0, hostPort);
        String bareDomain = domainPort < 0 ? domain : domain.substring(0, domainPort);
        if (bareHost.equals(bareDomain)) {
            return Optional.of(new Why(
                    Reason.HOST_PORT,
                    domainPort < 0
                            ? "the host carries port " + host.substring(hostPort + 1) + ", the domain none"
                            : hostPort < 0
                                    ? "the domain carries a port, the host (as it is compared) none"
                                    : "the ports differ"));
        }
        if (strip(bareHost).equals(strip(bareDomain))) {
            return Optional.of(new Why(Reason.HOST_SUFFIX, "they differ in the dot at the end"));
        }
        if (domain.startsWith("*.") && bareHost.equals(domain.substring(2))) {
            return Optional.of(new Why(
                    Reason.HOST_WILDCARD,
                    "the wildcard needs something before the dot, the host is the bare " + bareHost));
        }
        if (domain.startsWith("*.") && bareHost.endsWith(domain.substring(1))) {
            return Optional.of(new Why(Reason.HOST_PORT, "the host carries a port"));
        }
        String label = bareHost.contains(".") ? "" : bareHost + ".";
        if (!label.isEmpty() && bareDomain.startsWith(label)) {
            return Optional.of(new Why(
                    Reason.HOST_SUFFIX,
                    "the short name " + bareHost + " is known in the service's own namespace only"));
        }
        return Optional.empty();
    }

    private static String strip(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    private static Optional<NearMiss> elsewhere(RouteConfiguration config, String host, Tracer tracer) {
        for (RouteTable other : tracer.routes()) {
            if (other.config().name().equals(config.name())) {
                continue;
            }
            for (RouteTable.Host candidate : other.hosts()) {
                if (candidate.view().domains().contains(host)) {
                    return Optional.of(domain(
                            Reason.OTHER_PORT,
                            host,
                            candidate,
                            other.config(),
                            "the host is served there, on another port or listener"));
                }
            }
        }
        return Optional.empty();
    }

    // ---------------------------------------------------------------- chains, listeners, clusters

    /** Chains that one property of the connection keeps away. */
    static Trace.Nearest chains(CompiledListener listener, Connection connection, String because) {
        List<NearMiss> misses = new ArrayList<>();
        // A chain for this very port is more likely meant than one for all ports, and that more than one for another
        // port.
        List<CompiledChain> chains = listener.chains().all().stream()
                .sorted(Comparator.comparing(
                        (CompiledChain chain) -> chain.port() == connection.port() ? 0 : chain.port() < 0 ? 1 : 2))
                .toList();
        for (CompiledChain chain : chains) {
            List<FilterChains.Failure> failures = FilterChains.failures(chain, connection);
            if (failures.size() > 1) {
                continue;
            }
            String match = chain.view().matchText();
            String name = chain.view().name();
            misses.add(NearMiss.of(
                    failures.isEmpty() ? Reason.SHADOWED : failures.get(0).reason(),
                    "filter chain " + (name.isEmpty() ? match : name),
                    "listener " + listener.name(),
                    failures.isEmpty()
                            ? "a chain that is more specific in one respect shuts it out, and Envoy does not go back; "
                                    + because
                            : "it wants " + match + ", but the "
                                    + failures.get(0).text(),
                    chain.view().configuredBy().orElse(null)));
        }
        return nearest(misses, misses.isEmpty() ? "" : "filter chain");
    }

    private static boolean isNear(CompiledListener listener, String address, int port) {
        return listener.port() == port
                || (!address.isEmpty() && listener.view().addresses().contains(address));
    }

    static boolean isAnyNear(List<CompiledListener> listeners, String address, int port) {
        return listeners.stream().anyMatch(listener -> isNear(listener, address, port));
    }

    /** The ports on which something listens. */
    static String ports(List<CompiledListener> listeners) {
        List<String> ports = listeners.stream()
                .filter(listener -> listener.view().bindsToPort())
                .map(listener -> String.valueOf(listener.port()))
                .distinct()
                .toList();
        return ports.isEmpty() ? "no port" : String.join(", ", ports);
    }

    /** Listeners with the same address or the same port. */
    static Trace.Nearest listeners(List<CompiledListener> listeners, String address, int port) {
        List<NearMiss> misses = new ArrayList<>();
        for (CompiledListener listener : listeners) {
            if (isNear(listener, address, port)) {
                boolean samePort = listener.port() == port;
                misses.add(NearMiss.of(
                        samePort ? Reason.ADDRESS : Reason.PORT,
                        "listener " + listener.name(),
                        listener.view().address() + ":" + listener.port(),
                        samePort ? "it is bound to another address" : "it is bound to another port",
                        null));
            }
        }
        return new Trace.Nearest(List.copyOf(misses.subList(0, Math.min(SHOWN, misses.size()))), false, "");
    }

    /** Clusters of the same service, where the route names one that is not there. */
    static Trace.Nearest clusters(Tracer tracer, List<String> wanted) {
        List<NearMiss> misses = new ArrayList<>();
        for (String name : wanted) {
            ClusterName missing = ClusterName.parse(name);
            for (Cluster cluster : tracer.clusters()) {
                if (missing.isStructured()
                        && cluster.host().equals(missing.host())
                        && cluster.direction() == missing.direction()
                        && !cluster.name().equals(name)) {
                    boolean port = cluster.port() != missing.port();
                    String because = port
                            ? "the service has port " + cluster.port() + ", the route wants " + missing.port()
                            : cluster.subset().isEmpty()
                                    ? "the service is there, but no subset " + missing.subset()
                                    : "there is a subset " + cluster.subset() + ", but no " + missing.subset();
                    misses.add(NearMiss.of(
                            port ? Reason.CLUSTER_PORT : Reason.SUBSET,
                            "cluster " + cluster.name(),
                            "clusters of the proxy",
                            because,
                            cluster.configuredBy().orElse(null)));
                }
            }
        }
        return nearest(misses, "cluster");
    }
}
