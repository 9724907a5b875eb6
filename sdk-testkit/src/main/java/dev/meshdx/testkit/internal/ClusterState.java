package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What the fake cluster holds: objects, what the pods' ports answer, and logs. May be changed while the server runs; safe for
 * use by several threads.
 */
public final class ClusterState {
    private record PodPort(String namespace, String pod, int port) {}

    private record Log(String namespace, String pod, String container, boolean previous) {}

    private final Map<ResourceKind, ConcurrentSkipListMap<String, Resource>> objects = new ConcurrentHashMap<>();
    private final Map<PodPort, Map<String, Page>> ports = new ConcurrentHashMap<>();
    private final Map<Log, String> logs = new ConcurrentHashMap<>();

    /** Adds an object, or replaces the one of its name. */
    public void put(Resource object) {
        objects.computeIfAbsent(object.kind(), kind -> new ConcurrentSkipListMap<>())
                .put(object.namespace() + "/" + object.name(), object);
    }

    /** Adds an object of a known kind from its document. */
    public void put(Json object) {
        String apiVersion = object.at("apiVersion").text("v1");
        String kind = object.at("kind").text("");
        put(Resource.of(
                ResourceKind.known(apiVersion, kind)
                        .orElseThrow(() -> new IllegalArgumentException("Unknown kind " + apiVersion + " " + kind)),
                object));
    }

    /** Takes an object away. */
    public void remove(ResourceKind kind, String namespace, String name) {
        Map<String, Resource> known = objects.get(kind);
        if (known != null) {
            known.remove(namespace + "/" + name);
        }
    }

    /** The objects of a kind, sorted by namespace and name; an empty namespace stands for all. */
    public List<Resource> list(ResourceKind kind, String namespace) {
        Map<String, Resource> known = objects.getOrDefault(kind, new ConcurrentSkipListMap<>());
        return known.values().stream()
                .filter(object -> namespace.isEmpty() || object.namespace().equals(namespace))
                .toList();
    }

    /** One object. */
    public Optional<Resource> find(ResourceKind kind, String namespace, String name) {
        Map<String, Resource> known = objects.get(kind);
        return known == null ? Optional.empty() : Optional.ofNullable(known.get(namespace + "/" + name));
    }

    /** What a port answers on a path. A path without query answers every query. */
    public void page(String namespace, String pod, int port, String path, Page page) {
        ports.computeIfAbsent(new PodPort(namespace, pod, port), key -> new ConcurrentHashMap<>())
                .put(path, page);
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
        Map<String, Page> pages = ports.getOrDefault(new PodPort(namespace, pod, port), Map.of());
        Page exact = pages.get(path);
        int query = path.indexOf('?');
        if (exact != null || query < 0) {
            return Optional.ofNullable(exact);
        }
        Page base = pages.get(path.substring(0, query));
        return base == null ? Optional.empty() : Optional.of(base.forQuery(path.substring(query + 1)));
    }

    /** The log of a container. */
    public void log(String namespace, String pod, String container, boolean previous, String text) {
        logs.put(new Log(namespace, pod, container, previous), text);
    }

    /** The log of a container. */
    public Optional<String> log(String namespace, String pod, String container, boolean previous) {
        return Optional.ofNullable(logs.get(new Log(namespace, pod, container, previous)));
    }
}
