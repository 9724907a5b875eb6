package dev.meshdx.configuration;

import dev.meshdx.annotation.Internal;
import dev.meshdx.configuration.internal.LabelIndex;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Json;
import dev.meshdx.model.Origin;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Nearest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a mesh as it was read: what checks look at. Immutable but for indexes that are built when they are
 * first asked for; for use by one thread at a time.
 *
 * <p>It knows what it does not know: {@link #complete(ResourceKind)} says whether "there is none" can be concluded.
 */
public final class Configuration {
    /**
     * Comparisons of names that suggestions may cost in one analysis, at least and for each resource; a mesh that is broken
     * everywhere stays fast.
     */
    private static final long LEAST_BUDGET = 300_000;

    private static final long BUDGET_EACH = 100;

    private static final Set<String> CLUSTER_WIDE = ResourceKind.known().stream()
            .filter(kind -> !kind.namespaced())
            .map(ResourceKind::kind)
            .collect(Collectors.toUnmodifiableSet());

    /** The namespace that every cluster has, and that nobody writes. */
    private static final String KUBE_SYSTEM = "kube-system";

    private static final Set<ResourceKind> BROUGHT_OTHERWISE =
            Set.of(ResourceKind.SECRET, ResourceKind.SERVICE_ACCOUNT);

    private final Data data;
    private final Consumer<ResourceKind> observer;

    private record Key(ResourceKind kind, String namespace, String name) {}

    /** What is shared by all views of one configuration. */
    private static final class Data {
        private final Map<ResourceKind, List<Resource>> byKind = new LinkedHashMap<>();
        private final Map<ResourceKind, Map<String, List<Resource>>> byNamespace = new LinkedHashMap<>();
        private final Map<Key, Resource> byName = new LinkedHashMap<>();
        private final Map<ResourceKind, LabelIndex<Resource>> labels = new LinkedHashMap<>();
        private final Map<ResourceKind, Set<String>> partial;
        private final Set<ResourceRef> synthetic;
        private final MeshConfig mesh;
        private final Json networks;
        private final Origin networksOrigin;
        private final String istioNamespace;
        private final String defaultNamespace;
        private final Instant now;
        private final Map<String, Configuration> clusters;
        private final BiFunction<Resource, String, Origin> locate;
        private final AtomicLong budget;
        private final Map<Class<?>, Object> shared = new HashMap<>();
        private final List<Resource> written;
        private final @Nullable Set<String> inhabited;

        Data(Builder builder) {
            this.partial = Map.copyOf(builder.partial);
            this.synthetic = Set.copyOf(builder.synthetic);
            this.mesh = builder.mesh;
            this.networks = builder.networks;
            this.networksOrigin = builder.networksOrigin;
            this.istioNamespace = builder.istioNamespace;
            this.defaultNamespace = builder.defaultNamespace;
            this.now = builder.now;
            this.clusters = Collections.unmodifiableMap(new TreeMap<>(builder.clusters));
            this.locate = builder.locate;
            this.written = builder.written;
            this.inhabited = builder.inhabited;
            builder.resources.forEach((kind, resources) -> {
                byKind.put(kind, List.copyOf(resources));
                Map<String, List<Resource>> namespaces = new TreeMap<>();
                for (Resource resource : resources) {
                    String namespace = namespaceOf(resource, defaultNamespace);
                    namespaces
                            .computeIfAbsent(namespace, name -> new ArrayList<>())
                            .add(resource);
                    byName.put(new Key(kind, namespace, resource.name()), resource);
                }
                byNamespace.put(kind, namespaces);
            });
            long resources = byKind.values().stream().mapToLong(List::size).sum();
            this.budget = new AtomicLong(Math.max(LEAST_BUDGET, BUDGET_EACH * resources));
        }
    }

    private Configuration(Data data, Consumer<ResourceKind> observer) {
        this.data = data;
        this.observer = observer;
    }

    /** Begins with nothing; a kind that is never given counts as not read. */
    @Internal
    public static Builder builder() {
        return new Builder();
    }

    /** The same, telling somebody which kinds are looked at. */
    @Internal
    public Configuration observed(Consumer<ResourceKind> observer) {
        return new Configuration(data, observer);
    }

    /** All resources of a kind. */
    public List<Resource> all(ResourceKind kind) {
        observer.accept(kind);
        return data.byKind.getOrDefault(kind, List.of());
    }

    /** The resources of a kind in a namespace. */
    public List<Resource> in(ResourceKind kind, String namespace) {
        observer.accept(kind);
        return Collections.unmodifiableList(
                data.byNamespace.getOrDefault(kind, Map.of()).getOrDefault(namespace, List.of()));
    }

    /** The resources of a kind by namespace, in the order of the namespaces. */
    public Map<String, List<Resource>> byNamespace(ResourceKind kind) {
        observer.accept(kind);
        return Collections.unmodifiableMap(data.byNamespace.getOrDefault(kind, Map.of()));
    }

    /** One resource. */
    public Optional<Resource> find(ResourceKind kind, String namespace, String name) {
        observer.accept(kind);
        return Optional.ofNullable(data.byName.get(new Key(kind, kind.namespaced() ? namespace : "", name)));
    }

    /** Those of a kind whose labels hold all pairs; an empty namespace stands for all, an empty selector matches all. */
    public List<Resource> matching(ResourceKind kind, Map<String, String> selector, String namespace) {
        if (selector.isEmpty()) {
            return namespace.isEmpty() ? all(kind) : in(kind, namespace);
        }
        return labels(kind).matching(selector, namespace);
    }

    /** Whether {@link #matching} finds something; cheaper where there are many. */
    public boolean anyMatching(ResourceKind kind, Map<String, String> selector, String namespace) {
        return selector.isEmpty()
                ? !matching(kind, selector, namespace).isEmpty()
                : labels(kind).anyMatching(selector, namespace);
    }

    private LabelIndex<Resource> labels(ResourceKind kind) {
        observer.accept(kind);
        return data.labels.computeIfAbsent(kind, unused -> {
            LabelIndex<Resource> index = new LabelIndex<>(Resource::labels);
            data.byNamespace
                    .getOrDefault(kind, Map.of())
                    .forEach((namespace, own) -> own.forEach(resource -> index.add(namespace, resource)));
            return index;
        });
    }

    /** Whether all resources of a kind are known, so that "there is none" can be said. */
    public boolean complete(ResourceKind kind) {
        return data.byKind.containsKey(kind) && !data.partial.containsKey(kind);
    }

    /** Whether all resources of a kind in a namespace are known. */
    public boolean complete(ResourceKind kind, String namespace) {
        Set<String> namespaces = data.partial.get(kind);
        return namespaces == null ? complete(kind) : namespaces.contains(namespace);
    }

    /** Whether files are judged rather than a mesh: they seldom hold everything. */
    public boolean fromFiles() {
        return data.inhabited != null;
    }

    /**
     * Whether "there is none" can be said of a kind in a namespace: as {@link #complete(ResourceKind, String)}, and files must
     * show that the namespace is among what they are about. They do with one of that kind there; for all but Secrets and
     * ServiceAccounts, which often come another way, a Namespace, a Service or a workload will do. A mesh shows everything.
     *
     * @param namespace with an empty name all of them are meant, which files hold only if they are an export of a cluster: kube-system
     *     is there too
     */
    public boolean knows(ResourceKind kind, String namespace) {
        if (!(namespace.isEmpty() ? complete(kind) : complete(kind, namespace))) {
            return false;
        }
        Set<String> inhabited = data.inhabited;
        if (inhabited == null) {
            return true;
        }
        if (namespace.isEmpty()) {
            return inhabited.contains(KUBE_SYSTEM);
        }
        boolean hasOne = data.byNamespace.getOrDefault(kind, Map.of()).getOrDefault(namespace, List.of()).stream()
                .anyMatch(resource -> !isSynthetic(resource.ref()));
        return hasOne || (inhabited.contains(namespace) && !BROUGHT_OTHERWISE.contains(kind));
    }

    /** Whether nobody has written a resource: it stands for what every installation has. */
    public boolean isSynthetic(ResourceRef resource) {
        return data.synthetic.contains(resource);
    }

    /** Whether a kind was read, at least in part. */
    public boolean read(ResourceKind kind) {
        return data.byKind.containsKey(kind);
    }

    /**
     * Something that several checks look up, such as an index of hosts: computed when the first of them asks, then shared.
     *
     * @param type what it is called; one of each
     * @param inputs the kinds that it is made from
     * @param compute makes it; must depend on nothing but the configuration
     */
    public <T> T shared(Class<T> type, Set<ResourceKind> inputs, Function<Configuration, T> compute) {
        inputs.forEach(observer);
        Object known = data.shared.get(type);
        if (known == null) {
            known = compute.apply(new Configuration(data, kind -> {}));
            data.shared.put(type, known);
        }
        return type.cast(known);
    }

    /** The mesh's own settings. */
    public MeshConfig mesh() {
        return data.mesh;
    }

    /** The networks of the mesh: {@code networks.NAME.endpoints}; missing where there are none. Source: Istio, "MeshNetworks". */
    public Json meshNetworks() {
        return data.networks;
    }

    /** The resource that holds {@link #meshNetworks()}, where it is one. */
    public Origin meshNetworksOrigin() {
        return data.networksOrigin;
    }

    /** Further clusters of the same mesh, by name; none where only one is looked at. */
    public Map<String, Configuration> clusters() {
        return data.clusters;
    }

    /** Where the control plane lives. */
    public String istioNamespace() {
        return data.istioNamespace;
    }

    /** The time at which things are judged: a recording's, or that of the question. */
    public Instant now() {
        return data.now;
    }

    /**
     * The documents of the files that were read, if any were, as somebody wrote them: their {@link Resource#raw()} has the
     * {@code apiVersion} that stands in the file. Those of kinds that meshdx does not know are among them, without content.
     */
    @Internal
    public List<Resource> written() {
        return data.written;
    }

    /** The namespace that a resource is in; that of a namespaced one that names none is the default one. */
    public String namespaceOf(Resource resource) {
        return namespaceOf(resource, data.defaultNamespace);
    }

    /** The namespace that a named resource is in; empty for cluster-wide kinds. */
    public String namespaceOf(ResourceRef ref) {
        return ref.namespace().isEmpty() && !CLUSTER_WIDE.contains(ref.kind())
                ? data.defaultNamespace
                : ref.namespace();
    }

    private static String namespaceOf(Resource resource, String defaultNamespace) {
        return resource.namespace().isEmpty() && resource.kind().namespaced() ? defaultNamespace : resource.namespace();
    }

    /** A resource's name as references write it: {@code namespace/name}. */
    public String qualifiedName(Resource resource) {
        String namespace = namespaceOf(resource);
        return namespace.isEmpty() ? resource.name() : namespace + "/" + resource.name();
    }

    /** {@code namespace/name}, or a name of the namespace, as a resource. */
    public Optional<Resource> resolve(ResourceKind kind, String namespace, String reference) {
        int slash = reference.indexOf('/');
        return slash < 0
                ? find(kind, namespace, reference)
                : find(kind, reference.substring(0, slash), reference.substring(slash + 1));
    }

    /** Whether {@link #resolve} may be taken at its word when it finds nothing. */
    public boolean canResolve(ResourceKind kind, String namespace, String reference) {
        int slash = reference.indexOf('/');
        return complete(kind, slash < 0 ? namespace : reference.substring(0, slash));
    }

    /** Names that were probably meant; none once suggestions have cost enough. */
    public List<String> near(String name, Collection<String> candidates) {
        return data.budget.addAndGet(-candidates.size()) < 0 ? List.of() : Nearest.to(name, candidates);
    }

    /** A finding about a field: placed at the field's line, with the field as its first evidence. */
    public Finding.Builder finding(FindingCode code, Resource resource, Field field) {
        return Finding.of(code, resource)
                .location(data.locate.apply(resource, field.path()))
                .evidence(field.path(), resource.ref().toString(), field.quoted());
    }

    /** Pairs sorted by key, as messages quote a selector: {@code app=web,version=v1}. */
    public static String text(Map<String, String> selector) {
        return new TreeMap<>(selector)
                .entrySet().stream()
                        .map(pair -> pair.getKey() + "=" + pair.getValue())
                        .collect(Collectors.joining(","));
    }

    /** Puts a configuration together. */
    @Internal
    public static final class Builder {
        private final Map<ResourceKind, List<Resource>> resources = new LinkedHashMap<>();
        private final Map<ResourceKind, Set<String>> partial = new LinkedHashMap<>();
        private final Set<ResourceRef> synthetic = new HashSet<>();
        private Json networks = Json.MISSING;
        private Origin networksOrigin = Origin.NONE;
        private String istioNamespace = "istio-system";
        private String defaultNamespace = "default";
        private MeshConfig mesh = MeshConfig.of(Json.MISSING, istioNamespace);
        private Instant now = Instant.EPOCH;
        private final Map<String, Configuration> clusters = new TreeMap<>();
        private List<Resource> written = List.of();
        private @Nullable Set<String> inhabited;
        private BiFunction<Resource, String, Origin> locate = (resource, path) -> resource.origin();

        private Builder() {}

        /** All resources of a kind. */
        public Builder resources(ResourceKind kind, List<Resource> all) {
            resources.computeIfAbsent(kind, unused -> new ArrayList<>()).addAll(all);
            return this;
        }

        /** Says that of a kind only these namespaces were read. */
        public Builder partial(ResourceKind kind, Set<String> namespaces) {
            partial.put(kind, Set.copyOf(namespaces));
            return this;
        }

        /** A resource that the mesh has without anybody having written it; replaces one of the same name. */
        public Builder synthetic(Resource resource) {
            List<Resource> list = resources.get(resource.kind());
            if (list != null) {
                list.removeIf(other -> other.name().equals(resource.name())
                        && other.namespace().equals(resource.namespace()));
                list.add(resource);
                synthetic.add(resource.ref());
            }
            return this;
        }

        /** The mesh's own settings and the control plane's namespace. */
        public Builder mesh(MeshConfig mesh, String istioNamespace) {
            this.mesh = mesh;
            this.istioNamespace = istioNamespace;
            return this;
        }

        /** The networks of the mesh, and the file that they stand in. */
        public Builder meshNetworks(Json networks, Origin origin) {
            this.networks = networks;
            this.networksOrigin = origin;
            return this;
        }

        /** Where what names no namespace lands. */
        public Builder defaultNamespace(String namespace) {
            this.defaultNamespace = namespace;
            return this;
        }

        /** What stands in files. */
        public Builder written(List<Resource> documents) {
            this.written = List.copyOf(documents);
            return this;
        }

        /** Says that files are judged, and of which namespaces they hold a Namespace, a Service or a workload. */
        public Builder inhabited(Set<String> namespaces) {
            this.inhabited = Set.copyOf(namespaces);
            return this;
        }

        /** The time at which things are judged. */
        public Builder now(Instant now) {
            this.now = now;
            return this;
        }

        /** A further cluster of the same mesh. */
        public Builder cluster(String name, Configuration configuration) {
            clusters.put(name, configuration);
            return this;
        }

        /** How to find the place of a field. */
        public Builder locate(BiFunction<Resource, String, Origin> locate) {
            this.locate = locate;
            return this;
        }

        /** The configuration. */
        public Configuration build() {
            return new Configuration(new Data(this), kind -> {});
        }
    }
}
