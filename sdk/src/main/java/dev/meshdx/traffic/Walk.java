package dev.meshdx.traffic;

import dev.meshdx.envoy.DownstreamTls;
import dev.meshdx.envoy.HeaderChanges;
import dev.meshdx.envoy.HttpFilter;
import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteAction;
import dev.meshdx.envoy.TcpProxy;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.Trace.Kind;
import dev.meshdx.traffic.internal.Addresses;
import dev.meshdx.traffic.internal.ClientAddress;
import dev.meshdx.traffic.internal.ClusterChoice;
import dev.meshdx.traffic.internal.Codec;
import dev.meshdx.traffic.internal.CompiledChain;
import dev.meshdx.traffic.internal.CompiledListener;
import dev.meshdx.traffic.internal.CompiledRoute;
import dev.meshdx.traffic.internal.Connection;
import dev.meshdx.traffic.internal.FilterChains;
import dev.meshdx.traffic.internal.Headers;
import dev.meshdx.traffic.internal.Hostnames;
import dev.meshdx.traffic.internal.Paths;
import dev.meshdx.traffic.internal.Rewrites;
import dev.meshdx.traffic.internal.RouteTable;
import dev.meshdx.traffic.internal.RoutedRequest;
import dev.meshdx.traffic.internal.filters.HttpFilters;
import dev.meshdx.traffic.internal.filters.LocalReply;
import dev.meshdx.traffic.internal.rbac.Call;
import dev.meshdx.traffic.internal.rbac.RbacFilters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One walk of one request: listener, filter chain, checks before routing, virtual host, route, cluster. Source: Envoy,
 * {@code source/common/http/conn_manager_impl.cc} and the classes in {@code traffic.internal}.
 */
final class Walk {
    private static final Connection NO_CONNECTION = new Connection("", 0, "", 0, "", "", List.of(), "");

    private final Tracer tracer;
    private final HttpRequest request;
    private final Trace.Builder trace;
    private final boolean isTcp;
    private final boolean isHttp2;

    private String destination = "";
    private int port;
    private Connection connection = NO_CONNECTION;
    private boolean knowsDestination;
    private boolean endsTls;
    private boolean asksForCertificate;
    private String connectTarget = "";

    Walk(Tracer tracer, HttpRequest request) {
        this.tracer = tracer;
        this.request = request;
        this.trace = new Trace.Builder(request);
        this.isTcp = request.protocol() == HttpRequest.Protocol.TCP;
        this.isHttp2 = request.protocol() == HttpRequest.Protocol.HTTP_2;
    }

    Trace run() {
        Destinations.Destination to = tracer.destinations().of(request);
        destination = to.address();
        port = to.port();
        if (!tracer.incomplete().isEmpty()) {
            trace.notes.add(tracer.incomplete());
        }
        if (!to.note().isEmpty()) {
            trace.notes.add(to.note());
        }
        CompiledListener listener = listener();
        if (listener == null) {
            List<CompiledListener> all = tracer.listeners();
            if (!NearMisses.isAnyNear(all, destination, port)) {
                trace.notes.add("the proxy listens on " + NearMisses.ports(all));
            }
            trace.nearest = () -> NearMisses.listeners(all, destination, port);
            return trace.end(Kind.NO_LISTENER, 0, "", "");
        }
        trace.listener = listener.name();
        return chain(listener);
    }

    private @Nullable CompiledListener listener() {
        if (request.tunnel().isPresent()) {
            return tunnelEnd();
        }
        CompiledListener exact = null;
        CompiledListener wildcard = null;
        CompiledListener outbound = null;
        CompiledListener inbound = null;
        boolean six = destination.contains(":");
        for (CompiledListener listener : tracer.listeners()) {
            if (exact == null && !destination.isEmpty() && listener.isBoundTo(destination, port)) {
                exact = listener;
            }
            if (wildcard == null
                    && ((!six && listener.isBoundTo("0.0.0.0", port))
                            || ((six || destination.isEmpty()) && listener.isBoundTo("::", port)))) {
                wildcard = listener;
            }
            if (outbound == null && listener.usesOriginalDestination() && !listener.isInbound()) {
                outbound = listener;
            }
            if (inbound == null && isRedirectTarget(listener)) {
                inbound = listener;
            }
        }
        // A listener that nothing is redirected to takes only what is sent to its own address.
        if (inbound != null && (outbound == null || isOwnAddress())) {
            trace.step("listener", inbound.name(), "connections to the workload are redirected to it");
            return inbound;
        }
        CompiledListener bound = exact != null ? exact : wildcard;
        if (bound != null) {
            CompiledListener found = bound;
            trace.step(
                    "listener",
                    found.name(),
                    () -> "it is bound to " + found.view().address() + ":" + port);
            return bound;
        }
        if (outbound == null && tracer.isWaypoint()) {
            // Whatever comes to a waypoint comes through a tunnel.
            return tunnelEnd();
        }
        if (outbound != null) {
            trace.step(
                    "listener",
                    outbound.name(),
                    "no listener is for " + (destination.isEmpty() ? "port " : destination + ":") + port);
        }
        return outbound;
    }

    /** The listener inside the proxy to which HBONE tunnels lead. Source: Istio, {@code pilot/pkg/networking/core/waypoint.go}. */
    private @Nullable CompiledListener tunnelEnd() {
        for (CompiledListener listener : tracer.listeners()) {
            if (listener.isInternal() && listener.isInbound()) {
                trace.step("listener", listener.name(), "the HBONE tunnel leads to it");
                return listener;
            }
        }
        trace.notes.add("the proxy takes no HBONE");
        return null;
    }

    /** Whether it learns the original destination of connections that are redirected to it, and keeps them. */
    private boolean isRedirectTarget(CompiledListener listener) {
        // A gateway reads the PROXY header of its load balancer, and is asked at its own ports all the same.
        return !listener.usesOriginalDestination()
                && !listener.isInternal()
                && (listener.learnsDestination() || (!tracer.isGateway() && listener.readsProxyHeader()));
    }

    private boolean isOwnAddress() {
        String own = tracer.address();
        return !own.isEmpty() && Addresses.same(own, destination);
    }

    // ---------------------------------------------------------------- filter chain

    /** What the handshake on a chain that ends TLS comes to, where it fails; empty where it does not. */
    private String handshake(DownstreamTls tls) {
        Optional<HttpRequest.Tls> client = request.tls();
        if (client.isEmpty()) {
            return "the chain ends TLS, the client speaks plain text";
        }
        return tls.requiresClientCertificate()
                        && client.get().clientCertificate().isEmpty()
                ? "the chain wants a client certificate, the client shows none"
                : "";
    }

    private Trace chain(CompiledListener listener) {
        connection = connection(listener);
        knowsDestination = listener.learnsDestination()
                || listener.readsProxyHeader()
                || listener.usesOriginalDestination()
                || listener.isInternal()
                || !listener.view().bindsToPort();
        FilterChains.Choice choice = listener.chains().choose(connection);
        CompiledChain chain = choice.chain();
        if (chain == null) {
            trace.step("filter chain", "none", choice.because());
            trace.nearest = () -> NearMisses.chains(listener, connection, choice.because());
            return trace.end(Kind.NO_FILTER_CHAIN, 0, "filter_chain_not_found", "NR");
        }
        trace.filterChain = chain.view().name();
        trace.step(
                "filter chain",
                chain.view().name(),
                () -> (chain.view().isDefault() ? "the default one: " : "") + FilterChains.explain(choice, connection));
        DownstreamTls tls = chain.tls();
        endsTls = tls != null;
        asksForCertificate = tls != null && (tls.requiresClientCertificate() || tls.validatesClients());
        String failure = tls == null ? "" : handshake(tls);
        if (!failure.isEmpty()) {
            trace.notes.add(failure);
        }
        if (!chain.manager().exists()) {
            // A TCP proxy is at work before the handshake is over.
            return tcp(chain);
        }
        boolean shown = request.tls()
                .map(client -> !client.clientCertificate().isEmpty())
                .orElse(false);
        if (endsTls && isTcp && request.tls().isPresent() && !shown) {
            return trace.end(Kind.NO_REQUEST, 0, "", "");
        }
        if (!failure.isEmpty()) {
            return trace.end(Kind.TLS_ERROR, 0, "", "");
        }
        AuthorizationDecision refusal = refusal(chain);
        if (refusal != null) {
            return denied(chain, refusal);
        }
        if (isTcp || (!endsTls && request.tls().isPresent())) {
            return codecError(400, "http1.codec_error");
        }
        return http(chain, chain.manager());
    }

    /** What the authorization rules for connections say, where they refuse this one. */
    private @Nullable AuthorizationDecision refusal(CompiledChain chain) {
        RbacFilters rules = tracer.connectionRules(chain);
        if (rules.isEmpty()) {
            return null;
        }
        Headers none = new Headers(List.of(), isHttp2);
        AuthorizationDecision decision = rules.decide(
                        call(new RoutedRequest(none, false, Json.MISSING), connection.source()))
                .decision();
        trace.authorization = decision;
        return decision.result() == AuthorizationDecision.Result.DENIED ? decision : null;
    }

    private Trace denied(CompiledChain chain, AuthorizationDecision decision) {
        trace.notes.add("the connection is closed; its access log says rbac_access_denied_matched_policy["
                + decision.policy().orElse("none") + "] as connection termination details");
        trace.filters = () -> chain.filters().stream()
                .filter(filter -> filter.rbac().isPresent())
                .map(filter -> new FilterEffect(filter.name(), FilterEffect.Effect.REFUSES, decision.because()))
                .limit(1)
                .toList();
        return trace.end(Kind.DENIED, 0, "", "");
    }

    private Call call(RoutedRequest routed, String remote) {
        String identity = endsTls
                ? request.tls()
                        .filter(tls -> asksForCertificate)
                        .map(HttpRequest.Tls::clientCertificate)
                        .orElse("")
                : request.tunnel().orElse("");
        Call call = new Call(connection, routed, endsTls, identity, remote);
        trace.call = call;
        return call;
    }

    private Trace tcp(CompiledChain chain) {
        Map<String, Double> shares = new TreeMap<>();
        Optional<TcpProxy> proxy = chain.view().tcpProxy();
        proxy.map(TcpProxy::weightedClusters)
                .orElse(List.of())
                .forEach(weighted -> shares.merge(weighted.cluster(), weighted.share(), Double::sum));
        chain.view().tcpClusters().forEach(cluster -> shares.putIfAbsent(cluster, 100.0));
        trace.clusters = List.copyOf(shares.keySet());
        trace.step("cluster", String.join(" or ", trace.clusters), "the chain passes bytes on");
        trace.upstreams = () -> upstreams(shares);
        AuthorizationDecision refusal = refusal(chain);
        if (refusal != null) {
            return denied(chain, refusal);
        }
        boolean missing = !trace.clusters.isEmpty() && trace.clusters.stream().noneMatch(tracer::hasCluster);
        boolean empty =
                !missing && !trace.clusters.isEmpty() && trace.clusters.stream().allMatch(tracer::isWithoutHosts);
        List<Trace.Alternative> others = new ArrayList<>();
        addSubsets(others);
        trace.alternatives = List.copyOf(others);
        boolean closed = trace.clusters.size() == 1 && tracer.takesNoConnection(trace.clusters.get(0));
        return trace.end(Kind.TCP, 0, "", missing ? "NC" : empty ? "UH" : closed ? "UO" : "");
    }

    private List<Upstream> upstreams(Map<String, Double> shares) {
        List<Upstream> upstreams = new ArrayList<>();
        shares.forEach((name, share) -> {
            if (share > 0) {
                upstreams.add(tracer.upstream(name, share));
            }
        });
        return List.copyOf(upstreams);
    }

    private Trace codecError(int code, String details) {
        return trace.end(Kind.CODEC_ERROR, code, details, "DPE");
    }

    private Connection connection(CompiledListener listener) {
        String transport = "raw_buffer";
        List<String> protocols = List.of();
        String serverName = "";
        if (request.tls().isPresent()) {
            if (listener.inspects("tls_inspector", port)) {
                transport = "tls";
                protocols = request.tls().get().applicationProtocols();
                serverName = request.tls().get().serverName();
            }
        } else if (!isTcp && listener.inspects("http_inspector", port)) {
            protocols = sniffed();
        }
        String source = request.source().map(Addresses::host).orElse("");
        int sourcePort = request.source().map(Addresses::port).orElse(0);
        String direct = request.directSource().map(Walk::addressOnly).orElse("");
        if (direct.isEmpty()) {
            direct = isAnnounced(listener) ? "127.0.0.1" : source;
        }
        return new Connection(destination, port, source, sourcePort, direct, transport, protocols, serverName);
    }

    /** Whether a PROXY header told the addresses: to this listener, or to the one that handed the connection over. */
    private boolean isAnnounced(CompiledListener listener) {
        if (listener.readsProxyHeader()) {
            return true;
        }
        if (listener.view().bindsToPort()) {
            return false;
        }
        return tracer.listeners().stream()
                .anyMatch(other -> other.usesOriginalDestination() && other.readsProxyHeader());
    }

    private static String addressOnly(String text) {
        return Addresses.bytes(text).isPresent() ? text : Addresses.host(text);
    }

    /** What the HTTP inspector makes of the first bytes. */
    private List<String> sniffed() {
        if (isHttp2) {
            return List.of("h2c");
        }
        String target = request.method().equals("CONNECT") ? request.authority().orElse("") : request.path();
        boolean plausible = request.method().equals("CONNECT")
                || target.startsWith("/")
                || target.startsWith("*")
                || target.matches("[A-Za-z][A-Za-z0-9+.-]*://.*");
        if (!plausible || !Codec.isVisible(target, "")) {
            return List.of();
        }
        return List.of(request.protocol() == HttpRequest.Protocol.HTTP_1_0 ? "http/1.0" : "http/1.1");
    }

    // ---------------------------------------------------------------- before routing

    private Trace http(CompiledChain chain, Json manager) {
        boolean overTls = endsTls;
        RouteTable inline = chain.inlineRoutes();
        trace.offersIstioProtocols = chain.offersIstioProtocols();
        trace.routeConfig = chain.routeConfigName() != null || inline == null ? chain.routeConfigName() : inline.name();
        Headers headers = new Headers(request.headers(), isHttp2);
        headers.set(":method", request.method());
        request.authority().ifPresent(authority -> headers.set(":authority", authority));
        if (!request.path().isEmpty()) {
            headers.set(":path", request.path());
        }
        Optional<Codec.Refusal> refused = Codec.refusal(request, headers, manager, overTls);
        if (refused.isPresent()) {
            return codecError(refused.get().code(), refused.get().details());
        }
        boolean grpc = headers.isGrpc();
        if (request.protocol() == HttpRequest.Protocol.HTTP_1_0) {
            Json options = manager.at("http_protocol_options");
            if (!options.at("accept_http_10").bool(false)) {
                return trace.end(Kind.REJECTED, 426, "low_version", "DPE");
            }
            if (headers.first(":authority").isEmpty()) {
                options.at("default_host_for_http_10").text().ifPresent(host -> headers.set(":authority", host));
            }
        }
        if (headers.first(":authority").isEmpty()) {
            return trace.end(Kind.REJECTED, local(400, grpc), "missing_host_header", "");
        }
        if (!isValidAuthority(headers.authority())) {
            return trace.end(Kind.REJECTED, 400, "http.invalid_authority", "DPE");
        }
        if (request.method().equals("QUERY") && headers.first("content-type").isEmpty()) {
            return trace.end(Kind.REJECTED, 400, "query_missing_content_type", "");
        }
        boolean connect = headers.isConnect();
        if (!connect && !headers.path().startsWith("/")) {
            return trace.end(Kind.REJECTED, local(404, grpc), "absolute_path_rejected", "");
        }
        if (!connect) {
            Paths.Result normalised = Paths.normalize(headers.path(), manager);
            if (normalised.action() == Paths.Action.REJECT || (normalised.action() == Paths.Action.REDIRECT && grpc)) {
                return trace.end(Kind.REJECTED, local(400, grpc), "path_normalization_failed", "");
            }
            if (normalised.action() == Paths.Action.REDIRECT) {
                trace.location = normalised.path();
                return trace.end(Kind.REJECTED, 307, "path_normalization_failed", "");
            }
            headers.set(":path", normalised.path());
        }
        connectTarget = Hostnames.withoutDot(headers.authority(), manager);
        headers.set(":authority", Hostnames.normalize(headers.authority(), manager, port));
        forwardedProto(headers, manager, overTls);
        trace.scheme = headers.scheme();
        if (!connect) {
            trace.matchedPath = headers.path();
        }
        return route(chain, manager, headers, grpc);
    }

    private static int local(int code, boolean grpc) {
        return grpc ? 200 : code;
    }

    private static boolean isValidAuthority(String authority) {
        return Codec.isVisible(authority, "\"<>\\^`{|}#/?");
    }

    /** Whether there are only ASCII characters that can be seen, and none of some. */

    /** The scheme and {@code x-forwarded-proto} that routes are matched against. */
    private void forwardedProto(Headers headers, Json manager, boolean overTls) {
        String connection = overTls ? "https" : "http";
        Optional<String> forwarded = headers.first("x-forwarded-proto");
        if (manager.at("use_remote_address").bool(false) || forwarded.isEmpty()) {
            headers.set("x-forwarded-proto", connection);
            forwarded = Optional.of(connection);
        }
        if (headers.scheme().isEmpty()) {
            String proto = forwarded.get().toLowerCase(Locale.ROOT);
            headers.set(":scheme", proto.equals("http") || proto.equals("https") ? proto : connection);
        }
    }

    // ---------------------------------------------------------------- routing

    /** What was found on the way to an answer that a route gives, or the lack of one. */
    private record Found(
            @Nullable RouteTable table,
            RouteTable.@Nullable Host host,
            @Nullable CompiledRoute route) {}

    private Trace route(CompiledChain chain, Json manager, Headers headers, boolean grpc) {
        RouteTable inline = chain.inlineRoutes();
        RouteTable table =
                inline != null || chain.routeConfigName() == null ? inline : tracer.routes(chain.routeConfigName());
        trace.step("route configuration", String.valueOf(trace.routeConfig), "");
        HttpFilters filters = tracer.filters(chain);
        HttpFilters.Claims claims = filters.claims(headers);
        Json metadata = claims.countForRoutes() ? claims.metadata() : Json.MISSING;
        boolean shown = endsTls
                && request.tls().map(tls -> !tls.clientCertificate().isEmpty()).orElse(false);
        RoutedRequest routed = new RoutedRequest(headers, shown, metadata);
        // A forwarded protocol that is there but empty leaves Envoy without any route.
        boolean blind = headers.first("x-forwarded-proto").map(String::isEmpty).orElse(false);
        RouteTable.Choice choice = blind || table == null ? null : table.find(headers);
        Passing passing = new Passing(filters, new RoutedRequest(headers, shown, claims.metadata()), manager);
        if (table == null || choice == null) {
            if (table != null) {
                RouteTable known = table;
                trace.nearest = () -> NearMisses.hosts(known, headers, tracer);
            }
            Found none = new Found(table, null, null);
            Kind kind = table == null ? Kind.NO_ROUTE_CONFIG : Kind.NO_VIRTUAL_HOST;
            return passing.or(none, () -> trace.end(kind, local(404, grpc), "route_not_found", "NR"), grpc);
        }
        RouteTable.Host host = choice.host();
        trace.virtualHost = host.name();
        trace.step("virtual host", host.name(), () -> "domain " + choice.domain());
        if (redirectsToTls(host, headers, manager)) {
            Optional<Trace> upgrade = upgradeOr(manager, headers, Json.MISSING, grpc);
            if (upgrade.isPresent()) {
                return upgrade.get();
            }
            return passing.or(
                    new Found(table, host, null),
                    () -> {
                        trace.location = headers.isConnect() ? null : "https://" + headers.authority() + headers.path();
                        return trace.end(Kind.TLS_REDIRECT, local(301, grpc), "direct_response", "");
                    },
                    grpc);
        }
        return routes(table, host, routed, passing, grpc);
    }

    private boolean redirectsToTls(RouteTable.Host host, Headers headers, Json manager) {
        if (host.requireTls().equals("NONE")
                || headers.first("x-forwarded-proto").orElse("").equalsIgnoreCase("https")) {
            return false;
        }
        return host.requireTls().equals("ALL") || !ClientAddress.isInternal(headers, manager, connection.source());
    }

    private Trace routes(RouteTable table, RouteTable.Host host, RoutedRequest routed, Passing passing, boolean grpc) {
        Headers headers = routed.headers();
        CompiledRoute taken = host.routes().first(routed, 0);
        trace.nearest = () -> NearMisses.routes(table, host, taken, routed, tracer);
        if (taken == null) {
            return passing.or(
                    new Found(table, host, null),
                    () -> trace.end(Kind.NO_ROUTE, local(404, grpc), "route_not_found", "NR"),
                    grpc);
        }
        Route route = taken.route();
        if (taken.isByChance()) {
            byChance(host, taken, routed);
        }
        host.routes()
                .runtimeKeys()
                .forEach(key -> trace.notes.add("a share of requests can be set at run time, under the key " + key
                        + "; what is set there is not read"));
        trace.route = taken.name();
        trace.configuredBy = taken.configuredBy();
        trace.step(
                "route",
                taken.name(),
                () -> route.requirements()
                        + route.configuredBy().map(ref -> ", from " + ref).orElse(""));
        Found found = new Found(table, host, taken);
        Json action = route.raw().at("route");
        if (action.exists()) {
            return forward(found, route, action, passing, headers, grpc);
        }
        Optional<Trace> upgrade = upgradeOr(passing.manager, headers, Json.MISSING, grpc);
        if (upgrade.isPresent()) {
            return upgrade.get();
        }
        return passing.or(found, () -> answer(route, headers, grpc), grpc);
    }

    /** The ways that requests take which a route leaves to the next one. */
    private void byChance(RouteTable.Host host, CompiledRoute taken, RoutedRequest routed) {
        trace.notes.add("route " + taken.route().name() + " takes only a share of such requests");
        List<Trace.Alternative> others = new ArrayList<>();
        double left = 100 - taken.share();
        CompiledRoute next = host.routes().first(routed, taken.position() + 1);
        while (next != null && left > 0) {
            double part = next.isByChance() ? left * next.share() / 100 : left;
            List<String> clusters = next.route().clusters();
            String name = next.route().name();
            others.add(new Trace.Alternative(
                    Upstream.percent(part) + " of such requests, by chance",
                    "route " + (name.isEmpty() ? next.route().requirements() : name)
                            + (clusters.isEmpty() ? "" : " to " + String.join(" or ", clusters)),
                    next.route().redirect().isPresent()
                            ? Kind.REDIRECT
                            : next.route().directResponse().isPresent() ? Kind.DIRECT_RESPONSE : Kind.ROUTE,
                    clusters));
            left -= part;
            next = next.isByChance() ? host.routes().first(routed, next.position() + 1) : null;
        }
        if (left > 0.0001 && !isSure(host, routed)) {
            others.add(new Trace.Alternative(
                    Upstream.percent(left) + " of such requests, by chance",
                    "no route: 404",
                    Kind.NO_ROUTE,
                    List.of()));
        }
        trace.alternatives = List.copyOf(others);
    }

    private static boolean isSure(RouteTable.Host host, RoutedRequest routed) {
        for (CompiledRoute route = host.routes().first(routed, 0);
                route != null;
                route = host.routes().first(routed, route.position() + 1)) {
            if (!route.isByChance()) {
                return true;
            }
        }
        return false;
    }

    private Trace answer(Route route, Headers headers, boolean grpc) {
        if (route.redirect().isPresent()) {
            RouteAction.Redirect redirect = route.redirect().get();
            trace.location = headers.isConnect()
                    ? null
                    : Rewrites.location(route.match().raw(), redirect.raw(), headers, tracer.regexes());
            return trace.end(Kind.REDIRECT, local(redirect.status(), grpc), "direct_response", "");
        }
        int status =
                route.directResponse().map(RouteAction.DirectResponse::status).orElse(200);
        if (status == 201 && !headers.isConnect()) {
            // Source: measured on Envoy 1.40; the response is taken to have made the resource.
            trace.location = headers.scheme() + "://" + headers.authority() + headers.path();
        }
        return trace.end(Kind.DIRECT_RESPONSE, local(status, grpc), "direct_response", "");
    }

    private Trace forward(Found found, Route route, Json action, Passing passing, Headers headers, boolean grpc) {
        List<String> clusters = ClusterChoice.of(action, headers);
        trace.clusters = clusters;
        Optional<Trace> upgrade = upgradeOr(passing.manager, headers, action, grpc);
        if (upgrade.isPresent()) {
            return upgrade.get();
        }
        trace.upstreams = () -> upstreams(shares(route, clusters));
        trace.headers = () -> Tracer.merged(changes(found, route, clusters));
        return passing.or(found, () -> forwarded(route, action, headers, grpc), grpc);
    }

    private Trace forwarded(Route route, Json action, Headers headers, boolean grpc) {
        List<String> clusters = trace.clusters;
        List<String> missing = missing(clusters);
        if (clusters.isEmpty() || missing.size() == clusters.size()) {
            trace.nearest = () -> NearMisses.clusters(tracer, clusters);
            int code = route.forward()
                    .map(RouteAction.Forward::clusterNotFoundStatus)
                    .orElse(503);
            return trace.end(Kind.NO_CLUSTER, local(code, grpc), "cluster_not_found", "NC");
        }
        trace.step("cluster", String.join(" or ", clusters), clusters.size() > 1 ? "by weight" : "");
        List<String> empty = new ArrayList<>();
        for (String cluster : clusters) {
            if (tracer.isWithoutHosts(cluster) || (!knowsDestination && tracer.needsDestination(cluster))) {
                empty.add(cluster);
            }
        }
        if (empty.size() == clusters.size()) {
            return trace.end(Kind.NO_HEALTHY_UPSTREAM, local(503, grpc), "no_healthy_upstream", "UH");
        }
        if (clusters.size() == 1
                && tracer.isClosed(clusters.get(0), action.at("priority").text("DEFAULT"))) {
            return trace.end(Kind.ROUTE, local(503, grpc), "upstream_reset_before_response_started{overflow}", "UO");
        }
        others(route, missing, empty);
        if (!headers.isConnect()) {
            trace.upstreamPath = Rewrites.path(route.match().raw(), action, headers.path(), tracer.regexes());
            trace.upstreamAuthority = Rewrites.host(action, headers, headers.path(), tracer.regexes());
        } else {
            String host = Rewrites.host(action, headers, "", tracer.regexes());
            // A port that was cut off for the routes goes on to the upstream: CONNECT needs one.
            trace.upstreamAuthority = host.equals(headers.authority()) ? connectTarget : host;
        }
        return trace.end(Kind.ROUTE, 200, "via_upstream", trace.responseFlags);
    }

    /** What becomes of requests where a cluster's hosts are chosen by metadata. */
    private void addSubsets(List<Trace.Alternative> others) {
        for (String cluster : trace.clusters) {
            if (tracer.choosesSubset(cluster)) {
                others.add(new Trace.Alternative(
                        "where no host of " + cluster + " has the metadata that the route or a filter asks for",
                        "UH: hosts are chosen by metadata when the request comes",
                        Kind.NO_HEALTHY_UPSTREAM,
                        List.of(cluster)));
            }
        }
    }

    private List<String> missing(List<String> clusters) {
        if (clusters.size() == 1 && tracer.hasCluster(clusters.get(0))) {
            return List.of();
        }
        return clusters.stream().filter(name -> !tracer.hasCluster(name)).toList();
    }

    /** What becomes of requests that weights send to a cluster that is not there, or has no hosts. */
    private void others(Route route, List<String> missing, List<String> empty) {
        List<Trace.Alternative> others = new ArrayList<>(trace.alternatives);
        addSubsets(others);
        Map<String, Double> shares = shares(route, trace.clusters);
        for (String cluster : missing) {
            others.add(new Trace.Alternative(
                    Upstream.percent(shares.getOrDefault(cluster, 100.0)) + " of such requests, by weight",
                    "cluster " + cluster + ", which this proxy does not have",
                    Kind.NO_CLUSTER,
                    List.of(cluster)));
        }
        for (String cluster : empty) {
            others.add(new Trace.Alternative(
                    Upstream.percent(shares.getOrDefault(cluster, 100.0)) + " of such requests, by weight",
                    "cluster " + cluster + ", where no host takes requests",
                    Kind.NO_HEALTHY_UPSTREAM,
                    List.of(cluster)));
        }
        if (!missing.isEmpty()) {
            trace.notes.add("of the clusters of the route this proxy does not have " + String.join(", ", missing));
        }
        trace.alternatives = List.copyOf(others);
    }

    private static Map<String, Double> shares(Route route, List<String> clusters) {
        Map<String, Double> shares = new TreeMap<>();
        if (clusters.size() > 1) {
            route.forward()
                    .map(RouteAction.Forward::weightedClusters)
                    .orElse(List.of())
                    .forEach(weighted -> shares.merge(weighted.cluster(), weighted.share(), Double::sum));
        }
        clusters.forEach(cluster -> shares.putIfAbsent(cluster, 100.0));
        return shares;
    }

    /** The header changes of everything that the request belongs to, in the order in which Envoy applies them. */
    private static List<HeaderChanges> changes(Found found, Route route, List<String> clusters) {
        List<HeaderChanges> changes = new ArrayList<>();
        changes.add(route.requestHeaders());
        if (found.host != null) {
            changes.add(found.host.view().requestHeaders());
        }
        if (found.table != null) {
            changes.add(found.table.config().requestHeaders());
            if (found.table
                    .config()
                    .raw()
                    .at("most_specific_header_mutations_wins")
                    .bool(false)) {
                Collections.reverse(changes);
            }
        }
        route.forward().map(RouteAction.Forward::weightedClusters).orElse(List.of()).stream()
                .filter(weighted -> clusters.size() == 1 && clusters.contains(weighted.cluster()))
                .forEach(weighted -> changes.add(0, weighted.requestHeaders()));
        return changes;
    }

    /** The filters of the chain, and what stands in their way. */
    private final class Passing {
        private final HttpFilters filters;
        private final RoutedRequest routed;
        private final Json manager;

        Passing(HttpFilters filters, RoutedRequest routed, Json manager) {
            this.filters = filters;
            this.routed = routed;
            this.manager = manager;
        }

        /** The answer of a filter, or where all let the request pass, what the router makes of it. */
        Trace or(Found found, Supplier<Trace> router, boolean grpc) {
            if (filters.isEmpty()) {
                return router.get();
            }
            String cluster = trace.clusters.size() == 1 ? trace.clusters.get(0) : "";
            Overrides overrides = new Overrides(found, cluster);
            Call call = call(routed, ClientAddress.of(routed.headers(), manager, connection.source()));
            HttpFilters.RouteSettings route = new HttpFilters.RouteSettings(
                    overrides::of,
                    overrides.any(),
                    found.route != null
                            || (found.host != null && !found.host.requireTls().equals("NONE")),
                    cluster,
                    found.route != null && found.route.route().raw().at("route").exists());
            HttpFilters.Passage passage = filters.pass(call, route, null);
            trace.authorization = passage.authorization() == null ? trace.authorization : passage.authorization();
            trace.filters = () -> {
                List<FilterEffect> effects = new ArrayList<>();
                filters.pass(call, route, effects);
                return List.copyOf(effects);
            };
            LocalReply reply = passage.reply();
            if (manager.at("local_reply_config", "mappers").size() > 0) {
                trace.notes.add(
                        "answers of the proxy's own are rewritten here (local_reply_config): code and body may differ");
            }
            String delayed = passage.delayed() ? "DI" : "";
            if (reply == null) {
                trace.responseFlags = delayed;
                return router.get();
            }
            // The log names no cluster that is not there.
            trace.clusters = trace.clusters.stream().filter(tracer::hasCluster).toList();
            boolean both = !delayed.isEmpty() && !reply.flags().isEmpty();
            String flags = delayed + (both ? "," : "") + reply.flags();
            return trace.end(reply.kind(), local(reply.code(), grpc), reply.details(), flags);
        }
    }

    /** What route, virtual host and route configuration set for filters instead. */
    private static final class Overrides {
        private final List<List<HttpFilter>> levels = new ArrayList<>(3);

        Overrides(Found found, String cluster) {
            if (found.route == null || found.host == null || found.table == null) {
                // Without a route nothing is set instead, not even by the virtual host.
                return;
            }
            if (!cluster.isEmpty()) {
                found.route.route().forward().map(RouteAction.Forward::weightedClusters).orElse(List.of()).stream()
                        .filter(weighted -> weighted.cluster().equals(cluster))
                        .forEach(weighted -> add(weighted.filterOverrides()));
            }
            add(found.route.overrides());
            add(found.host.overrides());
            add(found.table.overrides());
        }

        private void add(List<HttpFilter> level) {
            if (!level.isEmpty()) {
                levels.add(level);
            }
        }

        boolean any() {
            return !levels.isEmpty();
        }

        Optional<HttpFilter> of(String name) {
            return levels.stream()
                    .flatMap(List::stream)
                    .filter(filter -> filter.name().equals(name))
                    .findFirst();
        }
    }

    /** Refuses an upgrade that neither the route nor the connection manager allows; where no route is found, that counts. */
    private Optional<Trace> upgradeOr(Json manager, Headers headers, Json action, boolean grpc) {
        Optional<String> wanted =
                upgrade(headers).or(() -> headers.isConnect() ? Optional.of("CONNECT") : Optional.empty());
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        for (Json allowed : action.at("upgrade_configs").items()) {
            if (allowed.at("upgrade_type").text("").equalsIgnoreCase(wanted.get())) {
                return allowed.at("enabled").bool(true) ? Optional.empty() : Optional.of(upgradeRejected(grpc));
            }
        }
        for (Json allowed : manager.at("upgrade_configs").items()) {
            if (allowed.at("upgrade_type").text("").equalsIgnoreCase(wanted.get())
                    && allowed.at("enabled").bool(true)) {
                return Optional.empty();
            }
        }
        return Optional.of(upgradeRejected(grpc));
    }

    private Trace upgradeRejected(boolean grpc) {
        trace.clusters = trace.clusters.stream().filter(tracer::hasCluster).toList();
        return trace.end(Kind.UPGRADE_REJECTED, local(403, grpc), "upgrade_failed", "");
    }

    private Optional<String> upgrade(Headers headers) {
        if (isHttp2
                || !headers.first("connection")
                        .orElse("")
                        .toLowerCase(Locale.ROOT)
                        .contains("upgrade")) {
            return Optional.empty();
        }
        return headers.first("upgrade");
    }
}
