package dev.meshdx.analysis.internal.checks.schema;

import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Routes and matches of VirtualServices that earlier ones leave nothing for: the first that matches wins. Source:
 * istio/istio, {@code pkg/config/validation/virtualservice.go} and {@code validation.go}, {@code analyzeUnreachableHTTPRules}
 * and its like for TCP and TLS.
 */
public final class VirtualServiceReachabilityCheck implements ConfigurationCheck {
    static final FindingCode ROUTE = new FindingCode(
            "IST0130",
            "VirtualServiceUnreachableRule",
            Severity.WARNING,
            "A route can never be chosen, because earlier ones take its traffic.");

    static final FindingCode MATCH = new FindingCode(
            "IST0131",
            "VirtualServiceIneffectiveMatch",
            Severity.INFO,
            "A match never decides anything, because an earlier one takes its traffic.");

    /** Fields of a match that count even when they are empty. */
    private static final Set<String> MESSAGES = Set.of("uri", "scheme", "method", "authority");

    @Override
    public List<FindingCode> codes() {
        return List.of(ROUTE, MATCH);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE);
    }

    /** A match, and the route that it belongs to. */
    private record Match(Field field, String label, Field route, String routeLabel) {
        String prefix() {
            return field.at("uri", "prefix").text();
        }
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            Problems unreadable = new Problems();
            Shapes.check("VirtualService", Field.spec(virtualService), unreadable);
            if (unreadable.isEmpty()) {
                Reachability reachability = new Reachability();
                for (String protocol : List.of("http", "tcp", "tls")) {
                    reachability.check(Field.spec(virtualService).at(protocol), protocol.equals("http"));
                }
                reachability.report(configuration, virtualService, report);
            }
        }
    }

    /** What is said about one VirtualService; what is said in the same words about several routes is said once. */
    private static final class Reachability {
        private final Map<String, List<Field>> routes = new LinkedHashMap<>();
        private final Map<String, List<Field>> matches = new LinkedHashMap<>();

        void check(Field list, boolean http) {
            Field catchAll = null;
            Map<Json, Match> seen = new LinkedHashMap<>();
            List<Field> all = list.items();
            for (int i = 0; i < all.size(); i++) {
                Field route = all.get(i);
                String label = label(route, i, http);
                List<Field> own = route.at("match").items();
                if (route.value().isNull()) {
                    continue;
                }
                if (own.isEmpty()) {
                    if (catchAll != null) {
                        unreachable(label, "only the last route may have no matches", List.of(catchAll), route);
                    }
                    catchAll = route;
                    continue;
                }
                List<Field> earlierMatches = new ArrayList<>();
                for (int j = 0; j < own.size(); j++) {
                    Match match = new Match(own.get(j), label(own.get(j), j, http), route, label);
                    if (catchAll != null) {
                        unreachable(label, "a route without matches comes before it", List.of(catchAll), route);
                        continue;
                    }
                    Match earlier = seen.putIfAbsent(canonical(match.field().value(), http), match);
                    if (earlier != null) {
                        earlierMatches.add(earlier.field());
                        matches.computeIfAbsent(
                                        "Match " + match.label() + " of route " + label
                                                + " decides nothing: route " + earlier.routeLabel()
                                                + " has the same match.",
                                        unused -> new ArrayList<>())
                                .addAll(List.of(match.field(), earlier.field()));
                    }
                }
                if (earlierMatches.size() == own.size()) {
                    unreachable(label, "all its matches are used before", earlierMatches, route);
                }
            }
            if (http) {
                checkPrefixes(seen.values().stream()
                        .filter(match -> !match.prefix().isEmpty())
                        .toList());
            }
        }

        private void unreachable(String label, String why, List<Field> causes, Field route) {
            List<Field> fields = routes.computeIfAbsent(
                    "Route " + label + " is never chosen: " + why + ".", unused -> new ArrayList<>());
            fields.add(route);
            fields.addAll(causes);
        }

        private void checkPrefixes(List<Match> prefixes) {
            for (int i = 0; i < prefixes.size(); i++) {
                Match wide = prefixes.get(i);
                for (int j = i + 1; j < prefixes.size(); j++) {
                    Match narrow = prefixes.get(j);
                    if (!wide.prefix().equals(narrow.prefix())
                            && narrow.prefix().startsWith(wide.prefix())
                            && covers(wide.field().value(), narrow.field().value())) {
                        matches.computeIfAbsent(
                                        "Match " + narrow.label() + " of route " + narrow.routeLabel()
                                                + " decides nothing: its prefix " + narrow.prefix()
                                                + " is covered by prefix " + wide.prefix() + " of match "
                                                + wide.label() + " of route " + wide.routeLabel() + ".",
                                        unused -> new ArrayList<>())
                                .addAll(List.of(narrow.field().at("uri", "prefix"), wide.field()));
                    }
                }
            }
        }

        void report(Configuration configuration, Resource virtualService, Consumer<Finding> report) {
            routes.forEach((message, fields) -> report.accept(finding(
                            configuration, ROUTE, virtualService, message, fields)
                    .remedy("Move the route up, narrow the matches before it, or remove it: " + edit(virtualService))
                    .build()));
            matches.forEach((message, fields) -> report.accept(finding(
                            configuration, MATCH, virtualService, message, fields)
                    .remedy("Move the match up, narrow the one before it, or remove it: " + edit(virtualService))
                    .build()));
        }

        private static Finding.Builder finding(
                Configuration configuration,
                FindingCode code,
                Resource virtualService,
                String message,
                List<Field> fields) {
            Finding.Builder finding =
                    configuration.finding(code, virtualService, fields.get(0)).message(message);
            fields.stream()
                    .distinct()
                    .skip(1)
                    .limit(9)
                    .forEach(field -> finding.evidence(field.path(), virtualService.toString(), field.quoted()));
            return finding;
        }

        private static String edit(Resource virtualService) {
            return "kubectl "
                    + (virtualService.namespace().isEmpty() ? "" : "-n " + virtualService.namespace() + " ")
                    + "edit virtualservices.networking.istio.io " + virtualService.name();
        }
    }

    /** The name, where HTTP allows for one, or the index. */
    private static String label(Field item, int index, boolean http) {
        String name = http ? item.at("name").text() : "";
        return name.isEmpty() ? "#" + index : "\"" + name + "\"";
    }

    /** The same for matches that mean the same: without names, and without what is there but says nothing. */
    private static Json canonical(Json match, boolean http) {
        Map<String, Object> fields = new TreeMap<>();
        match.forEachField((name, value) -> {
            boolean empty = !value.exists()
                    || (!MESSAGES.contains(name)
                            && (value.text("?").isEmpty()
                                    || value.text("?").equals("0")
                                    || value.text("?").equals("false")
                                    || ((value.isObject() || value.isArray()) && value.size() == 0)));
            if (!empty && !(http && name.equals("name"))) {
                fields.put(name, value);
            }
        });
        return Json.of(fields);
    }

    /** Whether a match with a wide prefix takes all that one with a narrow prefix would take, as upstream judges it. */
    private static boolean covers(Json wide, Json narrow) {
        return wide.at("port").number(0) == narrow.at("port").number(0)
                && method(wide).startsWith(method(narrow))
                && form(wide.at("authority")).startsWith(form(narrow.at("authority")))
                && List.of("headers", "queryParams", "withoutHeaders").stream()
                        .allMatch(name -> coversAll(wide.at(name), narrow.at(name)));
    }

    private static boolean coversAll(Json wide, Json narrow) {
        return wide.size() == narrow.size()
                && wide.names().stream()
                        .allMatch(name -> narrow.names().contains(name)
                                && form(wide.at(name)).startsWith(form(narrow.at(name))));
    }

    private static String method(Json match) {
        return match.at("method").exists() ? form(match.at("method")) : "exact:GET";
    }

    private static String form(Json match) {
        return match.at("exact").exists()
                ? "exact:" + match.at("exact").text("")
                : match.at("prefix").exists() ? "prefix:" + match.at("prefix").text("") : "";
    }
}
