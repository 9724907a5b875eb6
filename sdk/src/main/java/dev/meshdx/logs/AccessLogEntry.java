package dev.meshdx.logs;

import dev.meshdx.annotation.Internal;
import dev.meshdx.logs.internal.Redaction;
import dev.meshdx.logs.internal.line.AccessField;
import dev.meshdx.model.ResourceRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request, or one bare connection, as a proxy logged it. What the log shows as {@code -} is empty here. Of a connection that
 * ztunnel tells of: the client is the source, the upstream host the address that was called, the authority the service, the transport
 * failure reason the error. Immutable; safe for
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

    private final String line;
    private final @Nullable Instant time;

    /** What the bounds refer to: the line, or the fields one behind the other where they had to be unescaped. */
    private final String values;

    /** Beginning and end of each field, in the order of {@link AccessField}. */
    private final short[] bounds;

    private final List<String> flags;

    /**
     * Made by the parser.
     *
     * @param line the line as it may be shown
     * @param values the text in which the fields lie
     * @param bounds beginning and end of each field there; the same where it is absent
     */
    @Internal
    public AccessLogEntry(String line, @Nullable Instant time, String values, short[] bounds) {
        this.line = line;
        this.time = time;
        this.values = values;
        this.bounds = bounds;
        String joined = text(AccessField.RESPONSE_FLAGS);
        this.flags = joined.isEmpty() ? List.of() : List.of(joined.split(",", -1));
    }

    private String text(AccessField field) {
        int at = 2 * field.index();
        return values.substring(bounds[at] & 0xFFFF, bounds[at + 1] & 0xFFFF);
    }

    private long number(AccessField field, long fallback) {
        String value = text(field);
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
        return text(AccessField.METHOD);
    }

    /** The path with its query, as the client sent it, without what looks like a token. */
    public String path() {
        return text(AccessField.PATH);
    }

    /** {@code HTTP/1.1}, {@code HTTP/2}; empty for a bare connection. */
    public String protocol() {
        return text(AccessField.PROTOCOL);
    }

    /** The status that the client got; 0 where it got none. */
    public int responseCode() {
        return (int) number(AccessField.RESPONSE_CODE, 0);
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
        return text(AccessField.RESPONSE_CODE_DETAILS);
    }

    /** Why the connection was closed. */
    public String connectionTerminationDetails() {
        return text(AccessField.CONNECTION_TERMINATION_DETAILS);
    }

    /** Why the connection to the server failed, such as {@code delayed_connect_error:_Connection_refused}. */
    public String transportFailureReason() {
        return text(AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON);
    }

    /** Bytes of the request's body; of a bare connection all bytes from the client. */
    public long bytesReceived() {
        return number(AccessField.BYTES_RECEIVED, 0);
    }

    /** Bytes of the answer's body; of a bare connection all bytes to the client. */
    public long bytesSent() {
        return number(AccessField.BYTES_SENT, 0);
    }

    /** How long it took in all. */
    public Duration duration() {
        return Duration.ofMillis(Math.max(0, number(AccessField.DURATION, 0)));
    }

    /** How long the server took, where it answered. */
    public Optional<Duration> upstreamServiceTime() {
        long millis = number(AccessField.UPSTREAM_SERVICE_TIME, -1);
        return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
    }

    /** {@code x-forwarded-for}. */
    public String forwardedFor() {
        return text(AccessField.X_FORWARDED_FOR);
    }

    /** The client's {@code user-agent}. */
    public String userAgent() {
        return text(AccessField.USER_AGENT);
    }

    /** {@code x-request-id}: the same on the client's and on the server's proxy. */
    public String requestId() {
        return text(AccessField.REQUEST_ID);
    }

    /** The host that the client asked for, with the port where it gave one. */
    public String authority() {
        return text(AccessField.AUTHORITY);
    }

    /** The address of the endpoint that was chosen; empty where none was. */
    public String upstreamHost() {
        return text(AccessField.UPSTREAM_HOST);
    }

    /** The cluster, such as {@code outbound|9080|v1|reviews.production.svc.cluster.local}; empty where none was chosen. */
    public String upstreamCluster() {
        return text(AccessField.UPSTREAM_CLUSTER);
    }

    /** The proxy's own address on the connection to the server. */
    public String upstreamLocalAddress() {
        return text(AccessField.UPSTREAM_LOCAL_ADDRESS);
    }

    /** The address that the client connected to; at a sidecar the original destination. */
    public String downstreamLocalAddress() {
        return text(AccessField.DOWNSTREAM_LOCAL_ADDRESS);
    }

    /** The client's address. */
    public String downstreamRemoteAddress() {
        return text(AccessField.DOWNSTREAM_REMOTE_ADDRESS);
    }

    /** The SNI of the client's TLS connection; empty for plain text. */
    public String requestedServerName() {
        return text(AccessField.REQUESTED_SERVER_NAME);
    }

    /** The route's name; {@code default} for routes that Istio makes itself. */
    public String routeName() {
        return text(AccessField.ROUTE_NAME);
    }

    /** Which way the request went. */
    public Direction direction() {
        switch (text(AccessField.DIRECTION)) {
            case "inbound" -> {
                return Direction.INBOUND;
            }
            case "outbound" -> {
                return Direction.OUTBOUND;
            }
            default -> {
                // Only ztunnel says it.
            }
        }
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
     * the proxy ended, or of which ztunnel tells an error.
     */
    public boolean failed() {
        if (isHttp()) {
            return responseCode() == 0 || responseCode() >= 400;
        }
        // A format of somebody's own may leave the method out.
        return responseCode() >= 400
                || (!flags.isEmpty() && !flags.equals(List.of(ResponseFlag.DELAY_INJECTED.shortName())))
                || !transportFailureReason().isEmpty();
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

    /** The line, without what looks like a token, and with control characters in a form that can be seen. */
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
