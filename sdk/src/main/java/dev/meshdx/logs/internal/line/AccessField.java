package dev.meshdx.logs.internal.line;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an access log, in the order of Istio's default text format and under the names of its JSON format. Source: Istio,
 * {@code pilot/pkg/model/telemetry_logging.go}.
 */
public enum AccessField {
    /** When the request began. */
    START_TIME("START_TIME"),
    /** {@code GET}. */
    METHOD("REQ(:METHOD)"),
    /** Path and query as the client sent them. */
    PATH("REQ(X-ENVOY-ORIGINAL-PATH?:PATH)", "REQ(:PATH)", "PATH", "requested_path"),
    /** {@code HTTP/1.1}. */
    PROTOCOL("PROTOCOL"),
    /** The status. */
    RESPONSE_CODE("RESPONSE_CODE", "code", "status"),
    /** The short flags. */
    RESPONSE_FLAGS("RESPONSE_FLAGS", "flags"),
    /** Why the answer is as it is. */
    RESPONSE_CODE_DETAILS("RESPONSE_CODE_DETAILS"),
    /** Why the connection was closed. */
    CONNECTION_TERMINATION_DETAILS("CONNECTION_TERMINATION_DETAILS"),
    /** Why the connection to the server failed. */
    UPSTREAM_TRANSPORT_FAILURE_REASON("UPSTREAM_TRANSPORT_FAILURE_REASON"),
    /** Bytes from the client. */
    BYTES_RECEIVED("BYTES_RECEIVED"),
    /** Bytes to the client. */
    BYTES_SENT("BYTES_SENT"),
    /** Milliseconds in all. */
    DURATION("DURATION"),
    /** Milliseconds that the server took. */
    UPSTREAM_SERVICE_TIME("RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)"),
    /** The header of that name. */
    X_FORWARDED_FOR("REQ(X-FORWARDED-FOR)"),
    /** The header of that name. */
    USER_AGENT("REQ(USER-AGENT)"),
    /** {@code x-request-id}. */
    REQUEST_ID("REQ(X-REQUEST-ID)", "x_request_id"),
    /** The host that was asked for. */
    AUTHORITY("REQ(:AUTHORITY)", "REQ(HOST)", "host"),
    /** The endpoint that was chosen. */
    UPSTREAM_HOST("UPSTREAM_HOST", "UPSTREAM_REMOTE_ADDRESS"),
    /** The cluster that was chosen. */
    UPSTREAM_CLUSTER("UPSTREAM_CLUSTER_RAW", "UPSTREAM_CLUSTER"),
    /** The proxy's own address on the way to the server. */
    UPSTREAM_LOCAL_ADDRESS("UPSTREAM_LOCAL_ADDRESS"),
    /** The address that the client connected to. */
    DOWNSTREAM_LOCAL_ADDRESS("DOWNSTREAM_LOCAL_ADDRESS"),
    /** The client's address. */
    DOWNSTREAM_REMOTE_ADDRESS(
            "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS"),
    /** The client's SNI. */
    REQUESTED_SERVER_NAME("REQUESTED_SERVER_NAME"),
    /** The route's name. */
    ROUTE_NAME("ROUTE_NAME"),
    /** {@code inbound} or {@code outbound}; only ztunnel says it. */
    DIRECTION("TRAFFIC_DIRECTION");

    /** How many there are. */
    public static final int COUNT = values().length;

    /** All of them; {@link #values()} makes a copy each time. */
    public static final List<AccessField> ALL = List.of(values());

    private static final Map<String, AccessField> NAMES = names();

    private final String jsonName;
    /** One a line: an enum is immutable, and a list may not be. */
    private final String operators;

    AccessField(String... operators) {
        this.jsonName = name().toLowerCase(java.util.Locale.ROOT);
        this.operators = String.join("\n", operators);
    }

    private static Map<String, AccessField> names() {
        Map<String, AccessField> names = new HashMap<>();
        for (AccessField field : values()) {
            names.put(field.jsonName, field);
            field.operators.lines().forEach(operator -> names.put(operator, field));
        }
        return Map.copyOf(names);
    }

    /** Its place among all fields: the bounds of fields are kept in arrays. */
    @SuppressWarnings("EnumOrdinal")
    public int index() {
        return ordinal();
    }

    /** Its key in Istio's JSON format. */
    public String jsonName() {
        return jsonName;
    }

    /**
     * The field behind a key of Istio's JSON format or one that is usual instead, or behind one of Envoy's format operators,
     * without its percent signs and without a length limit; null where there is none.
     */
    public static @Nullable AccessField named(String name) {
        return NAMES.get(name);
    }
}
