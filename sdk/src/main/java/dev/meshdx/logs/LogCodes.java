package dev.meshdx.logs;

import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import java.util.List;

/** The codes of the logs step. */
public final class LogCodes {
    /** Flag UF: the connection to the server could not be made. */
    public static final FindingCode UPSTREAM_CONNECTION_FAILED = new FindingCode(
            "MDX0401", "UpstreamConnectionFailed", Severity.ERROR, "A proxy cannot connect to the server");

    /** Flag UH: there is no endpoint to send to. */
    public static final FindingCode NO_HEALTHY_UPSTREAM = new FindingCode(
            "MDX0402", "NoHealthyUpstream", Severity.ERROR, "Requests fail because no endpoint is healthy");

    /** A TLS connection could not be made. */
    public static final FindingCode TLS_FAILURE =
            new FindingCode("MDX0403", "TlsFailure", Severity.ERROR, "A TLS handshake between proxies fails");

    /** Flag NR of a request: no route matches. */
    public static final FindingCode NO_ROUTE_MATCHED =
            new FindingCode("MDX0404", "NoRouteMatched", Severity.ERROR, "Requests fail because no route matches them");

    /** Flag NC: the route's cluster does not exist. */
    public static final FindingCode CLUSTER_NOT_FOUND = new FindingCode(
            "MDX0405", "ClusterNotFound", Severity.ERROR, "A route leads to a cluster that does not exist");

    /** Flag UO: a circuit breaker is open. */
    public static final FindingCode CIRCUIT_BREAKER_OPEN = new FindingCode(
            "MDX0406", "CircuitBreakerOpen", Severity.ERROR, "Requests are refused because a connection pool is full");

    /** Flag UT: the server was too slow. */
    public static final FindingCode UPSTREAM_TIMEOUT = new FindingCode(
            "MDX0407", "UpstreamTimeout", Severity.ERROR, "The server does not answer within the timeout");

    /** A policy denied the request. */
    public static final FindingCode REQUEST_DENIED =
            new FindingCode("MDX0408", "RequestDenied", Severity.ERROR, "A policy denies requests");

    /** Flag RL: a rate limit was reached. */
    public static final FindingCode RATE_LIMITED =
            new FindingCode("MDX0409", "RateLimited", Severity.WARNING, "A rate limit refuses requests");

    /** Flags FI and DI: a fault was injected. */
    public static final FindingCode FAULT_INJECTED =
            new FindingCode("MDX0410", "FaultInjected", Severity.WARNING, "Faults are injected into requests");

    /** Flag DC: the client went away. */
    public static final FindingCode CLIENT_DISCONNECTED = new FindingCode(
            "MDX0411", "ClientDisconnected", Severity.INFO, "Clients go away before they have the answer");

    /** Flags UC and UR: the server closed the connection. */
    public static final FindingCode UPSTREAM_CONNECTION_TERMINATED = new FindingCode(
            "MDX0412",
            "UpstreamConnectionTerminated",
            Severity.ERROR,
            "The server closes connections before it answers");

    /** Flag NR of a connection: no filter chain matches. */
    public static final FindingCode PLAINTEXT_REFUSED = new FindingCode(
            "MDX0413",
            "PlaintextRefused",
            Severity.ERROR,
            "Connections are refused: plain text, or an unknown server name");

    /** The connection to istiod was lost. */
    public static final FindingCode CONTROL_PLANE_STREAM_CLOSED = new FindingCode(
            "MDX0414", "ControlPlaneStreamClosed", Severity.WARNING, "A proxy has lost its connection to istiod");

    /** A server error that was only relayed. */
    public static final FindingCode UPSTREAM_ERROR_RELAYED =
            new FindingCode("MDX0415", "UpstreamErrorRelayed", Severity.WARNING, "The server answers with errors");

    /** A host that the mesh does not know, where only known ones can be reached. */
    public static final FindingCode UNKNOWN_HOST_REFUSED = new FindingCode(
            "MDX0416",
            "UnknownHostRefused",
            Severity.ERROR,
            "A proxy refuses calls of a host that the mesh does not know");

    private LogCodes() {}

    /** All codes of the step. */
    public static List<FindingCode> all() {
        return List.of(
                UPSTREAM_CONNECTION_FAILED,
                NO_HEALTHY_UPSTREAM,
                TLS_FAILURE,
                NO_ROUTE_MATCHED,
                CLUSTER_NOT_FOUND,
                CIRCUIT_BREAKER_OPEN,
                UPSTREAM_TIMEOUT,
                REQUEST_DENIED,
                RATE_LIMITED,
                FAULT_INJECTED,
                CLIENT_DISCONNECTED,
                UPSTREAM_CONNECTION_TERMINATED,
                PLAINTEXT_REFUSED,
                CONTROL_PLANE_STREAM_CLOSED,
                UPSTREAM_ERROR_RELAYED,
                UNKNOWN_HOST_REFUSED);
    }
}
