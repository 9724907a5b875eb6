package dev.meshdx.health.internal;

import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.BodyReader;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is read about proxies: what the istiods say, and what it takes to compare that with the pods. */
final class ProxyReads {
    /** So many pods are named in a message. */
    private static final int NAMED = 5;

    private static final String SYNCZ = "/debug/syncz";

    private ProxyReads() {}

    /** What one istiod said; null where it said nothing. */
    private record Said(Resource istiod, SyncStatusParser.@Nullable Answer answer) {}

    /**
     * Asks every istiod for its proxies. One that does not answer, answers rubbish, or ends early is a gap, and what the others
     * say stands.
     *
     * @param namespace of the proxies that are asked for; empty for all. Istiods that know the parameter (Istio 1.15 on) send
     *     only these; others send all, which are left out here. Source: Istio, {@code pilot/pkg/xds/debug.go}, Syncz
     */
    static void proxies(Session session, List<Resource> istiods, String namespace, HealthModel.Builder into) {
        // A recording has the whole page and one time to read it.
        boolean narrow = !namespace.isEmpty() && session.source().kind() == MeshSource.Kind.LIVE;
        String path = SYNCZ + (narrow ? "?namespace=" + URLEncoder.encode(namespace, StandardCharsets.UTF_8) : "");
        List<Said> answers = session.parallel(istiods, istiod -> {
            try {
                SyncStatusParser.Answer answer = ask(session, istiod, path, narrow ? namespace : null);
                if (answer.problem() != null) {
                    session.gap(Inconclusive.of(
                            "some of the proxies that are connected to istiod",
                            istiod.ref(),
                            Reason.MALFORMED,
                            answer.problem() + " What was read until there is used.",
                            "Ask again."));
                }
                return new Said(istiod, answer);
            } catch (MeshException e) {
                session.gap("proxies that are connected to istiod", istiod.ref(), e);
                return new Said(istiod, null);
            }
        });
        List<ProxyStatus> all = new ArrayList<>();
        List<Resource> silent = new ArrayList<>();
        int answered = 0;
        for (Said said : answers) {
            SyncStatusParser.Answer answer = said.answer();
            if (answer == null || answer.problem() != null) {
                silent.add(said.istiod());
            }
            if (answer != null) {
                answered++;
                all.addAll(answer.proxies());
            }
        }
        into.asked = istiods.size();
        into.answered = answered;
        into.silentIstiods = silent;
        unique(all, into);
    }

    private static SyncStatusParser.Answer ask(
            Session session, Resource istiod, String path, @Nullable String namespace) {
        BodyReader<SyncStatusParser.Answer> reader =
                body -> SyncStatusParser.read(body, istiod.name(), Pods.revision(istiod), namespace);
        try {
            return session.fetch(PodRequest.istiod(istiod.namespace(), istiod.name(), path), reader);
        } catch (MeshNotFoundException | MeshUnsupportedException e) {
            if (namespace == null) {
                throw e;
            }
            // What stands in between does not know the parameter.
            return session.fetch(PodRequest.istiod(istiod.namespace(), istiod.name(), SYNCZ), reader);
        }
    }

    /**
     * One entry a proxy. Where several connections of it are known it has moved: the one over which it was sent something last is
     * listed, and it names the others.
     */
    static void unique(List<ProxyStatus> all, HealthModel.Builder into) {
        Map<Key, ProxyStatus> newest = new LinkedHashMap<>(all.size() * 2);
        Map<Key, List<ProxyStatus>> others = new TreeMap<>();
        for (ProxyStatus proxy : all) {
            Key key = new Key(proxy.namespace(), proxy.pod(), proxy.cluster());
            ProxyStatus before = newest.putIfAbsent(key, proxy);
            if (before != null) {
                boolean later = isNewer(proxy, before);
                newest.put(key, later ? proxy : before);
                others.computeIfAbsent(key, any -> new ArrayList<>()).add(later ? before : proxy);
            }
        }
        List<ProxyStatus> left = new ArrayList<>();
        others.forEach((key, connections) -> {
            left.addAll(connections);
            List<String> istiods = connections.stream()
                    .map(ProxyStatus::istiod)
                    .distinct()
                    .sorted()
                    .toList();
            newest.computeIfPresent(key, (same, proxy) -> proxy.withAlsoOn(istiods));
        });
        into.proxies = new ArrayList<>(newest.values());
        into.otherConnections = left;
    }

    private static boolean isNewer(ProxyStatus one, ProxyStatus other) {
        int order =
                one.lastSent().orElse(Instant.MIN).compareTo(other.lastSent().orElse(Instant.MIN));
        // Of two that were sent something at the same time the one that acknowledges is alive.
        return order > 0 || (order == 0 && one.isSynced() && !other.isSynced());
    }

    private record Key(String namespace, String pod, String cluster) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int order = namespace.compareTo(other.namespace);
            order = order != 0 ? order : pod.compareTo(other.pod);
            return order != 0 ? order : cluster.compareTo(other.cluster);
        }
    }

    /**
     * Reads what only a doubt makes necessary: a mesh in which every pod with a proxy is connected to an istiod of its own
     * revision costs no request more.
     */
    static void crossCheck(Session session, List<Resource> istiods, HealthModel.Builder into) {
        if (!into.podsKnown || into.answered == 0) {
            return;
        }
        HealthModel model = into.build();
        HealthModel first = model;
        List<ProxyStatus> withoutPod = model.proxiesInScope().stream()
                .filter(proxy -> !proxy.namespace().isEmpty() && !first.hasPod(proxy))
                .toList();
        if (!withoutPod.isEmpty()) {
            into.cluster = cluster(session, istiods, into.silentIstiods);
            into.outside = outside(session, withoutPod);
        }
        if (!into.cluster.isEmpty()) {
            model = into.build();
        }
        if (Connections.revisionsInDoubt(model)) {
            into.webhooks = session.resourcesOrGap(ResourceKind.MUTATING_WEBHOOK_CONFIGURATION, "");
            into.namespaces = session.resourcesOrGap(ResourceKind.NAMESPACE, "");
        }
        if (into.pods.stream().anyMatch(Pods::isAmbient)) {
            ztunnels(session, istiods, model, into);
        }
    }

    /** The id of the cluster of istiod: the first that it names. Source: Istio, {@code pilot/pkg/xds/debug.go}, clusterz. */
    private static String cluster(Session session, List<Resource> istiods, List<Resource> silent) {
        for (Resource istiod : istiods) {
            if (silent.contains(istiod)) {
                continue;
            }
            try {
                Json clusters = session.json(PodRequest.istiod(istiod.namespace(), istiod.name(), "/debug/clusterz"));
                String id = clusters.at(0).at("secretName").text("").isEmpty()
                        ? clusters.at(0).at("id").text("")
                        : "";
                if (!id.isEmpty()) {
                    return id;
                }
            } catch (MeshInterruptedException | MeshClosedException e) {
                throw e;
            } catch (MeshException e) {
                // Too old to say, or not recorded: the next one, or what the connected proxies and the pods have in
                // common.
            }
        }
        return "";
    }

    private static Set<String> outside(Session session, List<ProxyStatus> withoutPod) {
        Set<String> outside = new TreeSet<>();
        for (String namespace :
                new TreeSet<>(withoutPod.stream().map(ProxyStatus::namespace).toList())) {
            try {
                if (!session.resources(ResourceKind.WORKLOAD_ENTRY, namespace).isEmpty()
                        || !session.resources(ResourceKind.WORKLOAD_GROUP, namespace)
                                .isEmpty()) {
                    outside.add(namespace);
                }
            } catch (MeshException e) {
                if (e.reason() != Reason.NOT_INSTALLED) {
                    session.gap("workloads outside the cluster in namespace " + namespace, null, e);
                    outside.add(namespace);
                }
            }
        }
        return outside;
    }

    /** The ztunnels of all nodes and which of them are connected, though they are mostly not in the namespace in question. */
    private static void ztunnels(Session session, List<Resource> istiods, HealthModel model, HealthModel.Builder into) {
        if (model.scope.namespace().isEmpty()) {
            into.ztunnels = model.pods.stream().filter(Pods::isZtunnel).toList();
            return;
        }
        try {
            into.ztunnels = session.list(ListQuery.all(ResourceKind.POD).labelled(Map.of("app", "ztunnel"))).stream()
                    .filter(Pods::isZtunnel)
                    .toList();
        } catch (MeshException e) {
            session.gap("ztunnels of the nodes", null, e);
            return;
        }
        if (session.source().kind() == MeshSource.Kind.LIVE) {
            List<ProxyStatus> connected = new ArrayList<>();
            for (String namespace : new TreeSet<>(
                    into.ztunnels.stream().map(Resource::namespace).toList())) {
                HealthModel.Builder there = HealthModel.builder(model.scope, model.now);
                // What does not answer is a gap already.
                proxies(session.fork(), istiods, namespace, there);
                connected.addAll(there.proxies);
            }
            into.otherProxies = connected;
        }
    }

    /** Tells of which pods it is not known whether they are connected, though some istiods answered. */
    static void unknown(Session session, HealthModel model) {
        List<Resource> pods = model.connections().unknown();
        if (pods.isEmpty() || model.answered == 0) {
            return;
        }
        String named = pods.stream()
                        .limit(NAMED)
                        .map(pod -> pod.namespace() + "/" + pod.name())
                        .collect(Collectors.joining(", "))
                + (pods.size() > NAMED ? " and " + (pods.size() - NAMED) + " more" : "");
        String silent = model.silentIstiods.stream().map(Resource::name).collect(Collectors.joining(", "));
        session.gap(Inconclusive.of(
                "whether " + (pods.size() == 1 ? "a proxy is" : pods.size() + " proxies are") + " connected",
                pods.size() == 1 ? pods.get(0).ref() : null,
                Reason.UNREACHABLE,
                "No istiod that answered knows " + named + "; "
                        + (silent.isEmpty()
                                ? "their revision has its control plane outside the cluster."
                                : silent + " did not tell (all of) its proxies, and may."),
                silent.isEmpty()
                        ? "Ask in the cluster in which that control plane runs."
                        : "Ask again when " + silent + " answers."));
    }

    /** Rows for the pods of whose proxies no istiod that answered knows, and that another one may know. */
    static List<ProxyStatus> ofPods(HealthModel model) {
        return model.connections().unknown().stream()
                .map(pod -> ProxyStatus.ofPod(
                        pod.namespace(), pod.name(), Pods.revision(pod), imageVersion(pod), type(pod)))
                .toList();
    }

    /** As istiod calls the kinds of proxies. */
    static String type(Resource pod) {
        if (Pods.isZtunnel(pod)) {
            return "ztunnel";
        }
        return Pods.isProxyOfType(pod, "waypoint")
                ? "waypoint"
                : Pods.isProxyOfType(pod, "router") ? "router" : "sidecar";
    }

    /** With their kinds where the istiod is too old to tell them, or was asked over xDS. */
    static List<ProxyStatus> withTypes(HealthModel model, List<ProxyStatus> proxies) {
        if (proxies.stream().noneMatch(proxy -> proxy.proxyType().isEmpty())) {
            return proxies;
        }
        Map<String, Resource> pods = new LinkedHashMap<>();
        model.pods.forEach(pod -> pods.put(pod.namespace() + "/" + pod.name(), pod));
        return proxies.stream()
                .map(proxy -> {
                    Resource pod = pods.get(proxy.namespace() + "/" + proxy.pod());
                    return proxy.proxyType().isEmpty() && pod != null && Pods.hasProxy(pod)
                            ? proxy.withProxyType(type(pod))
                            : proxy;
                })
                .toList();
    }

    /** The tag of the proxy's image without the flavour; empty for a digest. */
    static String imageVersion(Resource pod) {
        String image = Pods.containers(pod).stream()
                .filter(container -> container.at("name").text("").equals(Pods.PROXY_CONTAINER))
                .map(container -> container.at("image").text(""))
                .findFirst()
                .orElse("");
        int digest = image.indexOf('@');
        String named = digest < 0 ? image : image.substring(0, digest);
        int colon = named.lastIndexOf(':');
        String tag = colon < 0 || named.indexOf('/', colon) >= 0 ? "" : named.substring(colon + 1);
        return tag.replaceFirst("-(distroless|debug)$", "");
    }

    /** Whether an istiod may hold connections: its process runs. */
    static boolean mayHoldConnections(Resource istiod) {
        return Pods.isRunning(istiod)
                && Pods.containerStatus(istiod, "discovery")
                        .map(status -> status.at("state", "running").exists()
                                || !status.at("state").exists())
                        .orElse(true);
    }
}
