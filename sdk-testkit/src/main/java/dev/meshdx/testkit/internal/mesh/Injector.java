package dev.meshdx.testkit.internal.mesh;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The sidecar injection webhook. Source: Istio, "Installing the Sidecar", "Injection policy". */
final class Injector {
    private static final List<Object> VOLUMES = list(
            "workload-socket",
            "credential-socket",
            "workload-certs",
            "istio-envoy",
            "istio-data",
            "istio-podinfo",
            "istio-token",
            "istiod-ca-cert");

    private final MeshSpec spec;
    private final IstiodSpec istiod;

    Injector(MeshSpec spec, IstiodSpec istiod) {
        this.spec = spec;
        this.istiod = istiod;
    }

    /** The pod's label wins, then its annotation, then the namespace's labels. */
    static boolean injects(
            Map<String, String> namespaceLabels, Map<String, String> labels, Map<String, String> annotations) {
        String wish =
                labels.getOrDefault("sidecar.istio.io/inject", annotations.getOrDefault("sidecar.istio.io/inject", ""));
        if (!wish.isEmpty()) {
            return wish.equals("true");
        }
        String namespace = namespaceLabels.getOrDefault("istio-injection", "");
        return namespace.equals("enabled") || (namespace.isEmpty() && namespaceLabels.containsKey("istio.io/rev"));
    }

    static String revision(Map<String, String> namespaceLabels, Map<String, String> labels) {
        return labels.getOrDefault("istio.io/rev", namespaceLabels.getOrDefault("istio.io/rev", "default"));
    }

    /** Changes labels, annotations and spec of a pod in the making. */
    void inject(
            Resource deployment,
            WorkloadSpec hints,
            Map<String, Object> labels,
            Map<String, Object> annotations,
            Map<String, Object> podSpec) {
        Json containers = Json.of(podSpec).at("containers");
        boolean gateway =
                annotations.getOrDefault("inject.istio.io/templates", "").equals("gateway");
        String version = hints.proxyVersion == null ? istiod.version : hints.proxyVersion;
        String image = "docker.io/istio/proxyv2:" + version;
        labels.putIfAbsent("service.istio.io/canonical-name", labels.getOrDefault("app", deployment.name()));
        labels.putIfAbsent("service.istio.io/canonical-revision", labels.getOrDefault("version", "latest"));
        if (!gateway) {
            labels.putIfAbsent("security.istio.io/tlsMode", "istio");
        }
        annotations.put("istio.io/rev", istiod.revision);
        annotations.put("prometheus.io/path", "/stats/prometheus");
        annotations.put("prometheus.io/port", "15020");
        annotations.put("prometheus.io/scrape", "true");
        annotations.put(
                "sidecar.istio.io/status",
                Doc.json(map(
                        "initContainers",
                        gateway
                                ? List.of()
                                : hints.nativeSidecar ? list("istio-init", "istio-proxy") : list("istio-init"),
                        "containers",
                        gateway || !hints.nativeSidecar ? list("istio-proxy") : List.of(),
                        "volumes",
                        VOLUMES,
                        "revision",
                        istiod.revision)));
        Map<String, Object> proxy = proxy(deployment, containers, gateway, image, hints);
        List<Object> initContainers = Doc.plainItems(Json.of(podSpec).at("initContainers"));
        List<Object> all = new ArrayList<>();
        if (gateway) {
            all.add(proxy);
        } else {
            String first = containers.at(0).at("name").text("");
            annotations.put("kubectl.kubernetes.io/default-container", first);
            annotations.put("kubectl.kubernetes.io/default-logs-container", first);
            initContainers.add(map(
                    "name",
                    "istio-init",
                    "image",
                    image,
                    "args",
                    list(
                            "istio-iptables",
                            "-p",
                            "15001",
                            "-z",
                            "15006",
                            "-u",
                            "1337",
                            "-m",
                            "REDIRECT",
                            "-i",
                            "*",
                            "-x",
                            "",
                            "-b",
                            "*",
                            "-d",
                            "15090,15021,15020")));
            all.addAll(Doc.plainItems(containers));
            if (hints.nativeSidecar) {
                proxy.put("restartPolicy", "Always");
                initContainers.add(proxy);
            } else {
                all.add(proxy);
            }
        }
        podSpec.put("containers", all);
        if (!initContainers.isEmpty()) {
            podSpec.put("initContainers", initContainers);
        }
        podSpec.put(
                "volumes",
                list(
                        map("name", "workload-socket", "emptyDir", map()),
                        map("name", "istio-envoy", "emptyDir", map("medium", "Memory")),
                        map("name", "istiod-ca-cert", "configMap", map("name", "istio-ca-root-cert"))));
    }

    private Map<String, Object> proxy(
            Resource deployment, Json containers, boolean gateway, String image, WorkloadSpec hints) {
        List<Object> ports = new ArrayList<>();
        if (gateway) {
            ports.addAll(Doc.plainItems(containers.at(0).at("ports")));
        }
        ports.add(map("containerPort", 15090, "name", "http-envoy-prom", "protocol", "TCP"));
        return map(
                "name",
                "istio-proxy",
                "image",
                image,
                "args",
                list(
                        "proxy",
                        gateway ? "router" : "sidecar",
                        "--domain",
                        "$(POD_NAMESPACE).svc.cluster.local",
                        "--proxyLogLevel=warning",
                        "--proxyComponentLogLevel=misc:error",
                        "--log_output_level=default:info"),
                "env",
                list(
                        map("name", "PILOT_CERT_PROVIDER", "value", "istiod"),
                        map("name", "CA_ADDR", "value", istiod.name() + ".istio-system.svc:15012"),
                        map("name", "ISTIO_META_CLUSTER_ID", "value", spec.clusterId),
                        map("name", "ISTIO_META_INTERCEPTION_MODE", "value", "REDIRECT"),
                        map("name", "ISTIO_META_WORKLOAD_NAME", "value", deployment.name()),
                        map("name", "ISTIO_META_MESH_ID", "value", spec.trustDomain),
                        map("name", "TRUST_DOMAIN", "value", spec.trustDomain)),
                "ports",
                ports,
                "readinessProbe",
                map(
                        "failureThreshold",
                        4,
                        "httpGet",
                        map("path", "/healthz/ready", "port", 15021, "scheme", "HTTP"),
                        "periodSeconds",
                        15),
                "resources",
                map(
                        "limits",
                        map("cpu", "2", "memory", hints.proxyRestarts > 0 ? "128Mi" : "1Gi"),
                        "requests",
                        map("cpu", "100m", "memory", "128Mi")),
                "securityContext",
                map("runAsGroup", 1337, "runAsNonRoot", true, "runAsUser", 1337));
    }
}
