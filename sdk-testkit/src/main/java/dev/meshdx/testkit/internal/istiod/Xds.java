package dev.meshdx.testkit.internal.istiod;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.testkit.internal.mesh.Doc;
import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parts of Envoy's configuration that occur over and over. Never changed after they are made, so they are shared. */
final class Xds {
    static final String CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    static final String LDS = "type.googleapis.com/envoy.config.listener.v3.Listener";
    static final String RDS = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
    static final String EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

    /** Istio's text format. Source: Istio, "Envoy Access Logs", default format. */
    private static final String ACCESS_LOG_FORMAT = "[%START_TIME%] \"%REQ(:METHOD)%"
            + " %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS%"
            + " %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\""
            + " %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"
            + " \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\""
            + " \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS%"
            + " %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

    static final Map<String, Object> ADS =
            map("ads", map(), "initial_fetch_timeout", "0s", "resource_api_version", "V3");

    private static final Map<String, Object> SDS = map(
            "api_config_source",
            map(
                    "api_type",
                    "GRPC",
                    "grpc_services",
                    list(map("envoy_grpc", map("cluster_name", "sds-grpc"))),
                    "set_node_on_first_message_only",
                    true,
                    "transport_api_version",
                    "V3"),
            "initial_fetch_timeout",
            "0s",
            "resource_api_version",
            "V3");

    static final Map<String, Object> RAW_BUFFER = map(
            "name",
            "envoy.transport_sockets.raw_buffer",
            "typed_config",
            typed("envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"));

    private static final Map<String, Object> FILE_LOG = typed(
            "envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path",
            "/dev/stdout",
            "log_format",
            map("text_format_source", map("inline_string", ACCESS_LOG_FORMAT)));

    static final List<Object> ACCESS_LOG = list(map("name", "envoy.access_loggers.file", "typed_config", FILE_LOG));

    /** Listeners log what no filter chain wanted. */
    static final List<Object> LISTENER_LOG = list(map(
            "name",
            "envoy.access_loggers.file",
            "filter",
            map("response_flag_filter", map("flags", list("NR"))),
            "typed_config",
            FILE_LOG));

    private static final List<Object> HTTP_FILTERS = list(
            filter(
                    "envoy.filters.http.grpc_stats",
                    "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig",
                    "emit_filter_state",
                    true,
                    "stats_for_all_methods",
                    false),
            filter("envoy.filters.http.fault", "envoy.extensions.filters.http.fault.v3.HTTPFault"),
            filter("envoy.filters.http.cors", "envoy.extensions.filters.http.cors.v3.Cors"),
            filter("envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router"));

    private static final List<Object> DRY_RUN_TAGS = list(
            dryRun("allow", "name", "effective_policy_id"),
            dryRun("allow", "result", "engine_result"),
            dryRun("deny", "name", "effective_policy_id"),
            dryRun("deny", "result", "engine_result"));

    private Xds() {}

    static Map<String, Object> typed(String type, @Nullable Object... rest) {
        Map<String, Object> config = map("@type", "type.googleapis.com/" + type);
        config.putAll(map(rest));
        return config;
    }

    static Map<String, Object> filter(String name, String type, @Nullable Object... rest) {
        return map("name", name, "typed_config", typed(type, rest));
    }

    static Map<String, Object> address(String ip, int port) {
        return map("socket_address", map("address", ip, "port_value", port));
    }

    static Map<String, Object> secret(String name) {
        return map("name", name, "sds_config", SDS);
    }

    /** What a client uses towards a workload of the mesh. */
    static Map<String, Object> mutualTls(String sni, List<Object> identities, boolean http2) {
        return map(
                "name",
                "envoy.transport_sockets.tls",
                "typed_config",
                typed(
                        "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                        "common_tls_context",
                        map(
                                "tls_params",
                                map(
                                        "tls_minimum_protocol_version",
                                        "TLSv1_2",
                                        "tls_maximum_protocol_version",
                                        "TLSv1_3"),
                                "alpn_protocols",
                                http2 ? list("istio", "h2") : list("istio"),
                                "tls_certificate_sds_secret_configs",
                                list(secret("default")),
                                "combined_validation_context",
                                map(
                                        "default_validation_context",
                                        map("match_subject_alt_names", Doc.unlessEmpty(identities)),
                                        "validation_context_sds_secret_config",
                                        secret("ROOTCA"))),
                        "sni",
                        sni));
    }

    /** What a workload of the mesh demands of its clients. */
    static Map<String, Object> serverTls(String trustDomain) {
        return map(
                "name",
                "envoy.transport_sockets.tls",
                "typed_config",
                typed(
                        "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                        "common_tls_context",
                        map(
                                "tls_params",
                                map(
                                        "tls_minimum_protocol_version",
                                        "TLSv1_2",
                                        "tls_maximum_protocol_version",
                                        "TLSv1_3",
                                        "cipher_suites",
                                        list(
                                                "ECDHE-ECDSA-AES256-GCM-SHA384",
                                                "ECDHE-RSA-AES256-GCM-SHA384",
                                                "ECDHE-ECDSA-AES128-GCM-SHA256",
                                                "ECDHE-RSA-AES128-GCM-SHA256",
                                                "AES256-GCM-SHA384",
                                                "AES128-GCM-SHA256")),
                                "alpn_protocols",
                                list("h2", "http/1.1"),
                                "tls_certificate_sds_secret_configs",
                                list(secret("default")),
                                "combined_validation_context",
                                map(
                                        "default_validation_context",
                                        map(
                                                "match_subject_alt_names",
                                                list(map("prefix", "spiffe://" + trustDomain + "/"))),
                                        "validation_context_sds_secret_config",
                                        secret("ROOTCA"))),
                        "require_client_certificate",
                        true));
    }

    static Map<String, Object> tcpProxy(String cluster, boolean logged) {
        return filter(
                "envoy.filters.network.tcp_proxy",
                "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                "stat_prefix",
                cluster,
                "cluster",
                cluster,
                "access_log",
                logged ? ACCESS_LOG : null);
    }

    /** As {@link #tcpProxy(String, boolean)}, over one or several clusters with their weights. */
    static Map<String, Object> tcpProxy(Map<String, Long> clusters) {
        if (clusters.size() == 1) {
            return tcpProxy(clusters.keySet().iterator().next(), true);
        }
        List<Object> weighted = new ArrayList<>();
        clusters.forEach((name, weight) -> weighted.add(map("name", name, "weight", weight)));
        return filter(
                "envoy.filters.network.tcp_proxy",
                "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                "stat_prefix",
                clusters.keySet().iterator().next(),
                "weighted_clusters",
                map("clusters", weighted),
                "access_log",
                ACCESS_LOG);
    }

    /** An HTTP connection manager whose routes come by RDS. */
    static Map<String, Object> outboundHttp(String statPrefix, String routeName, Workload proxy, MeshSpec mesh) {
        Map<String, Object> config = typed(
                "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix",
                statPrefix,
                "rds",
                map("config_source", ADS, "route_config_name", routeName),
                "http_filters",
                HTTP_FILTERS,
                "tracing",
                tracing(proxy, mesh));
        if (proxy.gateway()) {
            config.put("http_protocol_options", map());
            config.put("server_name", "istio-envoy");
        }
        config.put("access_log", ACCESS_LOG);
        config.put("use_remote_address", proxy.gateway());
        if (proxy.gateway()) {
            config.put("forward_client_cert_details", "SANITIZE_SET");
            config.put("set_current_client_cert_details", map("subject", true, "cert", true, "dns", true, "uri", true));
        }
        config.putAll(commonHttp());
        return map("name", "envoy.filters.network.http_connection_manager", "typed_config", config);
    }

    /** An HTTP connection manager with routes of its own. */
    static Map<String, Object> inboundHttp(
            String statPrefix, Map<String, Object> routes, Workload proxy, MeshSpec mesh) {
        Map<String, Object> config = typed(
                "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix",
                statPrefix,
                "route_config",
                routes,
                "http_filters",
                HTTP_FILTERS,
                "tracing",
                tracing(proxy, mesh),
                "server_name",
                "istio-envoy",
                "access_log",
                ACCESS_LOG,
                "use_remote_address",
                false,
                "forward_client_cert_details",
                "APPEND_FORWARD",
                "set_current_client_cert_details",
                map("subject", true, "dns", true, "uri", true));
        config.putAll(commonHttp());
        return map("name", "envoy.filters.network.http_connection_manager", "typed_config", config);
    }

    private static Map<String, Object> commonHttp() {
        return map(
                "proxy_100_continue",
                true,
                "upgrade_configs",
                list(map("upgrade_type", "websocket")),
                "stream_idle_timeout",
                "0s",
                "normalize_path",
                true,
                "request_id_extension",
                map(
                        "typed_config",
                        typed(
                                "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig",
                                "use_request_id_for_trace_sampling",
                                true)),
                "path_with_escaped_slashes_action",
                "KEEP_UNCHANGED");
    }

    private static Map<String, Object> tracing(Workload proxy, MeshSpec mesh) {
        List<Object> tags = new ArrayList<>(DRY_RUN_TAGS);
        tags.add(literal("istio.canonical_revision", proxy.canonicalRevision()));
        tags.add(literal("istio.canonical_service", proxy.canonicalName()));
        tags.add(literal("istio.cluster_id", mesh.clusterId));
        tags.add(literal("istio.mesh_id", mesh.trustDomain));
        tags.add(literal("istio.namespace", proxy.namespace()));
        return map(
                "client_sampling",
                map("value", 100),
                "random_sampling",
                map("value", 1),
                "overall_sampling",
                map("value", 100),
                "custom_tags",
                tags);
    }

    private static Map<String, Object> dryRun(String action, String what, String key) {
        return map(
                "tag",
                "istio.authorization.dry_run." + action + "_policy." + what,
                "metadata",
                map(
                        "kind",
                        map("request", map()),
                        "metadata_key",
                        map(
                                "key",
                                "envoy.filters.http.rbac",
                                "path",
                                list(map("key", "istio_dry_run_" + action + "_shadow_" + key)))));
    }

    private static Map<String, Object> literal(String tag, String value) {
        return map("tag", tag, "literal", map("value", value));
    }

    static Map<String, Object> inspector(String kind, String type, @Nullable Object disabled, boolean sized) {
        return map(
                "name",
                "envoy.filters.listener." + kind,
                "typed_config",
                typed(
                        "envoy.extensions.filters.listener." + kind + ".v3." + type,
                        "initial_read_buffer_size",
                        sized ? 512 : null),
                "filter_disabled",
                disabled);
    }
}
