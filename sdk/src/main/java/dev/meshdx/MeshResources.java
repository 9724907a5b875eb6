package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.configuration.AuthorizationPolicy;
import dev.meshdx.configuration.DestinationRule;
import dev.meshdx.configuration.EnvoyFilter;
import dev.meshdx.configuration.Gateway;
import dev.meshdx.configuration.KubernetesGateway;
import dev.meshdx.configuration.KubernetesRoute;
import dev.meshdx.configuration.MeshConfig;
import dev.meshdx.configuration.PeerAuthentication;
import dev.meshdx.configuration.RequestAuthentication;
import dev.meshdx.configuration.SelectedResource;
import dev.meshdx.configuration.Service;
import dev.meshdx.configuration.ServiceEntry;
import dev.meshdx.configuration.Sidecar;
import dev.meshdx.configuration.VirtualService;
import dev.meshdx.configuration.WorkloadEntry;
import dev.meshdx.configuration.internal.ConfigurationLoader;
import dev.meshdx.configuration.internal.LoadOptions;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.source.Session;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The resources of a namespace, or of the whole mesh, as typed views. Each method lists one kind, costs one request (a page for
 * each 500 objects) and needs {@code list} on it; a kind that the cluster does not have is empty. Views are sorted by namespace
 * and name.
 *
 * <pre>{@code
 * mesh.namespace("production").config().virtualServices().forEach(System.out::println);
 * }</pre>
 *
 * <p>Every method throws a {@link dev.meshdx.error.MeshException} if the kind cannot be listed. Safe for use by several threads.
 */
@CheckReturnValue
public final class MeshResources {
    private final MeshContext context;
    private final String namespace;

    MeshResources(MeshContext context, String namespace) {
        this.context = context;
        this.namespace = namespace;
    }

    /** The VirtualServices: which way requests to hosts go. */
    public List<VirtualService> virtualServices() {
        return list(ResourceKind.VIRTUAL_SERVICE, VirtualService::new);
    }

    /** The DestinationRules: how clients connect to hosts. */
    public List<DestinationRule> destinationRules() {
        return list(ResourceKind.DESTINATION_RULE, DestinationRule::new);
    }

    /** Istio's own Gateways. */
    public List<Gateway> gateways() {
        return list(ResourceKind.GATEWAY, Gateway::new);
    }

    /** The ServiceEntries: hosts that the registry does not know by itself. */
    public List<ServiceEntry> serviceEntries() {
        return list(ResourceKind.SERVICE_ENTRY, ServiceEntry::new);
    }

    /** The Sidecars: what proxies see of the mesh. */
    public List<Sidecar> sidecars() {
        return list(ResourceKind.SIDECAR, Sidecar::new);
    }

    /** The WorkloadEntries: workloads that are no pods. */
    public List<WorkloadEntry> workloadEntries() {
        return list(ResourceKind.WORKLOAD_ENTRY, WorkloadEntry::new);
    }

    /** The WorkloadGroups. */
    public List<SelectedResource> workloadGroups() {
        return list(ResourceKind.WORKLOAD_GROUP, SelectedResource::new);
    }

    /** The EnvoyFilters: patches to proxies. */
    public List<EnvoyFilter> envoyFilters() {
        return list(ResourceKind.ENVOY_FILTER, EnvoyFilter::new);
    }

    /** The ProxyConfigs. */
    public List<SelectedResource> proxyConfigs() {
        return list(ResourceKind.PROXY_CONFIG, SelectedResource::new);
    }

    /** The PeerAuthentications: which mutual TLS modes are accepted. */
    public List<PeerAuthentication> peerAuthentications() {
        return list(ResourceKind.PEER_AUTHENTICATION, PeerAuthentication::new);
    }

    /** The RequestAuthentications: which tokens are accepted. */
    public List<RequestAuthentication> requestAuthentications() {
        return list(ResourceKind.REQUEST_AUTHENTICATION, RequestAuthentication::new);
    }

    /** The AuthorizationPolicies: who may call what. */
    public List<AuthorizationPolicy> authorizationPolicies() {
        return list(ResourceKind.AUTHORIZATION_POLICY, AuthorizationPolicy::new);
    }

    /** The Telemetries. */
    public List<SelectedResource> telemetries() {
        return list(ResourceKind.TELEMETRY, SelectedResource::new);
    }

    /** The WasmPlugins. */
    public List<SelectedResource> wasmPlugins() {
        return list(ResourceKind.WASM_PLUGIN, SelectedResource::new);
    }

    /** The TrafficExtensions. */
    public List<SelectedResource> trafficExtensions() {
        return list(ResourceKind.TRAFFIC_EXTENSION, SelectedResource::new);
    }

    /** The Gateways of the Kubernetes Gateway API, waypoints among them. */
    public List<KubernetesGateway> kubernetesGateways() {
        return list(ResourceKind.KUBERNETES_GATEWAY, KubernetesGateway::new);
    }

    /** The HTTPRoutes. */
    public List<KubernetesRoute> httpRoutes() {
        return list(ResourceKind.HTTP_ROUTE, KubernetesRoute::new);
    }

    /** The GRPCRoutes. */
    public List<KubernetesRoute> grpcRoutes() {
        return list(ResourceKind.GRPC_ROUTE, KubernetesRoute::new);
    }

    /** The TLSRoutes. */
    public List<KubernetesRoute> tlsRoutes() {
        return list(ResourceKind.TLS_ROUTE, KubernetesRoute::new);
    }

    /** The TCPRoutes. */
    public List<KubernetesRoute> tcpRoutes() {
        return list(ResourceKind.TCP_ROUTE, KubernetesRoute::new);
    }

    /** The Services, with the protocols of their ports. */
    public List<Service> services() {
        return list(ResourceKind.SERVICE, Service::new);
    }

    /** The resources of any kind that meshdx knows, without a view. */
    public List<Resource> resources(ResourceKind kind) {
        return list(kind, Function.identity());
    }

    /**
     * The mesh's own settings, from the ConfigMap {@code istio}; where it cannot be read, Istio's defaults. Costs one list of
     * ConfigMaps.
     */
    public MeshConfig meshConfig() {
        return context.ask(session -> new ConfigurationLoader(session, Scope.MESH, LoadOptions.DEFAULT)
                .load(Set.of())
                .mesh());
    }

    private <T> List<T> list(ResourceKind kind, Function<? super Resource, ? extends T> view) {
        return context.ask(session -> read(session, kind).stream()
                .sorted(Comparator.comparing(Resource::namespace).thenComparing(Resource::name))
                .<T>map(view)
                .toList());
    }

    private List<Resource> read(Session session, ResourceKind kind) {
        try {
            return namespace.isEmpty() || !kind.namespaced()
                    ? session.resources(kind)
                    : session.resources(kind, namespace);
        } catch (MeshException e) {
            if (e.reason() == Reason.NOT_INSTALLED) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? "resources of the mesh" : "resources of namespace " + namespace;
    }
}
