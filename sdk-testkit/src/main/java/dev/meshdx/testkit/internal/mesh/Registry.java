package dev.meshdx.testkit.internal.mesh;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ClusterState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What istiod knows at one moment: services, their endpoints, workloads and Istio's objects. Immutable; safe for use by
 * several threads.
 */
public final class Registry {
    /** How a port's traffic is treated. Source: Istio, "Protocol Selection". */
    public enum Protocol {
        /** HTTP/1.1. */
        HTTP,
        /** HTTP/2 and gRPC. */
        HTTP2,
        /** Opaque. */
        TCP,
        /** Opaque, but for the server's name. */
        TLS,
        /** Undeclared: found out by looking at the first bytes. */
        AUTO;

        /** Whether requests are seen. */
        public boolean http() {
            return this == HTTP || this == HTTP2;
        }
    }

    /**
     * A port of a service.
     *
     * @param number the service's port
     * @param name name
     * @param protocol protocol
     */
    public record Port(int number, String name, Protocol protocol) {}

    /**
     * An endpoint of a service's port.
     *
     * @param ip address
     * @param port port
     * @param node node; empty where unknown
     * @param workload the pod behind it, where there is one
     * @param labels labels by which subsets select
     */
    public record Endpoint(
            String ip, int port, String node, @Nullable Workload workload, Map<String, String> labels) {}

    /**
     * A service.
     *
     * @param host fully qualified name
     * @param name name
     * @param namespace namespace
     * @param address its address; empty where it has none
     * @param headless whether it has no address by intention
     * @param ports ports
     * @param targets the pods' ports by service port
     * @param endpoints ready endpoints by service port
     * @param all pods that it selects, ready or not
     * @param accounts service accounts of its workloads, those without pods included
     * @param external whether it is not part of the mesh
     * @param resolution how a ServiceEntry finds its endpoints; empty for a Kubernetes service
     * @param exportTo the namespaces that may see it; empty for all
     * @param aliases hosts of ExternalName services that stand for it
     */
    public record Service(
            String host,
            String name,
            String namespace,
            String address,
            boolean headless,
            List<Port> ports,
            Map<Integer, Integer> targets,
            Map<Integer, List<Endpoint>> endpoints,
            List<Workload> all,
            List<String> accounts,
            boolean external,
            String resolution,
            List<String> exportTo,
            List<String> aliases) {

        Service withAliases(List<String> hosts) {
            return new Service(
                    host,
                    name,
                    namespace,
                    address,
                    headless,
                    ports,
                    targets,
                    endpoints,
                    all,
                    accounts,
                    external,
                    resolution,
                    exportTo,
                    hosts);
        }

        /** A port by number. */
        public Optional<Port> port(int number) {
            return ports.stream().filter(port -> port.number() == number).findFirst();
        }

        /** The pods' port behind a port. */
        public int target(int number) {
            return targets.getOrDefault(number, number);
        }

        /** Whether it comes from a ServiceEntry. */
        public boolean entry() {
            return !resolution.isEmpty();
        }
    }

    /** What a Deployment's pods are like. */
    private record Template(String namespace, Map<String, String> labels, String account) {
        static Template of(Resource deployment) {
            Json template = deployment.spec().at("template");
            return new Template(
                    deployment.namespace(),
                    template.at("metadata", "labels").textMap(),
                    template.at("spec", "serviceAccountName").text("default"));
        }
    }

    private final Map<String, Service> services = new TreeMap<>();
    private final Map<String, Workload> workloads = new LinkedHashMap<>();
    private final Map<String, Workload> byIp = new LinkedHashMap<>();
    private final Map<ResourceKind, List<Resource>> objects = new LinkedHashMap<>();

    private @Nullable Registry whole;
    private String egressMode = "";

    private Registry() {}

    /** What was there before a moment. */
    public static Registry read(ClusterState state, Instant before) {
        Predicate<Resource> known =
                object -> object.createdAt().orElse(Instant.EPOCH).isBefore(before);
        Registry registry = new Registry();
        for (Resource pod : state.list(ResourceKind.POD, "")) {
            if (known.test(pod)) {
                Workload workload = Workload.of(pod);
                registry.workloads.put(workload.id(), workload);
                registry.byIp.put(workload.ip(), workload);
            }
        }
        Map<String, List<Resource>> slices = new LinkedHashMap<>();
        for (Resource slice : state.list(ResourceKind.ENDPOINT_SLICE, "")) {
            slices.computeIfAbsent(
                            slice.namespace() + "/"
                                    + slice.label("kubernetes.io/service-name").orElse(""),
                            key -> new ArrayList<>())
                    .add(slice);
        }
        List<Template> templates = state.list(ResourceKind.DEPLOYMENT, "").stream()
                .filter(known)
                .map(Template::of)
                .toList();
        for (Resource service : state.list(ResourceKind.SERVICE, "")) {
            if (known.test(service) && !service.spec().at("type").text("").equals("ExternalName")) {
                Service view = registry.service(
                        service, slices.getOrDefault(service.namespace() + "/" + service.name(), List.of()), templates);
                registry.services.put(view.host(), view);
            }
        }
        for (ResourceKind kind : List.of(
                ResourceKind.VIRTUAL_SERVICE,
                ResourceKind.DESTINATION_RULE,
                ResourceKind.PEER_AUTHENTICATION,
                ResourceKind.GATEWAY,
                ResourceKind.SIDECAR,
                ResourceKind.SERVICE_ENTRY)) {
            registry.objects.put(
                    kind,
                    state.list(kind, "").stream()
                            .filter(known)
                            .sorted(Comparator.comparing((Resource object) ->
                                            object.createdAt().orElse(Instant.EPOCH))
                                    .thenComparing(Resource::name)
                                    .thenComparing(Resource::namespace))
                            .toList());
        }
        registry.list(ResourceKind.SERVICE_ENTRY).forEach(registry::serviceEntry);
        registry.aliases(state, known);
        return registry;
    }

    /** ExternalName services stand for others. Source: Istio 1.22, "ExternalName services are now treated as aliases". */
    private void aliases(ClusterState state, Predicate<Resource> known) {
        Map<String, List<String>> aliases = new TreeMap<>();
        for (Resource service : state.list(ResourceKind.SERVICE, "")) {
            if (known.test(service) && service.spec().at("type").text("").equals("ExternalName")) {
                aliases.computeIfAbsent(service.spec().at("externalName").text(""), key -> new ArrayList<>())
                        .add(service.name() + "." + service.namespace() + ".svc.cluster.local");
            }
        }
        aliases.forEach((host, names) -> services.computeIfPresent(host, (key, found) -> found.withAliases(names)));
    }

    // What one proxy may see

    /** The Sidecar that restricts a proxy. Source: Istio, "Sidecar": of the workload, of its namespace, of the mesh. */
    public Optional<Resource> sidecar(Workload proxy) {
        if (proxy.gateway()) {
            return Optional.empty();
        }
        List<Resource> own = list(ResourceKind.SIDECAR).stream()
                .filter(sidecar -> sidecar.namespace().equals(proxy.namespace()))
                .toList();
        return own.stream()
                .filter(sidecar -> sidecar.spec().at("workloadSelector").exists()
                        && proxy.labels()
                                .entrySet()
                                .containsAll(sidecar.spec()
                                        .at("workloadSelector", "labels")
                                        .textMap()
                                        .entrySet()))
                .findFirst()
                .or(() -> own.stream()
                        .filter(sidecar ->
                                !sidecar.spec().at("workloadSelector").exists())
                        .findFirst())
                .or(() -> list(ResourceKind.SIDECAR).stream()
                        .filter(sidecar -> sidecar.namespace().equals(MeshSpec.ROOT_NAMESPACE)
                                && !sidecar.spec().at("workloadSelector").exists())
                        .findFirst());
    }

    /**
     * What a proxy sees: what is exported to its namespace, and what its Sidecar's {@code egress} names. Destinations of a
     * VirtualService that it sees are seen with it.
     */
    public Registry seenBy(Workload proxy) {
        Optional<Resource> sidecar = sidecar(proxy);
        List<String> egress = sidecar.stream()
                .flatMap(found -> found.spec().at("egress").items().stream())
                .flatMap(listener -> listener.at("hosts").texts().stream())
                .toList();
        boolean restricted = !egress.isEmpty();
        String client = proxy.namespace();
        Registry seen = new Registry();
        seen.whole = this;
        seen.egressMode = sidecar.map(found ->
                        found.spec().at("outboundTrafficPolicy", "mode").text(""))
                .orElse("");
        seen.workloads.putAll(workloads);
        seen.byIp.putAll(byIp);
        seen.objects.putAll(objects);
        services.forEach((host, service) -> {
            if (exported(service.exportTo(), service.namespace(), client)
                    && (!restricted || imported(egress, service.namespace(), host, client))) {
                seen.services.put(host, service);
            }
        });
        if (restricted) {
            List<Resource> virtualServices = list(ResourceKind.VIRTUAL_SERVICE).stream()
                    .filter(object -> visible(object, client))
                    .filter(object -> object.spec().at("hosts").texts().stream()
                            .map(host -> qualify(host, object.namespace()))
                            .anyMatch(host -> imported(egress, object.namespace(), host, client)))
                    .toList();
            seen.objects.put(ResourceKind.VIRTUAL_SERVICE, virtualServices);
            for (Resource object : virtualServices) {
                for (String kind : List.of("http", "tls", "tcp")) {
                    for (Json rule : object.spec().at(kind).items()) {
                        for (Json route : rule.at("route").items()) {
                            String host =
                                    qualify(route.at("destination", "host").text(""), object.namespace());
                            Service service = services.get(host);
                            if (service != null && exported(service.exportTo(), service.namespace(), client)) {
                                seen.services.putIfAbsent(host, service);
                            }
                        }
                    }
                }
            }
        }
        return seen;
    }

    /** What there is, whoever sees it. */
    public Registry whole() {
        return whole == null ? this : whole;
    }

    /** Whether a proxy with this view may only send to what it knows. */
    public boolean registryOnly(MeshSpec mesh) {
        return egressMode.isEmpty() ? mesh.registryOnly : egressMode.equals("REGISTRY_ONLY");
    }

    private static boolean imported(List<String> egress, String namespace, String host, String client) {
        return egress.stream().anyMatch(pattern -> {
            int slash = pattern.indexOf('/');
            String from = pattern.substring(0, Math.max(0, slash));
            String hosts = pattern.substring(slash + 1);
            boolean fromThere =
                    from.equals("*") || from.equals(namespace) || (from.equals(".") && namespace.equals(client));
            return fromThere && (covers(hosts, host) || covers(host, hosts));
        });
    }

    private static boolean exported(List<String> exportTo, String own, String client) {
        return exportTo.isEmpty()
                || exportTo.contains("*")
                || exportTo.contains(client)
                || (exportTo.contains(".") && own.equals(client));
    }

    private Service service(Resource service, List<Resource> slices, List<Template> templates) {
        List<Port> ports = new ArrayList<>();
        Map<Integer, List<Endpoint>> endpoints = new LinkedHashMap<>();
        Map<Integer, Integer> targets = new LinkedHashMap<>();
        Set<Workload> all = new LinkedHashSet<>();
        for (Json port : service.spec().at("ports").items()) {
            if (port.at("protocol").text("TCP").equals("UDP")) {
                continue;
            }
            int number = (int) port.at("port").number(0);
            String name = port.at("name").text("");
            ports.add(new Port(number, name, protocol(port.at("appProtocol").text(""), name)));
            List<Endpoint> found = endpoints.computeIfAbsent(number, key -> new ArrayList<>());
            for (Resource slice : slices) {
                for (Json slicePort : slice.raw().at("ports").items()) {
                    if (slicePort.at("name").text("").equals(name)) {
                        int target = (int) slicePort.at("port").number(number);
                        targets.put(number, target);
                        found.addAll(endpoints(slice, target, all));
                    }
                }
            }
        }
        // Istiod remembers the accounts of pods that are gone: a deployment that was scaled to zero keeps its identity.
        TreeSet<String> accounts = new TreeSet<>();
        all.forEach(workload -> accounts.add(workload.serviceAccount()));
        Map<String, String> selector = service.spec().at("selector").textMap();
        for (Template template : templates) {
            if (template.namespace().equals(service.namespace())
                    && !selector.isEmpty()
                    && template.labels().entrySet().containsAll(selector.entrySet())) {
                accounts.add(template.account());
            }
        }
        String address = service.spec().at("clusterIP").text("");
        boolean headless = address.equals("None");
        return new Service(
                service.name() + "." + service.namespace() + ".svc.cluster.local",
                service.name(),
                service.namespace(),
                headless ? "" : address,
                headless,
                List.copyOf(ports),
                targets,
                endpoints,
                List.copyOf(all),
                List.copyOf(accounts),
                false,
                "",
                service.annotation("networking.istio.io/exportTo").stream()
                        .flatMap(value -> Arrays.stream(value.split(",")))
                        .map(String::trim)
                        .toList(),
                List.of());
    }

    private List<Endpoint> endpoints(Resource slice, int port, Set<Workload> all) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (Json endpoint : slice.raw().at("endpoints").items()) {
            for (String ip : endpoint.at("addresses").texts()) {
                Workload workload = byIp.get(ip);
                if (workload == null
                        && endpoint.at("targetRef", "kind").text("").equals("Pod")) {
                    continue; // istiod does not know this pod yet
                }
                if (workload != null) {
                    all.add(workload);
                }
                if (endpoint.at("conditions", "ready").bool(true)) {
                    endpoints.add(new Endpoint(
                            ip,
                            port,
                            endpoint.at("nodeName").text(""),
                            workload,
                            workload == null ? Map.of() : workload.labels()));
                }
            }
        }
        return endpoints;
    }

    private void serviceEntry(Resource entry) {
        for (String host : entry.spec().at("hosts").texts()) {
            List<Port> ports = new ArrayList<>();
            Map<Integer, List<Endpoint>> endpoints = new LinkedHashMap<>();
            for (Json port : entry.spec().at("ports").items()) {
                int number = (int) port.at("number").number(0);
                String name = port.at("name").text("");
                ports.add(new Port(number, name, protocol(port.at("protocol").text(""), name)));
                List<Endpoint> found = new ArrayList<>();
                for (Json endpoint : entry.spec().at("endpoints").items()) {
                    found.add(new Endpoint(
                            endpoint.at("address").text(""),
                            (int) endpoint.at("ports", name)
                                    .number(port.at("targetPort").number(number)),
                            "",
                            null,
                            endpoint.at("labels").textMap()));
                }
                endpoints.put(number, found);
            }
            services.putIfAbsent(
                    host,
                    new Service(
                            host,
                            entry.name(),
                            entry.namespace(),
                            entry.spec().at("addresses").at(0).text(""),
                            false,
                            List.copyOf(ports),
                            Map.of(),
                            endpoints,
                            List.of(),
                            List.of(),
                            !entry.spec().at("location").text("MESH_EXTERNAL").equals("MESH_INTERNAL"),
                            entry.spec().at("resolution").text("NONE"),
                            entry.spec().at("exportTo").texts(),
                            List.of()));
        }
    }

    private static Protocol protocol(String declared, String name) {
        String text = declared.isEmpty() ? name : declared;
        int dash = text.indexOf('-');
        String first = (dash < 0 ? text : text.substring(0, dash)).toLowerCase(Locale.ROOT);
        return switch (first) {
            case "http" -> Protocol.HTTP;
            case "http2", "grpc" -> Protocol.HTTP2;
            case "tls", "https" -> Protocol.TLS;
            case "tcp", "mongo", "mysql", "redis" -> Protocol.TCP;
            default -> Protocol.AUTO;
        };
    }

    /** All services, sorted by host. */
    public List<Service> services() {
        return List.copyOf(services.values());
    }

    /** A service by host. */
    public Optional<Service> service(String host) {
        return Optional.ofNullable(services.get(host));
    }

    /** All pods. */
    public List<Workload> workloads() {
        return List.copyOf(workloads.values());
    }

    /** The pod of an address. */
    public Optional<Workload> workload(String ip) {
        return Optional.ofNullable(byIp.get(ip));
    }

    /** Objects of a kind of Istio's, the oldest first. */
    public List<Resource> list(ResourceKind kind) {
        return objects.getOrDefault(kind, List.of());
    }

    /** Whether an object may be seen from a namespace. Source: Istio, field {@code exportTo}. */
    public static boolean visible(Resource object, String namespace) {
        return exported(object.spec().at("exportTo").texts(), object.namespace(), namespace);
    }

    /** A host of an object, fully qualified with the object's namespace. */
    public static String qualify(String host, String namespace) {
        return host.isEmpty() || host.contains(".") || host.contains("*")
                ? host
                : host + "." + namespace + ".svc.cluster.local";
    }

    /** Whether a host or wildcard covers a host. */
    public static boolean covers(String pattern, String host) {
        return pattern.equals(host)
                || pattern.equals("*")
                || (pattern.startsWith("*")
                        && host.endsWith(pattern.substring(1))
                        && host.length() >= pattern.length());
    }

    /**
     * The mode of PeerAuthentication that counts for a port of a workload.
     *
     * <p>Source: Istio, "PeerAuthentication": port, then workload, then namespace, then mesh; the oldest of several.
     */
    public String peerAuthentication(String namespace, Map<String, String> labels, int port) {
        String mesh = "";
        String ofNamespace = "";
        Resource ofWorkload = null;
        for (Resource policy : list(ResourceKind.PEER_AUTHENTICATION)) {
            Map<String, String> selector =
                    policy.spec().at("selector", "matchLabels").textMap();
            String mode = policy.spec().at("mtls", "mode").text("UNSET");
            if (!selector.isEmpty()) {
                if (ofWorkload == null
                        && policy.namespace().equals(namespace)
                        && labels.entrySet().containsAll(selector.entrySet())) {
                    ofWorkload = policy;
                }
            } else if (policy.namespace().equals(namespace)) {
                ofNamespace = ofNamespace.isEmpty() && !mode.equals("UNSET") ? mode : ofNamespace;
            } else if (policy.namespace().equals(MeshSpec.ROOT_NAMESPACE)) {
                mesh = mesh.isEmpty() && !mode.equals("UNSET") ? mode : mesh;
            }
        }
        if (ofWorkload != null) {
            String atPort = ofWorkload
                    .spec()
                    .at("portLevelMtls", String.valueOf(port), "mode")
                    .text("UNSET");
            String mode = ofWorkload.spec().at("mtls", "mode").text("UNSET");
            if (!atPort.equals("UNSET")) {
                return atPort;
            }
            if (!mode.equals("UNSET")) {
                return mode;
            }
        }
        if (!ofNamespace.isEmpty()) {
            return ofNamespace;
        }
        return mesh.isEmpty() ? "PERMISSIVE" : mesh;
    }

    /** The rules that count for a host, seen from a namespace: the first gives the policy, all give subsets. */
    public List<Resource> destinationRules(Service service, String client) {
        for (String namespace : new LinkedHashSet<>(List.of(client, service.namespace(), MeshSpec.ROOT_NAMESPACE))) {
            List<Resource> covering = list(ResourceKind.DESTINATION_RULE).stream()
                    .filter(rule -> rule.namespace().equals(namespace))
                    .filter(rule -> visible(rule, client))
                    .filter(rule -> !rule.spec().at("workloadSelector").exists())
                    .filter(rule -> covers(host(rule), service.host()))
                    .toList();
            Optional<String> mostSpecific = covering.stream()
                    .map(Registry::host)
                    .max(Comparator.comparing((String host) -> !host.startsWith("*"))
                            .thenComparing(String::length));
            if (mostSpecific.isPresent()) {
                return covering.stream()
                        .filter(rule -> host(rule).equals(mostSpecific.get()))
                        .toList();
            }
        }
        return List.of();
    }

    private static String host(Resource rule) {
        return qualify(rule.spec().at("host").text(""), rule.namespace());
    }

    /** The path by which dumps name an object of Istio's. */
    public static String configPath(Resource object, String kind) {
        return "/apis/" + object.kind().group() + "/v1/namespaces/" + object.namespace() + "/" + kind + "/"
                + object.name();
    }
}
