package dev.meshdx.model;

import java.util.List;
import java.util.Optional;

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
    public static final ResourceKind NAMESPACE = core("namespaces", "Namespace", false);
    public static final ResourceKind NODE = core("nodes", "Node", false);
    public static final ResourceKind POD = core("pods", "Pod", true);
    public static final ResourceKind SERVICE = core("services", "Service", true);
    public static final ResourceKind ENDPOINTS = core("endpoints", "Endpoints", true);
    public static final ResourceKind CONFIG_MAP = core("configmaps", "ConfigMap", true);
    public static final ResourceKind SECRET = core("secrets", "Secret", true);
    public static final ResourceKind SERVICE_ACCOUNT = core("serviceaccounts", "ServiceAccount", true);
    public static final ResourceKind EVENT = core("events", "Event", true);
    public static final ResourceKind ENDPOINT_SLICE =
            new ResourceKind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true);
    public static final ResourceKind DEPLOYMENT = new ResourceKind("apps", "v1", "deployments", "Deployment", true);
    public static final ResourceKind REPLICA_SET = new ResourceKind("apps", "v1", "replicasets", "ReplicaSet", true);
    public static final ResourceKind STATEFUL_SET = new ResourceKind("apps", "v1", "statefulsets", "StatefulSet", true);
    public static final ResourceKind DAEMON_SET = new ResourceKind("apps", "v1", "daemonsets", "DaemonSet", true);
    public static final ResourceKind INGRESS =
            new ResourceKind("networking.k8s.io", "v1", "ingresses", "Ingress", true);
    public static final ResourceKind NETWORK_POLICY =
            new ResourceKind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true);
    public static final ResourceKind MUTATING_WEBHOOK_CONFIGURATION = new ResourceKind(
            "admissionregistration.k8s.io",
            "v1",
            "mutatingwebhookconfigurations",
            "MutatingWebhookConfiguration",
            false);
    public static final ResourceKind VALIDATING_WEBHOOK_CONFIGURATION = new ResourceKind(
            "admissionregistration.k8s.io",
            "v1",
            "validatingwebhookconfigurations",
            "ValidatingWebhookConfiguration",
            false);
    public static final ResourceKind CUSTOM_RESOURCE_DEFINITION = new ResourceKind(
            "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);
    public static final ResourceKind VIRTUAL_SERVICE = networking("virtualservices", "VirtualService");
    public static final ResourceKind DESTINATION_RULE = networking("destinationrules", "DestinationRule");
    public static final ResourceKind GATEWAY = networking("gateways", "Gateway");
    public static final ResourceKind SERVICE_ENTRY = networking("serviceentries", "ServiceEntry");
    public static final ResourceKind SIDECAR = networking("sidecars", "Sidecar");
    public static final ResourceKind WORKLOAD_ENTRY = networking("workloadentries", "WorkloadEntry");
    public static final ResourceKind WORKLOAD_GROUP = networking("workloadgroups", "WorkloadGroup");
    public static final ResourceKind ENVOY_FILTER =
            new ResourceKind("networking.istio.io", "v1alpha3", "envoyfilters", "EnvoyFilter", true);
    public static final ResourceKind PROXY_CONFIG =
            new ResourceKind("networking.istio.io", "v1beta1", "proxyconfigs", "ProxyConfig", true);
    public static final ResourceKind PEER_AUTHENTICATION = security("peerauthentications", "PeerAuthentication");
    public static final ResourceKind REQUEST_AUTHENTICATION =
            security("requestauthentications", "RequestAuthentication");
    public static final ResourceKind AUTHORIZATION_POLICY = security("authorizationpolicies", "AuthorizationPolicy");
    public static final ResourceKind TELEMETRY =
            new ResourceKind("telemetry.istio.io", "v1", "telemetries", "Telemetry", true);
    public static final ResourceKind WASM_PLUGIN =
            new ResourceKind("extensions.istio.io", "v1alpha1", "wasmplugins", "WasmPlugin", true);
    public static final ResourceKind KUBERNETES_GATEWAY =
            new ResourceKind("gateway.networking.k8s.io", "v1", "gateways", "Gateway", true);
    public static final ResourceKind GATEWAY_CLASS =
            new ResourceKind("gateway.networking.k8s.io", "v1", "gatewayclasses", "GatewayClass", false);
    public static final ResourceKind HTTP_ROUTE =
            new ResourceKind("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute", true);
    public static final ResourceKind GRPC_ROUTE =
            new ResourceKind("gateway.networking.k8s.io", "v1", "grpcroutes", "GRPCRoute", true);
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
            KUBERNETES_GATEWAY,
            GATEWAY_CLASS,
            HTTP_ROUTE,
            GRPC_ROUTE,
            POD_METRICS);

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
        return KNOWN.stream()
                .filter(known -> known.kind.equals(kind) && known.group.equals(group))
                .findFirst();
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
