package dev.meshdx.testkit.internal.istiod;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.internal.mesh.Doc;
import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.Workload;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a proxy starts with, before istiod says anything. The form is that of Istio's bootstrap in dumps. */
final class Bootstrap {
    private static final List<Object> STATIC_CLUSTERS = list(
            local("prometheus_stats", 15000),
            local("agent", 15020),
            socket("sds-grpc", "./var/run/secrets/workload-spiffe-uds/socket"),
            socket("xds-grpc", "./etc/istio/proxy/XDS"));

    private static final List<Object> STATIC_LISTENERS = list(
            listener(15090, "stats", "/stats/prometheus", "prometheus_stats"),
            listener(15021, "agent", "/healthz/ready", "agent"));

    private Bootstrap() {}

    static List<Object> staticClusters() {
        return STATIC_CLUSTERS;
    }

    static List<Object> staticListeners() {
        return STATIC_LISTENERS;
    }

    private static Map<String, Object> local(String name, int port) {
        return map(
                "name",
                name,
                "type",
                "STATIC",
                "connect_timeout",
                "0.250s",
                "alt_stat_name",
                name + ";",
                "load_assignment",
                map(
                        "cluster_name",
                        name,
                        "endpoints",
                        list(map(
                                "lb_endpoints",
                                list(map("endpoint", map("address", Xds.address("127.0.0.1", port))))))));
    }

    private static Map<String, Object> socket(String name, String path) {
        String type = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
        return map(
                "name",
                name,
                "type",
                "STATIC",
                "connect_timeout",
                "1s",
                "alt_stat_name",
                name + ";",
                "load_assignment",
                map(
                        "cluster_name",
                        name,
                        "endpoints",
                        list(map(
                                "lb_endpoints",
                                list(map("endpoint", map("address", map("pipe", map("path", path)))))))),
                "typed_extension_protocol_options",
                map(type, Xds.typed(type, "explicit_http_config", map("http2_protocol_options", map()))));
    }

    private static Map<String, Object> listener(int port, String stats, String prefix, String cluster) {
        return map(
                "name",
                "0.0.0.0_" + port,
                "address",
                Xds.address("0.0.0.0", port),
                "filter_chains",
                list(map(
                        "filters",
                        list(Xds.filter(
                                "envoy.filters.network.http_connection_manager",
                                "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                                "stat_prefix",
                                stats,
                                "route_config",
                                backend(prefix, cluster),
                                "http_filters",
                                list(Xds.filter(
                                        "envoy.filters.http.router",
                                        "envoy.extensions.filters.http.router.v3.Router")))))),
                "ignore_global_conn_limit",
                true,
                "bypass_overload_manager",
                true);
    }

    /** The route configuration of a static listener. */
    static Map<String, Object> backend(String prefix, String cluster) {
        return map(
                "virtual_hosts",
                list(map(
                        "name",
                        "backend",
                        "domains",
                        list("*"),
                        "routes",
                        list(map("match", map("prefix", prefix), "route", map("cluster", cluster))))));
    }

    static Map<String, Object> of(Proxy proxy) {
        return map(
                "node",
                node(proxy),
                "static_resources",
                map("listeners", STATIC_LISTENERS, "clusters", STATIC_CLUSTERS),
                "dynamic_resources",
                map(
                        "lds_config",
                        Xds.ADS,
                        "cds_config",
                        Xds.ADS,
                        "ads_config",
                        map(
                                "api_type",
                                "DELTA_GRPC",
                                "grpc_services",
                                list(map("envoy_grpc", map("cluster_name", "xds-grpc"))),
                                "set_node_on_first_message_only",
                                true,
                                "transport_api_version",
                                "V3")),
                "admin",
                map(
                        "profile_path",
                        "/var/lib/istio/data/envoy.prof",
                        "address",
                        Xds.address("127.0.0.1", 15000),
                        "access_log",
                        list(Xds.filter(
                                "envoy.access_loggers.file",
                                "envoy.extensions.access_loggers.file.v3.FileAccessLog",
                                "path",
                                "/dev/null"))),
                "stats_config",
                map(
                        "use_all_default_tags",
                        false,
                        "stats_matcher",
                        map(
                                "inclusion_list",
                                map(
                                        "patterns",
                                        list(
                                                map("prefix", "reporter="),
                                                map("prefix", "cluster_manager"),
                                                map("prefix", "listener_manager"),
                                                map("prefix", "server"),
                                                map("prefix", "cluster.xds-grpc"))))),
                "layered_runtime",
                map(
                        "layers",
                        list(
                                map(
                                        "name",
                                        "global config",
                                        "static_layer",
                                        map("re2.max_program_size.error_level", "32768")),
                                map("name", "admin", "admin_layer", map()))),
                "application_log_config",
                map("log_format", map("text_format", "%Y-%m-%dT%T.%fZ\t%l\tenvoy %n %g:%#\t%v\tthread=%t")));
    }

    static Map<String, Object> node(Proxy proxy) {
        Workload workload = proxy.workload();
        String domain = workload.namespace() + ".svc.cluster.local";
        return map(
                "id",
                proxy.type() + "~" + workload.ip() + "~" + proxy.id() + "~" + domain,
                "cluster",
                workload.canonicalName() + "." + workload.namespace(),
                "metadata",
                metadata(proxy),
                "locality",
                map(),
                "user_agent_name",
                "envoy",
                "user_agent_build_version",
                map(
                        "version",
                        map("major_number", 1, "minor_number", proxy.envoyMinor()),
                        "metadata",
                        map(
                                "revision.status",
                                "Clean",
                                "revision.sha",
                                sha(proxy),
                                "build.type",
                                "RELEASE",
                                "ssl.version",
                                "BoringSSL")));
    }

    static String sha(Proxy proxy) {
        return proxy.cluster()
                .names()
                .hex("envoy", String.valueOf(proxy.envoyMinor()))
                .substring(0, 40);
    }

    static Map<String, Object> metadata(Proxy proxy) {
        Workload workload = proxy.workload();
        MeshSpec mesh = proxy.cluster().spec();
        Map<String, Object> labels = map();
        labels.putAll(new TreeMap<>(workload.labels()));
        labels.remove("pod-template-hash");
        Map<String, Object> annotations = map();
        annotations.putAll(new TreeMap<>(workload.pod().annotations()));
        List<String> containers = workload.pod().spec().at("containers").items().stream()
                .map(container -> container.at("name").text(""))
                .filter(name -> !name.equals("istio-proxy"))
                .toList();
        Json ports = workload.pod().spec().at("containers").at(0).at("ports");
        return map(
                "PILOT_SAN",
                list(proxy.istiod().name() + ".istio-system.svc"),
                "MESH_ID",
                mesh.trustDomain,
                "ENVOY_STATUS_PORT",
                15021,
                "OWNER",
                "kubernetes://apis/apps/v1/namespaces/" + workload.namespace() + "/deployments/"
                        + workload.workloadName(),
                "PROXY_CONFIG",
                map(
                        "statusPort",
                        15020,
                        "proxyAdminPort",
                        15000,
                        "concurrency",
                        2,
                        "drainDuration",
                        "45s",
                        "serviceCluster",
                        "istio-proxy",
                        "controlPlaneAuthPolicy",
                        "MUTUAL_TLS",
                        "configPath",
                        "./etc/istio/proxy",
                        "binaryPath",
                        "/usr/local/bin/envoy",
                        "terminationDrainDuration",
                        "5s",
                        "discoveryAddress",
                        proxy.istiod().name() + ".istio-system.svc:15012"),
                "NAME",
                workload.name(),
                "INTERCEPTION_MODE",
                workload.gateway() ? null : "REDIRECT",
                "SERVICE_ACCOUNT",
                workload.serviceAccount(),
                "CLUSTER_ID",
                mesh.clusterId,
                "NAMESPACE",
                workload.namespace(),
                "LABELS",
                labels,
                "APP_CONTAINERS",
                containers.isEmpty() ? null : String.join(",", containers),
                "ISTIO_VERSION",
                proxy.version(),
                "ENVOY_PROMETHEUS_PORT",
                15090,
                "WORKLOAD_NAME",
                workload.workloadName(),
                "POD_PORTS",
                ports.size() == 0 ? null : Doc.json(Doc.plain(ports)),
                "INSTANCE_IPS",
                workload.ip(),
                "NODE_NAME",
                workload.node(),
                "ANNOTATIONS",
                annotations);
    }
}
