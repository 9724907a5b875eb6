package dev.meshdx.traffic;

import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;

/** The codes of the traffic step. */
public final class TrafficCodes {
    /** A request that failed would have matched a route, but for one thing. */
    public static final FindingCode REQUEST_NEARLY_MATCHED = new FindingCode(
            "MDX0301",
            "RequestNearlyMatched",
            Severity.ERROR,
            "A request found no route, and differs from one in a single thing.");

    /** A route sends to a cluster that the proxy does not have. */
    public static final FindingCode CLUSTER_MISSING = new FindingCode(
            "MDX0302", "ClusterMissing", Severity.ERROR, "A route sends to a cluster that the proxy does not have.");

    /** A cluster that a route uses has no host that takes requests. */
    public static final FindingCode NO_HEALTHY_ENDPOINTS = new FindingCode(
            "MDX0303", "NoHealthyEndpoints", Severity.WARNING, "A service has no endpoint that takes requests.");

    /** The proxy refused configuration and goes on with what it had. */
    public static final FindingCode RESOURCE_REJECTED = new FindingCode(
            "MDX0304", "ResourceRejected", Severity.ERROR, "A proxy refused configuration that it was sent.");

    /** The proxy waits for something before it uses configuration. */
    public static final FindingCode RESOURCE_WARMING = new FindingCode(
            "MDX0305",
            "ResourceWarming",
            Severity.WARNING,
            "A proxy waits for something before it uses new configuration.");

    /** A listener has no socket. */
    public static final FindingCode LISTENER_NOT_BOUND = new FindingCode(
            "MDX0306",
            "ListenerNotBound",
            Severity.ERROR,
            "A listener of a proxy has no socket: nothing takes the connections to its port.");

    /** A listener asks for routes that the proxy does not have. */
    public static final FindingCode ROUTE_CONFIGURATION_MISSING = new FindingCode(
            "MDX0308",
            "RouteConfigurationMissing",
            Severity.ERROR,
            "A listener in use refers to a route configuration that the proxy does not have, or that is empty.");

    /** Half of a cluster's hosts or more take no requests. */
    public static final FindingCode ENDPOINTS_EJECTED = new FindingCode(
            "MDX0309",
            "EndpointsEjected",
            Severity.WARNING,
            "Half of a service's endpoints or more take no requests, or get them although they are not healthy.");

    /** Something in use refers to a secret that the proxy neither has nor waits for. */
    public static final FindingCode SECRET_MISSING = new FindingCode(
            "MDX0310",
            "SecretMissing",
            Severity.ERROR,
            "A listener or cluster in use refers to a secret that the proxy neither has nor waits for.");

    private TrafficCodes() {}
}
