package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.Fault;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the fake cluster holds: objects, what the pods' ports answer, and logs. May be changed while the server runs; safe for
 * use by several threads.
 *
 * <p>Objects get what the API server would give them and their document lacks: uid, resourceVersion, creation time.
 */
public final class ClusterState {
    private record PodPort(String namespace, String pod, int port) {}

    private record Log(String namespace, String pod, String container, boolean previous) {}

    private final Map<ResourceKind, ConcurrentSkipListMap<String, Resource>> objects = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<String, ServedKind> kinds = new ConcurrentSkipListMap<>();
    private final Map<PodPort, Map<String, Supplier<Page>>> ports = new ConcurrentHashMap<>();
    private final Map<PodPort, Faults> faults = new ConcurrentHashMap<>();
    private final Map<Log, Supplier<String>> logs = new ConcurrentHashMap<>();
    private final AtomicLong version = new AtomicLong(1000);
    private final Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private volatile @Nullable Instant frozenAt;
    private volatile Json serverVersion = Json.object(
            "major", "1",
            "minor", "33",
            "gitVersion", "v1.33.0",
            "gitCommit", "0000000000000000000000000000000000000000",
            "gitTreeState", "clean",
            "buildDate", "2025-04-23T00:00:00Z",
            "goVersion", "go1.24.2",
            "compiler", "gc",
            "platform", "linux/amd64");

    /** A cluster with the kinds of Kubernetes and Istio, and no objects. */
    public ClusterState() {
        ServedKind.builtIn().forEach(this::serve);
        ServedKind.istio().forEach(this::serve);
    }

    private void serve(ServedKind served) {
        kinds.put(key(served.kind().group(), served.kind().plural()), served);
    }

    private static String key(String group, String plural) {
        return group + "/" + plural;
    }

    /** Serves a kind, in the versions that its project serves now, or in those that are named. */
    public void install(ResourceKind kind, String... versions) {
        ServedKind known = ServedKind.known(kind);
        serve(
                versions.length == 0
                        ? known
                        : new ServedKind(
                                kind,
                                List.of(versions),
                                known.shortNames(),
                                known.categories(),
                                known.custom(),
                                known.columns()));
    }

    /** Stops to serve a kind, as if its CustomResourceDefinition were gone. Its objects go with it. */
    public void uninstall(ResourceKind kind) {
        ServedKind served = kinds.remove(key(kind.group(), kind.plural()));
        if (served != null) {
            objects.remove(served.kind());
        }
        objects.remove(kind);
    }

    /** What is served, by group and plural. */
    Collection<ServedKind> kinds() {
        return List.copyOf(kinds.values());
    }

    /** A kind that is served, whatever the version. */
    Optional<ServedKind> kind(String group, String plural) {
        return Optional.ofNullable(kinds.get(key(group, plural)));
    }

    /** The kind of a document. */
    Optional<ServedKind> kindOf(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "" : apiVersion.substring(0, slash);
        return kinds.values().stream()
                .filter(served -> served.kind().group().equals(group)
                        && served.kind().kind().equals(kind))
                .findFirst();
    }

    /** Adds an object, or replaces the one of its name. */
    public void put(Resource object) {
        ResourceKind kind = kinds.computeIfAbsent(
                        key(object.kind().group(), object.kind().plural()), key -> ServedKind.seen(object.kind()))
                .kind();
        Resource complete = Resource.of(kind, complete(object, kind), object.origin());
        objects.computeIfAbsent(kind, any -> new ConcurrentSkipListMap<>())
                .put(complete.namespace() + "/" + complete.name(), complete);
        if (kind.equals(ResourceKind.CUSTOM_RESOURCE_DEFINITION)) {
            ServedKind.defined(complete.raw()).ifPresent(this::serve);
        }
    }

    /** Adds an object of a kind that is served or known from its document. */
    public void put(Json object) {
        String apiVersion = object.at("apiVersion").text("v1");
        String kind = object.at("kind").text("");
        put(Resource.of(
                kindOf(apiVersion, kind)
                        .map(ServedKind::kind)
                        .or(() -> ResourceKind.known(apiVersion, kind))
                        .orElseThrow(() -> new IllegalArgumentException("Unknown kind \"" + kind + "\" in " + apiVersion
                                + ": add its CustomResourceDefinition first.")),
                object));
    }

    private Json complete(Resource object, ResourceKind kind) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        Json given = object.raw().at("metadata");
        given.forEachField(metadata::put);
        String namespace = !kind.namespaced() ? "" : object.namespace().isEmpty() ? "default" : object.namespace();
        metadata.remove("namespace");
        if (!namespace.isEmpty()) {
            metadata.put("namespace", namespace);
        }
        if (!given.at("uid").exists()) {
            byte[] name = (kind + " " + namespace + "/" + object.name()).getBytes(StandardCharsets.UTF_8);
            metadata.put("uid", UUID.nameUUIDFromBytes(name).toString());
        }
        if (!given.at("creationTimestamp").exists()) {
            metadata.put(
                    "creationTimestamp", now().truncatedTo(ChronoUnit.SECONDS).toString());
        }
        if (!given.at("resourceVersion").exists()
                || find(kind, namespace, object.name()).isPresent()) {
            metadata.put("resourceVersion", String.valueOf(version.incrementAndGet()));
        } else {
            long known = given.at("resourceVersion").number(0);
            version.updateAndGet(present -> Math.max(present, known));
        }
        List<@Nullable Object> fields = new ArrayList<>();
        object.raw().forEachField((name, value) -> {
            if (!name.equals("metadata")) {
                fields.add(name);
                fields.add(value);
            }
        });
        fields.add("metadata");
        fields.add(Json.object(flat(metadata)));
        return Json.object(fields.toArray());
    }

    private static @Nullable Object[] flat(Map<String, Object> map) {
        List<Object> fields = new ArrayList<>();
        map.forEach((name, value) -> {
            fields.add(name);
            fields.add(value);
        });
        return fields.toArray();
    }

    /** Takes an object away. */
    public void remove(ResourceKind kind, String namespace, String name) {
        version.incrementAndGet();
        Map<String, Resource> known = objects.get(canonical(kind));
        if (known != null) {
            known.remove(namespace + "/" + name);
        }
        if (kind.equals(ResourceKind.CUSTOM_RESOURCE_DEFINITION)) {
            int dot = name.indexOf('.');
            if (dot > 0) {
                kind(name.substring(dot + 1), name.substring(0, dot)).ifPresent(served -> uninstall(served.kind()));
            }
        }
    }

    private ResourceKind canonical(ResourceKind kind) {
        return kind(kind.group(), kind.plural()).map(ServedKind::kind).orElse(kind);
    }

    /** The objects of a kind, sorted by namespace and name; an empty namespace stands for all. */
    public List<Resource> list(ResourceKind kind, String namespace) {
        Map<String, Resource> known = objects.getOrDefault(canonical(kind), new ConcurrentSkipListMap<>());
        return known.values().stream()
                .filter(object -> namespace.isEmpty() || object.namespace().equals(namespace))
                .toList();
    }

    /** One object. */
    public Optional<Resource> find(ResourceKind kind, String namespace, String name) {
        Map<String, Resource> known = objects.get(canonical(kind));
        return known == null ? Optional.empty() : Optional.ofNullable(known.get(namespace + "/" + name));
    }

    /** The version of the whole state, as lists carry it. */
    String resourceVersion() {
        return version.toString();
    }

    /** What a port answers on a path. A path without query answers every query. */
    public void page(String namespace, String pod, int port, String path, Page page) {
        page(namespace, pod, port, path, () -> page);
    }

    /** What a port answers on a path, made anew for each request: a file that is read only when it is asked for. */
    public void page(String namespace, String pod, int port, String path, Supplier<Page> page) {
        listen(namespace, pod, port).put(path, page);
    }

    /** Opens a port that answers 404 to everything until it has pages. */
    public Map<String, Supplier<Page>> listen(String namespace, String pod, int port) {
        return ports.computeIfAbsent(new PodPort(namespace, pod, port), key -> new ConcurrentHashMap<>());
    }

    /** Whether anything listens on a port of a pod. */
    public boolean listens(String namespace, String pod, int port) {
        return ports.containsKey(new PodPort(namespace, pod, port));
    }

    /** Closes a port: connections are refused. */
    public void closePort(String namespace, String pod, int port) {
        ports.remove(new PodPort(namespace, pod, port));
    }

    /** What a port answers on a path with query. */
    public Optional<Page> page(String namespace, String pod, int port, String path) {
        Map<String, Supplier<Page>> pages = ports.getOrDefault(new PodPort(namespace, pod, port), Map.of());
        Supplier<Page> exact = pages.get(path);
        int query = path.indexOf('?');
        if (exact != null || query < 0) {
            return Optional.ofNullable(exact).map(Supplier::get);
        }
        Supplier<Page> base = pages.get(path.substring(0, query));
        return Optional.ofNullable(base).map(page -> page.get().forQuery(path.substring(query + 1)));
    }

    /** Makes a port's answers go wrong; a star in the path stands for any text. */
    public void fault(String namespace, String pod, int port, String path, Fault fault) {
        listen(namespace, pod, port);
        faults.computeIfAbsent(new PodPort(namespace, pod, port), key -> new Faults())
                .add(path, fault);
    }

    /** Ends all faults of a port. */
    public void clearFaults(String namespace, String pod, int port) {
        faults.remove(new PodPort(namespace, pod, port));
    }

    /** What goes wrong with a request to a port now. */
    Optional<Fault> fault(String namespace, String pod, int port, String target) {
        Faults known = faults.get(new PodPort(namespace, pod, port));
        return known == null ? Optional.empty() : known.next(target);
    }

    /** The log of a container. */
    public void log(String namespace, String pod, String container, boolean previous, String text) {
        log(namespace, pod, container, previous, () -> text);
    }

    /** The log of a container, made anew for each request. */
    public void log(String namespace, String pod, String container, boolean previous, Supplier<String> text) {
        logs.put(new Log(namespace, pod, container, previous), text);
    }

    /** The log of a container. */
    public Optional<String> log(String namespace, String pod, String container, boolean previous) {
        return Optional.ofNullable(logs.get(new Log(namespace, pod, container, previous)))
                .map(Supplier::get);
    }

    /** What {@code /version} says. */
    public Json version() {
        return serverVersion;
    }

    /** What {@code /version} says from now on. */
    public void version(Json version) {
        this.serverVersion = version;
    }

    /** The cluster's time: that of its recording, or now. */
    public Instant now() {
        Instant frozen = frozenAt;
        return frozen == null ? Instant.now() : frozen;
    }

    /** Stops the cluster's clock: ages in tables and {@code sinceSeconds} of logs count from then. */
    public void freeze(Instant at) {
        this.frozenAt = at;
    }

    /** When the cluster was made. */
    Instant startedAt() {
        return startedAt;
    }
}
