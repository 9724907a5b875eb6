package dev.meshdx.traffic;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.HeaderChanges;
import dev.meshdx.envoy.TrafficDirection;
import dev.meshdx.envoy.UpstreamHttpVersion;
import dev.meshdx.envoy.UpstreamTls;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.Crossing.Sent;
import dev.meshdx.traffic.Crossing.Verdict;
import dev.meshdx.traffic.Hop.Role;
import dev.meshdx.traffic.Trace.Kind;
import dev.meshdx.traffic.internal.Addresses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows a request from proxy to proxy. At each one the proxy's own configuration decides; the connection to the next one is
 * made as the proxy would make it, so that the next one's filter chains say whether they take it.
 */
final class MeshWalk {
    /** A request that passes more proxies than this goes in a circle. */
    private static final int DEEPEST = 8;

    /** Ways that are followed from one hop. */
    private static final int WIDEST = 4;

    private final Session session;
    private final MeshDirectory directory;

    private MeshWalk(Session session) {
        this.session = session;
        this.directory = new MeshDirectory(session);
    }

    static MeshTrace trace(Session session, String namespace, String pod, HttpRequest request) {
        MeshWalk walk = new MeshWalk(session);
        Resource from = walk.directory
                .pod(namespace, pod)
                .orElseThrow(() -> new MeshNotFoundException(
                        "There is no pod " + namespace + "/" + pod + ".",
                        "List the pods: kubectl get pods -n " + namespace));
        Hop first = walk.from(from, request);
        return new MeshTrace(request, first, session.gaps());
    }

    /** The first hop: the pod's own proxy, the node's ztunnel, or none. */
    private Hop from(Resource pod, HttpRequest request) {
        HttpRequest sent = request.source().isPresent() || Pods.ip(pod).isEmpty()
                ? request
                : request.from(Addresses.target(Pods.ip(pod), 0));
        if (Pods.hasEnvoy(pod)) {
            return envoy(role(pod, true), pod, sent, null, null, 0);
        }
        return bare(pod, sent);
    }

    private static Role role(Resource pod, boolean isClient) {
        if (Pods.isProxyOfType(pod, "waypoint")) {
            return Role.WAYPOINT;
        }
        return Pods.isSidecar(pod) ? (isClient ? Role.CLIENT : Role.SERVER) : Role.GATEWAY;
    }

    private static String name(Resource pod) {
        return pod.namespace() + "/" + pod.name();
    }

    // ---------------------------------------------------------------- a proxy

    /**
     * A hop with an Envoy.
     *
     * @param crossing how the request gets there; its verdict is made here, out of what this proxy does with it
     * @param sender whose cluster it comes from; null for the first hop
     */
    private Hop envoy(
            Role role,
            Resource pod,
            HttpRequest request,
            @Nullable Crossing crossing,
            @Nullable Upstream sender,
            int depth) {
        Tracer tracer;
        Trace trace;
        try {
            tracer = Tracer.of(session, pod.namespace(), pod.name());
            trace = MeshNearMissReader.complete(session, pod.namespace(), pod.name(), tracer, tracer.trace(request))
                    .settled();
        } catch (MeshException e) {
            session.gap("configuration of the proxy", pod.ref(), e);
            return new Hop(
                    role,
                    name(pod),
                    pod.ref(),
                    crossing,
                    null,
                    true,
                    "cannot be asked: what it does with the request is not known",
                    List.of(),
                    List.of(String.valueOf(e.getMessage())),
                    List.of());
        }
        Crossing judged = crossing == null ? null : judge(crossing, trace);
        boolean conflict = judged != null && judged.verdict() == Verdict.CONFLICT;
        boolean closed = trace.clusters().contains("BlackHoleCluster");
        boolean answered = trace.isServed() && trace.kind() != Kind.ROUTE && trace.kind() != Kind.TCP;
        if (!trace.isServed() || answered || closed || depth >= DEEPEST) {
            boolean served = trace.isServed() && !closed && depth < DEEPEST;
            return new Hop(
                    role,
                    name(pod),
                    pod.ref(),
                    judged,
                    trace,
                    served,
                    depth >= DEEPEST ? "is the last that was looked at: the request goes in a circle" : trace.outcome(),
                    blame(trace, conflict ? sender : null, pod, request),
                    trace.notes(),
                    List.of());
        }
        List<String> notes = new ArrayList<>(trace.notes());
        List<Hop> next = new ArrayList<>();
        for (Upstream upstream : trace.upstreams()) {
            if (next.size() >= WIDEST) {
                notes.add("cluster " + upstream.name() + " (" + Upstream.percent(upstream.share())
                        + ") was not followed: more than " + WIDEST + " ways");
                continue;
            }
            next.addAll(hosts(pod, tracer, trace, upstream, notes, depth));
        }
        return new Hop(role, name(pod), pod.ref(), judged, trace, false, trace.outcome(), sources(trace), notes, next);
    }

    /** What became of the connection, now that the other side has looked at it. */
    private static Crossing judge(Crossing crossing, Trace trace) {
        String chain = trace.filterChain().orElse("");
        boolean refused = trace.kind() == Kind.NO_FILTER_CHAIN
                || trace.kind() == Kind.TLS_ERROR
                || trace.kind() == Kind.NO_LISTENER
                || (trace.kind() == Kind.CODEC_ERROR && crossing.sent() != Sent.PLAINTEXT);
        if (refused) {
            String why = switch (trace.kind()) {
                case NO_FILTER_CHAIN -> "no filter chain takes " + crossing.sent() + " there";
                case NO_LISTENER -> "nothing takes " + crossing.sent() + " there";
                case CODEC_ERROR -> "the filter chain " + chain + " takes it for plain HTTP";
                default -> "the filter chain " + chain + " wants mTLS, the sender speaks " + crossing.sent();
            };
            return with(crossing, Verdict.CONFLICT, why);
        }
        return switch (crossing.sent()) {
            case MTLS, HBONE -> with(crossing, Verdict.MTLS, "");
            case TLS -> with(crossing, Verdict.TLS, "");
            case PLAINTEXT -> with(crossing, Verdict.PLAINTEXT, "the other side takes plain text");
            case UNKNOWN -> crossing;
        };
    }

    private static Crossing with(Crossing crossing, Verdict verdict, String because) {
        return new Crossing(crossing.address(), crossing.share(), crossing.sent(), verdict, because);
    }

    // ---------------------------------------------------------------- from a cluster to hosts

    private List<Hop> hosts(
            Resource pod, Tracer tracer, Trace trace, Upstream upstream, List<String> notes, int depth) {
        Cluster cluster = upstream.cluster().orElse(null);
        if (cluster == null) {
            return List.of(outside(
                    upstream.name(),
                    Sent.UNKNOWN,
                    upstream.share(),
                    false,
                    "is a cluster that this proxy does not have"));
        }
        HttpRequest request = trace.request();
        boolean inbound = cluster.direction() == TrafficDirection.INBOUND
                || upstream.name().startsWith("InboundPassthrough");
        if (inbound && !upstream.name().startsWith("inbound-vip")) {
            int port = cluster.port() > 0
                    ? cluster.port()
                    : request.destination().map(Addresses::port).orElse(0);
            return List.of(application(pod, port, upstream.share()));
        }
        if (cluster.type().equals("ORIGINAL_DST")) {
            return List.of(originalDestination(pod, tracer, trace, upstream, depth));
        }
        if (upstream.availability().isEmpty()) {
            String to = cluster.host().isEmpty() ? upstream.name() : cluster.host() + ":" + cluster.port();
            return List.of(outside(
                    to,
                    sent(cluster.tls()),
                    upstream.share(),
                    true,
                    "is found by name; it is not of this mesh's pods"));
        }
        List<Hop> hops = new ArrayList<>();
        Map<String, List<Endpoint>> groups = alike(upstream);
        int all = groups.values().stream().mapToInt(List::size).sum();
        groups.forEach((kind, some) -> {
            if (hops.size() >= WIDEST) {
                notes.add(some.size() + " more hosts of another kind were not looked at");
                return;
            }
            if (some.size() > 1) {
                notes.add(some.get(0).target() + " stands for " + some.size() + " hosts of " + upstream.name()
                        + " that are alike");
            }
            double share = upstream.share() * some.size() / all;
            hops.add(host(pod, trace, upstream, some.get(0), share, depth));
        });
        return hops;
    }

    /** The hosts that get requests, in groups that are reached alike and whose pods are of one workload. */
    private Map<String, List<Endpoint>> alike(Upstream upstream) {
        Map<String, List<Endpoint>> groups = new LinkedHashMap<>();
        for (Endpoint endpoint : upstream.candidates()) {
            Resource pod = directory.podAt(address(endpoint)).orElse(null);
            String kind = upstream.tlsFor(endpoint).map(UpstreamTls::name).orElse("")
                    + '/'
                    + endpoint.isTunnelled()
                    + '/'
                    + endpoint.isNetworkGateway()
                    + '/'
                    + (pod == null ? "?" : workload(pod));
            groups.computeIfAbsent(kind, any -> new ArrayList<>()).add(endpoint);
        }
        return groups;
    }

    private static String workload(Resource pod) {
        return pod.namespace()
                + '/'
                + pod.label("pod-template-hash")
                        .map(hash -> pod.raw()
                                .at("metadata", "ownerReferences")
                                .at(0)
                                .at("name")
                                .text(hash))
                        .orElse(pod.name())
                + '/'
                + Pods.hasProxy(pod)
                + '/'
                + Pods.isAmbient(pod);
    }

    /** The address of a host, be it behind a listener inside the proxy. */
    private static String target(Endpoint endpoint) {
        return endpoint.waypoint().or(endpoint::tunnelTarget).orElse(endpoint.target());
    }

    private static String address(Endpoint endpoint) {
        return Addresses.host(target(endpoint));
    }

    private Hop host(Resource client, Trace trace, Upstream upstream, Endpoint endpoint, double share, int depth) {
        UpstreamTls tls = upstream.tlsFor(endpoint).orElse(null);
        boolean tunnel = endpoint.isTunnelled() || (tls != null && tls.isTunnel());
        Sent sent = tunnel ? Sent.HBONE : tls == null ? Sent.PLAINTEXT : sent(tls);
        String target = target(endpoint);
        Crossing crossing = new Crossing(target, share, sent, Verdict.UNKNOWN, "");
        if (endpoint.isNetworkGateway()) {
            return outside(
                    target,
                    sent,
                    share,
                    true,
                    "is the gateway of another network; what is behind it was not looked at");
        }
        Optional<Resource> pod = directory.podAt(Addresses.host(target));
        if (pod.isEmpty()) {
            return outside(
                    target,
                    sent,
                    share,
                    true,
                    directory.knowsPods()
                            ? "is no pod of this cluster"
                            : "may be a pod; the pods of the mesh could not be listed");
        }
        String inner = endpoint.tunnelTarget().orElse(target);
        return at(pod.get(), next(client, trace, upstream, tls, sent, inner), crossing, upstream, depth + 1);
    }

    /** The request as the next proxy receives it. */
    private HttpRequest next(
            Resource client, Trace trace, Upstream upstream, @Nullable UpstreamTls tls, Sent sent, String target) {
        HttpRequest request = trace.request();
        boolean bytes = trace.kind() == Kind.TCP;
        String ip = Pods.ip(client);
        HttpRequest next = request.withTls(bytes ? request.tls().orElse(null) : null)
                .to(target)
                .from(ip.isEmpty() ? request.source().orElse("") : Addresses.target(ip, 0));
        if (!bytes) {
            next = next.path(trace.upstreamPath().orElse(request.path()))
                    .authority(trace.upstreamAuthority().or(request::authority).orElse(null))
                    .withHeaders(headers(trace))
                    .protocol(protocol(request, upstream));
        }
        return switch (sent) {
            case MTLS ->
                next.tls(new HttpRequest.Tls(
                        tls == null ? "" : tls.sni(),
                        trace.offersIstioProtocols()
                                ? HttpRequest.meshProtocols(next.protocol())
                                : tls == null
                                        ? HttpRequest.meshProtocols(HttpRequest.Protocol.TCP)
                                        : tls.alpnProtocols(),
                        directory.identity(client)));
            case TLS ->
                next.tls(new HttpRequest.Tls(
                        tls == null ? "" : tls.sni(), tls == null ? List.of() : tls.alpnProtocols(), ""));
            case HBONE -> next.throughTunnel(directory.identity(client));
            case PLAINTEXT, UNKNOWN -> next;
        };
    }

    private static HttpRequest.Protocol protocol(HttpRequest request, Upstream upstream) {
        UpstreamHttpVersion version =
                upstream.cluster().map(cluster -> cluster.http().version()).orElse(UpstreamHttpVersion.DOWNSTREAM);
        return switch (version) {
            case HTTP_2 -> HttpRequest.Protocol.HTTP_2;
            case HTTP_1 -> HttpRequest.Protocol.HTTP_1_1;
            default ->
                request.protocol() == HttpRequest.Protocol.HTTP_1_0
                        ? HttpRequest.Protocol.HTTP_1_1
                        : request.protocol();
        };
    }

    /** The headers as routes change them; values that only the proxy can work out are left as they are written. */
    private static List<Map.Entry<String, String>> headers(Trace trace) {
        HeaderChanges changes = trace.upstreamHeaders();
        List<Map.Entry<String, String>> headers =
                new ArrayList<>(trace.request().headers());
        for (String removed : changes.removed()) {
            headers.removeIf(header -> header.getKey().equalsIgnoreCase(removed));
        }
        for (HeaderChanges.Added added : changes.added()) {
            boolean there = headers.stream().anyMatch(header -> header.getKey().equalsIgnoreCase(added.name()));
            switch (added.action()) {
                case ADD_IF_ABSENT -> {
                    if (there) {
                        continue;
                    }
                }
                case OVERWRITE -> headers.removeIf(header -> header.getKey().equalsIgnoreCase(added.name()));
                case OVERWRITE_IF_EXISTS -> {
                    if (!there) {
                        continue;
                    }
                    headers.removeIf(header -> header.getKey().equalsIgnoreCase(added.name()));
                }
                case APPEND -> {}
            }
            headers.add(Map.entry(added.name(), added.value()));
        }
        return headers;
    }

    private static Sent sent(UpstreamTls tls) {
        if (tls.isTunnel()) {
            return Sent.HBONE;
        }
        return switch (tls.mode()) {
            case ISTIO_MUTUAL -> Sent.MTLS;
            case MUTUAL, TLS -> Sent.TLS;
            case PLAINTEXT -> Sent.PLAINTEXT;
        };
    }

    /** The pod at the other end of a connection: its proxy, ztunnel, or the application itself. */
    private Hop at(Resource pod, HttpRequest request, Crossing crossing, @Nullable Upstream sender, int depth) {
        if (Pods.hasEnvoy(pod)) {
            return envoy(role(pod, false), pod, request, crossing, sender, depth);
        }
        if (Pods.isAmbient(pod)) {
            return ztunnel(pod, request, crossing);
        }
        boolean conflict = crossing.sent() == Sent.MTLS || crossing.sent() == Sent.HBONE;
        Crossing judged = conflict
                ? with(
                        crossing,
                        Verdict.CONFLICT,
                        "the pod has no proxy: the application gets a handshake that it does not understand")
                : with(crossing, crossing.sent() == Sent.TLS ? Verdict.TLS : Verdict.PLAINTEXT, "the pod has no proxy");
        return new Hop(
                Role.APPLICATION,
                name(pod) + " port " + Addresses.port(crossing.address()),
                pod.ref(),
                judged,
                null,
                !conflict,
                conflict
                        ? "is sent " + crossing.sent() + ", and the pod has no proxy that understands it"
                        : receives(pod),
                conflict && sender != null ? clusterSource(sender) : List.of(),
                readiness(pod),
                List.of());
    }

    private static String receives(Resource pod) {
        return Pods.isReady(pod) ? "receives the request" : "is to receive the request, but the pod is not ready";
    }

    private static List<String> readiness(Resource pod) {
        return Pods.isReady(pod) ? List.of() : List.of("pod " + name(pod) + " is not ready (" + Pods.phase(pod) + ")");
    }

    /** The application behind a proxy. */
    private static Hop application(Resource pod, int port, double share) {
        return new Hop(
                Role.APPLICATION,
                name(pod) + " port " + port,
                pod.ref(),
                new Crossing("", share, Sent.PLAINTEXT, Verdict.PLAINTEXT, "within the pod"),
                null,
                true,
                receives(pod),
                List.of(),
                readiness(pod),
                List.of());
    }

    private static Hop outside(String name, Sent sent, double share, boolean served, String because) {
        return new Hop(
                Role.EXTERNAL,
                name,
                null,
                new Crossing(name, share, sent, Verdict.UNKNOWN, ""),
                null,
                served,
                because,
                List.of(),
                List.of(),
                List.of());
    }

    /** Where the client's own destination counts: PassthroughCluster, headless services, waypoints' tunnels. */
    private Hop originalDestination(Resource client, Tracer tracer, Trace trace, Upstream upstream, int depth) {
        String target = trace.request()
                .destination()
                .or(() -> tracer.destination(trace.request()))
                .orElse("");
        Cluster cluster = java.util.Objects.requireNonNull(upstream.cluster().orElse(null));
        UpstreamTls tls = cluster.tls();
        Sent sent = sent(tls);
        Optional<Resource> pod = directory.podAt(Addresses.host(target));
        if (pod.isPresent()) {
            Crossing crossing = new Crossing(target, upstream.share(), sent, Verdict.UNKNOWN, "");
            return at(pod.get(), next(client, trace, upstream, tls, sent, target), crossing, upstream, depth + 1);
        }
        return outside(
                target.isEmpty() ? trace.request().authority().orElse("?") : target,
                sent,
                upstream.share(),
                true,
                "is where the client's own destination leads (" + upstream.name() + ")");
    }

    // ---------------------------------------------------------------- without an Envoy

    /** A client without a proxy of its own: in ambient mode, or outside the mesh. */
    private Hop bare(Resource pod, HttpRequest request) {
        boolean ambient = Pods.isAmbient(pod);
        Role role = ambient ? Role.ZTUNNEL : Role.APPLICATION_CLIENT;
        MeshDirectory.Destination to = directory.resolve(pod.namespace(), request);
        List<String> notes = new ArrayList<>(to.notes());
        List<Hop> next = new ArrayList<>();
        Optional<Resource> waypoint = ambient ? to.waypoint() : Optional.empty();
        String identity = directory.identity(pod);
        if (waypoint.isPresent()) {
            Crossing crossing = new Crossing(
                    Addresses.target(Pods.ip(waypoint.get()), 15008), 100, Sent.HBONE, Verdict.UNKNOWN, "");
            HttpRequest inner = request.to(to.address()).throughTunnel(identity);
            next.add(at(waypoint.get(), inner, crossing, null, 1));
        } else {
            Set<String> kinds = new LinkedHashSet<>();
            List<Resource> pods = to.pods();
            List<Resource> first = pods.stream()
                    .filter(one -> kinds.add(workload(one)))
                    .limit(WIDEST)
                    .toList();
            for (Resource one : first) {
                boolean tunnel = ambient && (Pods.isAmbient(one) || directory.takesTunnels(one));
                String target = Addresses.target(Pods.ip(one), to.port(one));
                Crossing crossing = new Crossing(
                        target, 100.0 / first.size(), tunnel ? Sent.HBONE : Sent.PLAINTEXT, Verdict.UNKNOWN, "");
                HttpRequest inner = request.to(target);
                next.add(at(one, tunnel ? inner.throughTunnel(identity) : inner, crossing, null, 1));
            }
        }
        boolean unknown = next.isEmpty() && !to.isService();
        String because = !next.isEmpty()
                ? "sends to " + to.name() + (waypoint.isPresent() ? ", through its waypoint" : "")
                : unknown ? "leaves the mesh to " + to.name() : "finds no ready pod of " + to.name();
        return new Hop(role, name(pod), pod.ref(), null, null, unknown, because, List.of(), notes, next);
    }

    /** The node's ztunnel at the server: what it is meant to let through, as its own configuration is not read here. */
    private Hop ztunnel(Resource pod, HttpRequest request, Crossing crossing) {
        int port = request.destination().map(Addresses::port).orElse(0);
        Optional<Resource> strict = crossing.sent() == Sent.PLAINTEXT ? directory.strict(pod, port) : Optional.empty();
        List<String> notes = List.of("ztunnel's own configuration was not read: this is what is meant");
        if (strict.isPresent() || (crossing.sent() != Sent.HBONE && crossing.sent() != Sent.PLAINTEXT)) {
            String why = strict.isPresent()
                    ? "mTLS is STRICT there, the sender speaks plain text"
                    : "ztunnel takes HBONE or plain text, not " + crossing.sent();
            return new Hop(
                    Role.ZTUNNEL,
                    name(pod),
                    pod.ref(),
                    with(crossing, Verdict.CONFLICT, why),
                    null,
                    false,
                    "refuses the connection: " + why,
                    strict.map(policy -> List.of(source(policy, "mTLS of the server")))
                            .orElse(List.of()),
                    notes,
                    List.of());
        }
        Crossing judged = with(crossing, crossing.sent() == Sent.HBONE ? Verdict.MTLS : Verdict.PLAINTEXT, "");
        AuthorizationDecision decision = directory.authorize(pod, request);
        if (decision.result() == AuthorizationDecision.Result.DENIED) {
            return new Hop(
                    Role.ZTUNNEL,
                    name(pod),
                    pod.ref(),
                    judged,
                    null,
                    false,
                    "refuses the connection: " + decision.because(),
                    authorization(decision),
                    notes,
                    List.of());
        }
        Hop application = application(pod, port, crossing.share());
        return new Hop(
                Role.ZTUNNEL,
                name(pod),
                pod.ref(),
                judged,
                null,
                false,
                "lets it through",
                List.of(),
                notes,
                List.of(application));
    }

    // ---------------------------------------------------------------- whose configuration

    private Hop.Source source(Resource resource, String decides) {
        return new Hop.Source(resource.ref(), decides, resource.origin());
    }

    private Hop.Source source(ResourceRef ref, String decides) {
        return new Hop.Source(ref, decides, directory.origin(ref));
    }

    /**
     * The HTTPRoute behind a VirtualService that istiod made of it; routes keep its name: {@code namespace.name.rule}. Source:
     * istio/istio, {@code pilot/pkg/config/kube/gateway/conversion.go}.
     */
    private static ResourceRef written(ResourceRef ref, String route) {
        int first = route.indexOf('.');
        int last = route.lastIndexOf('.');
        boolean made = ref.name().contains("~") || ref.name().endsWith("istio-autogenerated-k8s-gateway");
        return made && first > 0 && last > first
                ? ResourceRef.of("HTTPRoute", route.substring(0, first), route.substring(first + 1, last))
                : ref;
    }

    private List<Hop.Source> sources(Trace trace) {
        List<Hop.Source> sources = new ArrayList<>();
        trace.configuredBy()
                .ifPresent(ref -> sources.add(source(written(ref, trace.route().orElse("")), "route")));
        trace.upstreams().forEach(upstream -> sources.addAll(clusterSource(upstream)));
        trace.authorization()
                .flatMap(AuthorizationDecision::configuredBy)
                .ifPresent(ref -> sources.add(source(ref, "authorization")));
        return sources;
    }

    private List<Hop.Source> authorization(AuthorizationDecision decision) {
        List<ResourceRef> policies = new ArrayList<>();
        decision.configuredBy().ifPresent(policies::add);
        policies.addAll(decision.unmatched());
        return policies.stream().map(ref -> source(ref, "authorization")).toList();
    }

    private List<Hop.Source> clusterSource(Upstream upstream) {
        return upstream.configuredBy()
                .map(ref -> List.of(source(ref, "cluster " + upstream.name())))
                .orElse(List.of());
    }

    /** What ends the request first, then the rest. */
    private List<Hop.Source> blame(Trace trace, @Nullable Upstream sender, Resource pod, HttpRequest request) {
        Set<Hop.Source> sources = new LinkedHashSet<>();
        if (sender != null) {
            // The two sides do not agree: what is set for the client, then what the server accepts.
            sources.addAll(clusterSource(sender));
            int port = request.destination().map(Addresses::port).orElse(0);
            directory.strict(pod, port).ifPresent(policy -> sources.add(source(policy, "mTLS of the server")));
        }
        if (trace.kind() == Kind.DENIED) {
            sources.addAll(trace.authorization().map(this::authorization).orElse(List.of()));
            if (trace.responseCodeDetails().orElse("").startsWith("jwt_authn")) {
                directory.authentications(pod).forEach(one -> sources.add(source(one, "authentication")));
            }
            return List.copyOf(sources);
        }
        if (trace.kind() == Kind.NO_HEALTHY_UPSTREAM) {
            // Hosts come from the service's pods; a rule only says which of them.
            trace.upstreams().stream()
                    .flatMap(upstream -> upstream.cluster().stream())
                    .flatMap(cluster -> cluster.services().stream())
                    .forEach(service -> sources.add(
                            source(ResourceRef.of("Service", service.namespace(), service.name()), "hosts")));
        }
        if (trace.kind() == Kind.NO_ROUTE || trace.kind() == Kind.NO_VIRTUAL_HOST) {
            trace.nearMisses().stream()
                    .flatMap(miss -> miss.resource().stream())
                    .limit(1)
                    .forEach(ref -> sources.add(source(ref, "nearest route")));
        }
        sources.addAll(sources(trace));
        return List.copyOf(sources);
    }
}
