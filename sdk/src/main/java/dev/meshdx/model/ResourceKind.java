package dev.meshdx.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A kind of Kubernetes resource.
 *
 * @param group API group; empty for the core group
 * @param version the version that is asked for first; a server that serves another one is asked for that
 * @param plural name in URLs
 * @param kind name in documents
 * @param namespaced whether its resources live in namespaces
 */
public record ResourceKind(String group, String version, String plural, String kind, boolean namespaced) {
    /** Namespaces; their labels decide about injection. */
    public static final ResourceKind NAMESPACE = core("namespaces", "Namespace", false);

    /** Nodes of the cluster. */
    public static final ResourceKind NODE = core("nodes", "Node", false);

    /** Pods. */
    public static final ResourceKind POD = core("pods", "Pod", true);

    /** Services. */
    public static final ResourceKind SERVICE = core("services", "Service", true);

    /** Endpoints of a Service, in the older form. */
    public static final ResourceKind ENDPOINTS = core("endpoints", "Endpoints", true);

    /** ConfigMaps; the mesh's settings and the copies of its root certificate. */
    public static final ResourceKind CONFIG_MAP = core("configmaps", "ConfigMap", true);

    /** Secrets; sources hand them out without what is secret. */
    public static final ResourceKind SECRET = core("secrets", "Secret", true);

    /** Service accounts, from which workloads have their identity. */
    public static final ResourceKind SERVICE_ACCOUNT = core("serviceaccounts", "ServiceAccount", true);

    /** Events: what controllers and the kubelet report. */
    public static final ResourceKind EVENT = core("events", "Event", true);

    /** The endpoints of a Service, in slices. */
    public static final ResourceKind ENDPOINT_SLICE =
            new ResourceKind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true);

    /** Deployments. */
    public static final ResourceKind DEPLOYMENT = new ResourceKind("apps", "v1", "deployments", "Deployment", true);

    /** Replica sets, which stand between a Deployment and its pods. */
    public static final ResourceKind REPLICA_SET = new ResourceKind("apps", "v1", "replicasets", "ReplicaSet", true);

    /** Stateful sets. */
    public static final ResourceKind STATEFUL_SET = new ResourceKind("apps", "v1", "statefulsets", "StatefulSet", true);

    /** Daemon sets. */
    public static final ResourceKind DAEMON_SET = new ResourceKind("apps", "v1", "daemonsets", "DaemonSet", true);

    /** Ingresses. */
    public static final ResourceKind INGRESS =
            new ResourceKind("networking.k8s.io", "v1", "ingresses", "Ingress", true);

    /** Network policies. */
    public static final ResourceKind NETWORK_POLICY =
            new ResourceKind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true);

    /** Webhooks that change what is created; one of them injects the sidecars. */
    public static final ResourceKind MUTATING_WEBHOOK_CONFIGURATION = new ResourceKind(
            "admissionregistration.k8s.io",
            "v1",
            "mutatingwebhookconfigurations",
            "MutatingWebhookConfiguration",
            false);

    /** Webhooks that refuse what is wrong; one of them is istiod's. */
    public static final ResourceKind VALIDATING_WEBHOOK_CONFIGURATION = new ResourceKind(
            "admissionregistration.k8s.io",
            "v1",
            "validatingwebhookconfigurations",
            "ValidatingWebhookConfiguration",
            false);

    /** Definitions of further kinds. */
    public static final ResourceKind CUSTOM_RESOURCE_DEFINITION = new ResourceKind(
            "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);

    /** Istio: which way requests to a host go. */
    public static final ResourceKind VIRTUAL_SERVICE = networking("virtualservices", "VirtualService");

    /** Istio: subsets of a host, and how clients connect to it. */
    public static final ResourceKind DESTINATION_RULE = networking("destinationrules", "DestinationRule");

    /** Istio: which ports, hosts and certificates a gateway serves. */
    public static final ResourceKind GATEWAY = networking("gateways", "Gateway");

    /** Istio: hosts that the registry does not know by itself. */
    public static final ResourceKind SERVICE_ENTRY = networking("serviceentries", "ServiceEntry");

    /** Istio: what the proxies of some workloads can see. */
    public static final ResourceKind SIDECAR = networking("sidecars", "Sidecar");

    /** Istio: a workload that is no pod. */
    public static final ResourceKind WORKLOAD_ENTRY = networking("workloadentries", "WorkloadEntry");

    /** Istio: a template for workload entries. */
    public static final ResourceKind WORKLOAD_GROUP = networking("workloadgroups", "WorkloadGroup");

    /** Istio: patches to the proxies' own configuration. */
    public static final ResourceKind ENVOY_FILTER =
            new ResourceKind("networking.istio.io", "v1alpha3", "envoyfilters", "EnvoyFilter", true);

    /** Istio: settings of proxies at their start. */
    public static final ResourceKind PROXY_CONFIG =
            new ResourceKind("networking.istio.io", "v1beta1", "proxyconfigs", "ProxyConfig", true);

    /** Istio: which mutual TLS mode workloads accept. */
    public static final ResourceKind PEER_AUTHENTICATION = security("peerauthentications", "PeerAuthentication");

    /** Istio: which tokens requests may carry. */
    public static final ResourceKind REQUEST_AUTHENTICATION =
            security("requestauthentications", "RequestAuthentication");

    /** Istio: who may call what. */
    public static final ResourceKind AUTHORIZATION_POLICY = security("authorizationpolicies", "AuthorizationPolicy");

    /** Istio: metrics, traces and access logs. */
    public static final ResourceKind TELEMETRY =
            new ResourceKind("telemetry.istio.io", "v1", "telemetries", "Telemetry", true);

    /** Istio: WebAssembly modules in proxies. */
    public static final ResourceKind WASM_PLUGIN =
            new ResourceKind("extensions.istio.io", "v1alpha1", "wasmplugins", "WasmPlugin", true);

    /** Istio: WebAssembly modules and Lua scripts in proxies. */
    public static final ResourceKind TRAFFIC_EXTENSION =
            new ResourceKind("extensions.istio.io", "v1alpha1", "trafficextensions", "TrafficExtension", true);

    /** The Gateway of the Kubernetes Gateway API; its kind has the same name as {@link #GATEWAY}. */
    public static final ResourceKind KUBERNETES_GATEWAY =
            new ResourceKind("gateway.networking.k8s.io", "v1", "gateways", "Gateway", true);

    /** Classes of the Kubernetes Gateway API. */
    public static final ResourceKind GATEWAY_CLASS =
            new ResourceKind("gateway.networking.k8s.io", "v1", "gatewayclasses", "GatewayClass", false);

    /** HTTP routes of the Kubernetes Gateway API. */
    public static final ResourceKind HTTP_ROUTE =
            new ResourceKind("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute", true);

    /** A gRPC route of the Gateway API. */
    public static final ResourceKind GRPC_ROUTE =
            new ResourceKind("gateway.networking.k8s.io", "v1", "grpcroutes", "GRPCRoute", true);

    /** A TLS route of the Gateway API. */
    public static final ResourceKind TLS_ROUTE =
            new ResourceKind("gateway.networking.k8s.io", "v1alpha2", "tlsroutes", "TLSRoute", true);

    /** A TCP route of the Gateway API. */
    public static final ResourceKind TCP_ROUTE =
            new ResourceKind("gateway.networking.k8s.io", "v1alpha2", "tcproutes", "TCPRoute", true);

    /** Gateway API: leave to refer to what lies in another namespace. */
    public static final ResourceKind REFERENCE_GRANT =
            new ResourceKind("gateway.networking.k8s.io", "v1beta1", "referencegrants", "ReferenceGrant", true);

    /** What a pod uses, as the metrics API tells it. */
    public static final ResourceKind POD_METRICS =
            new ResourceKind("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", true);

    private static final List<ResourceKind> KNOWN = List.of(
            NAMESPACE,
            NODE,
            POD,
            SERVICE,
            ENDPOINTS,
            CONFIG_MAP,
            SECRET,
            SERVICE_ACCOUNT,
            EVENT,
            ENDPOINT_SLICE,
            DEPLOYMENT,
            REPLICA_SET,
            STATEFUL_SET,
            DAEMON_SET,
            INGRESS,
            NETWORK_POLICY,
            MUTATING_WEBHOOK_CONFIGURATION,
            VALIDATING_WEBHOOK_CONFIGURATION,
            CUSTOM_RESOURCE_DEFINITION,
            VIRTUAL_SERVICE,
            DESTINATION_RULE,
            GATEWAY,
            SERVICE_ENTRY,
            SIDECAR,
            WORKLOAD_ENTRY,
            WORKLOAD_GROUP,
            ENVOY_FILTER,
            PROXY_CONFIG,
            PEER_AUTHENTICATION,
            REQUEST_AUTHENTICATION,
            AUTHORIZATION_POLICY,
            TELEMETRY,
            WASM_PLUGIN,
            TRAFFIC_EXTENSION,
            KUBERNETES_GATEWAY,
            GATEWAY_CLASS,
            HTTP_ROUTE,
            GRPC_ROUTE,
            TLS_ROUTE,
            TCP_ROUTE,
            REFERENCE_GRANT,
            POD_METRICS);

    private static final Map<String, List<ResourceKind>> BY_NAME =
            KNOWN.stream().collect(Collectors.groupingBy(ResourceKind::kind));

    private static ResourceKind core(String plural, String kind, boolean namespaced) {
        return new ResourceKind("", "v1", plural, kind, namespaced);
    }

    private static ResourceKind networking(String plural, String kind) {
        return new ResourceKind("networking.istio.io", "v1", plural, kind, true);
    }

    private static ResourceKind security(String plural, String kind) {
        return new ResourceKind("security.istio.io", "v1", plural, kind, true);
    }

    /** The kinds that meshdx knows of. */
    public static List<ResourceKind> known() {
        return KNOWN;
    }

    /** The known kind of a document with this {@code apiVersion} and {@code kind}, whatever its version. */
    public static Optional<ResourceKind> known(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "" : apiVersion.substring(0, slash);
        for (ResourceKind known : BY_NAME.getOrDefault(kind, List.of())) {
            if (known.group.equals(group)) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }

    /** {@code apiVersion} in documents: {@code v1}, {@code networking.istio.io/v1}. */
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** Plural and group as in RBAC rules and CRD names: {@code pods}, {@code gateways.networking.istio.io}. */
    public String qualifiedPlural() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    @Override
    public String toString() {
        return qualifiedPlural();
    }
}
