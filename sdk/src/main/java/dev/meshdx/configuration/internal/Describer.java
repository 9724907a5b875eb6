package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Applied;
import dev.meshdx.configuration.Aspect;
import dev.meshdx.configuration.AuthorizationPolicy;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.DestinationRule;
import dev.meshdx.configuration.EnvoyFilter;
import dev.meshdx.configuration.Gateway;
import dev.meshdx.configuration.KubernetesRoute;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.configuration.PeerAuthentication;
import dev.meshdx.configuration.RequestAuthentication;
import dev.meshdx.configuration.RouteDestination;
import dev.meshdx.configuration.RouteRule;
import dev.meshdx.configuration.SelectedResource;
import dev.meshdx.configuration.Service;
import dev.meshdx.configuration.ServiceEntry;
import dev.meshdx.configuration.ServicePort;
import dev.meshdx.configuration.Sidecar;
import dev.meshdx.configuration.TargetReference;
import dev.meshdx.configuration.VirtualService;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What applies to a pod, a service or a host. Sources for the order of precedence: Istio's reference of each kind (mesh-wide
 * in the root namespace, then the namespace, then the selector), for routes and rules {@link RoutesInForce} and
 * {@link DestinationRules}, for AuthorizationPolicies "Authorization Policy" (CUSTOM, DENY, ALLOW).
 */
public final class Describer {
    /** The kinds that it reads. */
    public static final Set<ResourceKind> INPUTS = Set.of(
            ResourceKind.POD,
            ResourceKind.NAMESPACE,
            ResourceKind.SERVICE,
            ResourceKind.SERVICE_ENTRY,
            ResourceKind.VIRTUAL_SERVICE,
            ResourceKind.DESTINATION_RULE,
            ResourceKind.GATEWAY,
            ResourceKind.SIDECAR,
            ResourceKind.PEER_AUTHENTICATION,
            ResourceKind.REQUEST_AUTHENTICATION,
            ResourceKind.AUTHORIZATION_POLICY,
            ResourceKind.ENVOY_FILTER,
            ResourceKind.TELEMETRY,
            ResourceKind.WASM_PLUGIN,
            ResourceKind.TRAFFIC_EXTENSION,
            ResourceKind.PROXY_CONFIG,
            ResourceKind.KUBERNETES_GATEWAY,
            ResourceKind.HTTP_ROUTE,
            ResourceKind.GRPC_ROUTE,
            ResourceKind.TLS_ROUTE,
            ResourceKind.TCP_ROUTE);

    private static final List<ResourceKind> ROUTES =
            List.of(ResourceKind.HTTP_ROUTE, ResourceKind.GRPC_ROUTE, ResourceKind.TLS_ROUTE, ResourceKind.TCP_ROUTE);

    private final Configuration configuration;
    private final String root;
    private final List<Applied> applied = new ArrayList<>();
    private final Map<String, String> facts = new LinkedHashMap<>();

    private Describer(Configuration configuration) {
        this.configuration = configuration;
        this.root = configuration.mesh().rootNamespace();
    }

    /**
     * Facts and resources.
     *
     * @param facts by name
     * @param applied by aspect
     */
    public record Result(Map<String, String> facts, List<Applied> applied) {}

    private Result result() {
        List<Applied> sorted = applied.stream()
                .distinct()
                .sorted(Comparator.comparing(Applied::aspect))
                .toList();
        return new Result(facts, sorted);
    }

    /** A pod. */
    public static Result pod(Configuration configuration, Resource pod) {
        Describer describer = new Describer(configuration);
        describer.pod(pod);
        return describer.result();
    }

    /** A Service. */
    public static Result service(Configuration configuration, Resource service) {
        Describer describer = new Describer(configuration);
        describer.service(service);
        return describer.result();
    }

    /**
     * A host, as the workloads of a namespace see it.
     *
     * @param host fully qualified
     * @param port 0 for all
     */
    public static Result host(Configuration configuration, String client, String host, int port) {
        Describer describer = new Describer(configuration);
        describer.host(client, host, port);
        return describer.result();
    }

    private void pod(Resource pod) {
        String namespace = configuration.namespaceOf(pod);
        fact("labels", Configuration.text(pod.labels()));
        fact("phase", Pods.phase(pod) + (Pods.isReady(pod) ? ", ready" : ""));
        fact("service account", Pods.serviceAccount(pod));
        fact("data plane", dataPlane(pod));
        List<Resource> services = configuration.in(ResourceKind.SERVICE, namespace).stream()
                .filter(service -> selects(service, pod.labels()))
                .sorted(Comparator.comparing(Resource::name))
                .toList();
        for (Resource service : services) {
            Service view = new Service(service);
            add(
                    Aspect.REACHED_BY,
                    service,
                    true,
                    ports(view.ports()),
                    "selector " + Configuration.text(view.selector()));
        }
        serviceEntriesSelecting(pod.labels(), namespace);
        for (Resource service : services) {
            String host = Hosts.ofService(service.name(), namespace);
            gatewaysTo(service, host, namespace);
            routesOf(host, namespace, service);
            rulesOf(host, namespace);
        }
        mtls(pod, namespace);
        selected(pod, namespace, services);
    }

    private String dataPlane(Resource pod) {
        if (Pods.isZtunnel(pod)) {
            return "ztunnel";
        }
        if (Pods.hasEnvoy(pod)) {
            String type = Pods.isProxyOfType(pod, "router")
                    ? "gateway"
                    : Pods.isProxyOfType(pod, "waypoint") ? "waypoint" : "sidecar";
            return type + ", revision " + Pods.revision(pod);
        }
        return Pods.isAmbient(pod) ? "ambient (ztunnel)" : "none: it is not in the mesh";
    }

    private void service(Resource service) {
        String namespace = configuration.namespaceOf(service);
        Service view = new Service(service);
        String host = Hosts.ofService(service.name(), namespace);
        fact("host", host);
        fact("type", view.type() + (view.headless() ? ", headless" : ""));
        fact("ports", ports(view.ports()));
        List<Resource> pods = view.selector().isEmpty()
                ? List.of()
                : configuration.matching(ResourceKind.POD, view.selector(), namespace);
        fact(
                "pods",
                view.selector().isEmpty()
                        ? "no selector: somebody else maintains its endpoints"
                        : pods.size() + " ("
                                + pods.stream().filter(Pods::isReady).count() + " ready) with "
                                + Configuration.text(view.selector()));
        gatewaysTo(service, host, namespace);
        routesOf(host, namespace, service);
        rulesOf(host, namespace);
        DestinationRules.of(configuration)
                .of(namespace, Map.of(), host, namespace)
                .ifPresent(rule -> subsets(rule, pods));
        for (Resource pod : pods) {
            mtls(pod, namespace);
            selected(pod, namespace, List.of(service));
        }
    }

    private void subsets(DestinationRules.Merged rule, List<Resource> pods) {
        Map<String, String> subsets = new TreeMap<>();
        for (String subset : rule.subsets()) {
            Map<String, String> labels = rule.labels(subset);
            subsets.put(
                    subset,
                    pods.stream()
                                    .filter(pod -> Selectors.matchesMap(labels, pod.labels()))
                                    .count()
                            + " of " + pods.size() + " pods");
        }
        if (!subsets.isEmpty()) {
            fact("subsets", subsets.toString().replaceAll("[{}]", "").replace("=", ": "));
        }
    }

    private void host(String client, String host, int port) {
        Optional<ServiceRegistry.Host> known = ServiceRegistry.of(configuration).find(client, List.of(), host);
        Visibility visibility = Visibility.of(configuration);
        fact("seen from", "namespace " + client);
        if (known.isEmpty()) {
            fact(
                    "known",
                    "no: "
                            + (configuration.mesh().allowsUnknownHosts()
                                    ? "proxies pass the bytes through as they are (ALLOW_ANY)"
                                    : "proxies refuse it (REGISTRY_ONLY)"));
        } else {
            Resource owner = known.get().resource();
            String namespace = configuration.namespaceOf(owner);
            boolean seen = visibility.isExported(owner, namespace, client);
            boolean imported = visibility.imports(client).include(known.get().host(), namespace, client);
            List<ServicePort> ports = owner.kind().equals(ResourceKind.SERVICE)
                    ? new Service(owner).ports()
                    : new ServiceEntry(owner).ports();
            List<ServicePort> wanted = ports.stream()
                    .filter(one -> port == 0 || one.number() == port)
                    .toList();
            fact("ports", wanted.isEmpty() ? "none with number " + port + ", but " + ports(ports) : ports(wanted));
            add(
                    Aspect.REACHED_BY,
                    owner,
                    seen && imported,
                    ports(wanted),
                    !seen
                            ? "not exported to namespace " + client
                            : imported ? "it has the host" : "the Sidecar does not import it");
            routesOf(known.get().host(), client, null);
            rulesFor(known.get().host(), client, namespace);
        }
        if (known.isEmpty()) {
            routesOf(host, client, null);
        }
        visibility
                .imports(client)
                .sidecar()
                .ifPresent(sidecar -> add(
                        Aspect.VISIBILITY,
                        sidecar,
                        true,
                        "imports " + text(new Sidecar(sidecar).egressHosts()),
                        where(sidecar)));
    }

    private static String ports(List<ServicePort> ports) {
        return ports.isEmpty()
                ? "no ports"
                : ports.stream()
                        .map(port -> port.number()
                                + (port.targetPort().isEmpty()
                                                || port.targetPort().equals(String.valueOf(port.number()))
                                        ? ""
                                        : "→" + port.targetPort())
                                + " " + port.protocol())
                        .collect(Collectors.joining(", "));
    }

    private static boolean selects(Resource service, Map<String, String> labels) {
        Map<String, String> selector = service.spec().at("selector").textMap();
        return !selector.isEmpty() && Selectors.matchesMap(selector, labels);
    }

    private void serviceEntriesSelecting(Map<String, String> labels, String namespace) {
        for (Resource entry : configuration.in(ResourceKind.SERVICE_ENTRY, namespace)) {
            ServiceEntry view = new ServiceEntry(entry);
            if (!view.workloadSelector().isEmpty() && Selectors.matchesMap(view.workloadSelector(), labels)) {
                add(
                        Aspect.REACHED_BY,
                        entry,
                        true,
                        text(view.hosts()),
                        "workloadSelector " + Configuration.text(view.workloadSelector()));
            }
        }
    }

    /** What lets traffic in from outside, and Gateway API routes that name the Service. */
    private void gatewaysTo(Resource service, String host, String namespace) {
        for (Resource route : configuration.all(ResourceKind.VIRTUAL_SERVICE)) {
            VirtualService view = new VirtualService(route);
            String owner = configuration.namespaceOf(route);
            List<String> rules = view.rules().stream()
                    .filter(rule -> sendsTo(rule, host, owner))
                    .map(RouteRule::path)
                    .toList();
            if (rules.isEmpty()) {
                continue;
            }
            for (String name : view.gateways()) {
                if (name.equals("mesh")) {
                    continue;
                }
                Optional<Resource> gateway = configuration.resolve(ResourceKind.GATEWAY, owner, name);
                add(
                        Aspect.REACHED_BY,
                        route,
                        gateway.isPresent(),
                        "hosts " + text(view.hosts()) + " at Gateway " + name,
                        String.join(", ", rules));
                gateway.ifPresent(found -> add(
                        Aspect.REACHED_BY,
                        found,
                        true,
                        new Gateway(found)
                                .servers().stream().map(String::valueOf).collect(Collectors.joining("; ")),
                        "named by " + route.ref()));
            }
        }
        for (ResourceKind kind : ROUTES) {
            for (Resource route : configuration.all(kind)) {
                KubernetesRoute view = new KubernetesRoute(route);
                String owner = configuration.namespaceOf(route);
                boolean backend = view.backends().stream().anyMatch(one -> names(one, owner, service, namespace));
                boolean parent = view.parents().stream().anyMatch(one -> names(one, owner, service, namespace));
                if (backend || parent) {
                    add(
                            parent ? Aspect.ROUTES : Aspect.REACHED_BY,
                            route,
                            true,
                            (view.hostnames().isEmpty() ? "" : "hosts " + text(view.hostnames()) + " ") + "at "
                                    + view.parents().stream()
                                            .map(String::valueOf)
                                            .collect(Collectors.joining(", ")),
                            parent ? "attached to the Service" : "it is a backend");
                }
            }
        }
    }

    private boolean names(TargetReference reference, String owner, Resource service, String namespace) {
        return reference.kind().equals("Service")
                && reference.name().equals(service.name())
                && (reference.namespace().isEmpty() ? owner : reference.namespace()).equals(namespace);
    }

    private static boolean sendsTo(RouteRule rule, String host, String owner) {
        List<RouteDestination> all = new ArrayList<>(rule.destinations());
        all.addAll(rule.mirrors());
        return all.stream()
                .anyMatch(
                        destination -> Hosts.qualify(destination.host(), owner).equals(host));
    }

    /** The VirtualServices for a host: the one that clients of a namespace follow, then those that are not reached. */
    private void routesOf(String host, String client, @org.jspecify.annotations.Nullable Resource service) {
        RoutesInForce routes = RoutesInForce.of(configuration);
        Optional<Resource> decides = routes.of(host, client, Map.of());
        Visibility visibility = Visibility.of(configuration);
        List<Resource> all = new ArrayList<>(routes.of(host));
        all.sort(Comparator.comparing(route -> !decides.filter(route::equals).isPresent()));
        for (Resource route : all) {
            VirtualService view = new VirtualService(route);
            String owner = configuration.namespaceOf(route);
            boolean wins = decides.filter(route::equals).isPresent();
            String because = wins
                    ? "hosts " + text(view.hosts()) + (service == null ? "" : ", for clients in " + client)
                    : !visibility.isExported(route, owner, client)
                            ? "exported to " + text(view.exportTo()) + " only"
                            : decides.map(first -> first.ref() + " comes first")
                                    .orElse("no Sidecar of " + client + " imports it");
            add(Aspect.ROUTES, route, wins, rules(view), because);
        }
    }

    private static String rules(VirtualService route) {
        List<String> rules = new ArrayList<>();
        for (RouteRule rule : route.rules()) {
            String to = rule.destinations().stream().map(String::valueOf).collect(Collectors.joining(" + "));
            rules.add((rule.matches().isEmpty() ? "everything" : String.join(" or ", rule.matches())) + " → "
                    + (to.isEmpty() ? rule.answersItself() ? "an answer of its own" : "a delegate" : to)
                    + (rule.injectsFaults() ? " (injects faults)" : ""));
        }
        return rules.isEmpty() ? "no rules" : String.join("; ", rules);
    }

    /** DestinationRules: the one for clients of the service's own namespace, and those with which other clients differ. */
    private void rulesOf(String host, String namespace) {
        Set<String> clients = new LinkedHashSet<>(List.of(namespace));
        for (Resource rule : configuration.all(ResourceKind.DESTINATION_RULE)) {
            String owner = configuration.namespaceOf(rule);
            if (Hosts.covers(Hosts.qualify(rule.spec().at("host").text(""), owner), host)) {
                clients.add(owner);
            }
        }
        for (String client : clients) {
            boolean differs = DestinationRules.of(configuration)
                    .of(client, Map.of(), host, namespace)
                    .map(merged -> configuration.namespaceOf(merged.rules().get(0)))
                    .map(client::equals)
                    .orElse(false);
            if (client.equals(namespace) || differs) {
                rulesFor(host, client, namespace);
            }
        }
        for (Resource rule : configuration.all(ResourceKind.DESTINATION_RULE)) {
            String owner = configuration.namespaceOf(rule);
            if (Hosts.covers(Hosts.qualify(rule.spec().at("host").text(""), owner), host)
                    && applied.stream().noneMatch(one -> one.resource().equals(rule))) {
                add(Aspect.CLIENTS, rule, false, rule(rule), "a more specific or nearer rule comes first");
            }
        }
    }

    private void rulesFor(String host, String client, String namespace) {
        DestinationRules.of(configuration)
                .of(client, Map.of(), host, namespace)
                .ifPresent(merged -> merged.rules()
                        .forEach(rule -> add(
                                Aspect.CLIENTS,
                                rule,
                                true,
                                rule(rule),
                                merged.rules().size() == 1
                                        ? "for clients in " + client
                                        : "for clients in " + client + ", merged; traffic policy of "
                                                + merged.policyRule()
                                                        .map(first ->
                                                                first.ref().toString())
                                                        .orElse("none"))));
    }

    private static String rule(Resource rule) {
        DestinationRule view = new DestinationRule(rule);
        List<String> parts = new ArrayList<>();
        view.tls().ifPresent(mode -> parts.add("TLS " + mode));
        Json policy = rule.spec().at("trafficPolicy");
        for (String part : List.of("loadBalancer", "connectionPool", "outlierDetection", "portLevelSettings")) {
            if (policy.at(part).exists()) {
                parts.add(part);
            }
        }
        if (!view.subsets().isEmpty()) {
            parts.add("subsets "
                    + view.subsets().stream().map(DestinationRule.Subset::name).collect(Collectors.joining(", ")));
        }
        return parts.isEmpty() ? "nothing" : String.join(", ", parts);
    }

    private void mtls(Resource pod, String namespace) {
        PeerAuthentications policies = PeerAuthentications.of(configuration);
        Map<Integer, MtlsMode> modes = new TreeMap<>();
        Set<Resource> deciding = new LinkedHashSet<>();
        for (int port : portsOf(pod)) {
            PeerAuthentications.Decision decision = policies.of(namespace, pod.labels(), port);
            modes.put(port, decision.mode());
            Optional.ofNullable(decision.policy()).ifPresent(deciding::add);
        }
        PeerAuthentications.Decision whole = policies.of(namespace, pod.labels(), 0);
        Optional.ofNullable(whole.policy()).ifPresent(deciding::add);
        modes.values().removeIf(mode -> mode == whole.mode());
        fact("mTLS", whole.mode() + (modes.isEmpty() ? "" : ", but " + modes));
        for (Resource policy : selecting(ResourceKind.PEER_AUTHENTICATION, namespace, pod.labels(), "selector")) {
            PeerAuthentication view = new PeerAuthentication(policy);
            boolean ignored = configuration.namespaceOf(policy).equals(root)
                    && !view.selector().isEmpty();
            boolean decides = deciding.contains(policy);
            add(
                    Aspect.MTLS,
                    policy,
                    decides,
                    view.mode().map(MtlsMode::name).orElse("inherits")
                            + (view.ports().isEmpty() ? "" : ", ports " + view.ports()),
                    ignored
                            ? "a selector in the root namespace is ignored"
                            : where(policy) + (decides ? "" : ", something nearer or older decides"));
        }
    }

    private static Set<Integer> portsOf(Resource pod) {
        Set<Integer> ports = new TreeSet<>();
        for (Json container : Pods.containers(pod)) {
            if (!container.at("name").text("").equals(Pods.PROXY_CONTAINER)) {
                container
                        .at("ports")
                        .items()
                        .forEach(
                                port -> ports.add((int) port.at("containerPort").number(0)));
            }
        }
        return ports;
    }

    /** Everything that selects the pod, or is attached to one of its Services. */
    private void selected(Resource pod, String namespace, List<Resource> services) {
        Map<String, String> labels = pod.labels();
        for (Resource policy : policies(ResourceKind.REQUEST_AUTHENTICATION, namespace, labels, services)) {
            add(
                    Aspect.AUTHENTICATION,
                    policy,
                    true,
                    "tokens of "
                            + text(new RequestAuthentication(policy)
                                    .rules().stream()
                                            .map(RequestAuthentication.JwtRule::issuer)
                                            .toList()),
                    where(policy));
        }
        policies(ResourceKind.AUTHORIZATION_POLICY, namespace, labels, services).stream()
                .map(AuthorizationPolicy::new)
                .sorted(Comparator.comparing(AuthorizationPolicy::action))
                .forEach(policy -> add(
                        Aspect.AUTHORIZATION,
                        policy.resource(),
                        !policy.dryRun(),
                        policy.action() + " "
                                + (policy.rules().isEmpty()
                                        ? "nothing"
                                        : policy.rules().size()
                                                + (policy.rules().size() == 1 ? " rule" : " rules"))
                                + (policy.provider().isEmpty() ? "" : " by " + policy.provider()),
                        where(policy.resource()) + (policy.dryRun() ? ", dry run" : "")));
        sidecar(namespace, labels);
        for (Resource filter : selecting(ResourceKind.ENVOY_FILTER, namespace, labels, "workloadSelector")) {
            EnvoyFilter view = new EnvoyFilter(filter);
            if (view.targets().isEmpty()) {
                add(
                        Aspect.EXTENSIONS,
                        filter,
                        true,
                        view.patches().stream().map(String::valueOf).distinct().collect(Collectors.joining(", ")),
                        where(filter) + ", priority " + view.priority());
            }
        }
        for (ResourceKind kind : List.of(ResourceKind.WASM_PLUGIN, ResourceKind.TRAFFIC_EXTENSION)) {
            for (Resource plugin : policies(kind, namespace, labels, services)) {
                add(
                        Aspect.EXTENSIONS,
                        plugin,
                        true,
                        plugin.spec().at("phase").text("last") + " phase",
                        where(plugin) + ", priority "
                                + plugin.spec().at("priority").number(0));
            }
        }
        for (ResourceKind kind : List.of(ResourceKind.TELEMETRY, ResourceKind.PROXY_CONFIG)) {
            for (Resource setting : policies(kind, namespace, labels, services)) {
                List<String> set = new ArrayList<>(setting.spec().names());
                set.removeAll(List.of("selector", "targetRef", "targetRefs"));
                add(Aspect.SETTINGS, setting, true, text(set), where(setting));
            }
        }
    }

    private void sidecar(String namespace, Map<String, String> labels) {
        Optional<Resource> decides =
                Visibility.of(configuration).imports(namespace, labels).sidecar();
        for (Resource sidecar : selecting(ResourceKind.SIDECAR, namespace, labels, "workloadSelector")) {
            boolean wins = decides.filter(sidecar::equals).isPresent();
            add(
                    Aspect.VISIBILITY,
                    sidecar,
                    wins,
                    "imports " + text(new Sidecar(sidecar).egressHosts()),
                    where(sidecar)
                            + (wins
                                    ? ""
                                    : decides.map(first -> ", " + first.ref() + " comes first")
                                            .orElse("")));
        }
    }

    /** Of the own and the root namespace: those with a fitting selector first, then those of the namespace, then of the mesh. */
    private List<Resource> selecting(
            ResourceKind kind, String namespace, Map<String, String> labels, String selectorField) {
        List<Resource> found = new ArrayList<>(configuration.in(kind, namespace));
        if (!namespace.equals(root)) {
            found.addAll(configuration.in(kind, root));
        }
        return found.stream()
                .filter(resource -> Selectors.matchesMap(selector(resource, selectorField), labels))
                .sorted(Comparator.comparing((Resource resource) -> rank(resource, namespace, selectorField))
                        .thenComparing(Ages.OLDEST_FIRST))
                .toList();
    }

    private int rank(Resource resource, String namespace, String selectorField) {
        boolean own = configuration.namespaceOf(resource).equals(namespace);
        boolean selects = !selector(resource, selectorField).isEmpty();
        return own && selects ? 0 : own && !namespace.equals(root) ? 1 : selects ? 2 : 3;
    }

    private static Map<String, String> selector(Resource resource, String field) {
        Json selector = resource.spec().at(field);
        return selector.at(field.equals("selector") ? "matchLabels" : "labels").textMap();
    }

    /** As {@link #selecting}, and those whose {@code targetRefs} name one of the Services. */
    private List<Resource> policies(
            ResourceKind kind, String namespace, Map<String, String> labels, List<Resource> services) {
        List<Resource> found = new ArrayList<>();
        for (Resource policy : selecting(kind, namespace, labels, "selector")) {
            Collection<TargetReference> targets = new SelectedResource(policy).targets();
            String owner = configuration.namespaceOf(policy);
            if (targets.isEmpty()
                    || targets.stream()
                            .anyMatch(target ->
                                    services.stream().anyMatch(service -> names(target, owner, service, namespace)))) {
                found.add(policy);
            }
        }
        return found;
    }

    /** How a resource comes to be meant. */
    private String where(Resource resource) {
        List<TargetReference> targets = new SelectedResource(resource).targets();
        if (!targets.isEmpty()) {
            return "attached to " + targets.stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        Map<String, String> selector = new TreeMap<>(selector(resource, "selector"));
        selector.putAll(selector(resource, "workloadSelector"));
        boolean mesh = configuration.namespaceOf(resource).equals(root);
        if (!selector.isEmpty()) {
            return "selector " + Configuration.text(selector) + (mesh ? " in the root namespace" : "");
        }
        return mesh ? "whole mesh" : "whole namespace";
    }

    private static String text(Collection<String> values) {
        return values.isEmpty() ? "everything" : String.join(", ", values);
    }

    private void fact(String name, String value) {
        if (!value.isEmpty()) {
            // Pods of one Service may differ: both values stand there.
            facts.merge(
                    name,
                    value,
                    (one, other) -> one.equals(other) || one.startsWith(other + " /") || one.endsWith("/ " + other)
                            ? one
                            : one + " / " + other);
        }
    }

    private void add(Aspect aspect, Resource resource, boolean inForce, String effect, String because) {
        applied.add(new Applied(aspect, resource, inForce, effect, because));
    }
}
