package dev.meshdx.health.internal;

import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.Readiness;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything that the checks of the health step look at. Immutable once it is built. */
final class HealthModel {
    final Scope scope;
    final Instant now;
    final String istioNamespace;
    /** All istiods, whatever the scope. */
    final List<IstiodInstance> istiods;
    /** Whether the list of istiods could be read, and the control plane is one that runs in this cluster. */
    final boolean istiodsKnown;
    /** Proxies of all scopes, as the istiods that answered know them. */
    final List<ProxyStatus> proxies;
    /** How many istiods were asked for their proxies. */
    final int asked;
    /** How many of them answered. */
    final int answered;
    /** Pods in the scope. */
    final List<Resource> pods;
    /** Events about pods of the scope that are not well. */
    final Map<ResourceRef, List<Resource>> events;
    /** EnvoyFilters, where a proxy refuses its configuration. */
    final List<Resource> envoyFilters;
    /** Services in the scope. */
    final List<Resource> services;
    /** EndpointSlices in the scope. */
    final List<Resource> endpointSlices;
    /** Deployments and stateful sets in the scope. */
    final List<Resource> workloads;
    /** Services that have healthy endpoints in another cluster, as istiod knows them. */
    final Set<ResourceRef> servedElsewhere;
    /** Whether services, slices and pods could all be read, so that an absent one is really absent. */
    final boolean endpointsKnown;
    /** Connections of proxies that are listed with another istiod. */
    final List<ProxyStatus> otherConnections;
    /** The istiods that did not say (all of) what is connected to them. */
    final List<Resource> silentIstiods;
    /** Whether the pods of the scope could be read, so that an absent one is really absent. */
    final boolean podsKnown;
    /** The cluster in which the pods are, as istiod calls it; empty where it was not asked or does not tell. */
    final String cluster;
    /** Namespaces of the proxies without a pod in which a workload runs outside the cluster, or may. */
    final Set<String> outside;
    /** Injection webhooks, where the revisions of pods were to be resolved. */
    final List<Resource> webhooks;
    /** Namespaces, where the revisions of pods were to be resolved. */
    final List<Resource> namespaces;
    /** Pods of ztunnel of all namespaces, where a pod in the scope needs one; null where they are not known. */
    final @Nullable List<Resource> ztunnels;

    /** Whether the checks of the pods run too: what they say is not said twice. */
    final boolean wholeStep;

    private final List<ProxyStatus> otherProxies;
    private @Nullable Map<ResourceRef, ProxyStatus> byPod;
    private @Nullable List<Resource> proxyPods;
    private @Nullable Set<ResourceRef> podRefs;
    private @Nullable Connections connections;
    /** Why pods that are not well are not ready. */
    final Map<ResourceRef, Readiness> readiness;

    /** What is known of the control plane beyond its pods. */
    final ControlPlaneFacts controlPlane;

    private HealthModel(Builder builder) {
        this.scope = builder.scope;
        this.now = builder.now;
        this.istioNamespace = builder.istioNamespace;
        this.istiods = List.copyOf(builder.istiods);
        this.istiodsKnown = builder.istiodsKnown;
        this.proxies = List.copyOf(builder.proxies);
        this.asked = builder.asked;
        this.answered = builder.answered;
        this.pods = List.copyOf(builder.pods);
        this.events = Map.copyOf(builder.events);
        this.envoyFilters = List.copyOf(builder.envoyFilters);
        this.services = List.copyOf(builder.services);
        this.endpointSlices = List.copyOf(builder.endpointSlices);
        this.workloads = List.copyOf(builder.workloads);
        this.servedElsewhere = Set.copyOf(builder.servedElsewhere);
        this.endpointsKnown = builder.endpointsKnown;
        this.otherConnections = List.copyOf(builder.otherConnections);
        this.silentIstiods = List.copyOf(builder.silentIstiods);
        this.podsKnown = builder.podsKnown;
        this.cluster = builder.cluster;
        this.outside = Set.copyOf(builder.outside);
        this.webhooks = List.copyOf(builder.webhooks);
        this.namespaces = List.copyOf(builder.namespaces);
        this.ztunnels = builder.ztunnels == null ? null : List.copyOf(builder.ztunnels);
        this.wholeStep = builder.wholeStep;
        this.otherProxies = List.copyOf(builder.otherProxies);
        this.readiness = Map.copyOf(builder.readiness);
        this.controlPlane = builder.controlPlane;
    }

    /** What the istiods know, by pod. */
    private synchronized Map<ResourceRef, ProxyStatus> byPod() {
        Map<ResourceRef, ProxyStatus> known = byPod;
        if (known == null) {
            known = new HashMap<>(proxies.size() * 2);
            for (ProxyStatus proxy : otherProxies) {
                known.put(proxy.podRef(), proxy);
            }
            for (ProxyStatus proxy : proxies) {
                ProxyStatus before = known.put(proxy.podRef(), proxy);
                // A remote cluster may have a pod of the same name; this cluster's counts.
                if (before != null && !cluster.isEmpty() && before.cluster().equals(cluster)) {
                    known.put(before.podRef(), before);
                }
            }
            byPod = known;
        }
        return known;
    }

    /** The pods in the scope that run and have a proxy. */
    synchronized List<Resource> proxyPods() {
        List<Resource> known = proxyPods;
        if (known == null) {
            known = pods.stream()
                    .filter(pod -> Pods.isRunning(pod) && Pods.hasProxy(pod))
                    .toList();
            proxyPods = known;
        }
        return known;
    }

    /** Whether there is a pod of this name in the scope, as far as the pods are known. */
    synchronized boolean hasPod(ProxyStatus proxy) {
        Set<ResourceRef> known = podRefs;
        if (known == null) {
            known = new HashSet<>(pods.size() * 2);
            for (Resource pod : pods) {
                known.add(pod.ref());
            }
            podRefs = known;
        }
        return known.contains(proxy.podRef());
    }

    /** Proxies and pods, compared. Worked out once. */
    synchronized Connections connections() {
        if (connections == null) {
            connections = Connections.of(this);
        }
        return connections;
    }

    /** The proxies in the scope. */
    List<ProxyStatus> proxiesInScope() {
        return scope.namespace().isEmpty()
                ? proxies
                : proxies.stream().filter(this::inScope).toList();
    }

    boolean inScope(ProxyStatus proxy) {
        return scope.includesNamespace(proxy.namespace())
                && (!scope.isPod() || scope.pod().equals(proxy.pod()));
    }

    /** What the istiods know of a pod's proxy. */
    Optional<ProxyStatus> proxy(Resource pod) {
        return Optional.ofNullable(byPod().get(pod.ref()));
    }

    static Builder builder(Scope scope, Instant now) {
        return new Builder(scope, now);
    }

    /** Collects what was read; its fields are set by the reads that run at once, each its own. */
    static final class Builder {
        private final Scope scope;
        private final Instant now;
        String istioNamespace = "istio-system";
        List<IstiodInstance> istiods = List.of();
        boolean istiodsKnown;
        List<ProxyStatus> proxies = List.of();
        int asked;
        int answered;
        List<Resource> pods = List.of();
        Map<ResourceRef, List<Resource>> events = Map.of();
        List<Resource> envoyFilters = List.of();
        List<Resource> services = List.of();
        List<Resource> endpointSlices = List.of();
        List<Resource> workloads = List.of();
        Set<ResourceRef> servedElsewhere = Set.of();
        boolean endpointsKnown;
        List<ProxyStatus> otherConnections = List.of();
        List<Resource> silentIstiods = List.of();
        boolean podsKnown;
        String cluster = "";
        Set<String> outside = Set.of();
        List<Resource> webhooks = List.of();
        List<Resource> namespaces = List.of();

        List<ProxyStatus> otherProxies = List.of();
        boolean wholeStep;

        @Nullable
        List<Resource> ztunnels;

        Map<ResourceRef, Readiness> readiness = Map.of();
        ControlPlaneFacts controlPlane = ControlPlaneFacts.NONE;

        private Builder(Scope scope, Instant now) {
            this.scope = scope;
            this.now = now;
        }

        HealthModel build() {
            return new HealthModel(this);
        }
    }
}
