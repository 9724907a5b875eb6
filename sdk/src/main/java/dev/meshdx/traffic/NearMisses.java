package dev.meshdx.traffic;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ClusterName;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.VirtualHost;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.traffic.internal.Connection;
import dev.meshdx.traffic.internal.FilterChains;
import dev.meshdx.traffic.internal.Headers;
import dev.meshdx.traffic.internal.Hostnames;
import dev.meshdx.traffic.internal.Mismatch;
import dev.meshdx.traffic.internal.RouteMatcher;
import dev.meshdx.traffic.internal.VirtualHosts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What would have taken a request but for one thing. */
final class NearMisses {
    private static final int SHOWN = 3;

    private NearMisses() {}

    // ---------------------------------------------------------------- routes

    private record Candidate(Route route, List<Mismatch> failed, int likeness, int position) {
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
    static void routes(
            Trace.Builder trace,
            RouteConfiguration config,
            VirtualHost host,
            @Nullable Route taken,
            RouteMatcher matcher) {
        List<Candidate> candidates = new ArrayList<>();
        for (Route route : host.routes()) {
            if (route == taken) {
                break;
            }
            candidates.add(new Candidate(
                    route, matcher.mismatches(route.match()), matcher.likeness(route.match()), candidates.size()));
        }
        // Candidates that differ in everything are worth a line only where nothing is nearer.
        boolean slip = candidates.stream().anyMatch(candidate -> candidate.rank() == 0);
        int worst = taken != null || slip ? 0 : 3;
        List<Candidate> near = candidates.stream()
                .filter(candidate -> candidate.rank() <= worst)
                .sorted(Comparator.comparingInt(Candidate::rank)
                        .thenComparing(
                                Comparator.comparingInt(Candidate::likeness).reversed())
                        .thenComparingInt(Candidate::position))
                .limit(SHOWN)
                .toList();
        List<NearMiss> misses = new ArrayList<>();
        for (Candidate candidate : near) {
            List<String> reasons =
                    candidate.failed().stream().map(Mismatch::because).toList();
            misses.add(new NearMiss(
                    name(candidate.route()),
                    "virtual host " + host.name() + " of route configuration " + config.name(),
                    String.join("; and ", reasons)));
        }
        if (!near.isEmpty()) {
            Candidate nearest = near.get(0);
            trace.explained = nearest.rank() == 0;
            trace.nearestCriterion = nearest.failed().get(0).criterion();
            trace.nearestSlip = nearest.failed().get(0).slip();
            trace.nearestResource = nearest.route().configuredBy().orElse(null);
        }
        if (taken == null) {
            fallback(config, host, matcher).ifPresent(misses::add);
        }
        trace.nearMisses = List.copyOf(misses);
    }

    private static String name(Route route) {
        String by = route.configuredBy().map(ref -> " from " + ref).orElse("");
        return "route " + (route.name().isEmpty() ? route.requirements() : route.name()) + by;
    }

    /** The classic: the virtual host for all hosts would have a route, but a more specific one was chosen. */
    private static Optional<NearMiss> fallback(RouteConfiguration config, VirtualHost chosen, RouteMatcher matcher) {
        for (VirtualHost host : config.virtualHosts()) {
            if (host.domains().contains("*") && !host.name().equals(chosen.name())) {
                for (Route route : host.routes()) {
                    if (matcher.mismatches(route.match()).isEmpty()) {
                        return Optional.of(new NearMiss(
                                name(route),
                                "virtual host " + host.name() + " of route configuration " + config.name(),
                                "the host belongs to virtual host " + chosen.name()
                                        + ", and there is no falling back from it to *"));
                    }
                }
            }
        }
        return Optional.empty();
    }

    // ---------------------------------------------------------------- hosts

    /** Domains like the host, and other route configurations that serve it. */
    static void hosts(Trace.Builder trace, RouteConfiguration config, Headers headers, ConfigDump dump) {
        String vhostHeader = config.raw().at("vhost_header").text("");
        String authority = vhostHeader.isEmpty()
                ? headers.authority()
                : headers.first(vhostHeader).orElse("");
        List<NearMiss> misses = new ArrayList<>();
        if (!vhostHeader.isEmpty() && authority.isEmpty()) {
            misses.add(new NearMiss(
                    "header " + vhostHeader,
                    "route configuration " + config.name(),
                    "the virtual host is chosen by this header, and the request has none"));
        }
        String host = VirtualHosts.compared(config, authority);
        Map<String, VirtualHost> domains = new LinkedHashMap<>();
        for (VirtualHost candidate : config.virtualHosts()) {
            candidate.domains().forEach(domain -> domains.put(domain.toLowerCase(Locale.ROOT), candidate));
        }
        if (!host.isEmpty()) {
            domains.forEach((domain, candidate) -> why(host, domain)
                    .ifPresent(because -> misses.add(new NearMiss(
                            "domain " + domain,
                            "virtual host " + candidate.name() + " of route configuration " + config.name(),
                            because))));
            for (String domain : Nearest.to(host, domains.keySet())) {
                if (misses.stream().noneMatch(miss -> miss.what().equals("domain " + domain))) {
                    misses.add(new NearMiss(
                            "domain " + domain,
                            "virtual host "
                                    + java.util.Objects.requireNonNull(domains.get(domain))
                                            .name()
                                    + " of route configuration " + config.name(),
                            "the host " + host + " is spelled differently"));
                }
            }
            elsewhere(config, host, dump).ifPresent(misses::add);
        }
        trace.nearMisses = List.copyOf(misses.subList(0, Math.min(SHOWN, misses.size())));
        trace.explained = !misses.isEmpty();
        trace.nearestCriterion = misses.isEmpty() ? "" : "host";
    }

    private static Optional<String> why(String host, String domain) {
        int hostPort = Hostnames.portStart(host);
        int domainPort = Hostnames.portStart(domain);
        String bareHost = hostPort < 0 ? host : host.substring(0, hostPort);
        String bareDomain = domainPort < 0 ? domain : domain.substring(0, domainPort);
        if (bareHost.equals(bareDomain)) {
            return Optional.of(
                    domainPort < 0
                            ? "the host carries port " + host.substring(hostPort + 1) + ", the domain none"
                            : hostPort < 0
                                    ? "the domain carries a port, the host (as it is compared) none"
                                    : "the ports differ");
        }
        if (strip(bareHost).equals(strip(bareDomain))) {
            return Optional.of("they differ in the dot at the end");
        }
        if (domain.startsWith("*.") && bareHost.equals(domain.substring(2))) {
            return Optional.of("the wildcard needs something before the dot, the host is the bare " + bareHost);
        }
        if (domain.startsWith("*.") && bareHost.endsWith(domain.substring(1))) {
            return Optional.of("the host carries a port");
        }
        String label = bareHost.contains(".") ? "" : bareHost + ".";
        if (!label.isEmpty() && bareDomain.startsWith(label)) {
            return Optional.of("the short name " + bareHost + " is known in the service's own namespace only");
        }
        return Optional.empty();
    }

    private static String strip(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    private static Optional<NearMiss> elsewhere(RouteConfiguration config, String host, ConfigDump dump) {
        for (RouteConfiguration other : dump.routes()) {
            if (other.name().equals(config.name())) {
                continue;
            }
            for (VirtualHost candidate : other.virtualHosts()) {
                if (candidate.domains().contains(host)) {
                    return Optional.of(new NearMiss(
                            "domain " + host,
                            "virtual host " + candidate.name() + " of route configuration " + other.name(),
                            "the host is served there, on another port or listener"));
                }
            }
        }
        return Optional.empty();
    }

    // ---------------------------------------------------------------- chains, listeners, clusters

    /** Chains that one property of the connection keeps away. */
    static void chains(Trace.Builder trace, Listener listener, Connection connection, String because) {
        List<NearMiss> misses = new ArrayList<>();
        for (FilterChain chain : listener.filterChains()) {
            List<String> failures = FilterChains.failures(chain, connection);
            String what = "filter chain " + (chain.name().isEmpty() ? chain.matchText() : chain.name());
            if (failures.size() == 1 && misses.size() < SHOWN) {
                misses.add(new NearMiss(
                        what,
                        "listener " + listener.name(),
                        "it wants " + chain.matchText() + ", but the " + failures.get(0)));
            } else if (failures.isEmpty() && misses.size() < SHOWN) {
                misses.add(new NearMiss(
                        what,
                        "listener " + listener.name(),
                        "a chain that is more specific in one respect shuts it out, and Envoy does not go back; "
                                + because));
            }
        }
        trace.step("filter chain", "none", because);
        trace.nearMisses = List.copyOf(misses);
        trace.explained = !misses.isEmpty();
    }

    /** Listeners with the same address or the same port. */
    static void listeners(Trace.Builder trace, List<Listener> active, String address, int port) {
        List<NearMiss> misses = new ArrayList<>();
        for (Listener listener : active) {
            boolean samePort = listener.port() == port;
            boolean sameAddress = !address.isEmpty() && listener.addresses().contains(address);
            if ((samePort || sameAddress) && misses.size() < SHOWN) {
                misses.add(new NearMiss(
                        "listener " + listener.name(),
                        listener.address() + ":" + listener.port(),
                        samePort ? "it is bound to another address" : "it is bound to another port"));
            }
        }
        if (misses.isEmpty()) {
            List<String> ports = active.stream()
                    .filter(Listener::bindsToPort)
                    .map(listener -> String.valueOf(listener.port()))
                    .distinct()
                    .toList();
            trace.notes.add("the proxy listens on " + String.join(", ", ports));
        }
        trace.nearMisses = List.copyOf(misses);
    }

    /** Clusters of the same service, where the route names one that is not there. */
    static void clusters(Trace.Builder trace, ConfigDump dump, List<String> wanted) {
        List<NearMiss> misses = new ArrayList<>();
        for (String name : wanted) {
            ClusterName missing = ClusterName.parse(name);
            for (Cluster cluster : dump.clusters()) {
                if (missing.isStructured()
                        && cluster.host().equals(missing.host())
                        && cluster.direction() == missing.direction()
                        && !cluster.name().equals(name)
                        && misses.size() < SHOWN) {
                    String because = cluster.port() != missing.port()
                            ? "the service has port " + cluster.port() + ", the route wants " + missing.port()
                            : cluster.subset().isEmpty()
                                    ? "the service is there, but no subset " + missing.subset()
                                    : "there is a subset " + cluster.subset() + ", but no " + missing.subset();
                    misses.add(new NearMiss("cluster " + cluster.name(), "clusters of the proxy", because));
                }
            }
        }
        trace.nearMisses = List.copyOf(misses);
        trace.explained = !misses.isEmpty();
    }
}
