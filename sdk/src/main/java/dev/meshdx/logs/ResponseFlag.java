package dev.meshdx.logs;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Envoy's response flags: which of its mechanisms ended or altered a request. Source: Envoy docs, "Access logging",
 * {@code RESPONSE_FLAGS}. Extensions may register flags of their own; {@link AccessLogEntry#flags()} keeps those as text.
 */
public enum ResponseFlag {
    /** {@code LH}: the proxy's own health check filter answered that it is unhealthy. */
    FAILED_LOCAL_HEALTH_CHECK(
            "LH",
            "The proxy's own health check filter answered that it is unhealthy.",
            "Look at /server_info and at drain messages in the proxy's log."),
    /** {@code UH}: the cluster exists, but there is no endpoint that the proxy may use. */
    NO_HEALTHY_UPSTREAM(
            "UH",
            "The cluster exists, but there is no endpoint that the proxy may use.",
            "kubectl get endpointslices -l kubernetes.io/service-name=SERVICE; look for pods that are not ready, a selector or a"
                    + " subset that matches none, and ejected endpoints in /clusters."),
    /** {@code UT}: the route's timeout, or that of one try, was over before the answer came. */
    UPSTREAM_REQUEST_TIMEOUT(
            "UT",
            "The route's timeout, or that of one try, was over before the answer came.",
            "Compare the duration with the VirtualService's timeout and perTryTimeout; find out why the server is slow."),
    /** {@code LR}: this proxy reset the stream to the server. */
    LOCAL_RESET(
            "LR",
            "This proxy reset the stream to the server.",
            "Raise the proxy's log level for http and router and look for the reason."),
    /** {@code UR}: the server reset the stream, or refused it. */
    UPSTREAM_REMOTE_RESET(
            "UR",
            "The server reset the stream, or refused it.",
            "Look at the server's own log, and whether both sides speak the same version of HTTP."),
    /** {@code UF}: the connection to the server could not be made: TCP or TLS failed. */
    UPSTREAM_CONNECTION_FAILURE(
            "UF",
            "The connection to the server could not be made: TCP or TLS failed.",
            "Read the transport failure reason: refused (nothing listens), no route, timeout (a NetworkPolicy), or a TLS error."),
    /** {@code UC}: the server closed the connection before it had answered. */
    UPSTREAM_CONNECTION_TERMINATION(
            "UC",
            "The server closed the connection before it had answered.",
            "Look whether the server was restarted, closes idle connections sooner than the proxy, or refuses plain text"
                    + " (STRICT mTLS)."),
    /** {@code UO}: a limit of the connection pool was reached (circuit breaker). */
    UPSTREAM_OVERFLOW(
            "UO",
            "A limit of the connection pool was reached (circuit breaker).",
            "Look at connectionPool in the DestinationRule: maxConnections, http1MaxPendingRequests, http2MaxRequests."),
    /** {@code NR}: no route matched the request, or no filter chain matched the connection. */
    NO_ROUTE_FOUND(
            "NR",
            "No route matched the request, or no filter chain matched the connection.",
            "Compare host, path and headers with the VirtualService; for connections compare SNI and TLS with the Gateway or the"
                    + " PeerAuthentication."),
    /** {@code DI}: a configured fault delayed the request. */
    DELAY_INJECTED(
            "DI",
            "A configured fault delayed the request.",
            "Remove fault.delay from the VirtualService if the test is over."),
    /** {@code FI}: a configured fault aborted the request. */
    FAULT_INJECTED(
            "FI",
            "A configured fault aborted the request.",
            "Remove fault.abort from the VirtualService if the test is over."),
    /** {@code RL}: a rate limit was reached. */
    RATE_LIMITED("RL", "A rate limit was reached.", "Look at the EnvoyFilter that sets the limit."),
    /** {@code UAEX}: an external authorizer denied the request, or could not be asked. */
    UNAUTHORIZED_EXTERNAL_SERVICE(
            "UAEX",
            "An external authorizer denied the request, or could not be asked.",
            "Details ext_authz_denied: ask the authorizer; ext_authz_error: it does not answer."),
    /** {@code RLSE}: the rate limit service failed. */
    RATE_LIMIT_SERVICE_ERROR(
            "RLSE", "The rate limit service failed.", "Look whether the rate limit service runs and answers in time."),
    /** {@code DC}: the client closed the connection before it had the answer. */
    DOWNSTREAM_CONNECTION_TERMINATION(
            "DC",
            "The client closed the connection before it had the answer.",
            "Compare the duration with the client's timeout; a client proxy that times out (UT) looks like this too."),
    /** {@code URX}: all retries were used up. */
    UPSTREAM_RETRY_LIMIT_EXCEEDED(
            "URX",
            "All retries were used up.",
            "Read the flag beside it; with via_upstream the last answer came from the other side."),
    /** {@code SI}: nothing was sent for longer than the idle timeout. */
    STREAM_IDLE_TIMEOUT(
            "SI",
            "Nothing was sent for longer than the idle timeout.",
            "Raise the idle timeout, or send something in between."),
    /** {@code IH}: a x-envoy-* header of the request has a value that is not valid. */
    INVALID_ENVOY_REQUEST_HEADERS(
            "IH",
            "A x-envoy-* header of the request has a value that is not valid.",
            "Correct the header that the details name."),
    /** {@code DPE}: the client sent something that is not valid HTTP. */
    DOWNSTREAM_PROTOCOL_ERROR(
            "DPE",
            "The client sent something that is not valid HTTP.",
            "Look for TLS sent to a plain port, or a protocol other than HTTP on a port that is declared HTTP."),
    /** {@code UMSDR}: the stream lasted longer than allowed. */
    UPSTREAM_MAX_STREAM_DURATION_REACHED(
            "UMSDR",
            "The stream lasted longer than allowed.",
            "Look at the timeout of the VirtualService (for gRPC it limits the whole stream)."),
    /** {@code RFCF}: the answer came from a cache. */
    RESPONSE_FROM_CACHE_FILTER("RFCF", "The answer came from a cache.", "Nothing: it is no error."),
    /** {@code NFCF}: a filter's configuration was never delivered. */
    NO_FILTER_CONFIG_FOUND(
            "NFCF",
            "A filter's configuration was never delivered.",
            "Look at the WasmPlugin and whether its module could be fetched (agent log, scope wasm)."),
    /** {@code DT}: the connection reached its longest allowed duration. */
    DURATION_TIMEOUT(
            "DT",
            "The connection reached its longest allowed duration.",
            "Look at maxConnectionDuration in the DestinationRule."),
    /** {@code UPE}: the server answered with something that is not valid HTTP. */
    UPSTREAM_PROTOCOL_ERROR(
            "UPE",
            "The server answered with something that is not valid HTTP.",
            "Compare the port's name or appProtocol with what the application speaks (http, http2, grpc, tcp, TLS)."),
    /** {@code NC}: the route points to a cluster that the proxy does not have. */
    NO_CLUSTER_FOUND(
            "NC",
            "The route points to a cluster that the proxy does not have.",
            "Look for a destination host without Service, a subset that no DestinationRule defines, or a Sidecar resource that"
                    + " leaves it out."),
    /** {@code OM}: the proxy protects itself from overload. */
    OVERLOAD_MANAGER_TERMINATED(
            "OM",
            "The proxy protects itself from overload.",
            "Give the proxy more memory, or less to do; look at the overload statistics."),
    /** {@code DF}: the server's name could not be resolved. */
    DNS_RESOLUTION_FAILED("DF", "The server's name could not be resolved.", "Look at the name, and at DNS in the pod."),
    /** {@code DO}: the control plane asked to drop this share of requests. */
    DROP_OVERLOAD("DO", "The control plane asked to drop this share of requests.", "Look at the drop policy."),
    /** {@code DR}: the client reset the stream. */
    DOWNSTREAM_REMOTE_RESET(
            "DR",
            "The client reset the stream.",
            "Compare the duration with the client's deadline; gRPC clients cancel so."),
    /** {@code UDO}: the control plane asked to drop all requests. */
    UNCONDITIONAL_DROP_OVERLOAD("UDO", "The control plane asked to drop all requests.", "Look at the drop policy.");

    private static final Map<String, ResponseFlag> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(ResponseFlag::shortName, Function.identity()));

    private final String shortName;
    private final String meaning;
    private final String remedy;

    ResponseFlag(String shortName, String meaning, String remedy) {
        this.shortName = shortName;
        this.meaning = meaning;
        this.remedy = remedy;
    }

    /** The flag with this short name, such as {@code UH}; empty for one that is not known. */
    public static Optional<ResponseFlag> of(String shortName) {
        return Optional.ofNullable(BY_NAME.get(shortName));
    }

    /** As it stands in the access log: {@code UH}. */
    public String shortName() {
        return shortName;
    }

    /** What it means. */
    public String meaning() {
        return meaning;
    }

    /** What to look at. */
    public String remedy() {
        return remedy;
    }

    /** The short name. */
    @Override
    public String toString() {
        return shortName;
    }
}
