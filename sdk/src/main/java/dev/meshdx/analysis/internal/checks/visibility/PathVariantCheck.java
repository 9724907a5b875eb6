package dev.meshdx.analysis.internal.checks.visibility;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.DAEMON_SET;
import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.STATEFUL_SET;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.analysis.internal.checks.visibility.HttpRoutes.Match;
import dev.meshdx.analysis.internal.checks.visibility.HttpRoutes.Rule;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Paths of routes that differ from another one only by the case of letters or by a slash at the end: from that of another route
 * for the host, which does something else, or from that of an AuthorizationPolicy of the workloads that the route leads to.
 * Sources: Istio, "Virtual Service" (StringMatch is case-sensitive; a prefix is one of text, not of segments), "Authorization
 * Policy" (paths), "Authorization Policy Normalization" (the slash at the end and case stay as they are); Envoy docs, "Route
 * matching"; RFC 3986, 6.2.2.1.
 */
public final class PathVariantCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0266",
            "PathVariant",
            Severity.WARNING,
            "A route's path differs from another one only by case or by a slash at the end.");

    /** Paths with the same letters that are compared with one another. */
    private static final int SAME = 16;

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, AUTHORIZATION_POLICY, SERVICE, POD, DEPLOYMENT, STATEFUL_SET, DAEMON_SET);
    }

    private record Key(String gateway, String host, String letters) {}

    /** A path of a rule: where it stands, and whether it is the beginning of paths only. */
    private record Path(Rule rule, Match match, Field field, String text, boolean prefix) {
        boolean takes(String path) {
            return prefix ? path.startsWith(text) : path.equals(text);
        }

        String written() {
            return (prefix ? "prefix " : "") + text;
        }
    }

    /** What two paths have in common that differ by case and by the slash at the end only. */
    private static String letters(String path) {
        String lower = HttpRoutes.lower(path);
        return lower.length() > 1 && lower.endsWith("/") ? lower.substring(0, lower.length() - 1) : lower;
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<Key, List<Path>> byHost = new LinkedHashMap<>();
        Map<String, Map<String, List<Path>>> byService = new HashMap<>();
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            if (virtualService.spec().at("hosts").size() == 0) {
                continue;
            }
            Set<String> gateways =
                    HttpRoutes.gateways(configuration, virtualService).keySet();
            Set<String> hosts = HttpRoutes.hosts(configuration, virtualService).keySet();
            for (Rule rule : HttpRoutes.of(configuration, virtualService)) {
                for (Path path : paths(rule)) {
                    for (String gateway : gateways) {
                        hosts.forEach(host -> byHost.computeIfAbsent(
                                        new Key(gateway, host, letters(path.text())), any -> new ArrayList<>())
                                .add(path));
                    }
                    if (!rule.field().at("rewrite").exists()) {
                        destinations(configuration, rule)
                                .forEach(host -> byService
                                        .computeIfAbsent(host, any -> new HashMap<>())
                                        .computeIfAbsent(letters(path.text()), any -> new ArrayList<>())
                                        .add(path));
                    }
                }
            }
        }
        Set<List<Object>> reported = new HashSet<>();
        byHost.forEach((key, paths) -> compare(configuration, key, paths, reported, report));
        if (!byService.isEmpty()) {
            new Policies(configuration, byService).check(report);
        }
    }

    private static List<Path> paths(Rule rule) {
        List<Path> paths = new ArrayList<>();
        for (Match match : rule.matches()) {
            for (String kind : List.of("prefix", "exact")) {
                String text = match.uri().at(kind).text("");
                if (text.length() > 1 && text.startsWith("/") && !match.ignoresCase()) {
                    paths.add(new Path(rule, match, match.field(), text, kind.equals("prefix")));
                    break;
                }
            }
        }
        return paths;
    }

    private static Set<String> destinations(Configuration configuration, Rule rule) {
        Set<String> hosts = new LinkedHashSet<>();
        for (Field route : rule.field().at("route").items()) {
            hosts.add(Hosts.qualify(route.at("destination", "host").text(), configuration.namespaceOf(rule.owner())));
        }
        return hosts;
    }

    /** What a rule does, apart from what it is called and matches. */
    private static Json action(Rule rule) {
        Map<String, Object> action = new LinkedHashMap<>();
        rule.field().value().forEachField((name, value) -> {
            if (!name.equals("match") && !name.equals("name")) {
                action.put(name, value);
            }
        });
        return Json.of(action);
    }

    private static void compare(
            Configuration configuration,
            Key key,
            List<Path> paths,
            Set<List<Object>> reported,
            Consumer<Finding> report) {
        for (int i = 1; i < Math.min(paths.size(), SAME); i++) {
            Path later = paths.get(i);
            for (int j = 0; j < i; j++) {
                Path earlier = paths.get(j);
                if (later.text().equals(earlier.text())
                        || later.rule().equals(earlier.rule())
                        || !conditions(later).equals(conditions(earlier))
                        || action(later.rule()).equals(action(earlier.rule()))
                        || redirects(later.rule())
                        || redirects(earlier.rule())
                        // One that takes all of the other is what routes are for, or is another check's matter.
                        || (earlier.prefix() && later.text().startsWith(earlier.text()))
                        || (later.prefix() && earlier.text().startsWith(later.text()))
                        || bothWritten(paths, earlier, later)) {
                    continue;
                }
                if (reported.add(List.of(
                        configuration.qualifiedName(later.rule().owner()),
                        later.field().path(),
                        configuration.qualifiedName(earlier.rule().owner()),
                        earlier.field().path()))) {
                    report(configuration, key, earlier, later, report);
                }
                break;
            }
        }
    }

    /** The conditions besides the path. */
    private static Json conditions(Path path) {
        Map<String, Object> conditions = new LinkedHashMap<>();
        path.match().value().forEachField((name, value) -> {
            if (!List.of("uri", "name", "statPrefix").contains(name)) {
                conditions.put(name, value);
            }
        });
        return Json.of(conditions);
    }

    private static boolean redirects(Rule rule) {
        return rule.field().at("redirect").exists()
                || rule.field().at("directResponse").exists();
    }

    /** Whether one of the two rules, or a third one, lists the other's spelling as well: then the difference is known. */
    private static boolean bothWritten(List<Path> paths, Path earlier, Path later) {
        return paths.stream()
                .limit(SAME)
                .anyMatch(path -> (path.rule().equals(earlier.rule())
                                && path.text().equals(later.text()))
                        || (path.rule().equals(later.rule()) && path.text().equals(earlier.text())));
    }

    private static boolean byCase(String left, String right) {
        return !left.equals(right) && HttpRoutes.lower(left).equals(HttpRoutes.lower(right));
    }

    private static void report(
            Configuration configuration, Key key, Path earlier, Path later, Consumer<Finding> report) {
        boolean letters = byCase(earlier.text(), later.text());
        Resource owner = later.rule().owner();
        Resource other = earlier.rule().owner();
        report.accept(configuration
                .finding(CODE, owner, later.field())
                .severity(letters ? Severity.WARNING : Severity.INFO)
                .message("For " + key.host() + (key.gateway().equals("mesh") ? "" : " at gateway " + key.gateway())
                        + " the path " + later.written() + " differs from " + earlier.written() + " of "
                        + (owner.equals(other) ? "" : other + ", ")
                        + earlier.rule().field().path() + " only by "
                        + (letters ? "the case of letters" : "the slash at the end")
                        + ", but the rules do different things: who writes one for the other gets another answer.")
                .evidence(
                        earlier.field().path(),
                        other.toString(),
                        earlier.field().quoted())
                .remedy("If one place is meant, list both spellings in the match of one rule"
                        + (letters ? ", or set ignoreUriCase: true in it: " : " (exact: /api and prefix: /api/): ")
                        + ReferencedResources.edit(owner))
                .build());
    }

    /** The policies of the workloads that routes lead to. */
    private static final class Policies {
        private record Hit(String host, Path route) {}

        private final Configuration configuration;
        private final Map<String, Map<String, List<Path>>> byService;

        /** The hosts of Services that a workload is behind, where routes lead to them. */
        private final Map<Resource, Set<String>> hosts = new HashMap<>();

        /** All of a namespace, and under an empty name of the mesh, by their letters. */
        private final Map<String, Map<String, List<Hit>>> byNamespace = new HashMap<>();

        Policies(Configuration configuration, Map<String, Map<String, List<Path>>> byService) {
            this.configuration = configuration;
            this.byService = byService;
            for (Resource service : configuration.all(SERVICE)) {
                String namespace = configuration.namespaceOf(service);
                String host = Hosts.ofService(service.name(), namespace);
                Map<String, List<Path>> paths = byService.getOrDefault(host, Map.of());
                List<Workload> workloads = paths.isEmpty()
                        ? List.of()
                        : Workloads.of(configuration).behind(service, namespace);
                for (Workload workload : workloads) {
                    hosts.computeIfAbsent(workload.resource(), any -> new LinkedHashSet<>())
                            .add(host);
                }
                if (!workloads.isEmpty()) {
                    paths.forEach((letters, own) -> List.of(namespace, "")
                            .forEach(scope -> own.forEach(path -> byNamespace
                                    .computeIfAbsent(scope, any -> new HashMap<>())
                                    .computeIfAbsent(letters, any -> new ArrayList<>())
                                    .add(new Hit(host, path)))));
                }
            }
        }

        void check(Consumer<Finding> report) {
            for (Resource policy : configuration.all(AUTHORIZATION_POLICY)) {
                String action = policy.spec().at("action").text("ALLOW");
                if (!action.equals("ALLOW") && !action.equals("DENY")) {
                    continue;
                }
                Function<String, List<Hit>> routes = null;
                List<String> all = policy.spec().at("rules").items().stream()
                        .flatMap(rule -> rule.at("to").items().stream())
                        .flatMap(to -> to.at("operation", "paths").texts().stream())
                        .toList();
                for (Field rule : Field.spec(policy).at("rules").items()) {
                    for (Field to : rule.at("to").items()) {
                        Field paths = to.at("operation", "paths");
                        for (Field written : paths.items()) {
                            routes = routes == null ? routes(policy) : routes;
                            if (check(policy, action, all, written, routes, report)) {
                                break;
                            }
                        }
                    }
                }
            }
        }

        /** The routes to workloads that a policy holds for, by the letters of their paths. */
        private Function<String, List<Hit>> routes(Resource policy) {
            String namespace = configuration.namespaceOf(policy);
            boolean root = namespace.equals(configuration.mesh().rootNamespace());
            if (policy.spec().at("targetRef").exists()
                    || policy.spec().at("targetRefs").size() > 0) {
                return letters -> List.of();
            }
            Map<String, String> selector =
                    policy.spec().at("selector", "matchLabels").textMap();
            if (selector.isEmpty()) {
                Map<String, List<Hit>> all = byNamespace.getOrDefault(root ? "" : namespace, Map.of());
                return letters -> all.getOrDefault(letters, List.of());
            }
            Set<String> services = new LinkedHashSet<>();
            for (Workload workload : Workloads.of(configuration).matching(selector, root ? "" : namespace)) {
                services.addAll(hosts.getOrDefault(workload.resource(), Set.of()));
            }
            return letters -> services.stream()
                    .flatMap(host -> byService.getOrDefault(host, Map.of()).getOrDefault(letters, List.of()).stream()
                            .map(path -> new Hit(host, path)))
                    .toList();
        }

        private boolean check(
                Resource policy,
                String action,
                List<String> paths,
                Field written,
                Function<String, List<Hit>> routes,
                Consumer<Finding> report) {
            String text = written.text();
            if (!text.startsWith("/") || text.contains("{")) {
                return false;
            }
            boolean beginning = text.endsWith("*");
            String path = beginning ? text.substring(0, text.length() - 1) : text;
            if (letters(path).length() < 2) {
                return false;
            }
            for (Hit hit : routes.apply(letters(path))) {
                if (differs(hit.route(), path, beginning, action.equals("DENY"))
                        && paths.stream()
                                .noneMatch(other -> covers(other, hit.route().text()))) {
                    report(policy, action, written, hit.host(), hit.route(), report);
                    return true;
                }
            }
            return false;
        }

        /** Whether the policy's path leaves out the very path that the route is written for. */
        private static boolean differs(Path route, String path, boolean beginning, boolean deny) {
            if (route.text().equals(path)) {
                return false;
            }
            if (byCase(route.text(), path)) {
                return true;
            }
            // A route for the beginning /api brings /api/… too, which is what a policy for /api/* means; unless that
            // denies it.
            boolean routeHasSlash = route.text().endsWith("/");
            return !(beginning && route.text().startsWith(path))
                    && !(route.prefix() && !routeHasSlash && beginning && !deny)
                    && !(route.prefix() && !beginning && route.takes(path));
        }

        /** Whether a path of a policy takes a path. Source: Istio, "Authorization Policy", field paths. */
        private static boolean covers(String written, String path) {
            if (written.equals("*")) {
                return true;
            }
            return written.endsWith("*")
                    ? path.startsWith(written.substring(0, written.length() - 1))
                    : written.startsWith("*") ? path.endsWith(written.substring(1)) : written.equals(path);
        }

        private void report(
                Resource policy, String action, Field written, String host, Path route, Consumer<Finding> report) {
            boolean letters = byCase(route.text(), written.text().replace("*", ""));
            boolean deny = action.equals("DENY");
            report.accept(configuration
                    .finding(CODE, policy, written)
                    .severity(!letters && written.text().endsWith("*") ? Severity.INFO : Severity.WARNING)
                    .message(
                            "The path " + written.text() + " that it " + (deny ? "denies" : "allows")
                                    + " differs only by " + (letters ? "the case of letters" : "the slash at the end")
                                    + " from " + route.written() + ", by which "
                                    + route.rule().owner() + " sends requests to " + host + ": "
                                    + (deny
                                            ? "requests for " + route.text() + " are not denied by it."
                                            : "requests for " + route.text()
                                                    + " are not allowed by it, and answer 403 unless another rule allows them."))
                    .evidence(
                            route.field().path(),
                            route.rule().owner().toString(),
                            route.field().quoted())
                    .remedy("Write both, as in paths: [\"" + written.text() + "\", \"" + route.text()
                            + (route.prefix() && (letters || !written.text().endsWith("*")) ? "*" : "") + "\"]: "
                            + ReferencedResources.edit(policy))
                    .build());
        }
    }
}
