package dev.meshdx.health;

import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import java.util.List;

/** The codes of the health step. */
public final class HealthCodes {
    /** No istiod of a revision is ready. */
    public static final FindingCode CONTROL_PLANE_UNAVAILABLE = new FindingCode(
            "MDX0101", "ControlPlaneUnavailable", Severity.ERROR, "No istiod is ready; configuration is frozen");

    /** An istiod restarts or is not ready, while another one works. */
    public static final FindingCode ISTIOD_UNSTABLE =
            new FindingCode("MDX0102", "IstiodUnstable", Severity.WARNING, "An istiod restarts or is not ready");

    /** An istiod uses a lot of memory. */
    public static final FindingCode ISTIOD_MEMORY_HIGH =
            new FindingCode("MDX0103", "IstiodMemoryHigh", Severity.WARNING, "An istiod uses a lot of memory");

    /** A proxy has not acknowledged its configuration. */
    public static final FindingCode PROXY_STALE =
            new FindingCode("MDX0104", "ProxyStale", Severity.ERROR, "A proxy does not acknowledge its configuration");

    /** A proxy has refused its configuration. */
    public static final FindingCode PROXY_REJECTED_CONFIGURATION = new FindingCode(
            "MDX0105", "ProxyRejectedConfiguration", Severity.ERROR, "A proxy refuses its configuration");

    /** A proxy runs, and no istiod knows it. */
    public static final FindingCode PROXY_NOT_CONNECTED =
            new FindingCode("MDX0106", "ProxyNotConnected", Severity.ERROR, "A proxy is connected to no istiod");

    /** The proxy's container is not ready. */
    public static final FindingCode PROXY_UNHEALTHY =
            new FindingCode("MDX0107", "ProxyUnhealthy", Severity.ERROR, "A proxy runs but is not ready");

    /** The proxy's container was restarted. */
    public static final FindingCode PROXY_RESTARTED =
            new FindingCode("MDX0108", "ProxyRestarted", Severity.WARNING, "A proxy was restarted");

    /** A service has no endpoint that is ready. */
    public static final FindingCode WORKLOAD_UNAVAILABLE =
            new FindingCode("MDX0109", "WorkloadUnavailable", Severity.WARNING, "A service has no pod that is ready");

    /** An istiod holds a connection of a pod that there is not. */
    public static final FindingCode PROXY_WITHOUT_POD =
            new FindingCode("MDX0140", "ProxyWithoutPod", Severity.WARNING, "A proxy is connected and has no pod");

    /** Two connections of one proxy. */
    public static final FindingCode PROXY_CONNECTED_TWICE =
            new FindingCode("MDX0141", "ProxyConnectedTwice", Severity.WARNING, "A proxy has more than one connection");

    /** A proxy gets its configuration from another revision than it should. */
    public static final FindingCode PROXY_ON_OTHER_REVISION = new FindingCode(
            "MDX0142",
            "ProxyOnOtherRevision",
            Severity.WARNING,
            "A proxy is connected to another revision than its labels ask for");

    /** Pods of ambient mode on a node without a ztunnel that works. */
    public static final FindingCode NODE_WITHOUT_ZTUNNEL = new FindingCode(
            "MDX0143",
            "NodeWithoutZtunnel",
            Severity.ERROR,
            "Pods are in ambient mode, and their node has no ztunnel that is connected");

    /** An init container that Istio put into the pod fails. */
    public static final FindingCode INIT_CONTAINER_FAILED = new FindingCode(
            "MDX0151",
            "InitContainerFailed",
            Severity.ERROR,
            "An init container keeps a pod of the mesh from starting");

    /** The pod's sandbox cannot be made. */
    public static final FindingCode NETWORK_SETUP_FAILED = new FindingCode(
            "MDX0152", "NetworkSetupFailed", Severity.ERROR, "The network of a pod of the mesh cannot be set up");

    /** A proxy waits for its certificate. */
    public static final FindingCode CERTIFICATE_NOT_DELIVERED = new FindingCode(
            "MDX0153", "CertificateNotDelivered", Severity.ERROR, "A proxy does not start for want of its certificate");

    /** A proxy is connected, and was never sent its configuration. */
    public static final FindingCode FIRST_PUSH_MISSING = new FindingCode(
            "MDX0154", "FirstPushMissing", Severity.ERROR, "A proxy is connected and was never sent its configuration");

    /** A volume that a pod of the mesh needs cannot be mounted. */
    public static final FindingCode VOLUME_NOT_MOUNTED = new FindingCode(
            "MDX0155", "VolumeNotMounted", Severity.ERROR, "A volume of a pod of the mesh cannot be mounted");

    private HealthCodes() {}

    /** All codes of the step. */
    public static List<FindingCode> all() {
        return List.of(
                CONTROL_PLANE_UNAVAILABLE,
                ISTIOD_UNSTABLE,
                ISTIOD_MEMORY_HIGH,
                PROXY_STALE,
                PROXY_REJECTED_CONFIGURATION,
                PROXY_NOT_CONNECTED,
                PROXY_UNHEALTHY,
                PROXY_RESTARTED,
                WORKLOAD_UNAVAILABLE,
                PROXY_WITHOUT_POD,
                PROXY_CONNECTED_TWICE,
                PROXY_ON_OTHER_REVISION,
                NODE_WITHOUT_ZTUNNEL,
                INIT_CONTAINER_FAILED,
                NETWORK_SETUP_FAILED,
                CERTIFICATE_NOT_DELIVERED,
                FIRST_PUSH_MISSING,
                VOLUME_NOT_MOUNTED);
    }
}
