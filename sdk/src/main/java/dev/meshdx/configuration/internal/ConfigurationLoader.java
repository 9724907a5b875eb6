package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.MeshConfig;
import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Json;
import dev.meshdx.model.Origin;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Yaml;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.Documents;
import dev.meshdx.source.internal.MeshConfigMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the selected checks need: each kind once, all kinds in parallel. Where the caller may read one namespace only,
 * that one is read, and what stays hidden is a gap.
 */
public final class ConfigurationLoader {
    /** The definitions that checks look at: those of Istio's first RBAC, and those of Gateway API with a version that Istio needs. */
    private static final List<String> DEFINITIONS = List.of(
            "clusterrbacconfigs.rbac.istio.io",
            "rbacconfigs.rbac.istio.io",
            "serviceroles.rbac.istio.io",
            "servicerolebindings.rbac.istio.io",
            "gateways.gateway.networking.k8s.io",
            "gatewayclasses.gateway.networking.k8s.io",
            "httproutes.gateway.networking.k8s.io",
            "referencegrants.gateway.networking.k8s.io",
            "grpcroutes.gateway.networking.k8s.io",
            "backendtlspolicies.gateway.networking.k8s.io",
            "tlsroutes.gateway.networking.k8s.io",
            "tcproutes.gateway.networking.k8s.io");

    /** Secrets that are asked for one by one. */
    private static final int MAX_MISPLACED = 50;

    /** Groups whose kinds are defined by custom resource definitions that a mesh brings along. */
    private static final Pattern CUSTOM =
            Pattern.compile("(networking|security|telemetry|extensions)\\.istio\\.io|gateway\\.networking\\.k8s\\.io");

    private final Session session;
    private final Scope scope;
    private static final Set<String> INHABITANTS = Set.of(
            "Service", "Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Rollout");

    private final LoadOptions options;

    /** Why a kind was not read at all. */
    private final Map<ResourceKind, String> unread = new LinkedHashMap<>();

    /** What of a kind was not read. */
    private final Map<ResourceKind, String> doubts = new LinkedHashMap<>();

    private final Map<String, Session> clusters;

    private int count;

    public ConfigurationLoader(Session session, Scope scope, LoadOptions options) {
        this(session, scope, options, Map.of());
    }

    /**
     * For several clusters of one mesh.
     *
     * @param clusters the further ones by name; of them Services only are read
     */
    public ConfigurationLoader(Session session, Scope scope, LoadOptions options, Map<String, Session> clusters) {
        this.session = session;
        this.scope = scope;
        this.options = options;
        this.clusters = clusters;
    }

    private record Loaded(
            ResourceKind kind,
            List<Resource> resources,
            @Nullable Set<String> namespaces,
            @Nullable MeshException failure) {}

    public Map<ResourceKind, String> unread() {
        return unread;
    }

    public Map<ResourceKind, String> doubts() {
        return doubts;
    }

    /** How many resources were read. */
    public int count() {
        return count;
    }

    private boolean fromFiles() {
        return session.source().kind() == MeshSource.Kind.MANIFESTS;
    }

    public Configuration load(Set<ResourceKind> kinds) {
        Configuration.Builder builder = Configuration.builder();
        builder.defaultNamespace(session.source().defaultNamespace());
        builder.now(session.now());
        if (session.source() instanceof Documents documents) {
            documents.problems().forEach(session::gap);
            builder.locate(documents::locate);
            builder.written(documents.written());
            if (fromFiles()) {
                builder.inhabited(inhabited(documents.written()));
            }
        }
        List<ResourceKind> plain = new ArrayList<>(kinds);
        boolean secretsByGateway = !fromFiles() && plain.remove(ResourceKind.SECRET);
        boolean configMaps = !fromFiles() && plain.remove(ResourceKind.CONFIG_MAP);
        boolean definitions = session.source().kind() == MeshSource.Kind.LIVE
                && plain.remove(ResourceKind.CUSTOM_RESOURCE_DEFINITION);
        for (Loaded loaded : session.parallel(plain, this::read)) {
            add(builder, loaded);
        }
        if (definitions) {
            add(builder, definitions());
        }
        if (configMaps) {
            add(builder, controlPlaneConfigMaps());
        }
        MeshConfig mesh = MeshConfig.of(meshConfig(), session.istioNamespace());
        builder.mesh(mesh, session.istioNamespace());
        addMeshNetworks(builder);
        if (fromFiles()) {
            addDefaultIngress(builder, mesh);
        }
        if (secretsByGateway) {
            addSecrets(builder);
        }
        if (kinds.contains(ResourceKind.SERVICE)) {
            clusters.forEach((name, cluster) -> addCluster(builder, name, cluster));
        }
        return builder.build();
    }

    /** The namespaces of which files hold a Namespace, a Service or something that runs. */
    private Set<String> inhabited(List<Resource> documents) {
        Set<String> namespaces = new TreeSet<>();
        for (Resource document : documents) {
            String kind = document.kind().kind();
            if (kind.equals("Namespace")) {
                namespaces.add(document.name());
            } else if (INHABITANTS.contains(kind)) {
                namespaces.add(
                        document.namespace().isEmpty() ? session.source().defaultNamespace() : document.namespace());
            }
        }
        return namespaces;
    }

    private void addCluster(Configuration.Builder builder, String name, Session cluster) {
        Configuration.Builder other = Configuration.builder();
        other.defaultNamespace(cluster.source().defaultNamespace());
        try {
            List<Resource> services = cluster.resources(ResourceKind.SERVICE);
            count += services.size();
            other.resources(ResourceKind.SERVICE, services);
        } catch (MeshException e) {
            String what = "services of cluster " + name;
            doubts.put(ResourceKind.SERVICE, what + " could not be read, so they were not compared");
            session.gap(what, null, rethrowUnlessGap(e));
        }
        if (cluster.source() instanceof Documents documents) {
            documents.problems().forEach(session::gap);
        }
        builder.cluster(name, other.build());
    }

    private void add(Configuration.Builder builder, Loaded loaded) {
        MeshException failure = loaded.failure();
        if (failure != null && loaded.namespaces() == null) {
            unread.put(loaded.kind(), loaded.kind().qualifiedPlural() + " could not be read: " + failure.getMessage());
            session.gap(loaded.kind().qualifiedPlural(), null, failure);
            return;
        }
        List<Resource> resources = ofRevision(loaded.resources());
        count += resources.size();
        builder.resources(loaded.kind(), resources);
        if (loaded.namespaces() != null) {
            builder.partial(loaded.kind(), loaded.namespaces());
        }
        if (failure != null) {
            String what = loaded.kind().equals(ResourceKind.CONFIG_MAP)
                    ? "configmaps in " + session.istioNamespace()
                    : loaded.kind().qualifiedPlural() + " outside "
                            + (loaded.namespaces() == null
                                    ? ""
                                    : String.join(", ", new TreeSet<>(loaded.namespaces())));
            doubts.put(loaded.kind(), what + " could not be read, so what refers to them was not judged");
            session.gap(what, null, failure);
        }
    }

    /**
     * Resources for another control plane, of Istio's kinds and those of the Gateway API, are left out where the caller names
     * one. Source: istio/istio, KubeSource.
     */
    private List<Resource> ofRevision(List<Resource> resources) {
        if (options.revision().isEmpty()) {
            return resources;
        }
        return resources.stream()
                .filter(resource -> !(resource.kind().group().endsWith("istio.io")
                                || resource.kind().group().equals(ResourceKind.KUBERNETES_GATEWAY.group()))
                        || resource.label("istio.io/rev")
                                .map(options.revision()::equals)
                                .orElse(true))
                .toList();
    }

    private Loaded read(ResourceKind kind) {
        try {
            return new Loaded(kind, session.resources(kind), null, null);
        } catch (MeshAccessException e) {
            return scope.namespace().isEmpty()
                    ? new Loaded(kind, List.of(), null, e)
                    : kind.namespaced() ? readNamespaces(kind, e) : readNamespaceItself(kind, e);
        } catch (MeshException e) {
            // A kind that the cluster does not know has no resources: nothing is hidden.
            return new Loaded(kind, List.of(), null, e.reason() == Reason.NOT_INSTALLED ? null : rethrowUnlessGap(e));
        }
    }

    /** Interruption and closing end the analysis; everything else costs one kind. */
    private static MeshException rethrowUnlessGap(MeshException e) {
        if (e instanceof dev.meshdx.error.MeshInterruptedException
                || e instanceof dev.meshdx.error.MeshClosedException) {
            throw e;
        }
        return e;
    }

    /** The namespace in question, and the one for the whole mesh where that is allowed too. */
    private Loaded readNamespaces(ResourceKind kind, MeshAccessException why) {
        List<Resource> found = new ArrayList<>();
        Set<String> namespaces = new LinkedHashSet<>();
        for (String namespace : new LinkedHashSet<>(List.of(scope.namespace(), session.istioNamespace()))) {
            try {
                found.addAll(session.resources(kind, namespace));
                namespaces.add(namespace);
            } catch (MeshAccessException e) {
                // Stays hidden, which the gap says.
            } catch (MeshException e) {
                return new Loaded(kind, List.of(), null, rethrowUnlessGap(e));
            }
        }
        return new Loaded(kind, found, namespaces.isEmpty() ? null : namespaces, why);
    }

    private Loaded readNamespaceItself(ResourceKind kind, MeshAccessException why) {
        if (!kind.equals(ResourceKind.NAMESPACE)) {
            return new Loaded(kind, List.of(), null, why);
        }
        try {
            Optional<Resource> namespace = session.resource(kind, "", scope.namespace());
            return new Loaded(kind, namespace.stream().toList(), Set.of(scope.namespace()), why);
        } catch (MeshException e) {
            return new Loaded(kind, List.of(), null, rethrowUnlessGap(e));
        }
    }

    /** By name: all definitions of a cluster with their schemas are tens of megabytes. */
    private Loaded definitions() {
        try {
            Set<String> names = new LinkedHashSet<>(DEFINITIONS);
            if (session.source() instanceof Documents documents) {
                // What is laid over the cluster must be of a version that it serves.
                documents.written().stream()
                        .map(Resource::kind)
                        .filter(kind -> CUSTOM.matcher(kind.group()).matches())
                        .forEach(kind -> names.add(kind.qualifiedPlural()));
            }
            List<Optional<Resource>> found = session.parallel(
                    List.copyOf(names), name -> session.resource(ResourceKind.CUSTOM_RESOURCE_DEFINITION, "", name));
            return new Loaded(
                    ResourceKind.CUSTOM_RESOURCE_DEFINITION,
                    found.stream().flatMap(Optional::stream).toList(),
                    null,
                    null);
        } catch (MeshException e) {
            return new Loaded(ResourceKind.CUSTOM_RESOURCE_DEFINITION, List.of(), null, rethrowUnlessGap(e));
        }
    }

    /** Only those of the control plane: the others are nobody's business here. */
    private Loaded controlPlaneConfigMaps() {
        try {
            return new Loaded(
                    ResourceKind.CONFIG_MAP,
                    session.resources(ResourceKind.CONFIG_MAP, session.istioNamespace()).stream()
                            .filter(map -> map.name().startsWith("istio"))
                            .toList(),
                    Set.of(session.istioNamespace()),
                    null);
        } catch (MeshException e) {
            // Few have rights in the control plane's namespace; what depends on it is left out, the rest stands.
            return new Loaded(ResourceKind.CONFIG_MAP, List.of(), Set.of(), rethrowUnlessGap(e));
        }
    }

    private Json meshConfig() {
        Optional<String> given = options.meshConfig();
        try {
            if (given.isPresent()) {
                return Yaml.read(given.get());
            }
            return meshConfigMap().map(MeshConfigMap::text).map(Yaml::read).orElse(Json.MISSING);
        } catch (MeshProtocolException e) {
            session.gap("mesh configuration (its defaults are assumed)", null, e);
            return Json.MISSING;
        } catch (MeshException e) {
            session.gap("mesh configuration (its defaults are assumed)", null, rethrowUnlessGap(e));
            return Json.MISSING;
        }
    }

    /** The ConfigMap that the control plane reads its settings from. */
    private Optional<Resource> meshConfigMap() {
        return fromFiles()
                ? MeshConfigMap.of(session, options.revision())
                : MeshConfigMap.ofAny(session, options.revision());
    }

    private void addMeshNetworks(Configuration.Builder builder) {
        Optional<String> given = options.meshNetworks();
        try {
            Optional<Resource> map = given.isPresent() ? Optional.empty() : meshConfigMap();
            given.or(() -> map.flatMap(
                            found -> found.raw().at("data", "meshNetworks").text()))
                    .map(Yaml::read)
                    .ifPresent(networks -> builder.meshNetworks(
                            networks, map.map(Resource::origin).orElse(Origin.NONE)));
        } catch (MeshProtocolException e) {
            session.gap("networks of the mesh", null, e);
        } catch (MeshException e) {
            // That the ConfigMap cannot be read was said when the mesh configuration was wanted.
            if (options.meshConfig().isPresent()) {
                session.gap("networks of the mesh", null, rethrowUnlessGap(e));
            } else {
                rethrowUnlessGap(e);
            }
        }
    }

    /**
     * The ingress gateway that an installation has, and that manifests rely on without bringing it along. Source:
     * istio/istio, {@code pkg/config/analysis/local}, {@code AddDefaultResources}.
     */
    private void addDefaultIngress(Configuration.Builder builder, MeshConfig mesh) {
        if (mesh.ingressControllerMode().equals("OFF")) {
            return;
        }
        Json labels = Json.object("istio", "ingressgateway");
        builder.synthetic(Resource.of(
                ResourceKind.POD,
                Json.object(
                        "metadata",
                        Json.object(
                                "name",
                                mesh.ingressService() + "-dummypod",
                                "namespace",
                                session.istioNamespace(),
                                "labels",
                                labels),
                        "spec",
                        Json.object(
                                "containers",
                                List.of(Json.object("name", "istio-proxy", "args", List.of("proxy", "router")))))));
        List<Json> ports = new ArrayList<>();
        Map<String, Integer> numbers = new LinkedHashMap<>();
        numbers.put("http2", 80);
        numbers.put("https", 443);
        numbers.put("tcp", 31400);
        numbers.put("tls", 15443);
        numbers.forEach((name, port) ->
                ports.add(Json.object("name", name, "port", port, "targetPort", port, "protocol", "TCP")));
        builder.synthetic(Resource.of(
                ResourceKind.SERVICE,
                Json.object(
                        "metadata",
                        Json.object("name", mesh.ingressService(), "namespace", session.istioNamespace()),
                        "spec",
                        Json.object("selector", labels, "ports", ports))));
    }

    /**
     * Secrets of the namespaces in which gateways look for their certificates, that of the control plane where the mesh has
     * networks (those of other clusters lie there), and no others.
     */
    private void addSecrets(Configuration.Builder builder) {
        Configuration sofar = builder.build();
        Set<String> wanted = new TreeSet<>();
        if (sofar.meshNetworks().at("networks").size() > 0) {
            wanted.add(session.istioNamespace());
        }
        if (sofar.read(ResourceKind.GATEWAY) && sofar.read(ResourceKind.POD)) {
            wanted.addAll(gatewayNamespaces(sofar));
        }
        wanted.addAll(listenerNamespaces(sofar));
        Set<String> seen = new TreeSet<>();
        builder.resources(ResourceKind.SECRET, List.of());
        for (String namespace : wanted) {
            try {
                List<Resource> secrets = session.resources(ResourceKind.SECRET, namespace);
                count += secrets.size();
                builder.resources(ResourceKind.SECRET, secrets);
                seen.add(namespace);
            } catch (MeshException e) {
                String what = "secrets in namespace " + namespace;
                doubts.put(ResourceKind.SECRET, what + " could not be read, so what refers to them was not judged");
                session.gap(what, null, rethrowUnlessGap(e));
            }
        }
        builder.partial(ResourceKind.SECRET, seen);
        addMisplacedSecrets(builder, builder.build());
    }

    /**
     * Secrets that lie beside the Gateway instead of beside its pods, which is the usual mistake: each by its name, so that
     * they can be pointed at. Where that is not allowed, nothing is missing.
     */
    private void addMisplacedSecrets(Configuration.Builder builder, Configuration sofar) {
        Set<String> asked = new TreeSet<>();
        for (Resource gateway : sofar.all(ResourceKind.GATEWAY)) {
            String namespace = sofar.namespaceOf(gateway);
            for (Json server : gateway.spec().at("servers").items()) {
                for (Field credential : TlsSecret.credentials(new Field("", server))) {
                    String name = credential.text();
                    if (!name.contains("/")
                            && TlsSecret.named(sofar, name).isEmpty()
                            && !sofar.complete(ResourceKind.SECRET, namespace)
                            && asked.size() < MAX_MISPLACED
                            && asked.add(namespace + "/" + name)) {
                        try {
                            session.resource(ResourceKind.SECRET, namespace, name)
                                    .ifPresent(secret -> builder.resources(ResourceKind.SECRET, List.of(secret)));
                        } catch (MeshException e) {
                            rethrowUnlessGap(e);
                        }
                    }
                }
            }
        }
    }

    /** Where the listeners of the Gateway API have their certificates. */
    private static Set<String> listenerNamespaces(Configuration configuration) {
        Set<String> namespaces = new TreeSet<>();
        for (Resource gateway : configuration.all(ResourceKind.KUBERNETES_GATEWAY)) {
            for (Json listener : gateway.spec().at("listeners").items()) {
                for (Json reference : listener.at("tls", "certificateRefs").items()) {
                    namespaces.add(reference.at("namespace").text(configuration.namespaceOf(gateway)));
                }
            }
        }
        return namespaces;
    }

    private static Set<String> gatewayNamespaces(Configuration configuration) {
        Set<String> namespaces = new TreeSet<>();
        for (Resource gateway : configuration.all(ResourceKind.GATEWAY)) {
            for (Json server : gateway.spec().at("servers").items()) {
                for (Field field : TlsSecret.credentials(new Field("", server))) {
                    String credential = field.text();
                    if (credential.contains("/")) {
                        namespaces.add(credential.substring(0, credential.indexOf('/')));
                    } else {
                        configuration
                                .matching(
                                        ResourceKind.POD,
                                        gateway.spec().at("selector").textMap(),
                                        "")
                                .stream()
                                .map(configuration::namespaceOf)
                                .forEach(namespaces::add);
                    }
                }
            }
        }
        return namespaces;
    }
}
