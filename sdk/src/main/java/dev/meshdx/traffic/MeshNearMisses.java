package dev.meshdx.traffic;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.envoy.RouteMatch;
import dev.meshdx.envoy.origin.Obstacle;
import dev.meshdx.envoy.origin.ObstacleFinder;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.traffic.NearMiss.Reason;
import dev.meshdx.traffic.internal.Addresses;
import dev.meshdx.traffic.internal.Headers;
import dev.meshdx.traffic.internal.Hostnames;
import dev.meshdx.traffic.internal.Mismatch;
import dev.meshdx.traffic.internal.Regexes;
import dev.meshdx.traffic.internal.RouteConditions;
import dev.meshdx.traffic.internal.RoutedRequest;
import dev.meshdx.traffic.internal.RuleMatches;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is written in the mesh for such a request and is not on the proxy, or not for it: VirtualServices, HTTPRoutes, Services
 * and ServiceEntries of the host that was asked, each with the reason why this proxy does not follow it. Pure.
 *
 * <p>A rule counts as one for the request only if the match that istiod would make of it takes the request, by the same
 * conditions as the proxy's own routes. Why it is not on the proxy is what {@link ObstacleFinder} says.
 */
final class MeshNearMisses {
    /** What has to be known. */
    static final Set<ResourceKind> KINDS = Set.of(
            ResourceKind.VIRTUAL_SERVICE,
            ResourceKind.HTTP_ROUTE,
            ResourceKind.SERVICE,
            ResourceKind.SERVICE_ENTRY,
            ResourceKind.SIDECAR,
            ResourceKind.GATEWAY);

    private static final int SHOWN = 3;
    private static final String WAYPOINT = "inbound-vip|";

    /** Istio's virtual hosts for what is not in the mesh. Source: istio/istio, {@code buildCatchAllVirtualHost}. */
    private static final Set<String> CATCH_ALL = Set.of("allow_any", "block_all");

    private static final Set<String> CATCH_ALL_CLUSTERS = Set.of("PassthroughCluster", "BlackHoleCluster");

    /** Names the route of a host that no VirtualService is for. Source: istio/istio, {@code telemetry.DefaultRouteName}. */
    private static final String DEFAULT_ROUTE = "default";

    /** Beginnings of sentences that are no names of a kind. */
    private static final Pattern SENTENCE = Pattern.compile("(The|There|Nothing|No|Host) ");

    private record Ranked(int rank, NearMiss miss) {}

    /**
     * A rule, or an alternative of one.
     *
     * @param field where it stands
     * @param failed what of the request it does not take; empty if it takes it
     * @param leftOut why this alternative is not for the proxy, or for this port
     */
    private record Hit(
            String field,
            RouteMatch match,
            List<Mismatch> failed,
            @Nullable Why leftOut) {
        /** One that takes the request, then one that a slip keeps from it, then the one that differs in least. */
        static final Comparator<Hit> NEAREST_FIRST = Comparator.comparingInt(
                        (Hit hit) -> hit.failed().size())
                .thenComparingLong(hit -> hit.failed().stream()
                        .filter(mismatch -> !mismatch.near())
                        .count());

        boolean complete() {
            return failed.isEmpty();
        }
    }

    private record Why(Reason reason, String because) {}

    private final Configuration configuration;
    private final ObstacleFinder finder;
    private final Trace trace;
    private final String address;
    private final int port;
    private final Regexes regexes = new Regexes();
    private final RoutedRequest request;
    private final Set<String> names;
    private final boolean isServed;
    private final List<Ranked> found = new ArrayList<>();

    private MeshNearMisses(
            Configuration configuration, ObstacleFinder finder, Trace trace, Destinations.Destination to) {
        this.configuration = configuration;
        this.finder = finder;
        this.trace = trace;
        this.address = to.address();
        this.port = to.port();
        this.request = routed(trace);
        this.isServed = takesDefaultRoute(trace);
        this.names = names();
    }

    /** Whether a trace ends in a way that something else in the mesh may explain. */
    static boolean isWorthALook(Trace trace) {
        String config = trace.routeConfig().orElse("");
        String host = trace.virtualHost().orElse("");
        if (trace.listener().orElse("").equals("virtualInbound")
                || (config.startsWith("inbound") && !config.startsWith(WAYPOINT))
                || (host.startsWith("inbound") && !config.startsWith(WAYPOINT))) {
            // What the client asked for was decided at the client.
            return false;
        }
        if (trace.listener().orElse("").equals("main_internal") && !config.startsWith(WAYPOINT)) {
            // A waypoint is asked for its own services only, by their addresses.
            return false;
        }
        return switch (trace.kind()) {
            case NO_ROUTE, NO_VIRTUAL_HOST, NO_ROUTE_CONFIG, NO_LISTENER, NO_FILTER_CHAIN -> true;
            default -> endsInCatchAll(trace) || takesDefaultRoute(trace);
        };
    }

    private static boolean endsInCatchAll(Trace trace) {
        return CATCH_ALL.contains(trace.virtualHost().orElse(""))
                || (trace.kind() == Trace.Kind.TCP
                        && !trace.clusters().isEmpty()
                        && CATCH_ALL_CLUSTERS.containsAll(trace.clusters()));
    }

    private static boolean takesDefaultRoute(Trace trace) {
        return trace.configuredBy().isEmpty() && trace.route().orElse("").equals(DEFAULT_ROUTE);
    }

    /** Those of a trace that is worth a look, nearest first. */
    static List<NearMiss> of(
            Configuration configuration, ObstacleFinder finder, Trace trace, Destinations.Destination to) {
        return new MeshNearMisses(configuration, finder, trace, to).find();
    }

    private List<NearMiss> find() {
        for (Resource route : configuration.all(ResourceKind.VIRTUAL_SERVICE)) {
            virtualService(route);
        }
        for (Resource route : configuration.all(ResourceKind.HTTP_ROUTE)) {
            httpRoute(route);
        }
        if (finder.isSidecar() && (endsInCatchAll(trace) || isNowhere())) {
            for (ResourceKind kind : List.of(ResourceKind.SERVICE, ResourceKind.SERVICE_ENTRY)) {
                configuration.all(kind).forEach(this::host);
            }
        }
        return found.stream()
                .sorted(Comparator.comparingInt(Ranked::rank))
                .map(Ranked::miss)
                .limit(SHOWN)
                .toList();
    }

    private boolean isNowhere() {
        return switch (trace.kind()) {
            case NO_VIRTUAL_HOST, NO_ROUTE_CONFIG, NO_LISTENER, NO_FILTER_CHAIN -> true;
            default -> false;
        };
    }

    // ---------------------------------------------------------------- what is asked

    private static RoutedRequest routed(Trace trace) {
        HttpRequest request = trace.request();
        Headers headers = new Headers(request.headers(), request.protocol() == HttpRequest.Protocol.HTTP_2);
        String scheme = trace.scheme().orElseGet(() -> request.tls().isPresent() ? "https" : "http");
        headers.set(":method", request.method());
        headers.set(":path", trace.matchedPath().orElseGet(request::path));
        headers.set(":scheme", scheme);
        request.authority().ifPresent(authority -> headers.set(":authority", authority));
        boolean shown =
                request.tls().map(tls -> !tls.clientCertificate().isEmpty()).orElse(false);
        return new RoutedRequest(headers, shown, Json.MISSING);
    }

    /** The names in full of what was asked, as the client's name resolution has them. */
    private Set<String> names() {
        Set<String> all = new LinkedHashSet<>();
        String config = trace.routeConfig().orElse(trace.filterChain().orElse(""));
        if (config.startsWith(WAYPOINT)) {
            return Set.of(config.substring(config.lastIndexOf('|') + 1));
        }
        String host = trace.virtualHost().orElse("");
        int colon = host.lastIndexOf(':');
        if (!finder.isGateway() && colon > 0 && !host.startsWith("*") && !CATCH_ALL.contains(host)) {
            // istiod names virtual hosts so.
            return Set.of(host.substring(0, colon));
        }
        String authority = trace.request().authority().orElse("").toLowerCase(Locale.ROOT);
        int start = Hostnames.portStart(authority);
        String written = start < 0 ? authority : authority.substring(0, start);
        written = written.endsWith(".") ? written.substring(0, written.length() - 1) : written;
        if (written.isEmpty()) {
            return all;
        }
        if (Addresses.bytes(written).isEmpty()) {
            if (!finder.isGateway()) {
                all.add(Hosts.byDns(written, finder.namespace()));
            }
            all.add(written);
            return all;
        }
        Stream.of(ResourceKind.SERVICE, ResourceKind.SERVICE_ENTRY)
                .flatMap(kind -> configuration.all(kind).stream())
                .filter(this::hasAddress)
                .forEach(resource -> all.addAll(hosts(resource)));
        return all;
    }

    private boolean hasAddress(Resource resource) {
        Json spec = resource.spec();
        return !address.isEmpty()
                && Stream.of(
                                spec.at("clusterIPs").texts(),
                                spec.at("addresses").texts(),
                                List.of(spec.at("clusterIP").text("")))
                        .anyMatch(all -> all.contains(address));
    }

    private List<String> hosts(Resource offers) {
        return offers.kind().equals(ResourceKind.SERVICE)
                ? List.of(Hosts.ofService(offers.name(), configuration.namespaceOf(offers)))
                : offers.spec().at("hosts").texts();
    }

    private boolean isAsked(String host) {
        return names.stream().anyMatch(name -> Hosts.covers(host, name));
    }

    // ---------------------------------------------------------------- VirtualServices

    private void virtualService(Resource route) {
        String owner = configuration.namespaceOf(route);
        boolean isFor = false;
        boolean everywhere = false;
        for (String written : route.spec().at("hosts").texts()) {
            String host = Hosts.qualify(written, owner);
            // A VirtualService for all hosts means those of its Gateway.
            boolean all = host.equals("*");
            everywhere |= all;
            isFor |= all ? finder.isGateway() : isAsked(host) || isSlip(owner, host);
        }
        if (!isFor) {
            return;
        }
        List<Hit> hits = hits(route, owner);
        if (everywhere) {
            // Such a rule says nothing about this request unless it asks for something.
            hits.removeIf(hit ->
                    hit.match().path().equals("/") && hit.match().headers().isEmpty());
        }
        Optional<Hit> taken = hits.stream()
                .filter(hit -> hit.complete() && hit.leftOut() == null)
                .findFirst();
        Optional<Hit> elsewhere = taken.isPresent()
                ? Optional.empty()
                : hits.stream().filter(Hit::complete).findFirst();
        Optional<Hit> near = taken.isPresent() || elsewhere.isPresent() || isServed
                ? Optional.empty()
                : hits.stream().filter(hit -> hit.leftOut() == null).min(Hit.NEAREST_FIRST);
        Optional<Hit> best = taken.or(() -> elsewhere).or(() -> near);
        best.ifPresent(hit -> explain(route, hit));
    }

    /**
     * Whether a host that nobody has means one that was asked: it is spelled almost so, names another namespace, be it because
     * a short name is one of the VirtualService's own, or is a name that DNS completes and Istio does not. Source: Istio,
     * "Virtual Service", field hosts.
     */
    private boolean isSlip(String owner, String host) {
        if (finder.isGateway()
                || host.startsWith("*")
                || !ServiceRegistry.canTell(configuration, owner, host)
                || ServiceRegistry.of(configuration)
                        .find(finder.namespace(), List.of(), host)
                        .isPresent()) {
            return false;
        }
        String full = Hosts.byDns(host, owner);
        return names.stream().anyMatch(name -> name.equals(full) || isNear(full, name));
    }

    private static boolean isNear(String host, String name) {
        int dot = host.indexOf('.');
        int other = name.indexOf('.');
        if (dot < 0 || other < 0) {
            return false;
        }
        String label = host.substring(0, dot);
        String wanted = name.substring(0, other);
        return label.equals(wanted)
                ? host.endsWith(ServiceRegistry.SUFFIX) && name.endsWith(ServiceRegistry.SUFFIX)
                : name.substring(other).equals(host.substring(dot)) && isAlike(label, wanted);
    }

    private static boolean isAlike(String one, String other) {
        return !Nearest.to(one, List.of(other)).isEmpty();
    }

    private List<Hit> hits(Resource route, String owner) {
        List<Hit> hits = new ArrayList<>();
        List<Json> rules = route.spec().at("http").items();
        for (int i = 0; i < rules.size(); i++) {
            Json rule = rules.get(i);
            List<List<Mismatch>> parts = delegated(rule.at("delegate"), owner);
            List<Json> matches = rule.at("match").items();
            for (int m = 0; m < Math.max(1, matches.size()); m++) {
                Json match = matches.isEmpty() ? Json.MISSING : matches.get(m);
                Optional<RouteMatch> wanted = RuleMatches.ofVirtualService(match);
                if (wanted.isEmpty()) {
                    continue;
                }
                String field = "spec.http[" + i + "]" + (matches.isEmpty() ? "" : ".match[" + m + "]");
                List<Mismatch> own = mismatches(wanted.get());
                Why leftOut = matches.isEmpty() ? null : leftOut(route, i, m, match);
                for (List<Mismatch> part : parts) {
                    List<Mismatch> failed = new ArrayList<>(own);
                    failed.addAll(part);
                    hits.add(new Hit(field, wanted.get(), failed, leftOut));
                }
            }
        }
        return hits;
    }

    /** What each alternative of the rules of a delegate does not take; one that takes everything where there is none. */
    private List<List<Mismatch>> delegated(Json delegate, String owner) {
        if (!delegate.exists()) {
            return List.of(List.of());
        }
        List<List<Mismatch>> parts = new ArrayList<>();
        configuration
                .find(
                        ResourceKind.VIRTUAL_SERVICE,
                        delegate.at("namespace").text(owner),
                        delegate.at("name").text(""))
                .map(found -> found.spec().at("http").items())
                .orElse(List.of())
                .forEach(rule -> {
                    List<Json> matches = rule.at("match").items();
                    (matches.isEmpty() ? List.of(Json.MISSING) : matches)
                            .forEach(match -> RuleMatches.ofVirtualService(match)
                                    .map(this::mismatches)
                                    .ifPresent(parts::add));
                });
        return parts;
    }

    private List<Mismatch> mismatches(RouteMatch match) {
        return RouteConditions.of(match, regexes).mismatches(request);
    }

    private @Nullable Why leftOut(Resource route, int rule, int index, Json match) {
        Optional<Obstacle> source = finder.leftOut(route, "http", rule, index);
        if (source.isPresent()) {
            return new Why(Reason.OTHER_PROXY, sentence(source.get(), route));
        }
        long wanted = match.at("port").number(port);
        return !finder.isGateway() && wanted != port
                ? new Why(Reason.OTHER_PORT, "it is for port " + wanted + ", and port " + port + " was asked")
                : null;
    }

    // ---------------------------------------------------------------- HTTPRoutes

    private void httpRoute(Resource route) {
        String owner = configuration.namespaceOf(route);
        List<Json> parents = route.spec().at("parentRefs").items();
        boolean hostname = route.spec().at("hostnames").texts().stream().anyMatch(this::isAsked);
        if (finder.isGateway()) {
            if (hostname) {
                best(route).ifPresent(hit -> explain(route, hit));
            }
            return;
        }
        List<Json> services = parents.stream()
                .filter(parent -> parent.at("kind").text("Gateway").equals("Service"))
                .toList();
        List<Json> own = services.stream()
                .filter(parent -> names.contains(host(parent, owner)))
                .toList();
        if (!own.isEmpty()) {
            best(route).ifPresent(hit -> ofService(route, owner, own, hit));
            return;
        }
        Optional<Json> wrong =
                services.stream().filter(parent -> isSlip(parent, owner, route)).findFirst();
        if (wrong.isPresent()) {
            best(route)
                    .ifPresent(hit -> add(
                            route,
                            hit,
                            new Why(
                                    Reason.NOT_BOUND,
                                    "its parent is Service " + name(wrong.get(), owner) + ", which does not exist")));
        } else if (hostname && services.isEmpty() && finder.isSidecar()) {
            best(route).ifPresent(hit -> explain(route, hit));
        }
    }

    private void ofService(Resource route, String owner, List<Json> parents, Hit hit) {
        Json first = parents.get(0);
        String service = first.at("namespace").text(owner);
        if (parents.stream().noneMatch(parent -> parent.at("port").number(port) == port)) {
            add(
                    route,
                    hit,
                    new Why(
                            Reason.OTHER_PORT,
                            "it is for port " + first.at("port").number(0) + " of Service " + name(first, owner)
                                    + ", and port " + port + " was asked"));
        } else if (!owner.equals(service) && !owner.equals(finder.namespace())) {
            // Source: Gateway API, "GAMMA", producer and consumer routes.
            add(
                    route,
                    hit,
                    new Why(
                            Reason.OTHER_PROXY,
                            "it stands in another namespace than Service " + name(first, owner)
                                    + ", so it holds for clients in namespace " + owner
                                    + " only, and this proxy is in " + finder.namespace()));
        } else {
            explain(route, hit);
        }
    }

    private static String host(Json parent, String owner) {
        return Hosts.ofService(
                parent.at("name").text(""), parent.at("namespace").text(owner));
    }

    private static String name(Json parent, String owner) {
        return parent.at("namespace").text(owner) + "/" + parent.at("name").text("");
    }

    /** Whether a Service that is not there is a slip of the one that was asked, or of one whose requests go to it. */
    private boolean isSlip(Json parent, String owner, Resource route) {
        String namespace = parent.at("namespace").text(owner);
        String name = parent.at("name").text("");
        if (!configuration.complete(ResourceKind.SERVICE, namespace)
                || configuration.find(ResourceKind.SERVICE, namespace, name).isPresent()) {
            return false;
        }
        String rest = Hosts.ofService("", namespace);
        return names.stream()
                .filter(asked -> asked.endsWith(rest))
                .anyMatch(asked -> isAlike(name, asked.substring(0, asked.length() - rest.length()))
                        || route.spec().at("rules").items().stream()
                                .flatMap(rule -> rule.at("backendRefs").items().stream())
                                .anyMatch(backend -> host(backend, owner).equals(asked)));
    }

    private Optional<Hit> best(Resource route) {
        List<Hit> hits = new ArrayList<>();
        List<Json> rules = route.spec().at("rules").items();
        for (int i = 0; i < rules.size(); i++) {
            List<Json> matches = rules.get(i).at("matches").items();
            for (int m = 0; m < Math.max(1, matches.size()); m++) {
                RouteMatch match = RuleMatches.ofHttpRoute(matches.isEmpty() ? Json.MISSING : matches.get(m));
                String field = "spec.rules[" + i + "]" + (matches.isEmpty() ? "" : ".matches[" + m + "]");
                hits.add(new Hit(field, match, mismatches(match), null));
            }
        }
        Optional<Hit> best = hits.stream().min(Hit.NEAREST_FIRST);
        return best.filter(hit -> hit.complete() || !isServed);
    }

    // ---------------------------------------------------------------- why not

    private void explain(Resource route, Hit hit) {
        ObstacleFinder.Result result = finder.of(route);
        Optional<Why> why = result.obstacles().stream()
                // Which alternatives are for others was looked at one by one.
                .filter(obstacle -> !obstacle.field().matches("spec\\.(http|tls|tcp)\\[.*"))
                .flatMap(obstacle -> why(obstacle, route).stream())
                .findFirst();
        if (hit.leftOut() != null && why.map(Why::reason).orElse(Reason.NOT_DELIVERED) == Reason.NOT_DELIVERED) {
            // It is left out whether it was delivered or not.
            add(route, hit, hit.leftOut());
        } else if (why.isPresent()) {
            add(route, hit, why.get());
        } else if (hit.complete() && !result.isNothing()) {
            String config = trace.routeConfig().orElse("");
            Set<String> others = new LinkedHashSet<>(result.routeConfigurations());
            others.remove(config);
            if (result.standsIn(config, trace.virtualHost().orElse(""))) {
                add(
                        route,
                        hit,
                        new Why(
                                Reason.NOT_DELIVERED,
                                "the proxy has other routes of it here, and not this one: what is written now has not come,"
                                        + " or was refused"));
            } else if (finder.isGateway() && !others.isEmpty() && isNews(Reason.OTHER_PORT)) {
                add(
                        route,
                        hit,
                        new Why(
                                Reason.OTHER_PORT,
                                "its routes stand in route configuration " + String.join(", ", others)
                                        + (config.isEmpty()
                                                ? ", which the request does not come to"
                                                : ", and the request comes to " + config)));
            }
        }
    }

    private boolean isNews(Reason reason) {
        return trace.nearMisses().stream().noneMatch(miss -> miss.reason() == reason);
    }

    private static Optional<Why> why(Obstacle obstacle, Resource resource) {
        Reason reason = switch (obstacle.type()) {
            case NOT_EXPORTED -> Reason.NOT_EXPORTED;
            case NOT_IMPORTED -> Reason.NOT_IMPORTED;
            case OTHER_GATEWAY, GATEWAY_UNKNOWN, HOST_NOT_SERVED, NOT_SELECTED, NOTHING_BOUND -> Reason.NOT_BOUND;
            case OTHER_SOURCE, OTHER_NAMESPACE -> Reason.OTHER_PROXY;
            case PROTOCOL, NO_PORTS, HOST_UNKNOWN, OVERRULED, REJECTED, WARMING, STALE, UNKNOWN -> Reason.NOT_DELIVERED;
            case NO_ENDPOINTS, PART_OF_ANOTHER, GONE, PROXY_TYPE, NOT_VISIBLE -> null;
        };
        return reason == null ? Optional.empty() : Optional.of(new Why(reason, sentence(obstacle, resource)));
    }

    /** The reason without its full stop, and the field that decides. */
    private static String sentence(Obstacle obstacle, Resource resource) {
        String message = obstacle.message();
        String text = message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
        String own = resource.ref() + " ";
        if (text.startsWith(own)) {
            text = "it " + text.substring(own.length());
        } else if (SENTENCE.matcher(text).lookingAt()) {
            text = Character.toLowerCase(text.charAt(0)) + text.substring(1);
        }
        String of = obstacle.resource().equals(resource.ref()) ? "" : obstacle.resource() + ", ";
        return obstacle.field().isEmpty() ? text : text + " (" + of + obstacle.field() + ")";
    }

    private void add(Resource route, Hit hit, Why why) {
        String match = hit.match().toString();
        String because = hit.complete()
                ? "it would take the request (" + match + "), but is not in force here: " + why.because()
                : why.because() + "; nor would it take the request as it is: "
                        + String.join(
                                "; and ",
                                hit.failed().stream().map(Mismatch::because).toList());
        add(hit.complete() ? 0 : 2, route, hit.field(), why.reason(), because);
    }

    private void add(int rank, Resource resource, String field, Reason reason, String because) {
        ResourceRef ref = resource.ref();
        boolean told = trace.nearMisses().stream()
                .anyMatch(miss -> miss.reason() == reason
                        && miss.resource().filter(ref::equals).isPresent());
        if (told) {
            return;
        }
        String where = Stream.of(resource.origin().toString(), field)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        found.add(new Ranked(rank, NearMiss.of(reason, ref.toString(), where, because, ref)));
    }

    // ---------------------------------------------------------------- Services and ServiceEntries

    /** Why a host that the mesh has is none for this proxy, or not at this port. */
    private void host(Resource offers) {
        if (hosts(offers).stream().noneMatch(this::isAsked)) {
            return;
        }
        Optional<Obstacle> hidden = finder.of(offers).obstacles().stream()
                .filter(obstacle -> why(obstacle, offers).isPresent())
                .findFirst();
        Optional<Why> why = hidden.flatMap(obstacle -> why(obstacle, offers));
        Optional<Why> otherPort = otherPort(offers);
        if (why.isPresent() && (otherPort.isEmpty() || why.get().reason() != Reason.NOT_DELIVERED)) {
            // What hides the host hides its routes, and is told once.
            String decides = hidden.get().resource().toString();
            boolean told = found.stream()
                    .anyMatch(other -> other.miss().reason() == why.get().reason()
                            && other.miss().because().contains(decides));
            if (!told) {
                add(
                        1,
                        offers,
                        "",
                        why.get().reason(),
                        "it has the host, but " + why.get().because());
            }
        } else if (otherPort.isPresent() && isNews(Reason.OTHER_PORT)) {
            add(1, offers, "spec.ports", Reason.OTHER_PORT, otherPort.get().because());
        }
    }

    private Optional<Why> otherPort(Resource offers) {
        boolean service = offers.kind().equals(ResourceKind.SERVICE);
        Map<Long, String> ports = new TreeMap<>();
        offers.spec()
                .at("ports")
                .items()
                .forEach(one -> ports.put(
                        one.at(service ? "port" : "number").number(0),
                        one.at("name").text("")));
        if (port <= 0 || ports.isEmpty() || ports.containsKey((long) port)) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        ports.forEach((number, name) -> texts.add(number + (name.isEmpty() ? "" : " (" + name + ")")));
        return Optional.of(new Why(
                Reason.OTHER_PORT,
                "it has the host on port " + String.join(", ", texts) + ", and port " + port + " was asked"));
    }
}
