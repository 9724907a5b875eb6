package dev.meshdx.logs;

import dev.meshdx.annotation.Internal;
import dev.meshdx.logs.internal.Redaction;
import dev.meshdx.model.ResourceRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request, or one bare connection, as a proxy logged it. What the log shows as {@code -} is empty here. Immutable; safe for
 * use by several threads. Source: Istio, "Envoy Access Logs"; Envoy docs, "Access logging".
 */
public final class AccessLogEntry {
    /** Which way a request went through the proxy that logged it. */
    public enum Direction {
        /** From the pod's own application to another service. */
        OUTBOUND,
        /** To the pod's own application. */
        INBOUND,
        /** The log does not tell: no cluster was chosen. */
        UNKNOWN
    }

    private static final Pattern POLICY = Pattern.compile(
            "rbac_access_denied_matched_policy\\[ns\\[([^\\]]*)\\]-policy\\[([^\\]]*)\\]-rule\\[(\\d+)\\]");
    private static final Pattern JWT = Pattern.compile("jwt_authn_access_denied\\{([^}]*)");

    private final Map<String, String> fields;
    private final String line;
    private final @Nullable Instant time;
    private final List<String> flags;

    /**
     * Made by the parser.
     *
     * @param fields by the names of the JSON format, without those that are {@code -}
     */
    @Internal
    public AccessLogEntry(Map<String, String> fields, @Nullable Instant time, String line) {
        this.fields = Map.copyOf(fields);
        this.time = time;
        this.line = line;
        String joined = text("response_flags");
        this.flags = joined.isEmpty() ? List.of() : List.of(joined.split(",", -1));
    }

    private String text(String name) {
        return fields.getOrDefault(name, "");
    }

    private long number(String name, long fallback) {
        String value = text(name);
        try {
            return value.isEmpty() ? fallback : (long) Double.parseDouble(value);
        } catch (NumberFormatException e) {
            return fallback;
        }
    }

    /** When the request began; empty where the log does not say. */
    public Optional<Instant> time() {
        return Optional.ofNullable(time);
    }

    /** Whether this is an HTTP request; else it is a bare connection. */
    public boolean isHttp() {
        return !method().isEmpty();
    }

    /** {@code GET}; empty for a bare connection. */
    public String method() {
        return text("method");
    }

    /** The path with its query, as the client sent it; it may hold confidential values. */
    public String path() {
        return text("path");
    }

    /** {@code HTTP/1.1}, {@code HTTP/2}; empty for a bare connection. */
    public String protocol() {
        return text("protocol");
    }

    /** The status that the client got; 0 where it got none. */
    public int responseCode() {
        return (int) number("response_code", 0);
    }

    /** The response flags as they stand in the log, such as {@code URX} and {@code UF}; empty where there is none. */
    public List<String> flags() {
        return flags;
    }

    /** The response flags that are known. */
    public List<ResponseFlag> responseFlags() {
        List<ResponseFlag> known = new ArrayList<>();
        flags.forEach(flag -> ResponseFlag.of(flag).ifPresent(known::add));
        return List.copyOf(known);
    }

    /** Whether it has a flag. */
    public boolean has(ResponseFlag flag) {
        return flags.contains(flag.shortName());
    }

    /** Why the answer is as it is, such as {@code via_upstream} or {@code route_not_found}. */
    public String details() {
        return text("response_code_details");
    }

    /** Why the connection was closed. */
    public String connectionTerminationDetails() {
        return text("connection_termination_details");
    }

    /** Why the connection to the server failed, such as {@code delayed_connect_error:_Connection_refused}. */
    public String transportFailureReason() {
        return text("upstream_transport_failure_reason");
    }

    /** Bytes of the request's body; of a bare connection all bytes from the client. */
    public long bytesReceived() {
        return number("bytes_received", 0);
    }

    /** Bytes of the answer's body; of a bare connection all bytes to the client. */
    public long bytesSent() {
        return number("bytes_sent", 0);
    }

    /** How long it took in all. */
    public Duration duration() {
        return Duration.ofMillis(Math.max(0, number("duration", 0)));
    }

    /** How long the server took, where it answered. */
    public Optional<Duration> upstreamServiceTime() {
        long millis = number("upstream_service_time", -1);
        return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
    }

    /** {@code x-forwarded-for}. */
    public String forwardedFor() {
        return text("x_forwarded_for");
    }

    /** The client's {@code user-agent}. */
    public String userAgent() {
        return text("user_agent");
    }

    /** {@code x-request-id}: the same on the client's and on the server's proxy. */
    public String requestId() {
        return text("request_id");
    }

    /** The host that the client asked for, with the port where it gave one. */
    public String authority() {
        return text("authority");
    }

    /** The address of the endpoint that was chosen; empty where none was. */
    public String upstreamHost() {
        return text("upstream_host");
    }

    /** The cluster, such as {@code outbound|9080|v1|reviews.production.svc.cluster.local}; empty where none was chosen. */
    public String upstreamCluster() {
        return text("upstream_cluster");
    }

    /** The proxy's own address on the connection to the server. */
    public String upstreamLocalAddress() {
        return text("upstream_local_address");
    }

    /** The address that the client connected to; at a sidecar the original destination. */
    public String downstreamLocalAddress() {
        return text("downstream_local_address");
    }

    /** The client's address. */
    public String downstreamRemoteAddress() {
        return text("downstream_remote_address");
    }

    /** The SNI of the client's TLS connection; empty for plain text. */
    public String requestedServerName() {
        return text("requested_server_name");
    }

    /** The route's name; {@code default} for routes that Istio makes itself. */
    public String routeName() {
        return text("route_name");
    }

    /** Which way the request went. */
    public Direction direction() {
        String cluster = upstreamCluster();
        if (cluster.startsWith("inbound|") || cluster.equals("InboundPassthroughCluster")) {
            return Direction.INBOUND;
        }
        return cluster.startsWith("outbound|")
                        || cluster.startsWith("outbound_")
                        || cluster.equals("PassthroughCluster")
                        || cluster.equals("BlackHoleCluster")
                ? Direction.OUTBOUND
                : Direction.UNKNOWN;
    }

    /** Whether the answer was made by the application or the next proxy, and only relayed here. */
    public boolean isRelayed() {
        return details().equals("via_upstream");
    }

    /**
     * Whether it went wrong: an HTTP request with a status of 400 or more, or with none; a bare connection that a mechanism of
     * the proxy ended.
     */
    public boolean failed() {
        if (isHttp()) {
            return responseCode() == 0 || responseCode() >= 400;
        }
        return !flags.isEmpty() && !flags.equals(List.of(ResponseFlag.DELAY_INJECTED.shortName()));
    }

    /**
     * The AuthorizationPolicy that denied the request or connection; empty where none did, and where it was denied because no
     * ALLOW policy matched.
     */
    public Optional<ResourceRef> deniedBy() {
        for (String text : List.of(details(), connectionTerminationDetails())) {
            Matcher matcher = POLICY.matcher(text);
            if (matcher.find()) {
                return Optional.of(ResourceRef.of("AuthorizationPolicy", matcher.group(1), matcher.group(2)));
            }
        }
        return Optional.empty();
    }

    /** Why a token was refused, such as {@code Jwt is expired}; empty where none was. */
    public Optional<String> tokenRefusedBecause() {
        Matcher matcher = JWT.matcher(details());
        return matcher.find() ? Optional.of(matcher.group(1).replace('_', ' ')) : Optional.empty();
    }

    /** The line as it stands in the log. */
    public String line() {
        return line;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AccessLogEntry entry && line.equals(entry.line);
    }

    @Override
    public int hashCode() {
        return Objects.hash(line);
    }

    /** One line: what was asked, what came back, and why. */
    @Override
    public String toString() {
        return Redaction.line(
                (isHttp() ? method() + " " + authority() + path() : "connection to " + downstreamLocalAddress())
                        + " " + responseCode() + (flags.isEmpty() ? "" : " " + String.join(",", flags))
                        + (details().isEmpty() ? "" : " " + details())
                        + (upstreamCluster().isEmpty() ? "" : " " + upstreamCluster()));
    }
}
