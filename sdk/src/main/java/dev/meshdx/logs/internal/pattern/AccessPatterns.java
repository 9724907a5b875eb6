package dev.meshdx.logs.internal.pattern;

import static dev.meshdx.logs.internal.pattern.Rule.anybody;
import static dev.meshdx.logs.internal.pattern.Rule.details;
import static dev.meshdx.logs.internal.pattern.Rule.error;
import static dev.meshdx.logs.internal.pattern.Rule.flag;
import static dev.meshdx.logs.internal.pattern.Rule.info;
import static dev.meshdx.logs.internal.pattern.Rule.relayed;
import static dev.meshdx.logs.internal.pattern.Rule.warning;

import dev.meshdx.logs.ResponseFlag;
import java.util.List;

/**
 * What access logs say of requests and connections: one pattern for each response flag, and those that only the details or the
 * failure reason tell apart. Sources: Envoy docs, "Access logging" ({@code RESPONSE_FLAGS}) and "Response code details".
 */
final class AccessPatterns {
    private static final String[] TLS = {"TLS_error", "OPENSSL_internal", "not supplied by SDS"};

    static final List<Rule> RULES = List.of(
            // Connections to the server.
            error("upstream-connect-error", "The proxy could not connect to the server that it had chosen.")
                    .causes(
                            "Nothing listens on that port: in an inbound line the application itself, in an outbound one a pod that is gone.",
                            "Packets are dropped: a NetworkPolicy, a firewall, a node that is down.",
                            "The address is stale: the proxy was not told of a change.")
                    .next(
                            "Read the transport failure reason and the upstream host of the line: that endpoint is the suspect.",
                            "kubectl get pods -o wide | grep ADDRESS")
                    .findings("MDX0401")
                    .when(
                            access(
                                    "503",
                                    "UF,URX",
                                    "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}",
                                    "delayed connect error: Connection refused"),
                            flag(ResponseFlag.UPSTREAM_CONNECTION_FAILURE).unless(TLS),
                            anybody("upstream connect error").unless(TLS),
                            anybody("delayed connect error").unless(TLS)),
            error("connection-refused", "The server's address answered that nothing listens on the port.")
                    .causes(
                            "In an inbound line: the application listens on another port, on 127.0.0.1 only, or has not started.",
                            "In an outbound line: the pod is gone, or its proxy does not run.")
                    .next(
                            "kubectl exec POD -c APP -- ss -ltn (or netstat -ltn): does it listen, and on which address?",
                            "Compare targetPort of the Service with the port of the container.")
                    .findings("MDX0401", "IST0143")
                    .when(
                            access(
                                    "503",
                                    "UF",
                                    "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_111}",
                                    "delayed connect error: 111"),
                            details("Connection refused"),
                            details("connect error: 111")),
            error("connection-timed-out", "The server's address did not answer at all.")
                    .causes(
                            "A NetworkPolicy or a firewall drops the packets.",
                            "The node or the pod is gone and its endpoint is not.",
                            "The pod is in another network, and no gateway leads there.")
                    .next(
                            "kubectl get networkpolicy -A",
                            "kubectl get endpointslices -l kubernetes.io/service-name=SERVICE")
                    .findings("MDX0401")
                    .when(
                            access("503", "UF", "upstream_reset_before_response_started{connection_timeout}", "-"),
                            details("{connection_timeout"),
                            details("Connection timed out"),
                            details("connect error: 110")),
            error("no-route-to-host", "The network knows no way to the server's address.")
                    .causes(
                            "The endpoint is stale: its pod or node is gone.",
                            "A host that a ServiceEntry names does not exist.")
                    .next(
                            "kubectl get pods -A -o wide | grep ADDRESS",
                            "Compare with the addresses in the ServiceEntry.")
                    .findings("MDX0401")
                    .when(
                            access(
                                    "503",
                                    "URX,UF",
                                    "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_No_route_to_host}",
                                    "delayed connect error: No route to host"),
                            details("No route to host"),
                            details("connect error: 113"),
                            details("Network is unreachable"),
                            details("connect error: 101")),
            error("connection-reset-on-connect", "The server's side closed the connection while it was being made.")
                    .causes(
                            "A proxy or firewall in between refuses it.",
                            "The server expects TLS, or plain text, and the other side speaks the other.")
                    .next(
                            "Look at the server's proxy at the same time: NR filter_chain_not_found means plain text against STRICT.")
                    .findings("MDX0401")
                    .when(
                            access(
                                    "503",
                                    "UF",
                                    "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_reset_by_peer}",
                                    "delayed connect error: Connection reset by peer"),
                            details("connect error: Connection reset by peer"),
                            details("connect error: 104")),
            error("source-ports-exhausted", "The proxy has no free port for another connection to that server.")
                    .causes(
                            "Connections are opened for each request instead of being kept.",
                            "Very many connections to one address.")
                    .next(
                            "kubectl exec POD -c istio-proxy -- pilot-agent request GET stats | grep bind_errors",
                            "Keep connections alive, use HTTP/2, or spread the load over more replicas.")
                    .when(
                            access(
                                    "503",
                                    "UF",
                                    "upstream_reset_before_response_started{local_connection_failure|immediate_connect_error:_Cannot_assign_requested_address}",
                                    "immediate connect error: Cannot assign requested address"),
                            details("Cannot assign requested address"),
                            anybody("Cannot assign requested address")),
            ofFlag(
                            "no-healthy-upstream",
                            ResponseFlag.NO_HEALTHY_UPSTREAM,
                            "No pod of the service is ready, or the service has none.",
                            "The selector, or the labels of a subset, match no pod.",
                            "All endpoints are ejected by outlier detection.")
                    .findings("MDX0402", "MDX0109")
                    .when(
                            access("503", "UH", "no_healthy_upstream", "-"),
                            flag(ResponseFlag.NO_HEALTHY_UPSTREAM),
                            anybody("no healthy upstream")),
            // No way at all.
            ofFlag(
                            "no-route",
                            ResponseFlag.NO_ROUTE_FOUND,
                            "Host, path, method or headers match no route; paths are compared with their case.",
                            "The VirtualService is bound to another gateway, or is not visible to this proxy.",
                            "A connection: plain text to a STRICT port, or a server name that no gateway knows.")
                    .findings("MDX0404", "MDX0413")
                    .when(access("404", "NR", "route_not_found", "-"), flag(ResponseFlag.NO_ROUTE_FOUND)),
            error("route-configuration-missing", "The listener waits for routes that the proxy was never sent.")
                    .causes("istiod has not sent them yet, or the proxy refused them.")
                    .next("meshdx proxy-status POD: look at RDS", "meshdx proxy-config routes POD")
                    .findings("MDX0104", "MDX0105")
                    .when(
                            access("404", "NR", "route_configuration_not_found", "-"),
                            details("route_configuration_not_found")),
            error("connection-not-accepted", "No filter chain takes the connection, and it was closed.")
                    .causes(
                            "A client without sidecar speaks plain text to a port with STRICT mutual TLS.",
                            "A DestinationRule turns TLS off towards such a port.",
                            "At a gateway: the server name (SNI) is missing or unknown.")
                    .next("meshdx mtls --from POD", "meshdx proxy-config listeners POD --port PORT")
                    .findings("MDX0413", "MDX0501")
                    .when(
                            "[2026-01-02T03:04:05.678Z] \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\" \"-\" \"-\" \"-\" \"-\" - - 10.0.0.9:8080 10.0.0.5:36770 - -",
                            details("filter_chain_not_found")),
            ofFlag(
                            "no-cluster-found",
                            ResponseFlag.NO_CLUSTER_FOUND,
                            "A VirtualService names a subset that no DestinationRule defines, or a host that does not exist.",
                            "A Sidecar resource or exportTo hides the service from this proxy.",
                            "The route was sent before the cluster: it passes by itself.")
                    .findings("MDX0405", "IST0101")
                    .when(access("503", "NC", "cluster_not_found", "-"), flag(ResponseFlag.NO_CLUSTER_FOUND)),
            // The server's answer.
            ofFlag(
                            "upstream-request-timeout",
                            ResponseFlag.UPSTREAM_REQUEST_TIMEOUT,
                            "The server is slow.",
                            "The VirtualService's timeout, or perTryTimeout, is too short for this request.")
                    .findings("MDX0407")
                    .when(access("504", "UT", "response_timeout", "-"), flag(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT)),
            ofFlag(
                            "upstream-connection-termination",
                            ResponseFlag.UPSTREAM_CONNECTION_TERMINATION,
                            "The application closes idle connections sooner than the proxy does (after periods without requests).",
                            "The application crashed or was restarted.",
                            "Always and at once: plain text to STRICT, or the certificate of this proxy was refused.")
                    .findings("MDX0412")
                    .when(
                            access("503", "UC", "upstream_reset_before_response_started{connection_termination}", "-"),
                            flag(ResponseFlag.UPSTREAM_CONNECTION_TERMINATION)),
            ofFlag(
                            "upstream-remote-reset",
                            ResponseFlag.UPSTREAM_REMOTE_RESET,
                            "The application or the next proxy resets streams: a limit of streams, a server that stops.",
                            "The two sides speak different versions of HTTP.")
                    .findings("MDX0412")
                    .when(
                            access("503", "UR", "upstream_reset_before_response_started{remote_reset}", "-"),
                            flag(ResponseFlag.UPSTREAM_REMOTE_RESET)),
            ofFlag(
                            "upstream-protocol-error",
                            ResponseFlag.UPSTREAM_PROTOCOL_ERROR,
                            "The port is declared http and the application speaks TLS, gRPC or bytes of its own.",
                            "The application sends headers that HTTP does not allow.")
                    .when(
                            access("502", "UPE", "upstream_reset_before_response_started{protocol_error}", "-"),
                            flag(ResponseFlag.UPSTREAM_PROTOCOL_ERROR)),
            error(
                            "response-cut-short",
                            "The server's connection broke in the middle of an answer: the client has a part of it.")
                    .causes("The application crashed, or was stopped, while it answered.", "A timeout in between.")
                    .next("Look at restarts of the server's pod, and at its own log.")
                    .findings("MDX0412")
                    .when(
                            access("200", "UC", "upstream_reset_after_response_started{connection_termination}", "-"),
                            details("upstream_reset_after_response_started")),
            warning(
                            "upstream-error-relayed",
                            "The application, or the next proxy, answered with a server error that was only passed on here.")
                    .causes("The application fails.", "The proxy of the server made the answer: its line says why.")
                    .next(
                            "Look for the same request id in the log of the server's proxy, then at the application's log.")
                    .findings("MDX0415")
                    .when(access("500", "-", "via_upstream", "-"), relayed(500, 599)),
            ofFlag(
                            "upstream-retry-limit-exceeded",
                            ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED,
                            "The failure lasts: the flag beside this one says which.")
                    .when(access("503", "URX", "via_upstream", "-"), flag(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED)),
            ofFlag("local-reset", ResponseFlag.LOCAL_RESET, "A timeout of one try, a filter, or a limit of memory.")
                    .when(
                            access("503", "LR", "upstream_reset_before_response_started{local_reset}", "-"),
                            flag(ResponseFlag.LOCAL_RESET)),
            // Limits.
            ofFlag(
                            "upstream-overflow",
                            ResponseFlag.UPSTREAM_OVERFLOW,
                            "connectionPool of a DestinationRule is too small for the load.",
                            "The server is slow, and requests pile up.")
                    .findings("MDX0406")
                    .when(
                            access("503", "UO", "upstream_reset_before_response_started{overflow}", "-"),
                            flag(ResponseFlag.UPSTREAM_OVERFLOW)),
            ofFlag("rate-limited", ResponseFlag.RATE_LIMITED, "A rate limit of an EnvoyFilter, local or by a service.")
                    .findings("MDX0409")
                    .when(access("429", "RL", "local_rate_limited", "-"), flag(ResponseFlag.RATE_LIMITED)),
            ofFlag(
                            "rate-limit-service-error",
                            ResponseFlag.RATE_LIMIT_SERVICE_ERROR,
                            "The rate limit service is down, or answers too slowly.")
                    .findings("MDX0409")
                    .when(
                            access("500", "RLSE", "rate_limiter_error", "-"),
                            flag(ResponseFlag.RATE_LIMIT_SERVICE_ERROR)),
            ofFlag(
                            "overload-manager-terminated",
                            ResponseFlag.OVERLOAD_MANAGER_TERMINATED,
                            "The proxy is near its limit of memory or connections.")
                    .when(access("503", "OM", "overload", "-"), flag(ResponseFlag.OVERLOAD_MANAGER_TERMINATED)),
            ofFlag("drop-overload", ResponseFlag.DROP_OVERLOAD, "A control plane asks to drop a share of the requests.")
                    .when(access("503", "DO", "drop_overload", "-"), flag(ResponseFlag.DROP_OVERLOAD)),
            ofFlag(
                            "unconditional-drop-overload",
                            ResponseFlag.UNCONDITIONAL_DROP_OVERLOAD,
                            "A control plane asks to drop all requests.")
                    .when(
                            access("503", "UDO", "unconditional_drop_overload", "-"),
                            flag(ResponseFlag.UNCONDITIONAL_DROP_OVERLOAD)),
            error("request-too-large", "A filter that keeps the whole request in memory refused one that is too large.")
                    .causes(
                            "An EnvoyFilter buffers bodies.",
                            "External authorization is given the body.",
                            "Retries need the body once more.")
                    .next(
                            "Look for includeRequestBodyInCheck in the mesh configuration, and for EnvoyFilters with a buffer.")
                    .when(
                            access("413", "-", "request_payload_too_large", "-"),
                            details("request_payload_too_large"),
                            details("request_payload_exceeded_retry_buffer_limit")),
            error("response-too-large", "A filter that keeps the whole answer in memory refused one that is too large.")
                    .causes("An EnvoyFilter or a Wasm module buffers answers.")
                    .next("meshdx proxy-config listeners POD --format json: look at the HTTP filters.")
                    .when(access("500", "-", "response_payload_too_large", "-"), details("response_payload_too_large")),
            warning("headers-too-large", "The client's headers were too large, or too many.")
                    .causes("Cookies or tokens that grow.")
                    .next("Less than 60 KiB and 100 headers pass; look at what the client sends.")
                    .when(
                            access("431", "DPE", "http1.headers_too_large", "-"),
                            details("headers_too_large"),
                            details("too_many_headers")),
            // Policies.
            error("rbac-denied", "An AuthorizationPolicy denied the request or the connection.")
                    .causes(
                            "[none]: there are ALLOW policies for the workload, and none of them matches.",
                            "A name: the rule of that DENY policy matches.",
                            "A rule with principals, and the client came without mutual TLS.")
                    .next("meshdx authz POD REQUEST --from IDENTITY")
                    .findings("MDX0408")
                    .when(
                            access(
                                    "403",
                                    "-",
                                    "rbac_access_denied_matched_policy[ns[shop]-policy[deny-admin]-rule[0]]",
                                    "-"),
                            details("rbac_access_denied")),
            error("jwt-denied", "A RequestAuthentication refused the request's token.")
                    .causes("The details say why: expired, unknown issuer, wrong audience, no key for the signature.")
                    .next(
                            "Compare iss, aud and exp of the token with the RequestAuthentication; see whether istiod reaches jwksUri.")
                    .findings("MDX0408")
                    .when(
                            access("401", "-", "jwt_authn_access_denied{Jwt_is_expired}", "-"),
                            details("jwt_authn_access_denied")),
            ofFlag(
                            "unauthorized-external-service",
                            ResponseFlag.UNAUTHORIZED_EXTERNAL_SERVICE,
                            "The external authorizer said no.",
                            "It could not be reached (ext_authz_error), and the proxy refuses in that case.")
                    .findings("MDX0408")
                    .when(
                            access("403", "UAEX", "ext_authz_denied", "-"),
                            flag(ResponseFlag.UNAUTHORIZED_EXTERNAL_SERVICE)),
            error(
                            "external-authorization-unreachable",
                            "The external authorizer could not be asked, so requests are refused.")
                    .causes("Its pods are not ready, or the provider names a service that does not exist.")
                    .next("Look at extensionProviders in the mesh configuration, and at the pods of that service.")
                    .findings("MDX0408")
                    .when(access("403", "UAEX", "ext_authz_error", "-"), details("ext_authz_error")),
            info("fault-injected", ResponseFlag.FAULT_INJECTED.meaning())
                    .causes("fault.abort of a VirtualService.")
                    .next(ResponseFlag.FAULT_INJECTED.remedy())
                    .findings("MDX0410")
                    .when(access("418", "FI", "fault_filter_abort", "-"), flag(ResponseFlag.FAULT_INJECTED)),
            info("delay-injected", ResponseFlag.DELAY_INJECTED.meaning())
                    .causes("fault.delay of a VirtualService.")
                    .next(ResponseFlag.DELAY_INJECTED.remedy())
                    .findings("MDX0410")
                    .when(access("200", "DI", "via_upstream", "-"), flag(ResponseFlag.DELAY_INJECTED)),
            error("unknown-host-refused", "The host is not known to the mesh, and only known ones can be reached.")
                    .causes("outboundTrafficPolicy is REGISTRY_ONLY, and there is no ServiceEntry for the host.")
                    .next("Add a ServiceEntry for the host, or set outboundTrafficPolicy.mode to ALLOW_ANY.")
                    .findings("MDX0416")
                    .when(
                            "[2026-01-02T03:04:05.678Z] \"GET / HTTP/1.1\" 502 - direct_response - \"-\" 0 0 0 - \"-\" \"curl/8\" \"id\" \"example.com\" \"-\" - - 192.0.2.7:80 10.0.0.5:4000 - block_all",
                            details("direct_response").codes(502, 502)),
            // The client.
            info("downstream-connection-termination", ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION.meaning())
                    .causes(
                            "The client's own timeout is shorter than the answer takes.",
                            "The proxy before this one gave up (UT in its log).",
                            "A user went away.")
                    .next(ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION.remedy())
                    .findings("MDX0411")
                    .when(
                            access("0", "DC", "downstream_remote_disconnect", "-"),
                            flag(ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION)),
            info("downstream-remote-reset", ResponseFlag.DOWNSTREAM_REMOTE_RESET.meaning())
                    .causes("The client cancelled, or its deadline was over.")
                    .next(ResponseFlag.DOWNSTREAM_REMOTE_RESET.remedy())
                    .findings("MDX0411")
                    .when(access("0", "DR", "http2.remote_reset", "-"), flag(ResponseFlag.DOWNSTREAM_REMOTE_RESET)),
            ofFlag(
                            "downstream-protocol-error",
                            ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR,
                            "The client speaks TLS to a port that is declared http.",
                            "The client's HTTP is broken, or the port carries something else.")
                    .when(
                            "[2026-01-02T03:04:05.678Z] \"- - HTTP/1.1\" 400 DPE http1.codec_error - \"-\" 0 11 0 - \"-\" \"-\" \"-\" \"-\" \"-\" - - 10.0.0.9:8080 10.0.0.5:4000 - -",
                            flag(ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR)),
            ofFlag(
                            "invalid-envoy-request-headers",
                            ResponseFlag.INVALID_ENVOY_REQUEST_HEADERS,
                            "The client sends an x-envoy-… header with a value that is none.")
                    .when(
                            access("400", "IH", "request_headers_failed_strict_check{x-envoy-retry-on}", "-"),
                            flag(ResponseFlag.INVALID_ENVOY_REQUEST_HEADERS)),
            error("http-1-0-refused", "The client speaks HTTP/1.0, and the proxy does not accept it.")
                    .causes("nginx with its default proxy_http_version, an old health checker.")
                    .next(
                            "Let the client speak HTTP/1.1 (nginx: proxy_http_version 1.1), or set PILOT_HTTP10=1 in istiod.")
                    .when(
                            access("426", "DPE", "low_version", "-"),
                            details("low_version").codes(426, 426)),
            warning("request-line-refused", "Host or path of the request are not such as a proxy accepts.")
                    .causes("No Host header.", "A path without a leading slash, or with escapes that are none.")
                    .next("Look at what the client sends.")
                    .when(
                            access("404", "-", "absolute_path_rejected", "-"),
                            details("missing_host_header"),
                            details("missing_path_rejected"),
                            details("absolute_path_rejected"),
                            details("path_normalization_failed"),
                            details("invalid_authority")),
            error("upgrade-refused", "An upgrade (WebSocket) or CONNECT was refused, here or by the server.")
                    .causes("The application does not take upgrades.", "An HTTP filter or route switches them off.")
                    .next("Look at upgrade_configs of the listener, and at the application.")
                    .when(
                            access("403", "-", "upgrade_failed", "-"),
                            details("upgrade_failed"),
                            details("websocket_handshake_unsuccessful")),
            // Timers.
            ofFlag(
                            "stream-idle-timeout",
                            ResponseFlag.STREAM_IDLE_TIMEOUT,
                            "Nothing was sent on the stream for too long; gateways stop at five minutes.")
                    .when(access("408", "SI", "stream_idle_timeout", "-"), flag(ResponseFlag.STREAM_IDLE_TIMEOUT)),
            ofFlag(
                            "upstream-max-stream-duration-reached",
                            ResponseFlag.UPSTREAM_MAX_STREAM_DURATION_REACHED,
                            "A timeout of the VirtualService, for gRPC the longest time that a stream may last.")
                    .when(
                            access("504", "UMSDR", "upstream_max_stream_duration_reached", "-"),
                            flag(ResponseFlag.UPSTREAM_MAX_STREAM_DURATION_REACHED)),
            ofFlag(
                            "duration-timeout",
                            ResponseFlag.DURATION_TIMEOUT,
                            "maxConnectionDuration of a DestinationRule, or of the listener.")
                    .when(access("0", "DT", "duration_timeout", "-"), flag(ResponseFlag.DURATION_TIMEOUT)),
            warning("client-too-slow", "The client took too long to send its request, or the whole took too long.")
                    .causes(
                            "A slow client or a large upload.",
                            "Timeouts of the listener, set by an EnvoyFilter or at the edge.")
                    .next(
                            "Compare the duration with request_timeout, request_headers_timeout and max_stream_duration of the listener.")
                    .when(
                            access("408", "-", "request_overall_timeout", "-"),
                            details("request_overall_timeout"),
                            details("request_header_timeout"),
                            details("downstream_header_timeout"),
                            details("max_duration_timeout")),
            info("idle-connection-closed", "A connection on which nothing was sent was closed.")
                    .causes("tcp idle timeout of the proxy: an hour unless it was changed.")
                    .next("Let the client send keep-alives, or raise the idle timeout in the DestinationRule.")
                    .when(
                            "[2026-01-02T03:04:05.678Z] \"- - -\" 0 - - on_idle_timeout \"-\" 78 1203 3600001 - \"-\" \"-\" \"-\" \"-\" \"10.0.0.9:5432\" outbound|5432||db.shop.svc.cluster.local 10.0.0.5:51000 10.96.0.12:5432 10.0.0.5:4000 - -",
                            details("on_idle_timeout"),
                            details("session_idle_timeout")),
            warning(
                            "tls-handshake-too-slow",
                            "A client opened a connection and did not finish its TLS handshake in time.")
                    .causes(
                            "A port scanner or a health check that only connects.",
                            "A client that speaks plain text and waits.")
                    .next("Look at the client's address in the line.")
                    .when(
                            "[2026-01-02T03:04:05.678Z] \"- - -\" 0 - - transport_socket_timeout \"-\" 0 0 15001 - \"-\" \"-\" \"-\" \"-\" \"-\" - - 10.0.0.9:8443 10.0.0.5:4000 - -",
                            details("transport_socket_timeout")),
            // The proxy itself.
            ofFlag(
                            "failed-local-health-check",
                            ResponseFlag.FAILED_LOCAL_HEALTH_CHECK,
                            "The proxy was told to fail its health check, or drains.")
                    .when(access("503", "LH", "-", "-"), flag(ResponseFlag.FAILED_LOCAL_HEALTH_CHECK)),
            ofFlag(
                            "no-filter-config-found",
                            ResponseFlag.NO_FILTER_CONFIG_FOUND,
                            "The configuration of an extension was not delivered: a Wasm module that cannot be fetched.")
                    .when(access("500", "NFCF", "-", "-"), flag(ResponseFlag.NO_FILTER_CONFIG_FOUND)),
            ofFlag(
                            "dns-resolution-failed",
                            ResponseFlag.DNS_RESOLUTION_FAILED,
                            "The host does not exist, or the DNS server does not answer.")
                    .when(access("503", "DF", "dns_resolution_failure", "-"), flag(ResponseFlag.DNS_RESOLUTION_FAILED)),
            error(
                            "extension-failed",
                            "An extension ended the request: an external processor, a Lua script or a Wasm module.")
                    .causes("The processor cannot be reached.", "The script or module fails.")
                    .next("Look at EnvoyFilters and WasmPlugins that apply to the workload.")
                    .when(
                            access("500", "-", "ext_proc_error{gRPC_error_14}", "-"),
                            details("ext_proc_error"),
                            details("wasm_fail_stream"),
                            details("filter_added_invalid_re"),
                            details("filter_removed_required_re")));

    private AccessPatterns() {}

    private static Rule.Builder ofFlag(String id, ResponseFlag flag, String... causes) {
        return error(id, flag.meaning()).causes(causes).next(flag.remedy());
    }

    private static String access(String code, String flags, String details, String transport) {
        return "[2026-01-02T03:04:05.678Z] \"GET /orders/7 HTTP/1.1\" " + code + " " + flags + " " + details + " - \""
                + transport
                + "\" 0 145 11 - \"-\" \"curl/8\" \"5b8ab1a7-44b2-9d1e-8a77-0f2f5a3c1d10\" \"orders:8080\" \"10.0.1.7:8080\""
                + " outbound|8080||orders.shop.svc.cluster.local - 10.96.4.2:8080 10.0.2.9:51234 - default";
    }
}
