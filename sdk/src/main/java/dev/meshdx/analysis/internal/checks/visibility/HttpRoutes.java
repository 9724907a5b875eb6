package dev.meshdx.analysis.internal.checks.visibility;

import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.HostNames;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Hosts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The HTTP rules of a VirtualService as proxies get them: those of delegates stand in place of the rule that names them, and
 * a match of a delegate holds together with that of the rule. Sources: Istio, "Virtual Service" (fields delegate and match);
 * istio/istio, {@code pilot/pkg/model/virtualservice.go}, {@code mergeVirtualServicesIfNeeded}, and
 * {@code pilot/pkg/networking/core/route/route.go}.
 */
final class HttpRoutes {
    /** Combinations of matches beyond which a delegate is not followed. */
    private static final int COMBINATIONS = 200;

    /**
     * One alternative of a rule.
     *
     * @param field where to point: the path where there is one, else the match, else the rule
     * @param value all its conditions
     */
    record Match(Field field, Json value) {
        Json uri() {
            return value.at("uri");
        }

        boolean ignoresCase() {
            return value.at("ignoreUriCase").bool(false);
        }

        /**
         * Whether istiod moves it behind all others of the host: every path, no further condition. Source: istio/istio,
         * {@code route.go}, {@code IsCatchAllRoute}.
         */
        boolean isCatchAll() {
            boolean anyPath = !uri().exists()
                    || uri().at("prefix").text("").equals("/")
                    || uri().at("regex").text("").equals("*");
            return anyPath
                    && List.of("headers", "withoutHeaders", "queryParams").stream()
                            .allMatch(name -> value.at(name).size() == 0)
                    && List.of("method", "scheme", "authority").stream()
                            .noneMatch(name -> value.at(name).exists());
        }

        boolean isFor(String gateway) {
            List<String> gateways = value.at("gateways").texts();
            return gateways.isEmpty() || gateways.contains(gateway);
        }
    }

    /**
     * A rule.
     *
     * @param root the VirtualService that has the hosts
     * @param owner the one that the rule stands in: the same, or a delegate
     * @param field where it stands
     * @param matches its alternatives; one without conditions where it has none
     */
    record Rule(Resource root, Resource owner, Field field, List<Match> matches) {}

    private HttpRoutes() {}

    static List<Rule> of(Configuration configuration, Resource virtualService) {
        List<Rule> rules = new ArrayList<>();
        for (Field field : Field.spec(virtualService).at("http").items()) {
            List<Match> matches = matches(field);
            Field delegate = field.at("delegate");
            if (!delegate.exists()) {
                rules.add(new Rule(virtualService, virtualService, field, matches));
                continue;
            }
            Optional<Resource> found = configuration.find(
                    VIRTUAL_SERVICE,
                    delegate.at("namespace").value().text(configuration.namespaceOf(virtualService)),
                    delegate.at("name").text());
            found.filter(one -> one.spec().at("hosts").size() == 0)
                    .ifPresent(one -> addDelegated(virtualService, matches, one, rules));
        }
        return rules;
    }

    private static void addDelegated(Resource root, List<Match> outer, Resource delegate, List<Rule> rules) {
        for (Field field : Field.spec(delegate).at("http").items()) {
            List<Match> inner = matches(field);
            if (field.at("delegate").exists() || inner.size() * outer.size() > COMBINATIONS) {
                continue;
            }
            List<Match> both = new ArrayList<>();
            for (Match own : inner) {
                for (Match of : outer) {
                    if (!own.uri().exists()
                            || !of.uri().exists()
                            || Covering.path(of.uri(), of.ignoresCase(), own.uri(), own.ignoresCase())) {
                        both.add(new Match(own.field(), merged(of.value(), own.value())));
                    }
                }
            }
            if (!both.isEmpty()) {
                rules.add(new Rule(root, delegate, field, both));
            }
        }
    }

    private static List<Match> matches(Field rule) {
        List<Field> written = rule.at("match").items();
        return written.isEmpty()
                ? List.of(new Match(rule, Json.object()))
                : written.stream()
                        .map(match -> new Match(place(match), match.value()))
                        .toList();
    }

    private static Field place(Field match) {
        return match.at("uri").entries().stream().findFirst().orElse(match);
    }

    private static Json merged(Json outer, Json inner) {
        Map<String, Object> fields = new LinkedHashMap<>();
        outer.forEachField(fields::put);
        inner.forEachField((name, value) -> {
            Object before = fields.get(name);
            if (before instanceof Json json && json.isObject() && value.isObject() && !name.equals("uri")) {
                Map<String, Object> union = new LinkedHashMap<>();
                json.forEachField(union::put);
                value.forEachField(union::put);
                fields.put(name, Json.of(union));
            } else {
                fields.put(name, value);
            }
        });
        return Json.of(fields);
    }

    /** The gateways that a VirtualService names, as {@code namespace/name}; {@code mesh} for the sidecars. */
    static Map<String, String> gateways(Configuration configuration, Resource virtualService) {
        Map<String, String> gateways = new LinkedHashMap<>();
        for (String written : virtualService.spec().at("gateways").texts()) {
            gateways.put(
                    written.equals("mesh") || written.contains("/")
                            ? written
                            : configuration.namespaceOf(virtualService) + "/" + written,
                    written);
        }
        return gateways.isEmpty() ? Map.of("mesh", "mesh") : gateways;
    }

    /**
     * Whether a gateway takes a host from a VirtualService: {@code namespace/host} in the Gateway says whose it may be. One that
     * does not exist takes nothing, one that was not read may. Source: Istio, "Gateway", field hosts of a server.
     */
    static boolean serves(Configuration configuration, String gateway, String host, Resource virtualService) {
        if (gateway.equals("mesh")) {
            return true;
        }
        String namespace = configuration.namespaceOf(virtualService);
        Optional<Resource> found = configuration.resolve(GATEWAY, namespace, gateway);
        if (found.isEmpty()) {
            return !configuration.canResolve(GATEWAY, namespace, gateway);
        }
        for (Json server : found.get().spec().at("servers").items()) {
            for (String written : server.at("hosts").texts()) {
                int slash = written.indexOf('/');
                String scope = slash < 0 ? "*" : written.substring(0, slash);
                boolean may = scope.equals("*")
                        || scope.equals(namespace)
                        || (scope.equals(".")
                                && configuration.namespaceOf(found.get()).equals(namespace));
                if (may && HostNames.overlap(written.substring(slash + 1), host)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The hosts of a VirtualService, by their full names. */
    static Map<String, Field> hosts(Configuration configuration, Resource virtualService) {
        Map<String, Field> hosts = new LinkedHashMap<>();
        for (Field host : Field.spec(virtualService).at("hosts").items()) {
            hosts.putIfAbsent(Hosts.qualify(host.text(), configuration.namespaceOf(virtualService)), host);
        }
        return hosts;
    }

    /**
     * The order in which istiod takes VirtualServices: those for the proxy's own namespace only, those for a list of
     * namespaces, those for all; each from the oldest on, of the same second by name. Source: istio/istio,
     * {@code push_context.go}, {@code VirtualServicesForGateway} and {@code sortConfigByCreationTime}.
     */
    record Place(int rank, Instant created, String name) implements Comparable<Place> {
        static Place of(Configuration configuration, Resource virtualService, Set<String> audience) {
            String namespace = configuration.namespaceOf(virtualService);
            return new Place(
                    audience.contains("*") ? 2 : audience.equals(Set.of(namespace)) ? 0 : 1,
                    virtualService.createdAt().orElse(Instant.MAX),
                    virtualService.name() + "." + namespace);
        }

        /** Whether it comes first for sure: an age that is not known may be any. */
        boolean surelyBefore(Place other) {
            return rank != other.rank
                    ? rank < other.rank
                    : !created.equals(Instant.MAX) && !other.created.equals(Instant.MAX) && compareTo(other) < 0;
        }

        @Override
        public int compareTo(Place other) {
            int byRank = Integer.compare(rank, other.rank);
            int byAge = created.compareTo(other.created);
            return byRank != 0 ? byRank : byAge != 0 ? byAge : name.compareTo(other.name);
        }
    }

    /** Whether one set of namespaces holds another. */
    static boolean reachesAll(Set<String> wide, Set<String> narrow) {
        return wide.contains("*") || wide.containsAll(narrow);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
