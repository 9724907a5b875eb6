package dev.meshdx.health.internal;

import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.SyncState;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the istiods say against what there is: connections without a pod, pods without a connection, connections to an istiod that
 * the pod's labels do not ask for. Says nothing where a part of it could not be read: what may be so is in {@link #unknown()}.
 *
 * @param orphans proxies of this cluster that are connected and have no pod
 * @param notConnected pods with a proxy that no istiod knows, and none that did not answer can know
 * @param unknown pods with a proxy that no istiod knows that answered, and another one may know
 * @param otherRevision proxies that are connected to another revision than theirs
 * @param nodes nodes with pods in ambient mode, and without a ztunnel that is connected
 */
record Connections(
        List<ProxyStatus> orphans,
        List<Resource> notConnected,
        List<Resource> unknown,
        List<OtherRevision> otherRevision,
        List<Node> nodes) {

    /**
     * A proxy that is connected to another revision than its labels ask for.
     *
     * @param wanted the revision that they ask for
     * @param label what asks for it: {@code istio.io/rev=prod}
     * @param labelled where that stands: the pod, or its namespace
     */
    record OtherRevision(ProxyStatus proxy, String wanted, String label, ResourceRef labelled) {
        /** Whether the pod was made for the revision that it is connected to, and its namespace has moved on since. */
        boolean sinceInjection() {
            return !labelled.kind().equals("Pod");
        }
    }

    /**
     * A node with pods in ambient mode.
     *
     * @param pods those of the scope
     * @param ztunnel the ztunnel that should be at work, and is not; null where there is none
     */
    record Node(String name, List<Resource> pods, @Nullable Resource ztunnel) {}

    static Connections of(HealthModel model) {
        return new Reader(model).read();
    }

    /** Whether more has to be read to know which istiod a pod belongs to. */
    static boolean revisionsInDoubt(HealthModel model) {
        Set<String> revisions = revisions(model);
        if (revisions.size() > 1) {
            return true;
        }
        return model.proxyPods().stream()
                .map(Connections::revision)
                .anyMatch(revision -> !revision.isEmpty() && !revisions.contains(revision));
    }

    private static Set<String> revisions(HealthModel model) {
        return model.istiods.stream().map(IstiodInstance::revision).collect(Collectors.toSet());
    }

    /** The revision that injected the pod; empty where it does not say. */
    private static String revision(Resource pod) {
        return pod.label("istio.io/rev")
                .or(() -> pod.annotation("istio.io/rev"))
                .orElse("");
    }

    private static final class Reader {
        private final HealthModel model;
        private final Map<String, String> tags = new HashMap<>();
        private final Set<String> external = new HashSet<>();
        private final Set<String> revisions;
        private final List<Resource> silent;

        Reader(HealthModel model) {
            this.model = model;
            this.revisions = new HashSet<>(revisions(model));
            this.silent = model.silentIstiods.stream()
                    .filter(ProxyReads::mayHoldConnections)
                    .toList();
            for (Resource webhook : model.webhooks) {
                Optional<String> revision = webhook.label("istio.io/rev");
                Optional<String> tag = webhook.label("istio.io/tag");
                if (revision.isPresent()) {
                    revisions.add(revision.get());
                    tag.ifPresent(name -> tags.put(name, revision.get()));
                    boolean elsewhere = webhook.raw().at("webhooks").items().stream()
                            .anyMatch(each ->
                                    !each.at("clientConfig", "url").text("").isEmpty());
                    if (elsewhere) {
                        external.add(revision.get());
                    }
                }
            }
            revisions(model).forEach(external::remove);
        }

        /** A tag's revision; a revision itself; empty for what is neither. */
        private String resolve(String revision) {
            String tagged = tags.get(revision);
            return tagged != null ? tagged : revisions.contains(revision) ? revision : "";
        }

        Connections read() {
            List<Resource> notConnected = new ArrayList<>();
            List<Resource> unknown = new ArrayList<>();
            List<OtherRevision> otherRevision = new ArrayList<>();
            Map<String, Resource> namespaces = new HashMap<>();
            model.namespaces.forEach(namespace -> namespaces.put(namespace.name(), namespace));
            for (Resource pod : model.proxyPods()) {
                Optional<ProxyStatus> proxy = model.proxy(pod);
                if (proxy.isEmpty()) {
                    if (mayBeKnown(pod)) {
                        unknown.add(pod);
                    } else {
                        notConnected.add(pod);
                    }
                } else {
                    otherRevision(pod, proxy.get(), namespaces.get(pod.namespace()))
                            .ifPresent(otherRevision::add);
                }
            }
            return new Connections(
                    List.copyOf(orphans()),
                    List.copyOf(notConnected),
                    List.copyOf(unknown),
                    List.copyOf(otherRevision),
                    List.copyOf(nodes()));
        }

        /** Whether an istiod that did not answer may know the pod's proxy. */
        private boolean mayBeKnown(Resource pod) {
            if (model.answered == 0) {
                return true;
            }
            String asked = revision(pod);
            String revision = resolve(asked);
            return external.contains(revision)
                    || silent.stream()
                            .anyMatch(istiod ->
                                    revision.isEmpty() || Pods.revision(istiod).equals(revision));
        }

        private Optional<OtherRevision> otherRevision(Resource pod, ProxyStatus proxy, @Nullable Resource namespace) {
            String own = revision(pod);
            String wanted = resolve(own);
            if (!wanted.isEmpty() && !wanted.equals(proxy.revision())) {
                return Optional.of(new OtherRevision(proxy, wanted, "istio.io/rev=" + own, pod.ref()));
            }
            // A gateway or a waypoint that is no sidecar has its own label; only injection follows the namespace's.
            if (namespace == null || pod.annotation("sidecar.istio.io/status").isEmpty()) {
                return Optional.empty();
            }
            Optional<String> injection = namespace.label("istio-injection");
            String label = injection.isPresent()
                    ? injection.get().equals("enabled") ? "default" : ""
                    : namespace.label("istio.io/rev").orElse("");
            String next = resolve(label);
            return next.isEmpty() || next.equals(proxy.revision())
                    ? Optional.empty()
                    : Optional.of(new OtherRevision(
                            proxy,
                            next,
                            injection.isPresent() ? "istio-injection=enabled" : "istio.io/rev=" + label,
                            namespace.ref()));
        }

        private List<ProxyStatus> orphans() {
            if (!model.podsKnown) {
                return List.of();
            }
            List<ProxyStatus> without = model.proxiesInScope().stream()
                    // What was never sent anything asks for something else than configuration, or has just begun.
                    .filter(proxy -> !proxy.namespace().isEmpty()
                            && (proxy.has(SyncState.SYNCED) || proxy.has(SyncState.STALE) || proxy.has(SyncState.ERROR))
                            && !model.hasPod(proxy)
                            && !model.outside.contains(proxy.namespace()))
                    .toList();
            if (without.isEmpty()) {
                return without;
            }
            Set<String> here = here();
            return without.stream()
                    .filter(proxy -> here.contains(proxy.cluster()))
                    .sorted()
                    .toList();
        }

        /** What istiod calls this cluster: as it says, or as the proxies say that have a pod here, or as all say. */
        private Set<String> here() {
            if (!model.cluster.isEmpty()) {
                return Set.of(model.cluster, "");
            }
            Set<String> here = model.proxies.stream()
                    .filter(model::hasPod)
                    .map(ProxyStatus::cluster)
                    .collect(Collectors.toSet());
            if (!here.isEmpty()) {
                return here;
            }
            Set<String> all = model.proxies.stream().map(ProxyStatus::cluster).collect(Collectors.toSet());
            return all.size() == 1 ? all : Set.of();
        }

        private List<Node> nodes() {
            List<Resource> ztunnels = model.ztunnels;
            if (ztunnels == null || model.answered == 0) {
                return List.of();
            }
            Map<String, List<Resource>> ambient = new TreeMap<>();
            for (Resource pod : model.pods) {
                String node = node(pod);
                if (Pods.isRunning(pod) && Pods.isAmbient(pod) && !node.isEmpty()) {
                    ambient.computeIfAbsent(node, any -> new ArrayList<>()).add(pod);
                }
            }
            List<Node> nodes = new ArrayList<>();
            ambient.forEach((node, there) -> {
                List<Resource> own = ztunnels.stream()
                        .filter(ztunnel -> node(ztunnel).equals(node))
                        .toList();
                boolean works = own.stream()
                        .anyMatch(ztunnel ->
                                Pods.isRunning(ztunnel) && (model.proxy(ztunnel).isPresent() || mayBeKnown(ztunnel)));
                if (!works) {
                    nodes.add(new Node(
                            node,
                            there,
                            own.stream()
                                    .filter(Pods::isRunning)
                                    .findFirst()
                                    .or(() -> own.stream().findFirst())
                                    .orElse(null)));
                }
            });
            return nodes;
        }
    }

    /** The node of a pod; empty while it has none. */
    static String node(Resource pod) {
        Json name = pod.spec().at("nodeName");
        return name.text("");
    }
}
