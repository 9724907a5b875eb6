package dev.meshdx.testkit.internal.istiod;

import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.testkit.internal.ConfigDumpPage;
import dev.meshdx.testkit.internal.Page;
import dev.meshdx.testkit.internal.mesh.Doc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What istiod says that it would send to a proxy: {@code /debug/config_dump?proxyID=…} and {@code /debug/edsz?proxyID=…}. The
 * configuration is that of the last push, whether the proxy took it over or not. Field names are in lowerCamelCase, as istiod
 * writes them. Source: Istio, {@code pilot/pkg/xds/debug.go}.
 */
final class SentPages {
    private static final String ADMIN = "type.googleapis.com/envoy.admin.v3.";

    private final List<Proxy> proxies;
    private final Push current;

    /** For the proxies that are connected to one istiod. */
    SentPages(List<Proxy> proxies, Push current) {
        this.proxies = List.copyOf(proxies);
        this.current = current;
    }

    Page configDump() {
        return page((proxy, parameters) ->
                configDump(proxy, parameters.getOrDefault("include_eds", "").equals("true")));
    }

    Page endpoints() {
        return page((proxy, parameters) -> map(
                "configs",
                List.copyOf(current.assignments(proxy.workload()).values()),
                "versionInfo",
                proxy.sentVersion()));
    }

    @FunctionalInterface
    private interface Answer {
        Object to(Proxy proxy, Map<String, String> parameters);
    }

    private Page page(Answer answer) {
        Function<String, Page> byQuery = query -> {
            Map<String, String> parameters = ConfigDumpPage.parameters(query);
            String id = parameters.getOrDefault("proxyID", "");
            if (id.isEmpty()) {
                return unnamed();
            }
            // istiod looks for a part of the connection's id.
            Optional<Proxy> found = proxies.stream()
                    .filter(proxy -> connection(proxy).contains(id))
                    .findFirst();
            return found.map(proxy -> Page.json(Doc.json(camel(answer.to(proxy, parameters)))))
                    .orElseGet(() -> Page.error(
                            404,
                            "Proxy not connected to this Pilot instance. It may be connected to another instance."));
        };
        return unnamed().withQuery(byQuery);
    }

    private static Page unnamed() {
        return Page.error(400, "You must provide a proxyID in the query string");
    }

    /** The id of a proxy's connection. */
    String connection(Proxy proxy) {
        return proxy.id() + "-" + (proxies.indexOf(proxy) + 1);
    }

    private Map<String, Object> configDump(Proxy proxy, boolean withEndpoints) {
        String version = proxy.sentVersion();
        List<Object> configs = new ArrayList<>();
        configs.add(map("@type", ADMIN + "BootstrapConfigDump"));
        List<Object> clusters = new ArrayList<>();
        current.clusters(proxy.workload()).forEach(cluster -> clusters.add(map("cluster", cluster)));
        configs.add(map(
                "@type",
                ADMIN + "ClustersConfigDump",
                "version_info",
                version,
                "dynamic_active_clusters",
                Doc.unlessEmpty(clusters)));
        if (withEndpoints) {
            List<Object> endpoints = new ArrayList<>();
            current.assignments(proxy.workload())
                    .values()
                    .forEach(assignment -> endpoints.add(map("endpoint_config", assignment)));
            configs.add(map(
                    "@type", ADMIN + "EndpointsConfigDump", "dynamic_endpoint_configs", Doc.unlessEmpty(endpoints)));
        }
        List<Object> listeners = new ArrayList<>();
        for (Map<String, Object> listener : current.listeners(proxy.workload())) {
            listeners.add(map(
                    "name", listener.get("name"), "active_state", map("version_info", version, "listener", listener)));
        }
        configs.add(map(
                "@type",
                ADMIN + "ListenersConfigDump",
                "version_info",
                version,
                "dynamic_listeners",
                Doc.unlessEmpty(listeners)));
        configs.add(map("@type", ADMIN + "ScopedRoutesConfigDump"));
        List<Object> routes = new ArrayList<>();
        current.routes(proxy.workload())
                .values()
                .forEach(route -> routes.add(map("version_info", version, "route_config", route)));
        configs.add(map("@type", ADMIN + "RoutesConfigDump", "dynamic_route_configs", Doc.unlessEmpty(routes)));
        configs.add(map("@type", ADMIN + "SecretsConfigDump"));
        configs.add(map("@type", ADMIN + "EcdsConfigDump"));
        return map("configs", configs);
    }

    /** Field names of messages in lowerCamelCase; keys of maps and of free-form metadata stay as they are. */
    private static Object camel(Object value) {
        if (value instanceof List<?> list) {
            List<Object> items = new ArrayList<>(list.size());
            list.forEach(item -> items.add(camel(item)));
            return items;
        }
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        map.forEach((key, item) -> {
            String name = String.valueOf(key);
            fields.put(camel(name), name.equals("filter_metadata") ? item : camel(item));
        });
        return fields;
    }

    private static String camel(String name) {
        if (name.indexOf('_') <= 0 || name.indexOf('.') >= 0) {
            return name;
        }
        StringBuilder out = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean word = i > 0 && name.charAt(i - 1) == '_';
            if (c != '_') {
                out.append(word ? Character.toUpperCase(c) : c);
            }
        }
        return out.toString();
    }
}
