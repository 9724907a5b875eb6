package dev.meshdx.health.internal;

import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
        this.controlPlane = builder.controlPlane;
    }

    /** The proxies in the scope. */
    List<ProxyStatus> proxiesInScope() {
        return proxies.stream().filter(this::inScope).toList();
    }

    private boolean inScope(ProxyStatus proxy) {
        return scope.includesNamespace(proxy.namespace())
                && (!scope.isPod() || scope.pod().equals(proxy.pod()));
    }

    /** What the istiods know of a pod's proxy. */
    Optional<ProxyStatus> proxy(Resource pod) {
        return proxies.stream()
                .filter(proxy ->
                        proxy.namespace().equals(pod.namespace()) && proxy.pod().equals(pod.name()))
                .findFirst();
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
