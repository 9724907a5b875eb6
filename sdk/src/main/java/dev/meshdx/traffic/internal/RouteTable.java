package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.HttpFilter;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.VirtualHost;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A route configuration made ready for many requests: its virtual hosts by their domains. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code domains}, and {@code RouteMatcher::findVirtualHost}. Safe for use by
 * several threads.
 */
public final class RouteTable {
    /** A virtual host, whose routes are made ready when the first request comes to it. */
    public static final class Host {
        private final VirtualHost view;
        private final String name;
        private final List<HttpFilter> overrides;
        private final String requireTls;
        private final boolean ignoresParameters;
        private final Regexes regexes;
        private volatile @Nullable RouteList routes;

        private Host(VirtualHost view, boolean ignoresParameters, Regexes regexes) {
            this.view = view;
            this.name = view.name();
            this.overrides = view.filterOverrides();
            this.requireTls = view.requireTls();
            this.ignoresParameters = ignoresParameters;
            this.regexes = regexes;
        }

        /** The virtual host. */
        public VirtualHost view() {
            return view;
        }

        /** Its name. */
        public String name() {
            return name;
        }

        /** What filters do differently for its requests. */
        public List<HttpFilter> overrides() {
            return overrides;
        }

        /** Whether it redirects to HTTPS: {@code NONE}, {@code EXTERNAL_ONLY}, {@code ALL}. */
        public String requireTls() {
            return requireTls;
        }

        /** Its routes. */
        public RouteList routes() {
            RouteList list = routes;
            if (list == null) {
                list = new RouteList(view.routes(), ignoresParameters, regexes);
                routes = list;
            }
            return list;
        }
    }

    /**
     * The virtual host and the domain by which it was found.
     *
     * @param domain as it is configured
     */
    public record Choice(Host host, String domain) {}

    private final RouteConfiguration config;
    private final String name;
    private final List<HttpFilter> overrides;
    private final boolean ignoresPort;
    private final @Nullable String hostHeader;
    private final List<Host> hosts;
    private final Map<String, Choice> exact = new HashMap<>();
    /** By the length of what stands behind the star, the longest first. */
    private final Map<Integer, Map<String, Choice>> suffixes = new TreeMap<>(Collections.reverseOrder());

    private final Map<Integer, Map<String, Choice>> prefixes = new TreeMap<>(Collections.reverseOrder());
    private final @Nullable Choice catchAll;
    private final boolean onlyCatchAll;

    /** Makes a route configuration ready. */
    public RouteTable(RouteConfiguration config, Regexes regexes) {
        this.config = config;
        this.name = config.name();
        this.overrides = config.filterOverrides();
        this.ignoresPort = config.ignoresPortInHost();
        this.hostHeader = config.virtualHostHeader().orElse(null);
        boolean ignoresParameters = config.ignoresPathParameters();
        List<Host> all = new ArrayList<>();
        Choice star = null;
        int domains = 0;
        for (VirtualHost view : config.virtualHosts()) {
            Host host = new Host(view, ignoresParameters, regexes);
            all.add(host);
            for (String configured : view.domains()) {
                domains++;
                String domain = configured.toLowerCase(Locale.ROOT);
                Choice choice = new Choice(host, configured);
                if (domain.equals("*")) {
                    star = star == null ? choice : star;
                } else if (domain.startsWith("*")) {
                    put(suffixes, domain.substring(1), choice);
                } else if (domain.endsWith("*")) {
                    put(prefixes, domain.substring(0, domain.length() - 1), choice);
                } else {
                    exact.putIfAbsent(domain, choice);
                }
            }
        }
        this.hosts = List.copyOf(all);
        this.catchAll = star;
        this.onlyCatchAll = star != null && domains == 1 && all.size() == 1;
    }

    private static void put(Map<Integer, Map<String, Choice>> wildcards, String text, Choice choice) {
        wildcards.computeIfAbsent(text.length(), any -> new HashMap<>()).putIfAbsent(text, choice);
    }

    /** The route configuration. */
    public RouteConfiguration config() {
        return config;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** What filters do differently for its requests. */
    public List<HttpFilter> overrides() {
        return overrides;
    }

    /** Its virtual hosts, in order. */
    public List<Host> hosts() {
        return hosts;
    }

    /** The host as it is compared: in lower case, without a port where ports are ignored. */
    public String compared(String authority) {
        String host = authority.toLowerCase(Locale.ROOT);
        if (ignoresPort) {
            int colon = Hostnames.portStart(host);
            host = colon < 0 ? host : host.substring(0, colon);
        }
        return host;
    }

    /** The choice; null where no virtual host serves the host. */
    public @Nullable Choice find(Headers headers) {
        if (onlyCatchAll) {
            return catchAll;
        }
        Optional<String> authority = hostHeader == null ? Optional.of(headers.authority()) : headers.first(hostHeader);
        return authority.map(text -> find(compared(text))).orElse(null);
    }

    private @Nullable Choice find(String host) {
        Choice choice = exact.get(host);
        if (choice != null) {
            return choice;
        }
        // Something has to stand in the place of the star.
        for (Map.Entry<Integer, Map<String, Choice>> some : suffixes.entrySet()) {
            int length = some.getKey();
            choice = host.length() > length ? some.getValue().get(host.substring(host.length() - length)) : null;
            if (choice != null) {
                return choice;
            }
        }
        for (Map.Entry<Integer, Map<String, Choice>> some : prefixes.entrySet()) {
            int length = some.getKey();
            choice = host.length() > length ? some.getValue().get(host.substring(0, length)) : null;
            if (choice != null) {
                return choice;
            }
        }
        return catchAll;
    }
}
