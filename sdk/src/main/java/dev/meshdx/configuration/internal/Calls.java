package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which hosts the workloads of the mesh say that they call: literal environment variables, commands and arguments of their
 * containers. A name counts only where it is exactly that of a Service or ServiceEntry, written as Kubernetes' DNS resolves it
 * from the workload's namespace; a single word only with a scheme, or with a port that the Service has. Sources: Kubernetes,
 * "DNS for Services and Pods"; Istio, "Protocol Selection" and "Service Entry".
 *
 * <p>Init containers are left out: they run before the proxy, and so is what does not go through it. What comes from ConfigMaps and Secrets is not seen.
 */
public final class Calls {
    private static final Pattern URL = Pattern.compile(
            "\\b([a-zA-Z][a-zA-Z0-9+.-]{1,20})://(?:[^@/\\s]*@)?([A-Za-z0-9][A-Za-z0-9.-]*)(?::(\\d{1,5}))?(?![:\\w$@])");
    private static final Pattern HOST_PORT =
            Pattern.compile("(?<![A-Za-z0-9.@/:_$-])([A-Za-z0-9][A-Za-z0-9.-]*):(\\d{1,5})(?![\\w.:@-])");
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]+(\\.[a-z0-9-]+)+");
    private static final Pattern EXTERNAL = Pattern.compile("(?:[a-z0-9-]+\\.)+[a-z]{2,}");
    private static final Set<String> PROXY = Set.of("istio-proxy", "istio-init", "istio-validation");
    private static final int LONGEST = 4096;

    /** Domains that lead nowhere outside, or are reserved for examples. Source: RFC 2606, RFC 6762, Kubernetes DNS. */
    private static final Set<String> INNER =
            Set.of("local", "localhost", "localdomain", "internal", "svc", "cluster", "test", "invalid", "lan", "arpa");

    private static final Set<ResourceKind> INPUTS;

    static {
        Set<ResourceKind> inputs = new HashSet<>(Workloads.INPUTS);
        inputs.addAll(List.of(ResourceKind.NAMESPACE, ResourceKind.SERVICE, ResourceKind.SERVICE_ENTRY));
        INPUTS = Set.copyOf(inputs);
    }

    /**
     * A workload that names a host.
     *
     * @param caller who
     * @param field where; its value is the host and port only, since the rest may be a password
     * @param host fully qualified, or as the ServiceEntry writes it
     * @param port the port; 0 where none is written
     * @param targets the Service, or the ServiceEntries; none for a host that the mesh does not know
     */
    public record Call(Workload caller, Field field, String host, long port, List<Resource> targets) {
        /** The namespace of the caller. */
        public String namespace() {
            return caller.namespace();
        }
    }

    private record Target(String host, List<Resource> resources) {}

    private final Configuration configuration;
    private final Map<String, Resource> services = new HashMap<>();
    private final Map<String, List<Resource>> entries = new HashMap<>();
    private final Map<String, List<Resource>> wildcards = new HashMap<>();
    private final List<Call> known = new ArrayList<>();
    private final List<Call> unknown = new ArrayList<>();
    private final Map<String, List<Call>> byHost = new LinkedHashMap<>();

    private Calls(Configuration configuration) {
        this.configuration = configuration;
        for (Resource service : configuration.all(ResourceKind.SERVICE)) {
            services.put(Hosts.ofService(service.name(), configuration.namespaceOf(service)), service);
        }
        for (Resource entry : configuration.all(ResourceKind.SERVICE_ENTRY)) {
            for (String host : entry.spec().at("hosts").texts()) {
                String lower = host.toLowerCase(Locale.ROOT);
                (lower.startsWith("*") ? wildcards : entries)
                        .computeIfAbsent(lower, any -> new ArrayList<>())
                        .add(entry);
            }
        }
        for (Workload workload : Workloads.of(configuration).all()) {
            if (inMesh(configuration, workload) && isCaptured(workload) && !isOfController(configuration, workload)) {
                read(workload);
            }
        }
        for (Call call : known) {
            byHost.computeIfAbsent(call.host(), any -> new ArrayList<>()).add(call);
        }
    }

    /** Of a configuration. */
    public static Calls of(Configuration configuration) {
        return configuration.shared(Calls.class, INPUTS, Calls::new);
    }

    /** Calls of hosts that a Service or ServiceEntry has. */
    public List<Call> known() {
        return Collections.unmodifiableList(known);
    }

    /** URLs of hosts outside that no Service and no ServiceEntry has, whoever may see it. */
    public List<Call> unknown() {
        return Collections.unmodifiableList(unknown);
    }

    /** Who calls a host. */
    public List<Call> to(String host) {
        return Collections.unmodifiableList(byHost.getOrDefault(host, List.of()));
    }

    /** Whether a Service or a ServiceEntry, also one with a wildcard, has a host. */
    public boolean isKnown(String host) {
        return services.containsKey(host) || entries.containsKey(host) || isCovered(host);
    }

    private boolean isCovered(String host) {
        if (wildcards.containsKey("*")) {
            return true;
        }
        for (int dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
            if (wildcards.containsKey("*" + host.substring(dot))) {
                return true;
            }
        }
        return false;
    }

    /** A workload gets a sidecar: by its containers, its labels, or those of its namespace. Source: Istio, "Installing the Sidecar". */
    private static boolean inMesh(Configuration configuration, Workload workload) {
        Resource resource = workload.resource();
        boolean pod = resource.kind().equals(ResourceKind.POD);
        if (pod
                ? MeshMembership.hasSidecar(configuration, resource)
                : MeshMembership.hasSidecar(configuration, resource, workload.pod())) {
            return true;
        }
        String wish = workload.labels().getOrDefault("sidecar.istio.io/inject", "");
        return !pod
                && !wish.equals("false")
                && workload.annotation("sidecar.istio.io/inject").isEmpty()
                && configuration
                        .find(ResourceKind.NAMESPACE, "", workload.namespace())
                        .filter(namespace -> namespace.label("istio-injection").isEmpty())
                        .flatMap(namespace -> namespace.label("istio.io/rev"))
                        .isPresent();
    }

    /**
     * Whether what a workload sends goes through its proxy. Where only some addresses do, that cannot be told of a name.
     * Source: Istio, "Resource Annotations", {@code traffic.sidecar.istio.io} and {@code sidecar.istio.io/interceptionMode}.
     */
    private static boolean isCaptured(Workload workload) {
        String ranges = workload.annotation("traffic.sidecar.istio.io/includeOutboundIPRanges");
        return !workload.podSpec().at("hostNetwork").bool(false)
                && !workload.annotation("sidecar.istio.io/interceptionMode").equals("NONE")
                && (ranges.isEmpty() || ranges.equals("*"))
                && workload.annotation("traffic.sidecar.istio.io/excludeOutboundIPRanges")
                        .isEmpty()
                && workload.annotation("traffic.sidecar.istio.io/includeOutboundPorts")
                        .isEmpty();
    }

    private static boolean isExcluded(Workload workload, long port) {
        String excluded = workload.annotation("traffic.sidecar.istio.io/excludeOutboundPorts");
        // Without a port it may be one of them.
        return !excluded.isEmpty()
                && (port == 0
                        || excluded.equals("*")
                        || List.of(excluded.split("\\s*,\\s*", -1)).contains(Long.toString(port)));
    }

    /** A pod says what its Deployment says. */
    private static boolean isOfController(Configuration configuration, Workload workload) {
        if (!workload.resource().kind().equals(ResourceKind.POD)) {
            return false;
        }
        for (Json owner : workload.pod().at("metadata", "ownerReferences").items()) {
            String name = owner.at("name").text("");
            int dash = name.lastIndexOf('-');
            boolean read = switch (owner.at("kind").text("")) {
                case "ReplicaSet" ->
                    dash > 0
                            && configuration
                                    .find(ResourceKind.DEPLOYMENT, workload.namespace(), name.substring(0, dash))
                                    .isPresent();
                case "StatefulSet" ->
                    configuration
                            .find(ResourceKind.STATEFUL_SET, workload.namespace(), name)
                            .isPresent();
                case "DaemonSet" ->
                    configuration
                            .find(ResourceKind.DAEMON_SET, workload.namespace(), name)
                            .isPresent();
                default -> false;
            };
            if (read) {
                return true;
            }
        }
        return false;
    }

    private void read(Workload workload) {
        Set<String> seen = new LinkedHashSet<>();
        Field containers = new Field(workload.podPath() + "spec", workload.podSpec()).at("containers");
        for (Field container : containers.items()) {
            if (PROXY.contains(container.at("name").text())) {
                continue;
            }
            for (Field variable : container.at("env").items()) {
                read(workload, variable.at("value"), variable.at("name").text(), seen);
            }
            for (String name : List.of("command", "args")) {
                container.at(name).items().forEach(item -> read(workload, item, "", seen));
            }
        }
    }

    private void read(Workload workload, Field field, String variable, Set<String> seen) {
        String text = field.text();
        if (text.isEmpty() || text.length() > LONGEST) {
            return;
        }
        Matcher url = URL.matcher(text);
        while (url.find()) {
            long port = url.group(3) == null ? 0 : Long.parseLong(url.group(3));
            String host = host(url.group(2));
            if (!add(workload, field, host, port, true, seen)) {
                addUnknown(workload, field, url.group(1), host, port, variable, seen);
            }
        }
        Matcher hostPort = HOST_PORT.matcher(text);
        while (hostPort.find()) {
            add(workload, field, host(hostPort.group(1)), Long.parseLong(hostPort.group(2)), false, seen);
        }
        for (String item : text.split("[,\\s]+", -1)) {
            String name = item.substring(item.indexOf('=') + 1);
            if (NAME.matcher(name).matches()) {
                add(workload, field, host(name), 0, false, seen);
            }
        }
    }

    private static String host(String written) {
        String host = written.toLowerCase(Locale.ROOT);
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    private boolean add(Workload workload, Field field, String written, long port, boolean url, Set<String> seen) {
        Target target = find(workload.namespace(), written);
        if (target == null) {
            return false;
        }
        boolean word = !written.contains(".");
        if (!word || url || (port > 0 && hasPort(target.resources(), port))) {
            if (!isExcluded(workload, port) && seen.add(target.host())) {
                known.add(new Call(workload, named(field, written, port), target.host(), port, target.resources()));
            }
        }
        return true;
    }

    private static Field named(Field field, String host, long port) {
        return new Field(field.path(), Json.of(port == 0 ? host : host + ":" + port));
    }

    private static boolean hasPort(List<Resource> targets, long port) {
        return targets.stream()
                .flatMap(target -> target.spec().at("ports").items().stream())
                .anyMatch(own ->
                        own.at("port").number(0) == port || own.at("number").number(0) == port);
    }

    /** What Kubernetes' DNS makes of a name in a namespace, or what a ServiceEntry has. */
    private @Nullable Target find(String namespace, String written) {
        List<Resource> own = entries.get(written);
        if (own != null) {
            return new Target(written, own);
        }
        String host = Hosts.byDns(written, namespace);
        Resource service = services.get(host);
        return service == null ? null : new Target(host, List.of(service));
    }

    /** Domains of which a name of two labels is one outside. Those that namespaces are called by, such as dev, are none. */
    private static final Set<String> TOP_LEVEL = Set.of(
            ("com org net io co edu gov info biz eu de uk fr nl us ch at it es pt se no fi dk pl cz be ie jp cn kr in br au ca"
                            + " nz ru tr za mx")
                    .split(" "));

    /** Names that are shown to people, in a browser, more often than called. */
    private static final Pattern SHOWN = Pattern.compile(
            "(?i).*(DOC|HOMEPAGE|PUBLIC|ORIGIN|CORS|REDIRECT|CALLBACK|LINK|HELP|SUPPORT|SCHEMA|EXTERNAL_URL|BASE_URL|FRONTEND|WEBSITE|LICENSE).*");

    private void addUnknown(
            Workload workload, Field field, String scheme, String host, long port, String variable, Set<String> seen) {
        String last = host.substring(host.lastIndexOf('.') + 1);
        if (!EXTERNAL.matcher(host).matches()
                || INNER.contains(last)
                || isCovered(host)
                || SHOWN.matcher(variable).matches()) {
            return;
        }
        String[] labels = host.split("\\.", -1);
        // api.backend is a Service of a namespace, which may be in other files, rather than a domain.
        if (labels.length == 2
                && (!TOP_LEVEL.contains(labels[1])
                        || configuration
                                .find(ResourceKind.NAMESPACE, "", labels[1])
                                .isPresent())) {
            return;
        }
        long used = port != 0
                ? port
                : switch (scheme.toLowerCase(Locale.ROOT)) {
                    case "http", "ws" -> 80;
                    case "https", "wss" -> 443;
                    default -> 0;
                };
        if (used != 0 && !isExcluded(workload, used) && seen.add(host + ":" + used)) {
            unknown.add(new Call(workload, named(field, host, used), host, used, List.of()));
        }
    }
}
