package dev.meshdx.traffic;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.DownstreamTls;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.HttpConnectionManager;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ListenerFilter;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteAction;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.VirtualHost;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.Trace.Kind;
import dev.meshdx.traffic.internal.Addresses;
import dev.meshdx.traffic.internal.Connection;
import dev.meshdx.traffic.internal.FilterChains;
import dev.meshdx.traffic.internal.Headers;
import dev.meshdx.traffic.internal.Hostnames;
import dev.meshdx.traffic.internal.Paths;
import dev.meshdx.traffic.internal.Regexes;
import dev.meshdx.traffic.internal.Rewrites;
import dev.meshdx.traffic.internal.RouteMatcher;
import dev.meshdx.traffic.internal.VirtualHosts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One walk of one request: listener, filter chain, checks before routing, virtual host, route, cluster. Source: Envoy,
 * {@code source/common/http/conn_manager_impl.cc} and the classes in {@code traffic.internal}.
 */
final class Walk {
    /** The methods that Envoy's HTTP/1 parser takes; others are a malformed request. Source: Envoy, Balsa parser. */
    private static final Set<String> HTTP1_METHODS = Set.of(
            "ACL",
            "BIND",
            "CHECKOUT",
            "CONNECT",
            "COPY",
            "DELETE",
            "GET",
            "HEAD",
            "LINK",
            "LOCK",
            "MERGE",
            "MKACTIVITY",
            "MKCALENDAR",
            "MKCOL",
            "MOVE",
            "MSEARCH",
            "M-SEARCH",
            "NOTIFY",
            "OPTIONS",
            "PATCH",
            "POST",
            "PROPFIND",
            "PROPPATCH",
            "PURGE",
            "PUT",
            "QUERY",
            "REBIND",
            "REPORT",
            "SEARCH",
            "SOURCE",
            "SUBSCRIBE",
            "TRACE",
            "UNBIND",
            "UNLINK",
            "UNLOCK",
            "UNSUBSCRIBE");

    /** A host in a URL, as Envoy's URL parser takes it: no underscore. Source: Envoy, its copy of http_parser, strict. */
    private static final String URL_HOST = "([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])";

    private final ConfigDump dump;
    private final HttpRequest request;
    private final Trace.Builder trace;
    private final Regexes regexes = new Regexes();
    private final boolean isTcp;
    private final boolean isHttp2;

    private String destination = "";
    private int port;

    Walk(ConfigDump dump, HttpRequest request) {
        this.dump = dump;
        this.request = request;
        this.trace = new Trace.Builder(request);
        this.isTcp = request.protocol() == HttpRequest.Protocol.TCP;
        this.isHttp2 = request.protocol() == HttpRequest.Protocol.HTTP_2;
    }

    Trace run() {
        Destination to = Destination.of(dump, request);
        destination = to.address();
        port = to.port();
        if (!to.note().isEmpty()) {
            trace.notes.add(to.note());
        }
        List<Listener> active = dump.listeners().stream()
                .filter(listener ->
                        listener.state() == ResourceState.ACTIVE || listener.state() == ResourceState.STATIC)
                .toList();
        Optional<Listener> listener = listener(active);
        if (listener.isEmpty()) {
            NearMisses.listeners(trace, active, destination, port);
            return trace.end(Kind.NO_LISTENER, 0, "", "");
        }
        trace.listener = listener.get().name();
        return chain(listener.get());
    }

    private Optional<Listener> listener(List<Listener> active) {
        Optional<Listener> exact = active.stream()
                .filter(listener -> !destination.isEmpty() && isBound(listener, destination))
                .findFirst();
        boolean six = destination.contains(":");
        Optional<Listener> wildcard = active.stream()
                .filter(listener -> (!six && isBound(listener, "0.0.0.0"))
                        || ((six || destination.isEmpty()) && isBound(listener, "::")))
                .findFirst();
        Optional<Listener> bound = exact.or(() -> wildcard);
        // A listener that nothing is redirected to takes only what is sent to its own address.
        Optional<Listener> outbound = active.stream()
                .filter(Listener::usesOriginalDestination)
                .filter(listener ->
                        !listener.trafficDirection().orElse("OUTBOUND").equals("INBOUND"))
                .findFirst();
        Optional<Listener> inbound =
                active.stream().filter(this::isRedirectTarget).findFirst();
        if (inbound.isPresent() && (outbound.isEmpty() || isOwnAddress())) {
            trace.step("listener", inbound.get().name(), "connections to the workload are redirected to it");
            return inbound;
        }
        if (bound.isPresent()) {
            trace.step(
                    "listener",
                    bound.get().name(),
                    "it is bound to " + bound.get().address() + ":" + port);
            return bound;
        }
        if (outbound.isPresent()) {
            trace.step(
                    "listener",
                    outbound.get().name(),
                    "no listener is for " + (destination.isEmpty() ? "port " : destination + ":") + port);
            return outbound;
        }
        return Optional.empty();
    }

    /** Whether it learns the original destination of connections that are redirected to it, and keeps them. */
    private boolean isRedirectTarget(Listener listener) {
        // A gateway reads the PROXY header of its load balancer, and is asked at its own ports all the same.
        boolean gateway = dump.bootstrap().nodeType().equals("router");
        return !listener.usesOriginalDestination()
                && listener.raw().at("listener_filters").items().stream()
                        .map(filter -> filter.at("name").text(""))
                        .anyMatch(name ->
                                name.endsWith(".original_dst") || (!gateway && name.endsWith(".proxy_protocol")));
    }

    private boolean isBound(Listener listener, String address) {
        return listener.isBoundTo(address, port);
    }

    private boolean isOwnAddress() {
        String own = dump.bootstrap().address();
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

    private Trace chain(Listener listener) {
        Connection connection = connection(listener);
        FilterChains.Choice choice = FilterChains.choose(listener, connection);
        if (choice.chain().isEmpty()) {
            NearMisses.chains(trace, listener, connection, choice.because());
            return trace.end(Kind.NO_FILTER_CHAIN, 0, "filter_chain_not_found", "NR");
        }
        FilterChain chain = choice.chain().get();
        trace.filterChain = chain.name();
        trace.step("filter chain", chain.name(), (chain.isDefault() ? "the default one: " : "") + choice.because());
        Optional<DownstreamTls> tls = chain.tls();
        String failure = tls.map(this::handshake).orElse("");
        if (!failure.isEmpty()) {
            trace.notes.add(failure);
        }
        Optional<Json> manager = chain.httpConnectionManager().map(HttpConnectionManager::raw);
        if (manager.isEmpty()) {
            // A TCP proxy is at work before the handshake is over.
            return tcp(chain);
        }
        boolean shown = request.tls()
                .map(client -> !client.clientCertificate().isEmpty())
                .orElse(false);
        if (tls.isPresent() && isTcp && request.tls().isPresent() && !shown) {
            return trace.end(Kind.NO_REQUEST, 0, "", "");
        }
        if (!failure.isEmpty()) {
            return trace.end(Kind.TLS_ERROR, 0, "", "");
        }
        if (isTcp || (tls.isEmpty() && request.tls().isPresent())) {
            return codecError(400, "http1.codec_error");
        }
        return http(chain, manager.get(), tls.isPresent());
    }

    private Trace tcp(FilterChain chain) {
        trace.clusters = new TreeSet<>(chain.tcpClusters()).stream().toList();
        trace.step("cluster", String.join(" or ", trace.clusters), "the chain passes bytes on");
        return trace.end(Kind.TCP, 0, "", "");
    }

    private Trace codecError(int code, String details) {
        return trace.end(Kind.CODEC_ERROR, code, details, "DPE");
    }

    private Connection connection(Listener listener) {
        boolean inspectsTls = inspects(listener, "tls_inspector");
        boolean inspectsHttp = inspects(listener, "http_inspector");
        String transport = "raw_buffer";
        List<String> protocols = List.of();
        String serverName = "";
        if (request.tls().isPresent()) {
            if (inspectsTls) {
                transport = "tls";
                protocols = request.tls().get().applicationProtocols();
                serverName = request.tls().get().serverName();
            }
        } else if (inspectsHttp && !isTcp) {
            protocols = sniffed();
        }
        String source = request.source().map(Addresses::host).orElse("");
        int sourcePort = request.source().map(Addresses::port).orElse(0);
        boolean announced = Stream.concat(
                        Stream.of(listener),
                        // The listener that hands connections over has read the header.
                        listener.bindsToPort()
                                ? Stream.empty()
                                : dump.listeners().stream().filter(Listener::usesOriginalDestination))
                .flatMap(reader -> reader.listenerFilters().stream())
                .anyMatch(filter -> filter.kind().equals("proxy_protocol"));
        String direct = request.directSource().map(Walk::addressOnly).orElse(announced ? "127.0.0.1" : source);
        return new Connection(destination, port, source, sourcePort, direct, transport, protocols, serverName);
    }

    private static String addressOnly(String text) {
        return Addresses.bytes(text).isPresent() ? text : Addresses.host(text);
    }

    /** Whether a listener has an inspector that is not switched off for this port. */
    private boolean inspects(Listener listener, String inspector) {
        for (ListenerFilter filter : listener.listenerFilters()) {
            if (filter.kind().equals(inspector)) {
                return !filter.isDisabledFor(port);
            }
        }
        return false;
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
        boolean clean = target.chars().allMatch(c -> c > 0x20 && c < 0x7f);
        if (!plausible || !clean) {
            return List.of();
        }
        return List.of(request.protocol() == HttpRequest.Protocol.HTTP_1_0 ? "http/1.0" : "http/1.1");
    }

    // ---------------------------------------------------------------- before routing

    private Trace http(FilterChain chain, Json manager, boolean overTls) {
        trace.routeConfig = chain.routeConfigName()
                .orElseGet(() ->
                        chain.inlineRouteConfig().map(RouteConfiguration::name).orElse(null));
        List<Map.Entry<String, String>> sent = new ArrayList<>(request.headers());
        Headers headers = new Headers(sent, isHttp2);
        headers.set(":method", request.method());
        request.authority().ifPresent(authority -> headers.set(":authority", authority));
        if (!request.path().isEmpty()) {
            headers.set(":path", request.path());
        }
        Optional<Trace> refused = isHttp2 ? http2Codec(headers) : http1Codec(headers, manager, overTls);
        if (refused.isPresent()) {
            return refused.get();
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

    private Optional<Trace> http1Codec(Headers headers, Json manager, boolean overTls) {
        String path = request.path();
        if (!HTTP1_METHODS.contains(request.method())) {
            return Optional.of(codecError(400, "http1.codec_error"));
        }
        if (headers.isConnect()) {
            String authority = request.authority().orElse("");
            return !authority.matches(URL_HOST + ":\\d{1,5}")
                    ? Optional.of(codecError(400, "http1.invalid_url"))
                    : Optional.empty();
        }
        if (path.startsWith("/")) {
            return Optional.empty();
        }
        if (path.equals("*")) {
            return request.method().equals("OPTIONS")
                    ? Optional.empty()
                    : Optional.of(codecError(400, "http1.invalid_url"));
        }
        int end = path.indexOf("://");
        String scheme = end < 0 ? "" : path.substring(0, end).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            return Optional.of(codecError(400, "http1.codec_error"));
        }
        // Only a proxy at the edge minds; behind another one the URL may be right.
        if (scheme.equals("https")
                && !overTls
                && manager.at("use_remote_address").bool(false)) {
            return Optional.of(codecError(403, "http1.https_url_on_plaintext_connection"));
        }
        String rest = path.substring(end + 3);
        int slash = -1;
        for (int i = 0; i < rest.length() && slash < 0; i++) {
            slash = "/?#".indexOf(rest.charAt(i)) >= 0 ? i : -1;
        }
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        if (authority.contains("_") || authority.isEmpty()) {
            return Optional.of(codecError(400, "http1.invalid_url"));
        }
        headers.set(":authority", authority);
        String absolute = slash < 0 ? "/" : rest.substring(slash);
        headers.set(":path", absolute.startsWith("/") ? absolute : "/" + absolute);
        headers.set(":scheme", scheme);
        return Optional.empty();
    }

    private Optional<Trace> http2Codec(Headers headers) {
        if (request.authority().isEmpty()) {
            Optional<String> host = request.headers().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase("host"))
                    .map(Map.Entry::getValue)
                    .findFirst();
            if (host.isEmpty()) {
                return Optional.of(codecError(0, "http2.violation.of.messaging.rule"));
            }
            headers.set(":authority", host.get());
        }
        String authority = headers.authority();
        if (authority.isEmpty() || authority.contains("@") || !authority.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            return Optional.of(codecError(0, "http2.invalid.header.field"));
        }
        // Headers that belong to a connection have no place in HTTP/2. Source: RFC 9113, 8.2.2.
        for (String name : List.of("connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding")) {
            if (headers.first(name).isPresent()) {
                return Optional.of(codecError(0, "http2.invalid.header.field"));
            }
        }
        if (headers.isConnect()) {
            return Optional.empty();
        }
        if (request.path().isEmpty()) {
            return Optional.of(codecError(0, "http2.invalid.header.field"));
        }
        boolean star = request.path().equals("*") && request.method().equals("OPTIONS");
        if (!request.path().startsWith("/") && !star) {
            return Optional.of(codecError(0, "http2.violation.of.messaging.rule"));
        }
        headers.set(":scheme", request.scheme().orElse("http"));
        return Optional.empty();
    }

    private static boolean isValidAuthority(String authority) {
        return authority.chars().allMatch(c -> c > 0x20 && c < 0x7f && "\"<>\\^`{|}#/?".indexOf(c) < 0);
    }

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

    private Trace route(FilterChain chain, Json manager, Headers headers, boolean grpc) {
        Optional<RouteConfiguration> config = chain.inlineRouteConfig()
                .or(() -> chain.routeConfigName()
                        .flatMap(name -> dump.routes().stream()
                                .filter(candidate ->
                                        candidate.name().equals(name) && candidate.state() != ResourceState.REJECTED)
                                .findFirst()));
        trace.step("route configuration", String.valueOf(trace.routeConfig), "");
        if (config.isEmpty()) {
            return trace.end(Kind.NO_ROUTE_CONFIG, local(404, grpc), "route_not_found", "NR");
        }
        // A forwarded protocol that is there but empty leaves Envoy without any route.
        boolean blind = headers.first("x-forwarded-proto").map(String::isEmpty).orElse(false);
        Optional<VirtualHosts.Choice> choice = blind ? Optional.empty() : VirtualHosts.find(config.get(), headers);
        if (choice.isEmpty()) {
            NearMisses.hosts(trace, config.get(), headers, dump);
            return trace.end(Kind.NO_VIRTUAL_HOST, local(404, grpc), "route_not_found", "NR");
        }
        VirtualHost host = choice.get().host();
        trace.virtualHost = host.name();
        trace.step("virtual host", host.name(), "domain " + choice.get().domain());
        String requires = host.requireTls();
        boolean secure = headers.first("x-forwarded-proto").orElse("").equalsIgnoreCase("https");
        if (!requires.equals("NONE") && !secure) {
            Optional<Trace> upgrade = upgradeOr(manager, headers, Json.MISSING, grpc);
            if (upgrade.isPresent()) {
                return upgrade.get();
            }
            trace.location = headers.isConnect() ? null : "https://" + headers.authority() + headers.path();
            return trace.end(Kind.TLS_REDIRECT, local(301, grpc), "direct_response", "");
        }
        return routes(config.get(), host, manager, headers, grpc);
    }

    private Trace routes(RouteConfiguration config, VirtualHost host, Json manager, Headers headers, boolean grpc) {
        RouteMatcher matcher = new RouteMatcher(
                headers,
                config.ignoresPathParameters(),
                request.tls().map(tls -> !tls.clientCertificate().isEmpty()).orElse(false),
                regexes);
        Route taken = null;
        for (Route route : host.routes()) {
            if (matcher.mismatches(route.match()).isEmpty()) {
                if (RouteMatcher.isByChance(route.match())) {
                    trace.notes.add("route " + route.name() + " takes only a share of such requests");
                }
                taken = route;
                break;
            }
        }
        NearMisses.routes(trace, config, host, taken, matcher);
        if (host.name().equals("allow_any") || host.name().equals("block_all")) {
            // Istio's virtual hosts for what is not in the mesh: perhaps a service was meant.
            NearMisses.hosts(trace, config, headers, dump);
        }
        if (taken == null) {
            return trace.end(Kind.NO_ROUTE, local(404, grpc), "route_not_found", "NR");
        }
        Route route = taken;
        trace.route = route.name();
        trace.configuredBy = route.configuredBy().orElse(null);
        trace.step(
                "route",
                route.name(),
                route.requirements()
                        + route.configuredBy().map(ref -> ", from " + ref).orElse(""));
        Json action = route.raw().at("route");
        if (action.exists()) {
            return forward(route, action, manager, headers, grpc);
        }
        Optional<Trace> upgrade = upgradeOr(manager, headers, Json.MISSING, grpc);
        if (upgrade.isPresent()) {
            return upgrade.get();
        }
        if (route.redirect().isPresent()) {
            RouteAction.Redirect redirect = route.redirect().get();
            trace.location = headers.isConnect()
                    ? null
                    : Rewrites.location(route.match().raw(), redirect.raw(), headers, regexes);
            return trace.end(Kind.REDIRECT, local(redirect.status(), grpc), "direct_response", "");
        }
        int status =
                route.directResponse().map(RouteAction.DirectResponse::status).orElse(200);
        return trace.end(Kind.DIRECT_RESPONSE, local(status, grpc), "direct_response", "");
    }

    private Trace forward(Route route, Json action, Json manager, Headers headers, boolean grpc) {
        List<String> clusters = clusters(action, headers);
        trace.clusters = clusters;
        Optional<Trace> upgrade = upgradeOr(manager, headers, action, grpc);
        if (upgrade.isPresent()) {
            return upgrade.get();
        }
        List<String> missing =
                clusters.stream().filter(name -> !hasCluster(name)).toList();
        if (clusters.isEmpty() || missing.size() == clusters.size()) {
            NearMisses.clusters(trace, dump, clusters);
            int code = route.forward()
                    .map(RouteAction.Forward::clusterNotFoundStatus)
                    .orElse(503);
            return trace.end(Kind.NO_CLUSTER, local(code, grpc), "cluster_not_found", "NC");
        }
        if (!missing.isEmpty()) {
            trace.notes.add("of the clusters of the route this proxy does not have " + String.join(", ", missing));
        }
        trace.step("cluster", String.join(" or ", clusters), clusters.size() > 1 ? "by weight" : "");
        if (!headers.isConnect()) {
            trace.upstreamPath = Rewrites.path(route.match().raw(), action, headers.path(), regexes);
            trace.upstreamAuthority = Rewrites.host(action, headers, headers.path(), regexes);
        } else {
            trace.upstreamAuthority = Rewrites.host(action, headers, "", regexes);
        }
        return trace.end(Kind.ROUTE, 200, "", "");
    }

    private boolean hasCluster(String name) {
        return dump.clusters().stream()
                .anyMatch(cluster -> cluster.name().equals(name)
                        && cluster.state() != ResourceState.WARMING
                        && cluster.state() != ResourceState.REJECTED);
    }

    private List<String> clusters(Json action, Headers headers) {
        if (action.at("cluster_header").exists()) {
            return headers.first(action.at("cluster_header").text(""))
                    .filter(name -> !name.isEmpty())
                    .map(List::of)
                    .orElse(List.of());
        }
        Json weighted = action.at("weighted_clusters");
        if (!weighted.exists()) {
            return action.at("cluster").text().map(List::of).orElse(List.of());
        }
        long total = 0;
        for (Json cluster : weighted.at("clusters").items()) {
            total += cluster.at("weight").number(0);
        }
        Optional<Long> picked = weighted.at("header_name")
                .text()
                .map(headers::all)
                .filter(values -> values.size() == 1)
                .flatMap(values -> unsigned(values.get(0)));
        if (picked.isPresent() && total > 0) {
            long value = Long.remainderUnsigned(picked.get(), total);
            for (Json cluster : weighted.at("clusters").items()) {
                value -= cluster.at("weight").number(0);
                if (value < 0) {
                    return List.of(cluster.at("name").text(""));
                }
            }
        }
        Set<String> possible = new TreeSet<>();
        for (Json cluster : weighted.at("clusters").items()) {
            if (cluster.at("weight").number(0) > 0) {
                possible.add(cluster.at("name").text(""));
            }
        }
        return List.copyOf(possible);
    }

    private static Optional<Long> unsigned(String text) {
        if (!text.matches("\\+?\\d{1,20}")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseUnsignedLong(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
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
        trace.clusters = trace.clusters.stream().filter(this::hasCluster).toList();
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
