package dev.meshdx.analysis.internal.checks.platform;

import static dev.meshdx.model.ResourceKind.ENVOY_FILTER;
import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.GATEWAY_CLASS;
import static dev.meshdx.model.ResourceKind.GRPC_ROUTE;
import static dev.meshdx.model.ResourceKind.HTTP_ROUTE;
import static dev.meshdx.model.ResourceKind.INGRESS;
import static dev.meshdx.model.ResourceKind.KUBERNETES_GATEWAY;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.SIDECAR;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;
import static dev.meshdx.model.ResourceKind.WORKLOAD_ENTRY;
import static dev.meshdx.model.ResourceKind.WORKLOAD_GROUP;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * EnvoyFilters, or patches in them, that match nothing of what the configuration leads to: Istio drops them without a word.
 * Source: istio/api, {@code EnvoyFilter} (cluster and virtual host names are fully qualified; proxyVersion is a regular
 * expression that need not match the whole); istio/istio, {@code pilot/pkg/networking/core/envoyfilter}, and
 * {@code pilot/pkg/model/envoyfilter.go}. What an operation does for what it is applied to is IST0152 to IST0154, but for those
 * pairs that istioctl does not know of.
 */
public final class EnvoyFilterMatchCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0293",
            "EnvoyFilterMatchesNothing",
            Severity.WARNING,
            "An EnvoyFilter, or a patch in it, matches nothing.");

    /** The start of a tag that is a version. */
    private static final java.util.regex.Pattern VERSION =
            java.util.regex.Pattern.compile("([0-9]+\\.[0-9]+(?:\\.[0-9]+)?(?:-(?:alpha|beta|rc)[.0-9a-z]*)?)(?:-.*)?");

    private static final Set<String> INSERT = Set.of("INSERT_FIRST", "INSERT_BEFORE", "INSERT_AFTER");

    /** What has no order, so that nothing can be put before or after it. */
    private static final Set<String> UNORDERED =
            Set.of("CLUSTER", "LISTENER", "FILTER_CHAIN", "VIRTUAL_HOST", "ROUTE_CONFIGURATION");

    /** Set by Istio on the pods that it makes for Gateways of the Gateway API, which nobody writes down. */
    private static final Set<String> GENERATED =
            Set.of("gateway.networking.k8s.io/gateway-name", "istio.io/gateway-name", "gateway.istio.io/managed");

    /**
     * Istio's own: its gateways as they are installed, virtual listeners, health, metrics, HBONE, between networks. Source:
     * Istio, "Application Requirements", and the gateway's chart.
     */
    private static final Set<Long> OWN_PORTS = Set.of(
            80L, 443L, 8080L, 8443L, 31400L, 15000L, 15001L, 15002L, 15004L, 15006L, 15008L, 15009L, 15012L, 15017L,
            15020L, 15021L, 15053L, 15090L, 15443L);

    private static final String HINT = "Compare with what a proxy has: istioctl proxy-config ";

    /** What the configuration leads to. */
    private static final class Known {
        private final Map<String, Set<Long>> hosts = new HashMap<>();
        private final Set<String> virtualHosts = new HashSet<>();
        private final Map<String, List<String>> byName = new HashMap<>();
        private final Set<String> gateways = new TreeSet<>();
        private final Set<Map.Entry<String, String>> machines = new HashSet<>();
        private final Set<Long> outbound = new TreeSet<>(OWN_PORTS);
        private final Set<Long> inbound = new TreeSet<>(OWN_PORTS);

        Known(Configuration configuration) {
            for (Resource service : configuration.all(SERVICE)) {
                addPorts(
                        service,
                        "port",
                        hosts.computeIfAbsent(
                                ServiceRegistry.qualify(configuration.namespaceOf(service), service.name()),
                                host -> new TreeSet<>()));
            }
            for (Resource entry : configuration.all(SERVICE_ENTRY)) {
                for (String host : entry.spec().at("hosts").texts()) {
                    addPorts(entry, "number", hosts.computeIfAbsent(host, name -> new TreeSet<>()));
                }
            }
            for (String host : new TreeSet<>(hosts.keySet())) {
                if (host.endsWith(ServiceRegistry.SUFFIX)) {
                    byName.computeIfAbsent(host.substring(0, host.indexOf('.')), name -> new ArrayList<>())
                            .add(host);
                }
            }
            for (Resource gateway : configuration.all(GATEWAY)) {
                gateways.add(configuration.qualifiedName(gateway));
                for (Json server : gateway.spec().at("servers").items()) {
                    both(server.at("port", "number"));
                    server.at("hosts").texts().forEach(host -> virtualHosts.add(host.substring(host.indexOf('/') + 1)));
                }
            }
            for (Resource gateway : configuration.all(KUBERNETES_GATEWAY)) {
                for (Json listener : gateway.spec().at("listeners").items()) {
                    both(listener.at("port"));
                    virtualHosts.add(listener.at("hostname").text("*"));
                }
            }
            for (Resource service : configuration.all(VIRTUAL_SERVICE)) {
                for (String host : service.spec().at("hosts").texts()) {
                    virtualHosts.add(host);
                    virtualHosts.add(ServiceRegistry.qualify(configuration.namespaceOf(service), host));
                }
            }
            for (ResourceKind kind : List.of(HTTP_ROUTE, GRPC_ROUTE)) {
                configuration
                        .all(kind)
                        .forEach(route ->
                                virtualHosts.addAll(route.spec().at("hostnames").texts()));
            }
            for (Resource ingress : configuration.all(INGRESS)) {
                ingress.spec()
                        .at("rules")
                        .items()
                        .forEach(rule -> virtualHosts.add(rule.at("host").text("")));
            }
            for (Resource sidecar : configuration.all(SIDECAR)) {
                for (String side : List.of("ingress", "egress")) {
                    sidecar.spec().at(side).items().forEach(item -> both(item.at("port", "number")));
                }
            }
            for (Resource entry : configuration.all(WORKLOAD_ENTRY)) {
                entry.spec().at("ports").forEachField((name, port) -> both(port));
                machines.addAll(entry.labels().entrySet());
                machines.addAll(entry.spec().at("labels").textMap().entrySet());
            }
            for (Resource group : configuration.all(WORKLOAD_GROUP)) {
                machines.addAll(group.spec().at("metadata", "labels").textMap().entrySet());
            }
            for (Workload workload : Workloads.of(configuration).all()) {
                for (Json container : workload.podSpec().at("containers").items()) {
                    container
                            .at("ports")
                            .items()
                            .forEach(
                                    port -> inbound.add(port.at("containerPort").number(0)));
                }
            }
            virtualHosts.addAll(hosts.keySet());
        }

        private void addPorts(Resource owner, String name, Set<Long> ports) {
            for (Json port : owner.spec().at("ports").items()) {
                ports.add(port.at(name).number(0));
                both(port.at(name));
                inbound.add(port.at("targetPort").number(0));
                inbound.add(port.at("nodePort").number(0));
            }
        }

        private void both(Json port) {
            outbound.add(port.number(0));
            inbound.add(port.number(0));
        }

        /** Gateways listen on the ports of their pods; where nothing is said, every port may be meant. */
        boolean hasPort(String context, long port) {
            return outbound.contains(port) || (!context.equals("SIDECAR_OUTBOUND") && inbound.contains(port));
        }
    }

    /** What is wrong with one patch. */
    private record Problem(Field field, String message, String remedy) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(Workloads.INPUTS);
        inputs.addAll(List.of(
                ENVOY_FILTER,
                SERVICE,
                SERVICE_ENTRY,
                GATEWAY,
                KUBERNETES_GATEWAY,
                GATEWAY_CLASS,
                HTTP_ROUTE,
                GRPC_ROUTE,
                INGRESS,
                VIRTUAL_SERVICE,
                SIDECAR,
                WORKLOAD_ENTRY,
                WORKLOAD_GROUP));
        return inputs;
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        List<Resource> filters = configuration.all(ENVOY_FILTER);
        if (filters.isEmpty()) {
            return;
        }
        Known known = new Known(configuration);
        boolean complete = inputs().stream().allMatch(configuration::complete);
        for (Resource filter : filters) {
            Optional<Problem> whole = target(configuration, filter).or(() -> selector(configuration, known, filter));
            if (whole.isPresent()) {
                report.accept(finding(configuration, filter, whole.get()));
                continue;
            }
            List<Workload> selected = selected(configuration, filter);
            for (Field patch : Field.spec(filter).at("configPatches").items()) {
                operation(patch)
                        .or(() -> version(patch, selected))
                        .or(() -> context(filter, patch, selected))
                        .or(() -> complete
                                ? match(configuration, known, scope(configuration, filter), patch)
                                : Optional.empty())
                        .ifPresent(problem -> report.accept(finding(configuration, filter, problem)));
            }
        }
    }

    private static Finding finding(Configuration configuration, Resource filter, Problem problem) {
        return configuration
                .finding(CODE, filter, problem.field())
                .message(problem.message())
                .remedy(problem.remedy()
                        + (problem.remedy().endsWith(":") ? " " : ". To edit it: ")
                        + ReferencedResources.edit(filter))
                .build();
    }

    /** Resources that it is attached to must be there. Source: istio/api, {@code EnvoyFilter.targetRefs}. */
    private static Optional<Problem> target(Configuration configuration, Resource filter) {
        Map<String, ResourceKind> kinds = Map.of(
                "Gateway", KUBERNETES_GATEWAY,
                "GatewayClass", GATEWAY_CLASS,
                "Service", SERVICE,
                "ServiceEntry", SERVICE_ENTRY);
        String namespace = configuration.namespaceOf(filter);
        List<Problem> missing = new ArrayList<>();
        List<Field> targets = Field.spec(filter).at("targetRefs").items();
        for (Field target : targets) {
            ResourceKind kind = kinds.get(target.at("kind").text());
            Field name = target.at("name");
            if (kind == null
                    || name.text().isEmpty()
                    || configuration.find(kind, namespace, name.text()).isPresent()
                    || !configuration.knows(kind, kind.namespaced() ? namespace : "")
                    || (kind.equals(GATEWAY_CLASS) && name.text().startsWith("istio"))) {
                return Optional.empty();
            }
            Set<String> names = new TreeSet<>();
            (kind.namespaced() ? configuration.in(kind, namespace) : configuration.all(kind))
                    .forEach(other -> names.add(other.name()));
            missing.add(new Problem(
                    name,
                    "The EnvoyFilter does nothing: it is for " + kind.kind() + " " + name.text()
                            + ", which does not exist"
                            + (kind.namespaced() ? " in namespace " + namespace + "." : ".")
                            + ReferencedResources.didYouMean(configuration.near(name.text(), names)),
                    "Name one that exists under targetRefs"));
        }
        return missing.stream().findFirst();
    }

    private static Optional<Problem> selector(Configuration configuration, Known known, Resource filter) {
        Field labels = Field.spec(filter).at("workloadSelector", "labels");
        Map<String, String> wanted = labels.value().textMap();
        String namespace = scope(configuration, filter);
        if (wanted.isEmpty()
                || wanted.keySet().stream().anyMatch(GENERATED::contains)
                || !Workloads.shown(configuration, namespace)
                || !selected(configuration, filter).isEmpty()
                // Machines are not worth an index: that one may have them all is enough to stay silent.
                || known.machines.containsAll(wanted.entrySet())) {
            return Optional.empty();
        }
        String text = Configuration.text(wanted);
        List<Workload> elsewhere =
                namespace.isEmpty() ? List.of() : Workloads.of(configuration).matching(wanted, "");
        String hint = elsewhere.isEmpty()
                ? ""
                : " " + elsewhere.get(0) + " has them, but an EnvoyFilter reaches other namespaces only from "
                        + configuration.mesh().rootNamespace() + ".";
        return Optional.of(new Problem(
                labels.entries().get(0),
                "The EnvoyFilter does nothing: no workload"
                        + (namespace.isEmpty() ? "" : " of namespace " + namespace) + " has the labels " + text + "."
                        + hint,
                "Compare with the labels of the pods: kubectl "
                        + (namespace.isEmpty() ? "get pods -A" : "-n " + namespace + " get pods") + " --show-labels"));
    }

    /** The namespace whose proxies it reaches; empty for all. */
    private static String scope(Configuration configuration, Resource filter) {
        String namespace = configuration.namespaceOf(filter);
        return namespace.equals(configuration.mesh().rootNamespace()) ? "" : namespace;
    }

    /** The workloads that a selector chooses; without a selector none are looked at. */
    private static List<Workload> selected(Configuration configuration, Resource filter) {
        Map<String, String> labels =
                filter.spec().at("workloadSelector", "labels").textMap();
        return labels.isEmpty()
                ? List.of()
                : Workloads.of(configuration).matching(labels, scope(configuration, filter));
    }

    private static Optional<Problem> operation(Field patch) {
        String applyTo = patch.at("applyTo").text();
        Field operation = patch.at("patch", "operation");
        String name = operation.text();
        String instead = "";
        if (UNORDERED.contains(applyTo) && INSERT.contains(name)) {
            instead = applyTo.equals("ROUTE_CONFIGURATION") ? "MERGE" : "ADD, MERGE or REMOVE";
        } else if (applyTo.equals("EXTENSION_CONFIG") && INSERT.contains(name)) {
            instead = "ADD";
        } else if (applyTo.equals("BOOTSTRAP") && (INSERT.contains(name) || name.equals("ADD"))) {
            instead = "MERGE";
        }
        return instead.isEmpty()
                ? Optional.empty()
                : Optional.of(new Problem(
                        operation,
                        "The patch does nothing: the operation " + name + " is ignored for applyTo " + applyTo + ".",
                        "Write operation: " + instead));
    }

    /** Only where the versions of all that it is for are known. */
    private static Optional<Problem> version(Field patch, List<Workload> selected) {
        Field wanted = patch.at("match", "proxy", "proxyVersion");
        if (wanted.text().isEmpty() || selected.isEmpty()) {
            return Optional.empty();
        }
        Set<String> versions = new TreeSet<>();
        for (Workload workload : selected) {
            Optional<String> version = version(workload);
            if (version.isPresent()) {
                versions.add(version.get());
            } else if (workload.podPath().isEmpty()) {
                return Optional.empty();
            }
        }
        try {
            Pattern pattern = Pattern.compile(wanted.text());
            if (versions.isEmpty()
                    || versions.stream()
                            .anyMatch(version -> pattern.matcher(version).find())) {
                return Optional.empty();
            }
        } catch (PatternSyntaxException e) {
            // IST0106 says so.
            return Optional.empty();
        }
        String newest = List.copyOf(versions).get(versions.size() - 1);
        int dot = newest.indexOf('.', newest.indexOf('.') + 1);
        String minor = dot < 0 ? newest : newest.substring(0, dot);
        return Optional.of(new Problem(
                wanted,
                "The patch does nothing: its proxyVersion " + wanted.text()
                        + " matches no proxy that the EnvoyFilter is for; they have version "
                        + String.join(", ", versions) + ".",
                "Write proxyVersion: '^" + minor.replace(".", "\\.")
                        + ".*', after a look at whether the patch still fits"));
    }

    /** As the tag of the proxy's image says. */
    private static Optional<String> version(Workload workload) {
        List<Json> containers =
                new ArrayList<>(workload.podSpec().at("containers").items());
        containers.addAll(workload.podSpec().at("initContainers").items());
        for (Json container : containers) {
            if (container.at("name").text("").equals("istio-proxy")) {
                String image = container.at("image").text("");
                String tag = image.replaceAll("@.*", "").replaceAll(".*/", "");
                var matcher = VERSION.matcher(tag.substring(tag.indexOf(':') + 1));
                return matcher.matches() ? Optional.ofNullable(matcher.group(1)) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** A patch for gateways does nothing in sidecars, and the other way round. */
    private static Optional<Problem> context(Resource filter, Field patch, List<Workload> selected) {
        Field context = patch.at("match", "context");
        boolean gateway = context.text().equals("GATEWAY");
        if (selected.isEmpty() || (!gateway && !context.text().startsWith("SIDECAR_"))) {
            return Optional.empty();
        }
        for (Workload workload : selected) {
            Optional<Boolean> router = isGateway(workload);
            if (router.isEmpty() || router.get() == gateway) {
                return Optional.empty();
            }
        }
        return Optional.of(new Problem(
                context,
                "The patch does nothing: its context is " + context.text() + ", but the labels "
                        + Configuration.text(
                                filter.spec().at("workloadSelector", "labels").textMap())
                        + " choose " + (gateway ? "sidecars" : "gateways") + " only, such as " + selected.get(0) + ".",
                "Write context: " + (gateway ? "SIDECAR_INBOUND or SIDECAR_OUTBOUND" : "GATEWAY")));
    }

    /** As the arguments of the proxy say: {@code proxy router} or {@code proxy sidecar}. Source: istio/istio, pilot-agent. */
    private static Optional<Boolean> isGateway(Workload workload) {
        List<Json> containers =
                new ArrayList<>(workload.podSpec().at("containers").items());
        containers.addAll(workload.podSpec().at("initContainers").items());
        for (Json container : containers) {
            List<String> args = container.at("args").texts();
            if (container.at("name").text("").equals("istio-proxy") && args.contains("proxy")) {
                return args.contains("router")
                        ? Optional.of(true)
                        : args.contains("sidecar") ? Optional.of(false) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static Optional<Problem> match(Configuration configuration, Known known, String namespace, Field patch) {
        Field match = patch.at("match");
        String context = match.at("context").text();
        for (String object : List.of("listener", "routeConfiguration")) {
            Field port = match.at(object, "portNumber");
            long number = port.value().number(0);
            // A sidecar's inbound ports are those of its own namespace, and files may show no other.
            if (number > 0
                    && !known.hasPort(context, number)
                    && configuration.knows(SERVICE, context.equals("SIDECAR_INBOUND") ? namespace : "")) {
                return Optional.of(new Problem(
                        port,
                        "The patch does nothing: nothing in the configuration has the port " + number
                                + (context.isEmpty() ? "" : " (context " + context + ")") + ".",
                        HINT + "listeners POD --port " + number));
            }
        }
        return cluster(configuration, known, match.at("cluster"))
                .or(() -> virtualHost(configuration, known, match.at("routeConfiguration", "vhost", "name")))
                .or(() -> gateway(configuration, known, match.at("routeConfiguration", "gateway")));
    }

    private static Optional<Problem> cluster(Configuration configuration, Known known, Field cluster) {
        Field name = cluster.at("name");
        String[] parts = name.text().split("\\|", -1);
        boolean named = parts.length == 4 && parts[0].equals("outbound");
        Field field = named ? name : cluster.at("service");
        String host = named ? parts[3] : name.text().isEmpty() ? field.text() : "";
        long port = named
                ? Json.of(parts[1]).number(0)
                : cluster.at("portNumber").value().number(0);
        if (host.isEmpty() || isForeign(host)) {
            return Optional.empty();
        }
        Set<Long> ports = known.hosts.get(host);
        if (ports == null && !knows(configuration, host)) {
            return Optional.empty();
        }
        if (ports == null) {
            return Optional.of(new Problem(
                    field,
                    "The patch does nothing: no Service or ServiceEntry has the host " + host + "."
                            + hint(configuration, known, known.hosts.keySet(), host),
                    "Write the fully qualified name of the host, such as NAME.NAMESPACE" + ServiceRegistry.SUFFIX));
        }
        // Of inbound clusters it is the port of the workload.
        return named && port > 0 && !ports.contains(port)
                ? Optional.of(new Problem(
                        field,
                        "The patch does nothing: " + host + " has no port " + port + ", but " + ports + ".",
                        HINT + "clusters POD --fqdn " + host))
                : Optional.empty();
    }

    private static Optional<Problem> virtualHost(Configuration configuration, Known known, Field name) {
        int colon = name.text().lastIndexOf(':');
        String host = colon > 0 ? name.text().substring(0, colon) : "";
        // Others are Istio's own: allow_any, block_all, inbound|http|8080.
        return host.isEmpty()
                        || host.contains("|")
                        || isForeign(host)
                        || known.virtualHosts.contains(host)
                        || !knows(configuration, host)
                ? Optional.empty()
                : Optional.of(new Problem(
                        name,
                        "The patch does nothing: no virtual host is called " + name.text() + "; none is for " + host
                                + "." + hint(configuration, known, known.virtualHosts, host),
                        "Write HOST:PORT with the fully qualified host, such as NAME.NAMESPACE" + ServiceRegistry.SUFFIX
                                + name.text().substring(colon)));
    }

    private static Optional<Problem> gateway(Configuration configuration, Known known, Field gateway) {
        String name = gateway.text();
        int slash = name.indexOf('/');
        if (name.isEmpty()
                || name.contains("istio-autogenerated")
                || (slash > 0
                        && configuration
                                .find(GATEWAY, name.substring(0, slash), name.substring(slash + 1))
                                .isPresent())) {
            return Optional.empty();
        }
        if (!configuration.knows(GATEWAY, slash < 0 ? "" : name.substring(0, slash)) && slash > 0) {
            return Optional.empty();
        }
        Set<String> names = known.gateways;
        List<String> near = slash < 0
                ? names.stream()
                        .filter(other -> other.endsWith("/" + name))
                        .limit(3)
                        .toList()
                : configuration.near(name, names);
        return Optional.of(new Problem(
                gateway,
                "The patch does nothing: there is no Gateway " + name
                        + (slash < 0 ? " (it is written NAMESPACE/NAME)." : ".") + ReferencedResources.didYouMean(near),
                "Write gateway: NAMESPACE/NAME of one that exists"));
    }

    /** Whether a host that is not there does not exist. */
    private static boolean knows(Configuration configuration, String host) {
        // A name without a dot is never that of a cluster or virtual host.
        return ServiceRegistry.namespaceOf(host)
                .map(namespace -> configuration.knows(SERVICE, namespace))
                .orElseGet(() -> !host.contains(".") || configuration.knows(SERVICE, ""));
    }

    /** A cluster domain that is not Kubernetes' own, or a pattern: nothing is known about those. */
    private static boolean isForeign(String host) {
        return host.contains("*") || (host.contains(".svc.") && !host.endsWith(ServiceRegistry.SUFFIX));
    }

    private static String hint(Configuration configuration, Known known, Set<String> hosts, String host) {
        if (host.contains(".") && !host.endsWith(ServiceRegistry.SUFFIX)) {
            String complete = host.endsWith(".svc") ? host + ".cluster.local" : host + ServiceRegistry.SUFFIX;
            if (hosts.contains(complete)) {
                return ReferencedResources.didYouMean(List.of(complete));
            }
        }
        List<String> named =
                known.byName.getOrDefault(host, List.of()).stream().limit(3).toList();
        return ReferencedResources.didYouMean(named.isEmpty() ? configuration.near(host, hosts) : named);
    }
}
