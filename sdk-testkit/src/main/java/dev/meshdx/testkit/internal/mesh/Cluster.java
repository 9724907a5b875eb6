package dev.meshdx.testkit.internal.mesh;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ClusterState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The Kubernetes side of a fake mesh: applies the described objects and plays the controllers that a cluster has (deployments,
 * endpoints, namespaces, the injection webhook, the kubelet's statuses).
 */
public final class Cluster {
    /** Zones of the two nodes. */
    private static final String REGION = "region-1";

    private final MeshSpec spec;
    private final Times times;
    private final Names names;
    private final Authority authority;
    private final Authority otherAuthority;
    private final ClusterState state = new ClusterState();
    private final Map<String, WorkloadSpec> workloads = new LinkedHashMap<>();
    private final Map<String, WorkloadSpec> podSpecs = new LinkedHashMap<>();
    private final List<IstiodSpec> istiods;
    private int version = 1000;
    private int nextPod;
    private int nextService;

    private Cluster(MeshSpec spec) {
        this.spec = spec;
        this.times = new Times(spec.clock.instant());
        this.names = new Names(spec.seed);
        this.authority = new Authority(names, "mesh", spec.trustDomain, times.created());
        this.otherAuthority = new Authority(names, "other", spec.trustDomain, times.created());
        this.istiods = spec.istiods.isEmpty() ? List.of(new IstiodSpec()) : List.copyOf(spec.istiods);
    }

    /** The cluster of a description. */
    public static Cluster create(MeshSpec spec) {
        Cluster cluster = new Cluster(spec);
        cluster.nodes();
        cluster.controlPlane();
        spec.namespaces.values().forEach(cluster::namespace);
        spec.objects.forEach(object -> cluster.apply(object, cluster.times.created()));
        spec.changes.forEach(object -> cluster.apply(object, cluster.times.changed()));
        cluster.missingNamespaces();
        cluster.deployments();
        cluster.services();
        cluster.endpoints();
        cluster.rootCertificates();
        return cluster;
    }

    /** What the API server and the ports answer. */
    public ClusterState state() {
        return state;
    }

    /** The description. */
    public MeshSpec spec() {
        return spec;
    }

    /** The mesh's history. */
    public Times times() {
        return times;
    }

    /** Generated names. */
    public Names names() {
        return names;
    }

    /** The mesh's certificate authority. */
    public Authority authority() {
        return authority;
    }

    /** A certificate authority that nobody else trusts. */
    public Authority otherAuthority() {
        return otherAuthority;
    }

    /** The control planes. */
    public List<IstiodSpec> istiods() {
        return istiods;
    }

    /** The control plane of a revision; the first one where there is none of it. */
    public IstiodSpec istiod(String revision) {
        return istiods.stream()
                .filter(istiod -> istiod.revision.equals(revision))
                .findFirst()
                .orElse(istiods.get(0));
    }

    /** What the description says about a pod's workload. */
    public Optional<WorkloadSpec> workload(String namespace, String pod) {
        return Optional.ofNullable(podSpecs.get(namespace + "/" + pod));
    }

    /** The zone of a node. */
    public static Map<String, Object> locality(String node) {
        int dash = node.lastIndexOf('-');
        return dash < 0 ? map() : map("region", REGION, "zone", "zone-" + node.substring(dash + 1));
    }

    // Objects

    private void apply(Map<String, Object> object, Instant created) {
        Json json = Json.of(object);
        String apiVersion = json.at("apiVersion").text("v1");
        String kind = json.at("kind").text("");
        ResourceKind known = ResourceKind.known(apiVersion, kind)
                .orElseThrow(() -> new IllegalArgumentException(
                        "meshdx knows no kind " + kind + " of " + apiVersion + ": the fake mesh cannot serve it"));
        String name = json.at("metadata", "name").text("");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("This " + kind + " has no metadata.name");
        }
        String namespace = known.namespaced() ? json.at("metadata", "namespace").text("default") : "";
        Map<String, Object> metadata = map("name", name, "namespace", namespace.isEmpty() ? null : namespace);
        Optional<Resource> replaced = state.find(known, namespace, name);
        metadata.put(
                "creationTimestamp",
                replaced.flatMap(Resource::createdAt).map(Times::seconds).orElse(Times.seconds(created)));
        metadata.put("generation", replaced.isPresent() ? 2 : 1);
        metadata.put("resourceVersion", String.valueOf(++version));
        metadata.put("uid", names.uid(kind, namespace, name));
        if (object.get("metadata") instanceof Map<?, ?> given) {
            given.forEach((key, value) -> metadata.put(String.valueOf(key), value));
        }
        metadata.put("name", name);
        if (!known.namespaced()) {
            metadata.remove("namespace");
        }
        Map<String, Object> complete = map("apiVersion", apiVersion, "kind", kind, "metadata", metadata);
        object.forEach(complete::putIfAbsent);
        state.put(Resource.of(known, Json.of(complete)));
    }

    private void apply(
            String apiVersion,
            String kind,
            String namespace,
            String name,
            Map<String, ?> labels,
            @Nullable Object... rest) {
        Map<String, Object> object = map(
                "apiVersion",
                apiVersion,
                "kind",
                kind,
                "metadata",
                map(
                        "name",
                        name,
                        "namespace",
                        namespace.isEmpty() ? null : namespace,
                        "labels",
                        Doc.unlessEmpty(labels)));
        object.putAll(map(rest));
        apply(object, times.created());
    }

    private void nodes() {
        for (int i = 1; i <= 2; i++) {
            apply(
                    "v1",
                    "Node",
                    "",
                    "node-" + i,
                    map(
                            "kubernetes.io/hostname",
                            "node-" + i,
                            "kubernetes.io/os",
                            "linux",
                            "topology.kubernetes.io/region",
                            REGION,
                            "topology.kubernetes.io/zone",
                            "zone-" + i),
                    "spec",
                    map(),
                    "status",
                    map(
                            "addresses",
                            list(map("address", hostIp(i), "type", "InternalIP")),
                            "conditions",
                            list(map("reason", "KubeletReady", "status", "True", "type", "Ready")),
                            "nodeInfo",
                            map("architecture", "amd64", "kubeletVersion", "v1.34.2", "operatingSystem", "linux")));
        }
    }

    private static String hostIp(int node) {
        return "10.0.0." + (10 + node);
    }

    private void controlPlane() {
        apply(
                "v1",
                "Namespace",
                "",
                "default",
                map("istio-injection", "disabled", "kubernetes.io/metadata.name", "default"));
        apply(
                "v1",
                "Namespace",
                "",
                MeshSpec.ROOT_NAMESPACE,
                map("kubernetes.io/metadata.name", MeshSpec.ROOT_NAMESPACE));
        for (IstiodSpec istiod : istiods) {
            controlPlane(istiod);
        }
    }

    private void controlPlane(IstiodSpec istiod) {
        String root = MeshSpec.ROOT_NAMESPACE;
        boolean isDefault = istiod.revision.equals("default");
        String suffix = isDefault ? "" : "-" + istiod.revision;
        apply(
                "v1",
                "ConfigMap",
                root,
                "istio" + suffix,
                map("istio.io/rev", istiod.revision),
                "data",
                map("mesh", meshConfig(), "meshNetworks", "networks: {}"));
        apply(
                "v1",
                "ConfigMap",
                root,
                "istio-sidecar-injector" + suffix,
                map("istio.io/rev", istiod.revision),
                "data",
                map(
                        "config",
                        "defaultTemplates: [sidecar]\npolicy: enabled\n",
                        "values",
                        Doc.json(map(
                                "global",
                                map(
                                        "hub",
                                        "docker.io/istio",
                                        "tag",
                                        istiod.version,
                                        "istioNamespace",
                                        root,
                                        "proxy",
                                        map("image", "proxyv2", "clusterDomain", "cluster.local")),
                                "revision",
                                isDefault ? "" : istiod.revision))));
        Map<String, Object> labels = map("app", "istiod", "istio", "pilot", "istio.io/rev", istiod.revision);
        Map<String, Object> podLabels = map(
                "app",
                "istiod",
                "istio",
                "pilot",
                "istio.io/dataplane-mode",
                "none",
                "istio.io/rev",
                istiod.revision,
                "sidecar.istio.io/inject",
                "false");
        apply("v1", "ServiceAccount", root, istiod.name(), labels);
        apply(
                "apps/v1",
                "Deployment",
                root,
                istiod.name(),
                podLabels,
                "spec",
                map(
                        "replicas",
                        istiod.replicas,
                        "selector",
                        map("matchLabels", podLabels),
                        "template",
                        map(
                                "metadata",
                                map(
                                        "labels",
                                        podLabels,
                                        "annotations",
                                        map("prometheus.io/port", "15014", "prometheus.io/scrape", "true")),
                                "spec",
                                map("containers", list(discovery(istiod)), "serviceAccountName", istiod.name()))));
        WorkloadSpec hints = new WorkloadSpec(istiod.name());
        hints.waiting = istiod.down;
        hints.notReady = istiod.down != null;
        workloads.put(root + "/" + istiod.name(), hints);
        apply(
                "v1",
                "Service",
                root,
                istiod.name(),
                labels,
                "spec",
                map(
                        "ports",
                        list(
                                servicePort("grpc-xds", 15010, 15010),
                                servicePort("https-dns", 15012, 15012),
                                servicePort("https-webhook", 443, 15017),
                                servicePort("http-monitoring", 15014, 15014)),
                        "selector",
                        isDefault
                                ? map("app", "istiod", "istio", "pilot")
                                : map("app", "istiod", "istio.io/rev", istiod.revision)));
        webhooks(istiod, suffix);
    }

    private String meshConfig() {
        return "accessLogFile: /dev/stdout\n"
                + "defaultConfig:\n"
                + "  discoveryAddress: istiod.istio-system.svc:15012\n"
                + "enablePrometheusMerge: true\n"
                + (spec.registryOnly ? "outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n" : "")
                + "rootNamespace: " + MeshSpec.ROOT_NAMESPACE + "\n"
                + "trustDomain: " + spec.trustDomain + "\n";
    }

    private static Map<String, Object> discovery(IstiodSpec istiod) {
        return map(
                "name",
                "discovery",
                "image",
                "docker.io/istio/pilot:" + istiod.version,
                "args",
                list("discovery", "--monitoringAddr=:15014", "--log_output_level=default:info"),
                "env",
                list(
                        map("name", "REVISION", "value", istiod.revision),
                        map("name", "CLUSTER_ID", "value", "Kubernetes")),
                "ports",
                list(
                        containerPort("http-debug", 8080),
                        containerPort("grpc-xds", 15010),
                        containerPort("tls-xds", 15012),
                        containerPort("https-webhooks", 15017),
                        containerPort("http-monitoring", 15014)),
                "readinessProbe",
                map("httpGet", map("path", "/ready", "port", 8080, "scheme", "HTTP"), "periodSeconds", 3),
                "resources",
                istiod.memoryLimit.isEmpty()
                        ? map("requests", map("cpu", "500m", "memory", "2Gi"))
                        : map(
                                "requests",
                                map("cpu", "500m", "memory", istiod.memoryLimit),
                                "limits",
                                map("memory", istiod.memoryLimit)));
    }

    private void webhooks(IstiodSpec istiod, String suffix) {
        String root = MeshSpec.ROOT_NAMESPACE;
        String bundle = Authority.base64(authority.root().pem());
        Object client = map(
                "caBundle",
                bundle,
                "service",
                map("name", istiod.name(), "namespace", root, "path", "/inject", "port", 443));
        List<Object> hooks = new ArrayList<>();
        hooks.add(injector(
                "rev.namespace.sidecar-injector.istio.io",
                client,
                map(
                        "matchExpressions",
                        list(
                                expression("istio.io/rev", "In", istiod.revision),
                                map("key", "istio-injection", "operator", "DoesNotExist"))),
                map("matchExpressions", list(expression("sidecar.istio.io/inject", "NotIn", "false")))));
        if (istiod.revision.equals("default")) {
            hooks.add(injector(
                    "namespace.sidecar-injector.istio.io",
                    client,
                    map("matchExpressions", list(expression("istio-injection", "In", "enabled"))),
                    map("matchExpressions", list(expression("sidecar.istio.io/inject", "NotIn", "false")))));
            hooks.add(injector(
                    "object.sidecar-injector.istio.io",
                    client,
                    map(
                            "matchExpressions",
                            list(
                                    map("key", "istio-injection", "operator", "DoesNotExist"),
                                    map("key", "istio.io/rev", "operator", "DoesNotExist"))),
                    map("matchExpressions", list(expression("sidecar.istio.io/inject", "In", "true")))));
        }
        apply(
                "admissionregistration.k8s.io/v1",
                "MutatingWebhookConfiguration",
                "",
                "istio-sidecar-injector" + suffix,
                map("app", "sidecar-injector", "istio.io/rev", istiod.revision),
                "webhooks",
                hooks);
        apply(
                "admissionregistration.k8s.io/v1",
                "ValidatingWebhookConfiguration",
                "",
                "istio-validator" + suffix + "-" + root,
                map("app", "istiod", "istio", "istiod", "istio.io/rev", istiod.revision),
                "webhooks",
                list(map(
                        "name",
                        "rev.validation.istio.io",
                        "admissionReviewVersions",
                        list("v1"),
                        "clientConfig",
                        map(
                                "caBundle",
                                bundle,
                                "service",
                                map("name", istiod.name(), "namespace", root, "path", "/validate", "port", 443)),
                        "failurePolicy",
                        "Fail",
                        "sideEffects",
                        "None")));
    }

    private static Map<String, Object> expression(String key, String operator, String value) {
        return map("key", key, "operator", operator, "values", list(value));
    }

    private static Map<String, Object> injector(String name, Object client, Object namespaces, Object objects) {
        return map(
                "name",
                name,
                "admissionReviewVersions",
                list("v1"),
                "clientConfig",
                client,
                "failurePolicy",
                "Fail",
                "namespaceSelector",
                namespaces,
                "objectSelector",
                objects,
                "rules",
                list(map(
                        "apiGroups",
                        list(""),
                        "apiVersions",
                        list("v1"),
                        "operations",
                        list("CREATE"),
                        "resources",
                        list("pods"),
                        "scope",
                        "*")),
                "sideEffects",
                "None",
                "timeoutSeconds",
                10);
    }

    private void namespace(NamespaceSpec namespace) {
        Map<String, Object> labels = map("kubernetes.io/metadata.name", namespace.name);
        labels.putAll(namespace.labels);
        apply("v1", "Namespace", "", namespace.name, labels, "status", map("phase", "Active"));
        if (namespace.mtls != null) {
            apply(
                    "security.istio.io/v1",
                    "PeerAuthentication",
                    namespace.name,
                    "default",
                    map(),
                    "spec",
                    map("mtls", map("mode", namespace.mtls)));
        }
        namespace.workloads.values().forEach(workload -> workload(namespace.name, workload));
        namespace.services.values().forEach(service -> service(namespace.name, service));
    }

    private void workload(String namespace, WorkloadSpec workload) {
        Map<String, Object> labels = map();
        labels.putAll(workload.labels);
        Map<String, Object> podLabels = map();
        podLabels.putAll(labels);
        Map<String, Object> annotations = map();
        annotations.putAll(workload.annotations);
        if (workload.sidecar != null) {
            podLabels.put("sidecar.istio.io/inject", String.valueOf(workload.sidecar));
        }
        String account = workload.serviceAccount == null ? workload.name : workload.serviceAccount;
        if (state.find(ResourceKind.SERVICE_ACCOUNT, namespace, account).isEmpty()) {
            apply("v1", "ServiceAccount", namespace, account, map());
        }
        List<Object> ports = new ArrayList<>();
        workload.ports.forEach(port -> ports.add(containerPort(port.name(), port.number())));
        Map<String, Object> container;
        if (workload.gateway) {
            annotations.put("inject.istio.io/templates", "gateway");
            container = map("name", "istio-proxy", "image", "auto", "ports", Doc.unlessEmpty(ports));
        } else {
            container = map(
                    "name",
                    workload.labels.getOrDefault("app", workload.name),
                    "image",
                    "registry.example.com/" + workload.labels.getOrDefault("app", workload.name) + ":1.0.0",
                    "ports",
                    Doc.unlessEmpty(ports),
                    "resources",
                    map("requests", map("cpu", "50m", "memory", "64Mi")));
        }
        Map<String, Object> selector = map();
        selector.putAll(labels);
        apply(
                "apps/v1",
                "Deployment",
                namespace,
                workload.name,
                labels,
                "spec",
                map(
                        "replicas",
                        workload.replicas,
                        "selector",
                        map("matchLabels", selector),
                        "template",
                        map(
                                "metadata",
                                map("labels", podLabels, "annotations", Doc.unlessEmpty(annotations)),
                                "spec",
                                map("containers", list(container), "serviceAccountName", account))));
        workloads.put(namespace + "/" + workload.name, workload);
    }

    private void service(String namespace, ServiceSpec service) {
        Map<String, Object> selector = map();
        selector.putAll(service.selector);
        if (selector.isEmpty()) {
            selector.put("app", service.name);
        }
        List<Object> ports = new ArrayList<>();
        service.ports.forEach(port -> ports.add(servicePort(port.name(), port.number(), port.target())));
        apply(
                "v1",
                "Service",
                namespace,
                service.name,
                map("app", service.name),
                "spec",
                map("clusterIP", service.headless ? "None" : null, "ports", ports, "selector", selector));
    }

    private static Map<String, Object> containerPort(String name, int port) {
        return map("containerPort", port, "name", name, "protocol", "TCP");
    }

    private static Map<String, Object> servicePort(String name, int port, int target) {
        return map("name", name, "port", port, "protocol", "TCP", "targetPort", target);
    }

    // Controllers

    private void missingNamespaces() {
        Set<String> known = new LinkedHashSet<>();
        state.list(ResourceKind.NAMESPACE, "").forEach(namespace -> known.add(namespace.name()));
        for (ResourceKind kind : ResourceKind.known()) {
            for (Resource object : state.list(kind, "")) {
                if (!object.namespace().isEmpty() && known.add(object.namespace())) {
                    apply(
                            "v1",
                            "Namespace",
                            "",
                            object.namespace(),
                            map("kubernetes.io/metadata.name", object.namespace()));
                }
            }
        }
    }

    private void deployments() {
        for (Resource deployment : state.list(ResourceKind.DEPLOYMENT, "")) {
            WorkloadSpec hints = workloads.computeIfAbsent(
                    deployment.namespace() + "/" + deployment.name(), key -> new WorkloadSpec(deployment.name()));
            deployment(deployment, hints);
        }
        for (Resource pod : state.list(ResourceKind.POD, "")) {
            if (!pod.status().exists()) {
                barePod(pod);
            }
        }
    }

    private void deployment(Resource deployment, WorkloadSpec hints) {
        String namespace = deployment.namespace();
        String hash = names.templateHash(namespace, deployment.name());
        String replicaSet = deployment.name() + "-" + hash;
        Json template = deployment.spec().at("template");
        int replicas = (int) deployment.spec().at("replicas").number(1);
        int ready = hints.notReady ? 0 : replicas;
        Map<String, Object> podLabels = map();
        podLabels.putAll(template.at("metadata", "labels").textMap());
        podLabels.put("pod-template-hash", hash);

        Map<String, Object> status = map(
                "observedGeneration",
                1,
                "replicas",
                replicas == 0 ? null : replicas,
                "readyReplicas",
                ready == 0 ? null : ready,
                "availableReplicas",
                ready == 0 ? null : ready);
        Map<String, Object> complete = copy(deployment.raw());
        Map<String, Object> deploymentStatus = map();
        deploymentStatus.putAll(status);
        deploymentStatus.put("updatedReplicas", replicas);
        if (replicas > ready) {
            deploymentStatus.put("unavailableReplicas", replicas - ready);
        }
        boolean available = ready == replicas;
        deploymentStatus.put(
                "conditions",
                list(map(
                        "type",
                        "Available",
                        "status",
                        available ? "True" : "False",
                        "reason",
                        available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                        "lastTransitionTime",
                        Times.seconds(available ? times.created() : times.cutOff()))));
        complete.put("status", deploymentStatus);
        state.put(Resource.of(ResourceKind.DEPLOYMENT, Json.of(complete)));

        Map<String, Object> setTemplate = map("metadata", map("labels", podLabels), "spec", template.at("spec"));
        apply(
                map(
                        "apiVersion",
                        "apps/v1",
                        "kind",
                        "ReplicaSet",
                        "metadata",
                        map(
                                "name",
                                replicaSet,
                                "namespace",
                                namespace,
                                "labels",
                                podLabels,
                                "ownerReferences",
                                owner("apps/v1", "Deployment", deployment)),
                        "spec",
                        map("replicas", replicas, "selector", map("matchLabels", podLabels), "template", setTemplate),
                        "status",
                        status),
                deployment.createdAt().orElse(times.created()));
        Resource set =
                state.find(ResourceKind.REPLICA_SET, namespace, replicaSet).orElseThrow();
        for (int i = 0; i < replicas; i++) {
            pod(deployment, set, names.pod(namespace, deployment.name(), i), podLabels, hints);
        }
    }

    private static List<Object> owner(String apiVersion, String kind, Resource object) {
        return list(map(
                "apiVersion",
                apiVersion,
                "blockOwnerDeletion",
                true,
                "controller",
                true,
                "kind",
                kind,
                "name",
                object.name(),
                "uid",
                object.raw().at("metadata", "uid").text("")));
    }

    private void pod(
            Resource deployment, Resource set, String name, Map<String, Object> templateLabels, WorkloadSpec hints) {
        String namespace = deployment.namespace();
        Json template = deployment.spec().at("template");
        Map<String, Object> labels = map();
        labels.putAll(templateLabels);
        Map<String, Object> annotations = map();
        annotations.putAll(template.at("metadata", "annotations").textMap());
        Map<String, Object> podSpec = copy(template.at("spec"));
        int index = nextPod++;
        int node = 1 + index % 2;
        podSpec.put("nodeName", "node-" + node);
        podSpec.put("restartPolicy", "Always");
        podSpec.putIfAbsent("serviceAccountName", "default");
        podSpec.put("serviceAccount", Json.of(podSpec).at("serviceAccountName").text("default"));
        Optional<Resource> owner = state.find(ResourceKind.NAMESPACE, "", namespace);
        Map<String, String> namespaceLabels = owner.map(Resource::labels).orElse(Map.of());
        if (Injector.injects(
                namespaceLabels, Json.of(labels).textMap(), Json.of(annotations).textMap())) {
            String revision = Injector.revision(namespaceLabels, Json.of(labels).textMap());
            new Injector(spec, istiod(revision)).inject(deployment, hints, labels, annotations, podSpec);
        }
        Map<String, Object> pod = map(
                "apiVersion",
                "v1",
                "kind",
                "Pod",
                "metadata",
                map(
                        "name",
                        name,
                        "generateName",
                        set.name() + "-",
                        "namespace",
                        namespace,
                        "labels",
                        new TreeMap<>(labels),
                        "annotations",
                        Doc.unlessEmpty(new TreeMap<>(annotations)),
                        "ownerReferences",
                        owner("apps/v1", "ReplicaSet", set)),
                "spec",
                podSpec,
                "status",
                new Kubelet(names, times).status(name, podSpec, podIp(index), hostIp(node), hints));
        apply(pod, deployment.createdAt().orElse(times.created()));
        podSpecs.put(namespace + "/" + name, hints);
    }

    private void barePod(Resource pod) {
        Map<String, Object> complete = copy(pod.raw());
        Map<String, Object> podSpec = copy(pod.spec());
        int index = nextPod++;
        int node = 1 + index % 2;
        podSpec.putIfAbsent("nodeName", "node-" + node);
        complete.put("spec", podSpec);
        WorkloadSpec hints = new WorkloadSpec(pod.name());
        complete.put(
                "status", new Kubelet(names, times).status(pod.name(), podSpec, podIp(index), hostIp(node), hints));
        state.put(Resource.of(ResourceKind.POD, Json.of(complete)));
        podSpecs.put(pod.namespace() + "/" + pod.name(), hints);
    }

    private static String podIp(int index) {
        return "10.244." + (1 + index / 200) + "." + (10 + index % 200);
    }

    private void services() {
        for (Resource service : state.list(ResourceKind.SERVICE, "")) {
            Map<String, Object> complete = copy(service.raw());
            Map<String, Object> serviceSpec = copy(service.spec());
            String address = service.spec().at("clusterIP").text("");
            if (address.isEmpty() && !service.spec().at("type").text("").equals("ExternalName")) {
                address = "10.96." + (1 + nextService / 200) + "." + (10 + nextService % 200);
                nextService++;
                serviceSpec.put("clusterIP", address);
            }
            if (!address.isEmpty()) {
                serviceSpec.put("clusterIPs", list(address));
                serviceSpec.put("ipFamilies", list("IPv4"));
            }
            serviceSpec.putIfAbsent("type", "ClusterIP");
            serviceSpec.putIfAbsent("sessionAffinity", "None");
            complete.put("spec", serviceSpec);
            complete.putIfAbsent("status", map("loadBalancer", map()));
            state.put(Resource.of(ResourceKind.SERVICE, Json.of(complete)));
        }
    }

    private void endpoints() {
        Map<String, List<Resource>> pods = new LinkedHashMap<>();
        state.list(ResourceKind.POD, "")
                .forEach(pod -> pods.computeIfAbsent(pod.namespace(), key -> new ArrayList<>())
                        .add(pod));
        for (Resource service : state.list(ResourceKind.SERVICE, "")) {
            Map<String, String> selector = service.spec().at("selector").textMap();
            if (!selector.isEmpty()) {
                List<Resource> selected = pods.getOrDefault(service.namespace(), List.of()).stream()
                        .filter(pod -> pod.labels().entrySet().containsAll(selector.entrySet()))
                        .toList();
                endpoints(service, selected);
            }
        }
    }

    private void endpoints(Resource service, Collection<Resource> pods) {
        List<Object> ports = new ArrayList<>();
        for (Json port : service.spec().at("ports").items()) {
            int number = targetPort(port, pods);
            ports.add(map("name", port.at("name").text().orElse(null), "port", number, "protocol", "TCP"));
        }
        List<Object> slice = new ArrayList<>();
        List<Object> ready = new ArrayList<>();
        List<Object> notReady = new ArrayList<>();
        for (Resource pod : pods) {
            String ip = pod.status().at("podIP").text("");
            boolean isReady = pod.status().at("conditions").items().stream()
                    .anyMatch(condition -> condition.at("type").text("").equals("Ready")
                            && condition.at("status").text("").equals("True"));
            String node = pod.spec().at("nodeName").text("");
            Map<String, Object> target = map(
                    "kind",
                    "Pod",
                    "name",
                    pod.name(),
                    "namespace",
                    pod.namespace(),
                    "uid",
                    pod.raw().at("metadata", "uid").text(""));
            slice.add(map(
                    "addresses",
                    list(ip),
                    "conditions",
                    map("ready", isReady, "serving", isReady, "terminating", false),
                    "nodeName",
                    node,
                    "targetRef",
                    target));
            (isReady ? ready : notReady).add(map("ip", ip, "nodeName", node, "targetRef", target));
        }
        Map<String, Object> labels = map();
        labels.putAll(service.labels());
        Map<String, Object> subset = map(
                "addresses", Doc.unlessEmpty(ready), "notReadyAddresses", Doc.unlessEmpty(notReady), "ports", ports);
        if (state.find(ResourceKind.ENDPOINTS, service.namespace(), service.name())
                .isEmpty()) {
            apply(
                    "v1",
                    "Endpoints",
                    service.namespace(),
                    service.name(),
                    labels,
                    "subsets",
                    pods.isEmpty() ? null : list(subset));
        }
        Map<String, Object> sliceLabels = map();
        sliceLabels.putAll(labels);
        sliceLabels.put("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io");
        sliceLabels.put("kubernetes.io/service-name", service.name());
        apply(
                "discovery.k8s.io/v1",
                "EndpointSlice",
                service.namespace(),
                service.name() + "-" + names.letters(5, "slice", service.namespace(), service.name()),
                sliceLabels,
                "addressType",
                "IPv4",
                "endpoints",
                slice,
                "ports",
                ports);
    }

    private static int targetPort(Json port, Collection<Resource> pods) {
        Json target = port.at("targetPort");
        int number = (int) target.number(target.exists() ? 0 : port.at("port").number(0));
        if (number == 0) {
            String name = target.text("");
            for (Resource pod : pods) {
                for (Json container : pod.spec().at("containers").items()) {
                    for (Json declared : container.at("ports").items()) {
                        if (declared.at("name").text("").equals(name)) {
                            return (int) declared.at("containerPort").number(0);
                        }
                    }
                }
            }
        }
        return number;
    }

    /** Istiod writes the mesh's root into every namespace. Source: Istio, "Plug in CA Certificates" and istio-ca-root-cert. */
    private void rootCertificates() {
        for (Resource namespace : state.list(ResourceKind.NAMESPACE, "")) {
            if (state.find(ResourceKind.CONFIG_MAP, namespace.name(), "istio-ca-root-cert")
                    .isEmpty()) {
                apply(
                        "v1",
                        "ConfigMap",
                        namespace.name(),
                        "istio-ca-root-cert",
                        map("istio.io/config", "true"),
                        "data",
                        map("root-cert.pem", authority.root().pem()));
            }
        }
    }

    private static Map<String, Object> copy(Json object) {
        Map<String, Object> copy = map();
        object.forEachField((name, value) -> copy.put(name, Doc.plain(value)));
        return copy;
    }
}
