package dev.meshdx.traffic;

import dev.meshdx.configuration.AuthorizationPolicy;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.configuration.RequestAuthentication;
import dev.meshdx.configuration.Service;
import dev.meshdx.configuration.ServicePort;
import dev.meshdx.configuration.internal.ConfigurationLoader;
import dev.meshdx.configuration.internal.LoadOptions;
import dev.meshdx.configuration.internal.PeerAuthentications;
import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.configuration.internal.RequestAuthentications;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.configuration.internal.Waypoints;
import dev.meshdx.error.MeshException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Origin;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.internal.Addresses;
import dev.meshdx.traffic.internal.Connection;
import dev.meshdx.traffic.internal.Headers;
import dev.meshdx.traffic.internal.Hostnames;
import dev.meshdx.traffic.internal.Lazy;
import dev.meshdx.traffic.internal.Regexes;
import dev.meshdx.traffic.internal.RoutedRequest;
import dev.meshdx.traffic.internal.rbac.Call;
import dev.meshdx.traffic.internal.rbac.PolicyFilters;
import dev.meshdx.traffic.internal.rbac.RbacFilters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a walk through the mesh looks up in the cluster: whose an address is, and what is meant where no proxy can be asked. */
final class MeshDirectory {
    /** The kinds that it reads beside pods, when it needs them. */
    static final Set<ResourceKind> INPUTS = Set.of(
            ResourceKind.SERVICE,
            ResourceKind.NAMESPACE,
            ResourceKind.KUBERNETES_GATEWAY,
            ResourceKind.GATEWAY_CLASS,
            ResourceKind.PEER_AUTHENTICATION,
            ResourceKind.AUTHORIZATION_POLICY,
            ResourceKind.REQUEST_AUTHENTICATION);

    private final Session session;
    private final Map<String, Resource> byAddress = new HashMap<>();
    private final List<Resource> pods = new ArrayList<>();
    private final boolean knowsPods;
    private final Lazy<Configuration> configuration;

    MeshDirectory(Session session) {
        this.session = session;
        boolean read = true;
        try {
            pods.addAll(session.resources(ResourceKind.POD));
        } catch (MeshException e) {
            session.gap("pods of the mesh", null, e);
            read = false;
        }
        for (Resource pod : pods) {
            boolean own = !pod.spec().at("hostNetwork").bool(false) && Pods.isRunning(pod);
            if (own) {
                pod.status()
                        .at("podIPs")
                        .items()
                        .forEach(ip -> byAddress.putIfAbsent(ip.at("ip").text(""), pod));
                byAddress.putIfAbsent(Pods.ip(pod), pod);
            }
        }
        this.knowsPods = read;
        this.configuration =
                new Lazy<>(() -> new ConfigurationLoader(session, Scope.MESH, LoadOptions.DEFAULT).load(INPUTS));
    }

    /** Whether all pods were listed. */
    boolean knowsPods() {
        return knowsPods;
    }

    Optional<Resource> pod(String namespace, String name) {
        Optional<Resource> listed = pods.stream()
                .filter(pod -> pod.namespace().equals(namespace) && pod.name().equals(name))
                .findFirst();
        return listed.isPresent() ? listed : session.resource(ResourceKind.POD, namespace, name);
    }

    Optional<Resource> podAt(String address) {
        return address.isEmpty() ? Optional.empty() : Optional.ofNullable(byAddress.get(address));
    }

    /** The identity that a workload's certificate shows. Source: Istio, "Security": SPIFFE IDs. */
    String identity(Resource pod) {
        return "spiffe://" + configuration.get().mesh().trustDomain() + "/ns/" + pod.namespace() + "/sa/"
                + Pods.serviceAccount(pod);
    }

    /** Where a resource was read from; a list of its kind, once. */
    Origin origin(ResourceRef ref) {
        return ResourceKind.known().stream()
                .filter(kind -> kind.kind().equals(ref.kind()))
                .findFirst()
                .flatMap(kind -> {
                    try {
                        return session.resource(kind, ref.namespace(), ref.name());
                    } catch (MeshException e) {
                        return Optional.empty();
                    }
                })
                .map(Resource::origin)
                .orElse(Origin.NONE);
    }

    // ---------------------------------------------------------------- what is meant

    /** The PeerAuthentication by which a port of a pod takes mTLS only; empty where it takes plain text too. */
    Optional<Resource> strict(Resource pod, int port) {
        PeerAuthentications.Decision decision =
                PeerAuthentications.of(configuration.get()).of(pod.namespace(), pod.labels(), port);
        return decision.mode() == MtlsMode.STRICT ? Optional.ofNullable(decision.policy()) : Optional.empty();
    }

    /** What the policies say of a connection to a pod, as far as connections go. */
    AuthorizationDecision authorize(Resource pod, HttpRequest request) {
        PolicyFilters.Result meant = PolicyFilters.tcp(configuration.get(), PolicyTarget.of(pod));
        String source = request.source().map(Addresses::host).orElse("");
        Connection connection = new Connection(
                request.destination().map(Addresses::host).orElse(""),
                request.destination().map(Addresses::port).orElse(0),
                source,
                0,
                source,
                "raw_buffer",
                List.of(),
                "");
        String identity = request.tunnel().orElse("");
        Call call = new Call(
                connection,
                new RoutedRequest(new Headers(List.of(), false), false, Json.MISSING),
                !identity.isEmpty(),
                identity,
                source);
        AuthorizationDecision decision =
                RbacFilters.of(meant.configs(), new Regexes()).decide(call).decision();
        boolean byNone = decision.result() == AuthorizationDecision.Result.DENIED
                && decision.policy().isEmpty();
        // Of policies whose rules do not count at ztunnel no rule has a name.
        return byNone
                ? decision.unmatched(meant.filters().stream()
                        .filter(filter -> filter.action() == AuthorizationPolicy.Action.ALLOW)
                        .flatMap(filter -> filter.policies().stream())
                        .map(policy -> "ns[" + policy.resource().namespace() + "]-policy["
                                + policy.resource().name() + "]-rule[]")
                        .toList())
                : decision;
    }

    /** The RequestAuthentications that are for a pod. */
    List<Resource> authentications(Resource pod) {
        return RequestAuthentications.of(configuration.get(), PolicyTarget.of(pod)).stream()
                .map(RequestAuthentication::resource)
                .toList();
    }

    /** Whether a pod's sidecar takes HBONE. Source: Istio, {@code ENABLE_HBONE} in the proxy's metadata. */
    boolean takesTunnels(Resource pod) {
        return Pods.containers(pod).stream()
                .filter(container -> container.at("name").text("").equals(Pods.PROXY_CONTAINER))
                .flatMap(container -> container.at("env").items().stream())
                .anyMatch(variable -> variable.at("name").text("").equals("ISTIO_META_ENABLE_HBONE")
                        && variable.at("value").text("").equals("true"));
    }

    // ---------------------------------------------------------------- name resolution without a proxy

    /**
     * Where a client without an Envoy sends a request.
     *
     * @param name what it is, for people
     * @param address {@code IP:port} that is connected to
     * @param service the service; null where it is none
     */
    record Destination(
            String name,
            String address,
            @org.jspecify.annotations.Nullable Service service,
            int servicePort,
            List<Resource> pods,
            Optional<Resource> waypoint,
            List<String> notes) {
        boolean isService() {
            return service != null;
        }

        /** The port of a pod to which the service's port leads. */
        int port(Resource pod) {
            if (service == null) {
                return servicePort;
            }
            for (ServicePort port : service.ports()) {
                if (port.number() == servicePort) {
                    return target(port, pod);
                }
            }
            return servicePort;
        }

        private static int target(ServicePort port, Resource pod) {
            String target = port.targetPort();
            if (target.isEmpty()) {
                return port.number();
            }
            if (target.chars().allMatch(Character::isDigit)) {
                return Integer.parseInt(target);
            }
            for (Json container : Pods.containers(pod)) {
                for (Json declared : container.at("ports").items()) {
                    if (declared.at("name").text("").equals(target)) {
                        return (int) declared.at("containerPort").number(port.number());
                    }
                }
            }
            return port.number();
        }
    }

    Destination resolve(String namespace, HttpRequest request) {
        String authority = request.authority().orElse("");
        int colon = Hostnames.portStart(authority);
        String host = colon < 0 ? authority : authority.substring(0, colon);
        int port = colon < 0 ? (request.tls().isPresent() ? 443 : 80) : Addresses.port(authority);
        String address = request.destination().map(Addresses::host).orElse(host);
        port = request.destination().map(Addresses::port).orElse(port);
        Optional<Resource> direct = podAt(address);
        if (direct.isPresent()) {
            return new Destination(
                    "pod " + direct.get().namespace() + "/" + direct.get().name(),
                    Addresses.target(address, port),
                    null,
                    port,
                    List.of(direct.get()),
                    Optional.empty(),
                    List.of());
        }
        String qualified = ServiceRegistry.resolve(configuration.get(), namespace, host);
        for (Resource resource : configuration.get().all(ResourceKind.SERVICE)) {
            Service service = new Service(resource);
            String clusterIp = resource.spec().at("clusterIP").text("");
            if (service.host().equals(qualified) || (!address.isEmpty() && clusterIp.equals(address))) {
                return ofService(service, clusterIp, port);
            }
        }
        return new Destination(
                host.isEmpty() ? address : host,
                Addresses.target(address, port),
                null,
                port,
                List.of(),
                Optional.empty(),
                List.of());
    }

    private Destination ofService(Service service, String clusterIp, int port) {
        Resource resource = service.resource();
        List<String> notes = new ArrayList<>();
        if (service.ports().stream().noneMatch(one -> one.number() == port)) {
            notes.add("Service " + resource.namespace() + "/" + resource.name() + " has no port " + port);
        }
        List<Resource> ready = pods.stream()
                .filter(pod -> pod.namespace().equals(resource.namespace())
                        && !service.selector().isEmpty())
                .filter(pod ->
                        pod.labels().entrySet().containsAll(service.selector().entrySet()))
                .filter(pod -> Pods.isRunning(pod) && Pods.isReady(pod))
                .toList();
        Optional<Resource> bound = Waypoints.of(configuration.get())
                .of(resource, resource.namespace())
                .found();
        Optional<Resource> waypoint = bound.flatMap(gateway -> pods.stream()
                .filter(pod -> pod.namespace().equals(gateway.namespace())
                        && pod.label("gateway.networking.k8s.io/gateway-name")
                                .orElse("")
                                .equals(gateway.name()))
                .filter(pod -> Pods.isRunning(pod) && Pods.isReady(pod))
                .findFirst());
        if (bound.isPresent() && waypoint.isEmpty()) {
            notes.add("its waypoint has no ready pod");
        }
        return new Destination(
                "Service " + resource.namespace() + "/" + resource.name(),
                Addresses.target(clusterIp, port),
                service,
                port,
                bound.isPresent() && waypoint.isEmpty() ? List.of() : ready,
                waypoint,
                notes);
    }
}
