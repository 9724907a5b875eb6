package dev.meshdx.testkit.internal;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What Envoy knows of the messages in a dump, as far as a field mask may name it: the fields of the dumps, of their elements,
 * and of the resources in these. Deeper down every name is believed.
 *
 * <p>Source: Envoy, {@code admin/v3/config_dump.proto}, {@code config_dump_shared.proto} and the protos of the resources.
 */
final class ConfigDumpSchema {
    /** Fields by message. A name ends in a dot where its value is a message that a path may enter. */
    private static final Map<String, Set<String>> FIELDS = new LinkedHashMap<>();

    /** The message in a field, by message and field. */
    private static final Map<String, String> MESSAGES = new LinkedHashMap<>();

    /** The message of the elements of the lists that {@code resource} may ask for, by dump and field. */
    private static final Map<String, String> ELEMENTS = new LinkedHashMap<>();

    private static final Set<String> LISTS = new LinkedHashSet<>();

    /** Lists, maps and extensions below: a path may end in them and go no further. */
    private static final Set<String> ENDS = Set.of(
            "endpoints",
            "lb_endpoints",
            "thresholds",
            "filter_metadata",
            "typed_filter_metadata",
            "fields",
            "typed_config",
            "clusters",
            "listeners",
            "secrets",
            "failed_configuration",
            "drop_overloads",
            "stats_tags");

    static {
        String dynamic = "version_info last_updated. error_state. client_status ";
        message("BootstrapConfigDump", "bootstrap. last_updated.");
        message(
                "Bootstrap",
                "node. node_context_params static_resources. dynamic_resources. cluster_manager. hds_config. flags_path"
                        + " stats_sinks deferred_stat_options. stats_config. stats_flush_interval. stats_flush_on_admin"
                        + " watchdog. watchdogs. tracing. layered_runtime. admin. overload_manager."
                        + " enable_dispatcher_stats header_prefix stats_server_version_override."
                        + " use_tcp_for_dns_lookups dns_resolution_config. typed_dns_resolver_config."
                        + " bootstrap_extensions fatal_actions config_sources default_config_source."
                        + " default_socket_interface certificate_provider_instances inline_headers"
                        + " perf_tracing_file_path default_regex_engine. xds_delegate_extension."
                        + " xds_config_tracker_extension. listener_manager. application_log_config."
                        + " grpc_async_client_manager_config. memory_allocator_manager.");
        message(
                "Node",
                "id cluster metadata. dynamic_parameters locality. user_agent_name user_agent_version"
                        + " user_agent_build_version. extensions client_features listening_addresses");
        MESSAGES.put("BootstrapConfigDump.bootstrap", "Bootstrap");
        MESSAGES.put("Bootstrap.node", "Node");
        message("ClustersConfigDump", "version_info");
        elements("ClustersConfigDump", "static_clusters", "StaticCluster", "cluster", "Cluster", "last_updated.");
        elements("ClustersConfigDump", "dynamic_active_clusters", "DynamicCluster", "cluster", "Cluster", dynamic);
        elements("ClustersConfigDump", "dynamic_warming_clusters", "DynamicCluster", "cluster", "Cluster", dynamic);
        message(
                "Cluster",
                "transport_socket_matches name alt_stat_name type cluster_type. eds_cluster_config. connect_timeout."
                        + " per_connection_buffer_limit_bytes. lb_policy load_assignment. health_checks"
                        + " max_requests_per_connection. circuit_breakers. upstream_http_protocol_options."
                        + " common_http_protocol_options. http_protocol_options. http2_protocol_options."
                        + " typed_extension_protocol_options dns_refresh_rate. dns_jitter."
                        + " dns_failure_refresh_rate. respect_dns_ttl dns_lookup_family dns_resolvers"
                        + " use_tcp_for_dns_lookups dns_resolution_config. typed_dns_resolver_config."
                        + " wait_for_warm_on_init. outlier_detection. cleanup_interval. upstream_bind_config."
                        + " lb_subset_config. ring_hash_lb_config. maglev_lb_config. original_dst_lb_config."
                        + " least_request_lb_config. round_robin_lb_config. common_lb_config. transport_socket."
                        + " metadata. protocol_selection upstream_connection_options."
                        + " close_connections_on_host_health_failure ignore_health_on_host_removal filters"
                        + " load_balancing_policy. lrs_server. lrs_report_endpoint_metrics track_timeout_budgets"
                        + " upstream_config. track_cluster_stats. preconnect_policy."
                        + " connection_pool_per_downstream_connection");
        elements("EcdsConfigDump", "ecds_filters", "EcdsFilterConfig", "ecds_filter", "Extension", dynamic);
        message("Extension", "name typed_config");
        elements(
                "EndpointsConfigDump",
                "static_endpoint_configs",
                "StaticEndpointConfig",
                "endpoint_config",
                "Assignment",
                "last_updated.");
        elements(
                "EndpointsConfigDump",
                "dynamic_endpoint_configs",
                "DynamicEndpointConfig",
                "endpoint_config",
                "Assignment",
                dynamic);
        message("Assignment", "cluster_name endpoints named_endpoints policy.");
        message("ListenersConfigDump", "version_info");
        elements("ListenersConfigDump", "static_listeners", "StaticListener", "listener", "Listener", "last_updated.");
        elements(
                "ListenersConfigDump",
                "dynamic_listeners",
                "DynamicListener",
                "",
                "",
                "name active_state. warming_state. draining_state. error_state. client_status");
        message("ListenerState", "version_info listener last_updated.");
        for (String state : List.of("active_state", "warming_state", "draining_state")) {
            MESSAGES.put("ListenersConfigDump.DynamicListener." + state, "ListenerState");
        }
        message(
                "Listener",
                "name address. additional_addresses stat_prefix filter_chains filter_chain_matcher. use_original_dst."
                        + " default_filter_chain. per_connection_buffer_limit_bytes."
                        + " per_connection_buffer_high_watermark_timeout. metadata. deprecated_v1. drain_type"
                        + " listener_filters listener_filters_timeout. continue_on_listener_filters_timeout"
                        + " transparent. freebind. socket_options tcp_fast_open_queue_length. traffic_direction"
                        + " udp_listener_config. api_listener. connection_balance_config. reuse_port"
                        + " enable_reuse_port. access_log tcp_backlog_size."
                        + " max_connections_to_accept_per_socket_event. bind_to_port. internal_listener."
                        + " enable_mptcp ignore_global_conn_limit bypass_overload_manager");
        elements("ScopedRoutesConfigDump", "inline_scoped_route_configs", "InlineScopedRouteConfigs", "", "", "name");
        elements("ScopedRoutesConfigDump", "dynamic_scoped_route_configs", "DynamicScopedRouteConfigs", "", "", "name");
        elements(
                "RoutesConfigDump",
                "static_route_configs",
                "StaticRouteConfig",
                "route_config",
                "RouteConfiguration",
                "last_updated.");
        elements(
                "RoutesConfigDump",
                "dynamic_route_configs",
                "DynamicRouteConfig",
                "route_config",
                "RouteConfiguration",
                dynamic);
        message(
                "RouteConfiguration",
                "name virtual_hosts vhds. internal_only_headers response_headers_to_add response_headers_to_remove"
                        + " request_headers_to_add request_headers_to_remove most_specific_header_mutations_wins"
                        + " validate_clusters. max_direct_response_body_size_bytes. cluster_specifier_plugins"
                        + " request_mirror_policies ignore_port_in_host_matching"
                        + " ignore_path_parameters_in_path_matching typed_per_filter_config metadata.");
        String named = "name last_updated. ";
        elements("SecretsConfigDump", "static_secrets", "StaticSecret", "secret", "Secret", named);
        elements("SecretsConfigDump", "dynamic_active_secrets", "DynamicSecret", "secret", "Secret", named + dynamic);
        elements("SecretsConfigDump", "dynamic_warming_secrets", "DynamicSecret", "secret", "Secret", named + dynamic);
        message("Secret", "name tls_certificate. session_ticket_keys. validation_context. generic_secret.");
        message("UpdateFailureState", "failed_configuration last_update_attempt. details version_info");
    }

    private ConfigDumpSchema() {}

    private static void message(String name, String fields) {
        FIELDS.computeIfAbsent(name, key -> new LinkedHashSet<>())
                .addAll(List.of(fields.trim().split(" ")));
    }

    /** A list of a dump. The resource in its elements is an Any: a path enters it, and may not end in it. */
    private static void elements(
            String dump, String list, String element, String resource, String resourceMessage, String fields) {
        LISTS.add(list);
        message(dump, list);
        String full = dump + "." + element;
        ELEMENTS.put(dump + "." + list, full);
        message(full, fields);
        MESSAGES.put(full + ".error_state", "UpdateFailureState");
        if (!resource.isEmpty()) {
            message(full, resource + "!");
            MESSAGES.put(full + "." + resource, resourceMessage);
        }
    }

    /** Whether a field is one of the lists that {@code resource} may ask for. */
    static boolean list(String field) {
        return LISTS.contains(field);
    }

    /** Whether a message has a field. */
    static boolean has(String message, String field) {
        Set<String> fields = FIELDS.getOrDefault(message, Set.of());
        return fields.contains(field) || fields.contains(field + ".");
    }

    /** The message of a list's elements; empty where the field is no list. */
    static Optional<String> element(String dump, String field) {
        return Optional.ofNullable(ELEMENTS.get(dump + "." + field));
    }

    /** Whether a path of a mask may be used on a message. */
    static boolean valid(String message, String path) {
        int dot = path.indexOf('.');
        String name = dot < 0 ? path : path.substring(0, dot);
        String rest = dot < 0 ? "" : path.substring(dot + 1);
        Set<String> fields = FIELDS.getOrDefault(message, Set.of());
        boolean any = fields.contains(name + "!");
        boolean enters = any || fields.contains(name + ".");
        if (dot < 0) {
            return !any && (enters || fields.contains(name));
        }
        String inner = MESSAGES.get(message + "." + name);
        return enters && !rest.isEmpty() && (inner == null ? believed(rest) : valid(inner, rest));
    }

    private static boolean believed(String path) {
        String[] parts = path.split("\\.", -1);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].isEmpty() || (i < parts.length - 1 && ENDS.contains(parts[i]))) {
                return false;
            }
        }
        return true;
    }
}
