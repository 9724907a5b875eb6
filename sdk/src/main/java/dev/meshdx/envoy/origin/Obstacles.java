package dev.meshdx.envoy.origin;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DestinationRules;
import dev.meshdx.configuration.internal.PeerAuthentications;
import dev.meshdx.configuration.internal.PortProtocol;
import dev.meshdx.configuration.internal.RoutesInForce;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.configuration.internal.Visibility;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.VirtualHost;
import dev.meshdx.envoy.origin.GeneratedObject.Link;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Selectors;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Why a resource became nothing on a proxy, or not all that it asks for. Asks the same indexes of the configuration that the
 * analysis uses, so that a question of precedence has one answer. Pure.
 */
final class Obstacles {
    private static final Set<ResourceKind> ROUTES =
            Set.of(ResourceKind.HTTP_ROUTE, ResourceKind.GRPC_ROUTE, ResourceKind.TLS_ROUTE, ResourceKind.TCP_ROUTE);

    private final Configuration configuration;
    private final ConfigDump dump;
    private final ProxyFacts proxy;
    private final Resource resource;
    private final ResourceRef ref;
    private final String owner;
    private final List<GeneratedObject> objects;
    private final List<Obstacle> found = new ArrayList<>();

    /** The ports of listeners that would hold what is missing. */
    private final Set<Integer> listening = new TreeSet<>();

    private Obstacles(
            Configuration configuration,
            ConfigDump dump,
            ProxyFacts proxy,
            Resource resource,
            List<GeneratedObject> objects) {
        this.configuration = configuration;
        this.dump = dump;
        this.proxy = proxy;
        this.resource = resource;
        this.ref = resource.ref();
        this.owner = configuration.namespaceOf(resource);
        this.objects = objects;
    }

    static List<Obstacle> of(
            Configuration configuration,
            ConfigDump dump,
            ProxyFacts proxy,
            Resource resource,
            List<GeneratedObject> objects) {
        Obstacles obstacles = new Obstacles(configuration, dump, proxy, resource, objects);
        obstacles.explain();
        return obstacles.found.stream().distinct().toList();
    }

    private boolean nothing() {
        return objects.stream().allMatch(object -> object.link() == Link.USE);
    }

    private void explain() {
        ResourceKind kind = resource.kind();
        if (kind.equals(ResourceKind.VIRTUAL_SERVICE)) {
            virtualService();
        } else if (kind.equals(ResourceKind.DESTINATION_RULE)) {
            destinationRule();
        } else if (kind.equals(ResourceKind.GATEWAY) || kind.equals(ResourceKind.KUBERNETES_GATEWAY)) {
            gateway();
        } else if (kind.equals(ResourceKind.SERVICE_ENTRY)) {
            serviceEntry();
        } else if (kind.equals(ResourceKind.SERVICE)) {
            hosts(List.of(Hosts.ofService(resource.name(), owner)), "port", PortProtocol::ofService);
        } else if (kind.equals(ResourceKind.SIDECAR)) {
            sidecar();
        } else if (kind.equals(ResourceKind.PEER_AUTHENTICATION)) {
            peerAuthentication();
        } else if (kind.equals(ResourceKind.AUTHORIZATION_POLICY) || kind.equals(ResourceKind.REQUEST_AUTHENTICATION)) {
            policy();
        } else if (ROUTES.contains(kind)) {
            kubernetesRoute();
        } else if (!kind.equals(ResourceKind.WORKLOAD_ENTRY)
                && !kind.equals(ResourceKind.WASM_PLUGIN)
                && !kind.equals(ResourceKind.TRAFFIC_EXTENSION)) {
            add(
                    Obstacle.Type.NOT_VISIBLE,
                    "What a " + kind.kind() + " changes cannot be told from the rest of a proxy's configuration: Istio"
                            + " leaves no mark of it there.",
                    "",
                    Json.MISSING);
            return;
        }
        state();
        if (nothing() && found.isEmpty()) {
            refused();
            stale();
        }
        if (nothing() && found.isEmpty()) {
            add(
                    Obstacle.Type.UNKNOWN,
                    "Nothing that is known stands in its way. Compare with what istiod would send: istioctl proxy-status "
                            + proxy.pod().name() + "." + proxy.namespace(),
                    "",
                    Json.MISSING);
        }
    }

    private void add(Obstacle.Type type, String message, String field, Json value) {
        add(type, message, ref, field, value);
    }

    private void add(Obstacle.Type type, String message, ResourceRef decides, String field, Json value) {
        String text = value.exists() ? value.text().orElseGet(value::toString) : "";
        found.add(new Obstacle(
                type, message, decides, field, text.length() > 300 ? text.substring(0, 297) + "..." : text));
    }

    private Json spec(String... path) {
        return resource.spec().at(path);
    }

    private String who() {
        return "the proxy of " + proxy.pod().qualifiedName();
    }

    // --- who sees it

    /** Whether the proxy's namespace is among those that it is offered to; says so where it is not. */
    private boolean exported() {
        Visibility visibility = Visibility.of(configuration);
        if (visibility.isExported(resource, owner, proxy.namespace())) {
            return true;
        }
        boolean service = resource.kind().equals(ResourceKind.SERVICE);
        Json own = service
                ? Json.of(resource.annotation("networking.istio.io/exportTo").orElse(""))
                : spec("exportTo");
        boolean written = service ? !own.text("").isEmpty() : own.size() > 0;
        add(
                Obstacle.Type.NOT_EXPORTED,
                ref + " is exported to " + String.join(", ", visibility.exportTo(resource)) + " only"
                        + (written ? "" : " (the mesh's default)") + ", and the proxy is in namespace "
                        + proxy.namespace() + ".",
                !written ? "" : service ? "metadata.annotations[networking.istio.io/exportTo]" : "spec.exportTo",
                own);
        return false;
    }

    /** Whether the Sidecar in force lets one of the hosts through; says so where it does not. */
    private boolean imported(List<String> hosts, String offeredBy) {
        if (!proxy.isSidecar()) {
            return true;
        }
        Visibility.Imports imports = Visibility.of(configuration).imports(proxy.namespace(), proxy.labels());
        if (hosts.isEmpty() || hosts.stream().anyMatch(host -> imports.include(host, offeredBy, proxy.namespace()))) {
            return true;
        }
        Resource sidecar = imports.sidecar().orElse(resource);
        add(
                Obstacle.Type.NOT_IMPORTED,
                sidecar.ref() + " decides what " + who() + " sees, and none of its egress hosts imports "
                        + String.join(", ", hosts) + " from namespace " + offeredBy + ".",
                sidecar.ref(),
                "spec.egress[].hosts",
                Json.array(imports.fields().stream().map(Field::text).toList()));
        return false;
    }

    private Optional<ServiceRegistry.Host> known(String host) {
        return ServiceRegistry.of(configuration).find(proxy.namespace(), List.of(), host);
    }

    private void unknown(String host, String field) {
        if (!ServiceRegistry.canTell(configuration, owner, host)) {
            return;
        }
        Optional<Resource> hidden = Stream.of(ResourceKind.SERVICE, ResourceKind.SERVICE_ENTRY)
                .flatMap(kind -> configuration.all(kind).stream())
                .filter(other -> offers(other, host))
                .findFirst();
        if (hidden.isPresent()) {
            add(
                    Obstacle.Type.NOT_EXPORTED,
                    hidden.get().ref() + " has host " + host + ", but is not exported to namespace " + proxy.namespace()
                            + ".",
                    hidden.get().ref(),
                    hidden.get().kind().equals(ResourceKind.SERVICE)
                            ? "metadata.annotations[networking.istio.io/exportTo]"
                            : "spec.exportTo",
                    Json.array(Visibility.of(configuration).exportTo(hidden.get())));
            return;
        }
        List<String> near = ServiceRegistry.of(configuration).near(configuration, owner, host);
        add(
                Obstacle.Type.HOST_UNKNOWN,
                "There is neither a Service nor a ServiceEntry for host " + host + " that " + who() + " can see"
                        + (near.isEmpty() ? "." : "; nearest: " + String.join(", ", near) + "."),
                field,
                Json.of(host));
    }

    private boolean offers(Resource other, String host) {
        return other.kind().equals(ResourceKind.SERVICE)
                ? Hosts.ofService(other.name(), configuration.namespaceOf(other))
                        .equals(host)
                : other.spec().at("hosts").texts().contains(host);
    }

    // --- VirtualService

    private void virtualService() {
        List<String> hosts = spec("hosts").texts();
        if (hosts.isEmpty()) {
            delegate();
            return;
        }
        if (!exported()) {
            return;
        }
        sources();
        if (proxy.isGateway()) {
            gatewayRoutes(hosts);
        } else if (proxy.isSidecar()) {
            meshRoutes(hosts);
        }
    }

    /** One that others refer to has no hosts, and its routes carry the name of the one that does. */
    private void delegate() {
        List<String> roots = configuration.all(ResourceKind.VIRTUAL_SERVICE).stream()
                .filter(other -> other.spec().at("http").items().stream()
                        .map(rule -> rule.at("delegate"))
                        .anyMatch(to -> to.at("name").text("").equals(resource.name())
                                && to.at("namespace")
                                        .text(configuration.namespaceOf(other))
                                        .equals(owner)))
                .map(other -> other.ref().toString())
                .toList();
        add(
                roots.isEmpty() ? Obstacle.Type.NOTHING_BOUND : Obstacle.Type.PART_OF_ANOTHER,
                ref + " has no hosts, so it is a part of others"
                        + (roots.isEmpty()
                                ? ", and no VirtualService delegates to it."
                                : ": its routes stand under the name of " + String.join(", ", roots) + "."),
                "spec.hosts",
                spec("hosts"));
    }

    /** Rules for clients of another namespace or with other labels are left out for this one. */
    private void sources() {
        for (String protocol : List.of("http", "tls", "tcp")) {
            List<Json> rules = spec(protocol).items();
            for (int i = 0; i < rules.size(); i++) {
                List<Json> matches = rules.get(i).at("match").items();
                if (!matches.isEmpty() && matches.stream().noneMatch(this::mayBeFrom)) {
                    Json first = matches.get(0);
                    boolean gateways = first.at("gateways").size() > 0
                            && !isHere(first.at("gateways").texts());
                    String field = gateways
                            ? "gateways"
                            : first.at("sourceNamespace").exists() ? "sourceNamespace" : "sourceLabels";
                    add(
                            gateways ? Obstacle.Type.OTHER_GATEWAY : Obstacle.Type.OTHER_SOURCE,
                            "spec." + protocol + "[" + i + "] of " + ref + " is not for " + who() + ": " + field
                                    + " is " + first.at(field) + ".",
                            "spec." + protocol + "[" + i + "].match[0]." + field,
                            first.at(field));
                }
            }
        }
    }

    private boolean mayBeFrom(Json match) {
        String from = match.at("sourceNamespace").text("");
        return (from.isEmpty() || from.equals(proxy.namespace()))
                && Selectors.matchesMap(match.at("sourceLabels").textMap(), proxy.labels())
                && (match.at("gateways").size() == 0
                        || isHere(match.at("gateways").texts()));
    }

    private boolean isHere(List<String> gateways) {
        return proxy.isSidecar()
                ? gateways.contains("mesh")
                : gateways.stream()
                        .map(name -> configuration.resolve(ResourceKind.GATEWAY, owner, name))
                        .flatMap(Optional::stream)
                        .anyMatch(gateway -> GatewayPorts.selects(gateway, configuration.namespaceOf(gateway), proxy));
    }

    private void meshRoutes(List<String> written) {
        List<String> gateways = spec("gateways").texts();
        if (!gateways.isEmpty() && !gateways.contains("mesh")) {
            add(
                    Obstacle.Type.OTHER_GATEWAY,
                    ref + " is bound to " + String.join(", ", gateways) + " only, and " + who()
                            + " is a sidecar: it follows VirtualServices without gateways, or with mesh among them.",
                    "spec.gateways",
                    spec("gateways"));
            return;
        }
        List<String> hosts =
                written.stream().map(host -> Hosts.qualify(host, owner)).toList();
        if (!imported(hosts, owner)) {
            return;
        }
        for (int i = 0; i < hosts.size(); i++) {
            String host = hosts.get(i);
            if (!host.startsWith("*")) {
                meshRoutes(host, "spec.hosts[" + i + "]");
            }
        }
    }

    private void meshRoutes(String host, String field) {
        RoutesInForce routes = RoutesInForce.of(configuration);
        Optional<Resource> decides = routes.of(host, proxy.namespace(), proxy.labels());
        if (decides.isPresent() && !decides.get().equals(resource)) {
            add(
                    Obstacle.Type.OVERRULED,
                    decides.get().ref() + " decides for host " + host + ": a sidecar follows one VirtualService a host,"
                            + " the nearest and then the oldest.",
                    decides.get().ref(),
                    "spec.hosts",
                    decides.get().spec().at("hosts"));
            return;
        }
        Optional<ServiceRegistry.Host> service = known(host);
        if (service.isEmpty()) {
            unknown(host, field);
            return;
        }
        Resource offers = service.get().resource();
        if (!imported(List.of(host), configuration.namespaceOf(offers))) {
            return;
        }
        boolean entry = offers.kind().equals(ResourceKind.SERVICE_ENTRY);
        List<Json> ports = offers.spec().at("ports").items();
        Set<Integer> numbers = new TreeSet<>();
        ports.forEach(
                port -> numbers.add((int) port.at(entry ? "number" : "port").number(0)));
        if (ports.isEmpty()) {
            add(
                    Obstacle.Type.NO_PORTS,
                    offers.ref() + " has no ports, so there are no routes to it.",
                    offers.ref(),
                    "spec.ports",
                    Json.MISSING);
            return;
        }
        if (isRouted(host, numbers)) {
            return;
        }
        listening.addAll(numbers);
        protocols(host, offers, ports, entry);
    }

    /** Whether something of it stands at one of the host's own ports, or in a listener. */
    private boolean isRouted(String host, Set<Integer> ports) {
        return objects.stream()
                .anyMatch(object -> object.type() == GeneratedObject.Type.FILTER_CHAIN
                        || (object.type() == GeneratedObject.Type.VIRTUAL_HOST
                                && ports.stream().anyMatch(port -> object.name().equals(host + ":" + port))));
    }

    private void protocols(String host, Resource offers, List<Json> ports, boolean entry) {
        boolean http = spec("http").size() > 0;
        boolean streams = spec("tcp").size() > 0 || spec("tls").size() > 0;
        List<String> texts = new ArrayList<>();
        boolean fits = false;
        for (Json port : ports) {
            PortProtocol protocol = entry ? PortProtocol.ofServiceEntry(port) : PortProtocol.ofService(port);
            fits |= (http && (protocol == PortProtocol.HTTP || protocol == PortProtocol.DETECTED))
                    || (streams && (protocol == PortProtocol.TCP || protocol == PortProtocol.DETECTED));
            texts.add(port.at(entry ? "number" : "port").number(0) + " " + protocol);
        }
        if (!fits) {
            add(
                    Obstacle.Type.PROTOCOL,
                    ref + " has " + (http ? "rules for HTTP" : streams ? "rules for connections" : "no rules")
                            + " only, and "
                            + offers.ref() + " of host " + host + " has no port of that protocol ("
                            + String.join(", ", texts) + ").",
                    offers.ref(),
                    "spec.ports",
                    offers.spec().at("ports"));
        }
    }

    private void gatewayRoutes(List<String> written) {
        List<String> gateways = spec("gateways").texts();
        if (gateways.stream().allMatch("mesh"::equals)) {
            add(
                    Obstacle.Type.OTHER_GATEWAY,
                    ref + " names no Gateway, so it holds for sidecars only, and " + who() + " is a gateway.",
                    "spec.gateways",
                    spec("gateways"));
            return;
        }
        Set<String> open = new LinkedHashSet<>(
                written.stream().map(host -> Hosts.qualify(host, owner)).toList());
        open.removeIf(host -> objects.stream()
                .anyMatch(object -> object.type() == GeneratedObject.Type.FILTER_CHAIN
                        || (object.view() instanceof VirtualHost virtual
                                && virtual.domains().stream()
                                        .anyMatch(
                                                domain -> Hosts.covers(domain, host) || Hosts.covers(host, domain)))));
        if (open.isEmpty()) {
            return;
        }
        List<Obstacle> candidates = new ArrayList<>();
        boolean bound = false;
        for (int i = 0; i < gateways.size(); i++) {
            if (!gateways.get(i).equals("mesh")) {
                Optional<Obstacle> obstacle = atGateway(gateways.get(i), "spec.gateways[" + i + "]", open);
                bound |= obstacle.isEmpty();
                obstacle.ifPresent(candidates::add);
            }
        }
        if (!bound) {
            found.addAll(candidates);
        }
    }

    /** Why a VirtualService has no routes at a Gateway; empty where it should have. */
    private Optional<Obstacle> atGateway(String name, String field, Set<String> hosts) {
        Optional<Resource> resolved = configuration.resolve(ResourceKind.GATEWAY, owner, name);
        if (resolved.isEmpty()) {
            if (!configuration.canResolve(ResourceKind.GATEWAY, owner, name)) {
                return Optional.empty();
            }
            List<String> near = configuration.near(
                    name.substring(name.indexOf('/') + 1),
                    configuration.all(ResourceKind.GATEWAY).stream()
                            .map(Resource::name)
                            .toList());
            return Optional.of(new Obstacle(
                    Obstacle.Type.GATEWAY_UNKNOWN,
                    ref + " is bound to Gateway " + (name.contains("/") ? name : owner + "/" + name)
                            + ", which does not exist"
                            + (near.isEmpty() ? "." : "; nearest: " + String.join(", ", near) + "."),
                    ref,
                    field,
                    name));
        }
        Resource gateway = resolved.get();
        String namespace = configuration.namespaceOf(gateway);
        if (!GatewayPorts.selects(gateway, namespace, proxy)) {
            return Optional.of(new Obstacle(
                    Obstacle.Type.NOT_SELECTED,
                    gateway.ref() + ", to which " + ref + " is bound, selects pods with "
                            + Configuration.text(GatewayPorts.selector(gateway)) + ", which "
                            + proxy.pod().qualifiedName() + " has not.",
                    gateway.ref(),
                    "spec.selector",
                    Configuration.text(GatewayPorts.selector(gateway))));
        }
        boolean http = spec("http").size() > 0;
        List<GatewayPorts.Server> servers = GatewayPorts.of(gateway, namespace);
        List<GatewayPorts.Server> serving = new ArrayList<>();
        List<Json> written = gateway.spec().at("servers").items();
        for (int i = 0; i < servers.size(); i++) {
            List<String> allowed = written.get(i).at("hosts").texts().stream()
                    .filter(host -> isAllowed(host, namespace))
                    .map(host -> host.substring(host.indexOf('/') + 1))
                    .toList();
            if (hosts.stream()
                    .anyMatch(host ->
                            allowed.stream().anyMatch(own -> Hosts.covers(own, host) || Hosts.covers(host, own)))) {
                serving.add(servers.get(i));
            }
        }
        if (serving.isEmpty()) {
            List<String> served = written.stream()
                    .flatMap(server -> server.at("hosts").texts().stream())
                    .distinct()
                    .toList();
            return Optional.of(new Obstacle(
                    Obstacle.Type.HOST_NOT_SERVED,
                    "No server of " + gateway.ref() + " takes " + String.join(", ", hosts) + " of namespace " + owner
                            + "; they take " + String.join(", ", served) + ".",
                    gateway.ref(),
                    "spec.servers[].hosts",
                    String.join(", ", served)));
        }
        if (http
                && serving.stream().noneMatch(GatewayPorts.Server::isHttp)
                && spec("tls").size() + spec("tcp").size() == 0) {
            GatewayPorts.Server server = serving.get(0);
            return Optional.of(new Obstacle(
                    Obstacle.Type.PROTOCOL,
                    ref + " has rules for HTTP only, and " + gateway.ref() + " takes its hosts on port " + server.port()
                            + " as " + server.protocol() + (server.passesThrough() ? " without ending TLS" : "")
                            + ", where there are no requests to be seen.",
                    gateway.ref(),
                    server.path() + ".port.protocol",
                    server.protocol()));
        }
        serving.forEach(server -> listening.addAll(GatewayPorts.listening(configuration, proxy, server.port())));
        return Optional.empty();
    }

    private boolean isAllowed(String host, String gatewayNamespace) {
        int slash = host.indexOf('/');
        if (slash < 0) {
            return true;
        }
        String namespace = host.substring(0, slash);
        return namespace.equals("*")
                || namespace.equals(owner)
                || (namespace.equals(".") && gatewayNamespace.equals(owner));
    }

    // --- DestinationRule

    private void destinationRule() {
        String host = Hosts.qualify(spec("host").text(""), owner);
        if (!exported()) {
            return;
        }
        Map<String, String> selector = spec("workloadSelector", "matchLabels").textMap();
        if (!selector.isEmpty()) {
            if (!proxy.namespace().equals(owner)) {
                add(
                        Obstacle.Type.OTHER_NAMESPACE,
                        ref + " has a workloadSelector, so it holds for clients of its own namespace " + owner
                                + " only, and the proxy is in " + proxy.namespace() + ".",
                        "spec.workloadSelector",
                        spec("workloadSelector"));
                return;
            }
            if (!selected(selector, "spec.workloadSelector.matchLabels")) {
                return;
            }
        }
        List<ServiceRegistry.Host> targets = targets(host);
        if (targets.isEmpty()) {
            unknown(host, "spec.host");
            return;
        }
        DestinationRules rules = DestinationRules.of(configuration);
        boolean decidesSomewhere = false;
        Optional<Obstacle> overruled = Optional.empty();
        for (ServiceRegistry.Host target : targets) {
            Optional<DestinationRules.Merged> merged = rules.of(
                    proxy.namespace(), proxy.labels(), target.host(), configuration.namespaceOf(target.resource()));
            boolean decides = merged.isPresent() && merged.get().rules().contains(resource);
            decidesSomewhere |= decides;
            if (merged.isPresent() && overruled.isEmpty()) {
                Resource first = merged.get().rules().get(0);
                if (decides && !first.equals(resource)) {
                    overruled = Optional.of(new Obstacle(
                            Obstacle.Type.PART_OF_ANOTHER,
                            ref + " and " + first.ref()
                                    + " are for the same host and are merged; the clusters carry the"
                                    + " name of the oldest of them, " + first.ref() + ".",
                            first.ref(),
                            "spec.host",
                            first.spec().at("host").text("")));
                } else if (!decides) {
                    overruled = Optional.of(new Obstacle(
                            Obstacle.Type.OVERRULED,
                            first.ref() + " decides for host " + target.host() + ": first come rules of the client's"
                                    + " namespace, then of the service's, then of the root namespace, and in each the"
                                    + " most specific host.",
                            first.ref(),
                            "spec.host",
                            first.spec().at("host").text("")));
                }
            }
        }
        if (nothing() && overruled.isPresent()) {
            found.add(overruled.get());
            return;
        }
        if (!decidesSomewhere && nothing()) {
            String services = targets.stream()
                    .map(target -> configuration.namespaceOf(target.resource()))
                    .findFirst()
                    .orElse("");
            add(
                    Obstacle.Type.OTHER_NAMESPACE,
                    ref + " is in namespace " + owner + ", and " + who() + " looks in its own (" + proxy.namespace()
                            + "), the service's (" + services + ") and the root namespace ("
                            + configuration.mesh().rootNamespace() + ") only.",
                    "metadata.namespace",
                    Json.of(owner));
            return;
        }
        if (nothing()) {
            for (ServiceRegistry.Host target : targets) {
                if (imported(List.of(target.host()), configuration.namespaceOf(target.resource()))) {
                    found.removeIf(obstacle -> obstacle.type() == Obstacle.Type.NOT_IMPORTED);
                    break;
                }
            }
            if (found.isEmpty()
                    && targets.stream().allMatch(target -> target.ports().isEmpty())) {
                noPorts(targets.get(0).resource());
            }
        } else {
            subsets(host);
        }
    }

    /** The hosts that a rule is for and that the proxy may see. */
    private List<ServiceRegistry.Host> targets(String host) {
        if (!host.startsWith("*")) {
            return known(host).stream().toList();
        }
        Set<String> hosts = new LinkedHashSet<>();
        configuration
                .all(ResourceKind.SERVICE)
                .forEach(service -> hosts.add(Hosts.ofService(service.name(), configuration.namespaceOf(service))));
        configuration
                .all(ResourceKind.SERVICE_ENTRY)
                .forEach(entry -> hosts.addAll(entry.spec().at("hosts").texts()));
        return hosts.stream()
                .filter(one -> Hosts.covers(host, one))
                .map(this::known)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Subsets that the rule defines and that no cluster has: it was changed, and the proxy has not heard of it. */
    private void subsets(String host) {
        Set<String> there = new HashSet<>();
        objects.forEach(object -> {
            if (object.view() instanceof Cluster cluster) {
                there.add(cluster.subset());
            }
        });
        List<Json> subsets = spec("subsets").items();
        for (int i = 0; i < subsets.size(); i++) {
            String name = subsets.get(i).at("name").text("");
            if (!there.contains(name)) {
                add(
                        Obstacle.Type.STALE,
                        "Subset " + name + " of " + host
                                + " has no cluster, and the others have: the proxy holds an older"
                                + " version of the rule, or refused the new one.",
                        "spec.subsets[" + i + "].name",
                        Json.of(name));
            }
        }
    }

    private void noPorts(Resource offers) {
        add(
                Obstacle.Type.NO_PORTS,
                offers.ref() + " has no ports, so it has no clusters.",
                offers.ref(),
                "spec.ports",
                Json.MISSING);
    }

    /** Whether labels fit; says so where they do not. */
    private boolean selected(Map<String, String> selector, String field) {
        if (Selectors.matchesMap(selector, proxy.labels())) {
            return true;
        }
        List<String> differences = new ArrayList<>();
        selector.forEach((label, value) -> {
            String own = proxy.labels().get(label);
            if (!value.equals(own)) {
                differences.add(own == null ? "no label " + label : label + "=" + own);
            }
        });
        add(
                Obstacle.Type.NOT_SELECTED,
                ref + " selects pods with " + Configuration.text(selector) + "; "
                        + proxy.pod().qualifiedName() + " has " + String.join(", ", differences) + ".",
                field,
                Json.of(Configuration.text(selector)));
        return false;
    }

    // --- Gateway

    private void gateway() {
        boolean kubernetes = resource.kind().equals(ResourceKind.KUBERNETES_GATEWAY);
        if (proxy.isSidecar()) {
            add(
                    Obstacle.Type.PROXY_TYPE,
                    ref + " is for gateways, and " + who() + " is a sidecar.",
                    kubernetes ? "" : "spec.selector",
                    kubernetes ? Json.MISSING : spec("selector"));
            return;
        }
        if (kubernetes && !GatewayPorts.selects(resource, owner, proxy)) {
            add(
                    Obstacle.Type.NOT_SELECTED,
                    ref + " is served by the pods of its own namespace with the label " + GatewayPorts.GATEWAY_NAME
                            + "=" + resource.name() + ".",
                    "",
                    Json.MISSING);
            return;
        }
        if (!kubernetes && !selected(GatewayPorts.selector(resource), "spec.selector")) {
            return;
        }
        for (GatewayPorts.Server server : GatewayPorts.of(resource, owner)) {
            Set<Integer> ports = GatewayPorts.listening(configuration, proxy, server.port());
            listening.addAll(ports);
            List<Listener> listeners = dump.listeners().stream()
                    .filter(listener -> ports.contains(listener.port()))
                    .toList();
            if (listeners.isEmpty()) {
                add(
                        Obstacle.Type.NOTHING_BOUND,
                        "The proxy has no listener on port " + text(ports) + " for " + server.path() + " ("
                                + server.protocol()
                                + " " + server.port() + "): Istio makes none where another Gateway has the port with"
                                + " another protocol, or where nothing is bound to a TCP or TLS server.",
                        server.path() + ".port.number",
                        Json.of(server.port()));
            } else if (server.isHttp() && isWithoutRoutes(server, ports)) {
                add(
                        Obstacle.Type.NOTHING_BOUND,
                        "No " + (kubernetes ? "route" : "VirtualService") + " is bound to " + server.path() + " ("
                                + server.protocol() + " " + server.port() + " "
                                + String.join(", ", server.hosts()) + "): requests there answer 404.",
                        server.path() + ".hosts",
                        Json.array(server.hosts()));
            }
        }
    }

    private static String text(Set<Integer> ports) {
        return String.join(" or ", ports.stream().map(String::valueOf).toList());
    }

    /** Istio gives such servers one virtual host, {@code blackhole:PORT}, without a route that leads anywhere. */
    private boolean isWithoutRoutes(GatewayPorts.Server server, Set<Integer> ports) {
        for (RouteConfiguration config : dump.routes()) {
            boolean mine = server.routeName().isEmpty()
                    ? ports.stream().anyMatch(port -> config.name().equals("http." + port))
                    : config.name().equals(server.routeName());
            if (mine) {
                return config.virtualHosts().stream()
                        .filter(host -> !host.name().startsWith("blackhole:"))
                        .noneMatch(host -> host.domains().stream().anyMatch(server::serves));
            }
        }
        return false;
    }

    // --- ServiceEntry, Service

    private void serviceEntry() {
        List<String> hosts = spec("hosts").texts();
        hosts(hosts, "number", PortProtocol::ofServiceEntry);
        if (!found.isEmpty()) {
            return;
        }
        String resolution = spec("resolution").text("NONE");
        boolean wild = hosts.stream().anyMatch(host -> host.startsWith("*"));
        if (wild
                && resolution.startsWith("DNS")
                && !resolution.equals("DYNAMIC_DNS")
                && spec("endpoints").size() == 0) {
            add(
                    Obstacle.Type.NO_ENDPOINTS,
                    ref + " resolves by DNS, and a host with a wildcard has no address there.",
                    "spec.resolution",
                    spec("resolution"));
        }
        boolean endpoints = objects.stream().anyMatch(object -> object.type() == GeneratedObject.Type.ENDPOINT);
        if (resolution.equals("STATIC") && !endpoints && !dump.endpoints().isEmpty()) {
            boolean selector = spec("workloadSelector").exists();
            add(
                    Obstacle.Type.NO_ENDPOINTS,
                    ref
                            + (selector
                                    ? " selects no pod and no WorkloadEntry that the proxy knows of"
                                    : " has resolution STATIC and no endpoint on the proxy")
                            + ": requests answer 503 UH.",
                    selector ? "spec.workloadSelector" : "spec.endpoints",
                    selector ? spec("workloadSelector") : spec("endpoints"));
        }
    }

    @FunctionalInterface
    private interface ProtocolOf {
        PortProtocol of(Json port);
    }

    private void hosts(List<String> hosts, String number, ProtocolOf protocolOf) {
        if (!exported() || !imported(hosts, owner)) {
            return;
        }
        List<Json> ports = spec("ports").items();
        if (ports.isEmpty()) {
            noPorts(resource);
            return;
        }
        ports.forEach(port -> listening.add((int) port.at(number).number(0)));
        if (ports.stream().allMatch(port -> protocolOf.of(port) == PortProtocol.UDP)) {
            add(
                    Obstacle.Type.PROTOCOL,
                    ref + " has ports for UDP only, which proxies leave alone.",
                    "spec.ports",
                    spec("ports"));
            return;
        }
        if (nothing()) {
            for (String host : hosts) {
                Optional<ServiceRegistry.Host> other = known(host);
                if (other.isPresent() && !other.get().resource().equals(resource)) {
                    add(
                            Obstacle.Type.OVERRULED,
                            "Host " + host + " is that of "
                                    + other.get().resource().ref() + " as well, which counts.",
                            other.get().resource().ref(),
                            "spec.hosts",
                            Json.of(host));
                }
            }
        }
    }

    // --- Sidecar and policies

    private void sidecar() {
        if (!proxy.isSidecar()) {
            add(
                    Obstacle.Type.PROXY_TYPE,
                    ref + " is for sidecars, and " + who() + " is " + proxy.what() + ".",
                    "",
                    Json.MISSING);
            return;
        }
        Optional<Resource> decides = Visibility.of(configuration)
                .imports(proxy.namespace(), proxy.labels())
                .sidecar();
        if (decides.filter(resource::equals).isPresent()) {
            return;
        }
        if (!owner.equals(proxy.namespace())
                && !owner.equals(configuration.mesh().rootNamespace())) {
            otherNamespace();
            return;
        }
        Map<String, String> selector = spec("workloadSelector", "labels").textMap();
        if (!selector.isEmpty() && !selected(selector, "spec.workloadSelector.labels")) {
            return;
        }
        decides.ifPresent(other -> overruled(
                other,
                "one that selects the pod comes before that of the namespace, and that before the root namespace's"));
    }

    private void otherNamespace() {
        add(
                Obstacle.Type.OTHER_NAMESPACE,
                ref + " holds for namespace " + owner + ", and " + who() + " is in " + proxy.namespace() + ".",
                "metadata.namespace",
                Json.of(owner));
    }

    private void overruled(Resource by, String because) {
        add(Obstacle.Type.OVERRULED, by.ref() + " decides instead: " + because + ".", by.ref(), "", Json.MISSING);
    }

    private void peerAuthentication() {
        if (!proxy.isSidecar()) {
            add(
                    Obstacle.Type.PROXY_TYPE,
                    ref + " says what sidecars accept, and " + who() + " is " + proxy.what() + ".",
                    "",
                    Json.MISSING);
            return;
        }
        if (!concerns(PeerAuthentications.selector(resource), "spec.selector.matchLabels")) {
            return;
        }
        if (nothing()) {
            PeerAuthentications.Decision decision =
                    PeerAuthentications.of(configuration).of(proxy.namespace(), proxy.labels(), 0);
            @Nullable Resource policy = decision.policy();
            if (policy != null && !policy.equals(resource)) {
                overruled(policy, decision.because());
            } else {
                add(
                        Obstacle.Type.OVERRULED,
                        ref + " sets no mode that holds here: " + decision.because() + ".",
                        "spec.mtls.mode",
                        spec("mtls", "mode"));
            }
        }
    }

    /** Whether a policy of this namespace and with this selector is for the pod; says so where it is not. */
    private boolean concerns(Map<String, String> selector, String field) {
        if (!owner.equals(proxy.namespace())
                && !owner.equals(configuration.mesh().rootNamespace())) {
            otherNamespace();
            return false;
        }
        return selector.isEmpty() || selected(selector, field);
    }

    private void policy() {
        if (spec("targetRefs").size() > 0 || spec("targetRef").exists()) {
            if (nothing() && proxy.isSidecar()) {
                add(
                        Obstacle.Type.PROXY_TYPE,
                        ref + " is for the waypoints and gateways that it names, and " + who() + " is a sidecar.",
                        "spec.targetRefs",
                        spec("targetRefs"));
            }
            return;
        }
        if (!nothing() || !concerns(spec("selector", "matchLabels").textMap(), "spec.selector.matchLabels")) {
            return;
        }
        if (spec("action").text("").equals("CUSTOM") || spec("action").text("").equals("AUDIT")) {
            add(
                    Obstacle.Type.NOT_VISIBLE,
                    ref + " has action " + spec("action").text("") + ", which stands in the proxy under another name.",
                    "spec.action",
                    spec("action"));
        } else if (resource.kind().equals(ResourceKind.REQUEST_AUTHENTICATION)
                && spec("jwtRules").size() == 0) {
            add(Obstacle.Type.NOTHING_BOUND, ref + " has no rules.", "spec.jwtRules", Json.MISSING);
        } else if (resource.kind().equals(ResourceKind.AUTHORIZATION_POLICY)
                && spec("rules").size() == 0) {
            add(
                    Obstacle.Type.NOT_VISIBLE,
                    ref + " has no rules; the filter that denies or allows everything carries no name.",
                    "spec.rules",
                    spec("rules"));
        }
    }

    private void kubernetesRoute() {
        if (!nothing()) {
            return;
        }
        List<Json> parents = spec("parentRefs").items();
        boolean gateway = parents.stream()
                .anyMatch(parent -> parent.at("kind").text("Gateway").equals("Gateway"));
        String mine = proxy.labels().getOrDefault(GatewayPorts.GATEWAY_NAME, "");
        boolean here = parents.stream()
                .anyMatch(parent -> parent.at("kind").text("Gateway").equals("Gateway")
                        && parent.at("name").text("").equals(mine)
                        && parent.at("namespace").text(owner).equals(proxy.namespace()));
        if (proxy.isSidecar() && gateway) {
            add(
                    Obstacle.Type.OTHER_GATEWAY,
                    ref + " is bound to Gateways, and " + who() + " is a sidecar.",
                    "spec.parentRefs",
                    spec("parentRefs"));
        } else if (proxy.isGateway() && !here) {
            add(
                    Obstacle.Type.OTHER_GATEWAY,
                    ref + " is bound to other parents than the Gateway of this proxy"
                            + (mine.isEmpty() ? "." : ", " + proxy.namespace() + "/" + mine + "."),
                    "spec.parentRefs",
                    spec("parentRefs"));
        } else {
            for (Json parent : resource.status().at("parents").items()) {
                for (Json condition : parent.at("conditions").items()) {
                    if (condition.at("status").text("").equals("False")) {
                        add(
                                Obstacle.Type.NOTHING_BOUND,
                                ref + " is not " + condition.at("type").text("") + ": "
                                        + condition
                                                .at("message")
                                                .text(condition.at("reason").text("")),
                                "status.parents[].conditions",
                                condition.at("reason"));
                    }
                }
            }
        }
    }

    // --- the state of the proxy

    /** What came from it, or would hold it, and is not in use. */
    private void state() {
        for (GeneratedObject object : objects) {
            if (object.state() == ResourceState.WARMING) {
                add(
                        Obstacle.Type.WARMING,
                        "The proxy does not use " + object.type() + " " + object.name()
                                + " yet: something that it needs has not come.",
                        proxy.pod(),
                        "",
                        Json.MISSING);
            } else if (object.type() != GeneratedObject.Type.ENDPOINT) {
                object.error()
                        .ifPresent(error -> rejected(
                                object.type() == GeneratedObject.Type.ROUTE
                                                || object.type() == GeneratedObject.Type.VIRTUAL_HOST
                                        ? "route configuration " + object.in().replaceFirst(" > .*", "")
                                        : object.type() == GeneratedObject.Type.FILTER_CHAIN
                                                ? "listener " + object.in()
                                                : object.type() + " " + object.name(),
                                error));
            }
        }
        if (!nothing()) {
            return;
        }
        for (Listener listener : dump.listeners()) {
            if (listening.contains(listener.port())) {
                listener.error().ifPresent(error -> rejected("listener " + listener.name(), error));
                if (listener.state() == ResourceState.WARMING) {
                    add(
                            Obstacle.Type.WARMING,
                            "The proxy does not use listener " + listener.name()
                                    + " yet: something that it needs has not come.",
                            proxy.pod(),
                            "",
                            Json.MISSING);
                }
            }
        }
        for (RouteConfiguration config : dump.routes()) {
            if (listening.stream()
                    .anyMatch(port -> config.name().equals(String.valueOf(port))
                            || config.name().equals("http." + port)
                            || config.name().endsWith(":" + port))) {
                config.error().ifPresent(error -> rejected("route configuration " + config.name(), error));
            }
        }
    }

    private void rejected(String what, String error) {
        add(
                Obstacle.Type.REJECTED,
                "The proxy refused " + what + " and goes on with what it had: " + error.strip(),
                proxy.pod(),
                "",
                Json.MISSING);
    }

    /** Where nothing else explains it, anything that was refused may. */
    private void refused() {
        Stream.of(
                        dump.clusters().stream().map(it ->
                                new String[] {"cluster " + it.name(), it.error().orElse("")}),
                        dump.listeners().stream().map(it -> new String[] {
                            "listener " + it.name(), it.error().orElse("")
                        }),
                        dump.routes().stream().map(it -> new String[] {
                            "route configuration " + it.name(), it.error().orElse("")
                        }))
                .flatMap(all -> all)
                .filter(pair -> !pair[1].isEmpty())
                .findFirst()
                .ifPresent(pair -> rejected(pair[0], pair[1]));
    }

    private void stale() {
        Optional<Instant> newest = Stream.of(
                        dump.clusters().stream().map(Cluster::lastUpdated),
                        dump.listeners().stream().map(Listener::lastUpdated),
                        dump.routes().stream().map(RouteConfiguration::lastUpdated))
                .flatMap(all -> all)
                .flatMap(Optional::stream)
                .max(Instant::compareTo);
        Instant changed = changed();
        if (newest.isPresent() && changed.isAfter(newest.get())) {
            add(
                    Obstacle.Type.STALE,
                    ref + " was last changed at " + changed + ", after everything that the proxy has (" + newest.get()
                            + "): it has not heard of it.",
                    "metadata",
                    Json.MISSING);
        }
    }

    private Instant changed() {
        Instant changed = resource.createdAt().orElse(Instant.MIN);
        for (Json manager : resource.raw().at("metadata", "managedFields").items()) {
            if (!manager.at("subresource").text("").equals("status")) {
                try {
                    Instant time = Instant.parse(manager.at("time").text(""));
                    changed = time.isAfter(changed) ? time : changed;
                } catch (DateTimeParseException e) {
                    // A manager without a time tells nothing.
                }
            }
        }
        return changed;
    }
}
