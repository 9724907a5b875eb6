package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Projection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The route configurations of a proxy: those that it was sent by name, and those written into its listeners. */
public final class Routes extends EnvoyResources<RouteConfiguration, Routes> {
    Routes(Dump dump) {
        this(new Query<>(dump, Section.ROUTES, entry -> List.of(new RouteConfiguration(entry)), columns(), List.of()));
    }

    private Routes(Query<RouteConfiguration> query) {
        super(query);
    }

    private static Projection columns() {
        Projection route = Projection.of(
                "match.prefix",
                "match.path",
                "match.path_separated_prefix",
                "match.safe_regex.regex",
                "route.cluster",
                "metadata.filter_metadata.istio.config");
        Projection host = Projection.of("name", "domains").and(Projection.of(route, "routes"));
        return Projection.of("name").and(Projection.of(host, "virtual_hosts"));
    }

    @Override
    Routes with(Query<RouteConfiguration> query) {
        return new Routes(query);
    }

    /** Those with this name: the port for a sidecar's outbound HTTP, {@code http.8080} for a gateway's. */
    public Routes named(String name) {
        Objects.requireNonNull(name, "name");
        return narrow(new Filter<>(
                "name " + name,
                config -> config.name().equals(name),
                Projection.of("name"),
                NameFilter.exactly(name),
                name,
                config -> Stream.of(config.name())));
    }

    /** Those with a virtual host that lists this domain, letter for letter. */
    public Routes domain(String domain) {
        Objects.requireNonNull(domain, "domain");
        return narrow(new Filter<>(
                "domain " + domain,
                config -> config.virtualHosts().stream()
                        .anyMatch(host -> host.domains().contains(domain)),
                // Whole: parts of a configuration could not be judged one by one.
                Projection.WHOLE,
                NameFilter.ALL,
                domain,
                config -> config.virtualHosts().stream().flatMap(host -> host.domains().stream())));
    }

    @Override
    Comparator<Map<String, String>> order() {
        return by("name");
    }

    @Override
    Json raw(RouteConfiguration config) {
        return config.raw();
    }

    @Override
    String what() {
        return "route configurations";
    }

    @Override
    List<String> header() {
        return List.of("NAME", "VIRTUAL HOSTS", "ROUTES", "STATE");
    }

    @Override
    List<String> line(RouteConfiguration config) {
        return List.of(
                config.name(),
                String.valueOf(config.virtualHosts().size()),
                String.valueOf(config.virtualHosts().stream()
                        .mapToInt(host -> host.routes().size())
                        .sum()),
                config.state().toString());
    }

    /** A large route configuration is read in parts, of which only the last knows that a newer version was refused. */
    @Override
    public List<Map<String, String>> rows() {
        List<Map<String, String>> rows = super.rows();
        Map<String, Map<String, String>> refused = new HashMap<>();
        for (Map<String, String> row : rows) {
            if (!row.getOrDefault("error", "").isEmpty()) {
                refused.put(row.get("name") + " " + row.get("state"), row);
            }
        }
        return refused.isEmpty()
                ? rows
                : rows.stream()
                        .map(row -> {
                            Map<String, String> last = refused.get(row.get("name") + " " + row.get("state"));
                            return last == null ? row : withError(row, last);
                        })
                        .toList();
    }

    private static Map<String, String> withError(Map<String, String> row, Map<String, String> last) {
        Map<String, String> copy = new LinkedHashMap<>(row);
        for (String column : List.of("error", "rejectedVersion")) {
            if (last.containsKey(column)) {
                copy.put(column, last.get(column));
            }
        }
        return Collections.unmodifiableMap(copy);
    }

    /** One row a route, as istioctl: without those to {@code PassthroughCluster}. */
    @Override
    void rows(RouteConfiguration config, Consumer<Map<String, String>> rows) {
        for (VirtualHost host : config.virtualHosts()) {
            String domains = domains(host.domains());
            for (Route route : host.routes()) {
                if (!route.raw().at("route", "cluster").text("").equals("PassthroughCluster")) {
                    rows.accept(row(config, host, domains, route.matchText(), route.configuredByCell()));
                }
            }
            if (host.routes().isEmpty()) {
                rows.accept(row(config, host, domains, "/*", "404"));
            }
        }
    }

    private static Map<String, String> row(
            RouteConfiguration config, VirtualHost host, String domains, String match, String virtualService) {
        return row(
                config.state(),
                config.error(),
                config.rejectedVersion(),
                "name",
                config.name(),
                "vhostName",
                host.name(),
                "domains",
                domains,
                "match",
                match,
                "virtualService",
                virtualService);
    }

    /**
     * The domains as istioctl shortens them: no ports, no longer form of a name that is there in a shorter one, two shown and
     * the others counted. Source: istioctl, {@code pkg/writer/envoy/configdump/route.go}, {@code describeRouteDomains}.
     */
    private static String domains(List<String> domains) {
        if (domains.size() == 1) {
            return domains.get(0);
        }
        List<String> without = new ArrayList<>();
        for (String domain : domains) {
            if (!domain.contains(":") || (domain.startsWith("[") && domain.endsWith("]"))) {
                without.add(domain);
            }
        }
        Set<String> all = new HashSet<>(without);
        List<String> shown = new ArrayList<>();
        for (String domain : without) {
            if (!all.contains(strip(domain, ".svc.cluster.local")) && !all.contains(strip(domain, ".svc"))) {
                shown.add(domain);
            }
        }
        String text = String.join(", ", shown.subList(0, Math.min(2, shown.size())));
        return shown.size() > 2 ? text + " + " + (shown.size() - 2) + " more..." : text;
    }

    private static String strip(String domain, String suffix) {
        // What does not end so is no longer form of anything.
        return domain.endsWith(suffix) ? domain.substring(0, domain.length() - suffix.length()) : "";
    }
}
