package dev.meshdx.envoy.origin;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.PortProtocol;
import dev.meshdx.configuration.internal.RoutesInForce;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.envoy.VirtualHost;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Why a VirtualService has no routes on a proxy, or not all of them. */
final class VirtualServiceObstacles {
    private final ObstacleContext context;
    private final Configuration configuration;
    private final ProxyFacts proxy;
    private final Resource resource;
    private final ResourceRef ref;
    private final String owner;
    private final List<GeneratedObject> objects;

    VirtualServiceObstacles(ObstacleContext context) {
        this.context = context;
        this.configuration = context.configuration;
        this.proxy = context.proxy;
        this.resource = context.resource;
        this.ref = context.ref;
        this.owner = context.owner;
        this.objects = context.objects;
    }

    void explain() {
        List<String> hosts = context.spec("hosts").texts();
        if (hosts.isEmpty()) {
            delegate();
            return;
        }
        if (!context.exported()) {
            return;
        }
        sources();
        if (proxy.isGateway()) {
            gatewayRoutes(hosts);
        } else if (isForMesh() && proxy.isSidecar()) {
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
        context.add(
                roots.isEmpty() ? Obstacle.Type.NOTHING_BOUND : Obstacle.Type.PART_OF_ANOTHER,
                ref + " has no hosts, so it is a part of others"
                        + (roots.isEmpty()
                                ? ", and no VirtualService delegates to it."
                                : ": its routes stand under the name of " + String.join(", ", roots) + "."),
                "spec.hosts",
                context.spec("hosts"));
    }

    /** Rules for clients of another namespace or with other labels are left out for this one. */
    private void sources() {
        for (String protocol : List.of("http", "tls", "tcp")) {
            List<Json> rules = context.spec(protocol).items();
            for (int i = 0; i < rules.size(); i++) {
                List<Json> matches = rules.get(i).at("match").items();
                if (!matches.isEmpty() && matches.stream().noneMatch(this::mayBeFrom)) {
                    leftOut(protocol, i, 0).ifPresent(context::add);
                }
            }
        }
    }

    /** Why one alternative of a rule is left out for this proxy, where it is. */
    Optional<Obstacle> leftOut(String protocol, int rule, int match) {
        Json one = context.spec(protocol).at(rule).at("match").at(match);
        if (mayBeFrom(one)) {
            return Optional.empty();
        }
        boolean gateways =
                one.at("gateways").size() > 0 && !isHere(one.at("gateways").texts());
        String from = one.at("sourceNamespace").text("");
        String field = gateways
                ? "gateways"
                : from.isEmpty() || from.equals(proxy.namespace()) ? "sourceLabels" : "sourceNamespace";
        return Optional.of(new Obstacle(
                gateways ? Obstacle.Type.OTHER_GATEWAY : Obstacle.Type.OTHER_SOURCE,
                "spec." + protocol + "[" + rule + "] of " + ref + " is not for " + context.who() + ": " + field + " is "
                        + one.at(field) + ".",
                ref,
                "spec." + protocol + "[" + rule + "].match[" + match + "]." + field,
                one.at(field).text().orElseGet(() -> one.at(field).toString())));
    }

    private boolean mayBeFrom(Json match) {
        String from = match.at("sourceNamespace").text("");
        return (from.isEmpty() || from.equals(proxy.namespace()))
                && Selectors.matchesMap(match.at("sourceLabels").textMap(), proxy.labels())
                && (match.at("gateways").size() == 0
                        || isHere(match.at("gateways").texts()));
    }

    private boolean isHere(List<String> gateways) {
        return !proxy.isGateway()
                ? gateways.contains("mesh")
                : gateways.stream()
                        .map(name -> configuration.resolve(ResourceKind.GATEWAY, owner, name))
                        .flatMap(Optional::stream)
                        .anyMatch(gateway -> GatewayPorts.selects(gateway, configuration.namespaceOf(gateway), proxy));
    }

    /** Whether it holds inside the mesh, for sidecars and waypoints; says so where it does not. */
    private boolean isForMesh() {
        List<String> gateways = context.spec("gateways").texts();
        if (gateways.isEmpty() || gateways.contains("mesh")) {
            return true;
        }
        context.add(
                Obstacle.Type.OTHER_GATEWAY,
                ref + " is bound to " + String.join(", ", gateways) + " only, and " + context.who() + " is "
                        + proxy.what() + ": it follows VirtualServices without gateways, or with mesh among them.",
                "spec.gateways",
                context.spec("gateways"));
        return false;
    }

    private void meshRoutes(List<String> written) {
        List<String> hosts =
                written.stream().map(host -> Hosts.qualify(host, owner)).toList();
        if (!context.imported(hosts, owner)) {
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
            context.add(
                    Obstacle.Type.OVERRULED,
                    decides.get().ref() + " decides for host " + host + ": a sidecar follows one VirtualService a host,"
                            + " the nearest and then the oldest.",
                    decides.get().ref(),
                    "spec.hosts",
                    decides.get().spec().at("hosts"));
            return;
        }
        Optional<ServiceRegistry.Host> service = context.known(host);
        if (service.isEmpty()) {
            context.unknown(host, field);
            return;
        }
        Resource offers = service.get().resource();
        if (!context.imported(List.of(host), configuration.namespaceOf(offers))) {
            return;
        }
        boolean entry = offers.kind().equals(ResourceKind.SERVICE_ENTRY);
        List<Json> ports = offers.spec().at("ports").items();
        Set<Integer> numbers = new TreeSet<>();
        ports.forEach(
                port -> numbers.add((int) port.at(entry ? "number" : "port").number(0)));
        if (ports.isEmpty()) {
            context.add(
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
        context.listensAt(numbers);
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
        boolean http = context.spec("http").size() > 0;
        boolean streams = context.spec("tcp").size() > 0 || context.spec("tls").size() > 0;
        List<String> texts = new ArrayList<>();
        boolean fits = false;
        for (Json port : ports) {
            PortProtocol protocol = entry ? PortProtocol.ofServiceEntry(port) : PortProtocol.ofService(port);
            fits |= (http && (protocol == PortProtocol.HTTP || protocol == PortProtocol.DETECTED))
                    || (streams && (protocol == PortProtocol.TCP || protocol == PortProtocol.DETECTED));
            texts.add(port.at(entry ? "number" : "port").number(0) + " " + protocol);
        }
        if (!fits) {
            context.add(
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
        List<String> gateways = context.spec("gateways").texts();
        if (gateways.stream().allMatch("mesh"::equals)) {
            context.add(
                    Obstacle.Type.OTHER_GATEWAY,
                    ref + " names no Gateway, so it holds for sidecars only, and " + context.who() + " is a gateway.",
                    "spec.gateways",
                    context.spec("gateways"));
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
            candidates.forEach(context::add);
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
        boolean http = context.spec("http").size() > 0;
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
                && context.spec("tls").size() + context.spec("tcp").size() == 0) {
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
        serving.forEach(server -> context.listensAt(GatewayPorts.listening(configuration, proxy, server.port())));
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
}
