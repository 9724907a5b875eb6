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

    /** The webhook that injects sidecars has nothing behind it. */
    public static final FindingCode INJECTION_WEBHOOK_UNAVAILABLE = new FindingCode(
            "MDX0110",
            "InjectionWebhookUnavailable",
            Severity.ERROR,
            "The webhook that injects sidecars has nothing behind it");

    /** The webhook that checks Istio's objects has nothing behind it. */
    public static final FindingCode VALIDATION_WEBHOOK_UNAVAILABLE = new FindingCode(
            "MDX0111",
            "ValidationWebhookUnavailable",
            Severity.ERROR,
            "The webhook that checks Istio's objects has nothing behind it");

    /** The API server cannot trust the certificate of a webhook. */
    public static final FindingCode WEBHOOK_CA_MISMATCH = new FindingCode(
            "MDX0112", "WebhookCaMismatch", Severity.ERROR, "The API server cannot trust the certificate of a webhook");

    /** Two injection webhooks act on the same pods. */
    public static final FindingCode INJECTION_WEBHOOKS_OVERLAP = new FindingCode(
            "MDX0113", "InjectionWebhooksOverlap", Severity.ERROR, "Two injection webhooks act on the same pods");

    /** A tag or webhook stands for a revision that has no istiod. */
    public static final FindingCode REVISION_WITHOUT_ISTIOD = new FindingCode(
            "MDX0114",
            "RevisionWithoutIstiod",
            Severity.ERROR,
            "A tag or webhook stands for a revision that has no istiod");

    /** The istiods of one revision run different versions. */
    public static final FindingCode ISTIOD_VERSIONS_MIXED = new FindingCode(
            "MDX0115", "IstiodVersionsMixed", Severity.WARNING, "The istiods of one revision run different versions");

    /** A kind that Istio needs is not served. */
    public static final FindingCode CUSTOM_RESOURCE_NOT_SERVED = new FindingCode(
            "MDX0116", "CustomResourceNotServed", Severity.ERROR, "A kind that Istio needs is not served");

    /** Changes take long to reach the proxies. */
    public static final FindingCode SLOW_CONFIGURATION_PUSH = new FindingCode(
            "MDX0117", "SlowConfigurationPush", Severity.WARNING, "Changes take long to reach the proxies");

    /** An istiod reports errors of pushes. */
    public static final FindingCode PUSH_ERRORS =
            new FindingCode("MDX0118", "PushErrors", Severity.WARNING, "An istiod reports errors of pushes");

    /** An istiod that should run is not started. */
    public static final FindingCode ISTIOD_PENDING =
            new FindingCode("MDX0119", "IstiodPending", Severity.WARNING, "An istiod that should run is not started");

    /** No istiod does what one of them has to do. */
    public static final FindingCode LEADER_ELECTION_STALE = new FindingCode(
            "MDX0120", "LeaderElectionStale", Severity.WARNING, "No istiod does what one of them has to do");

    /** An istiod runs with other settings than its ConfigMap has. */
    public static final FindingCode MESH_CONFIG_NOT_IN_FORCE = new FindingCode(
            "MDX0121",
            "MeshConfigNotInForce",
            Severity.WARNING,
            "An istiod runs with other settings than its ConfigMap has");

    /** An istiod refuses or fails to issue certificates. */
    public static final FindingCode CERTIFICATE_SIGNING_FAILS = new FindingCode(
            "MDX0122", "CertificateSigningFails", Severity.WARNING, "An istiod refuses or fails to issue certificates");

    /** An istiod uses its whole CPU limit. */
    public static final FindingCode ISTIOD_CPU_STARVED =
            new FindingCode("MDX0123", "IstiodCpuStarved", Severity.WARNING, "An istiod uses its whole CPU limit");

    /** An istiod cannot fetch the keys of token issuers. */
    public static final FindingCode JWKS_FETCH_FAILS = new FindingCode(
            "MDX0124", "JwksFetchFails", Severity.WARNING, "An istiod cannot fetch the keys of token issuers");

    /** An istiod fails to inject pods. */
    public static final FindingCode INJECTION_FAILS =
            new FindingCode("MDX0125", "InjectionFails", Severity.WARNING, "An istiod fails to inject pods");

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
                INJECTION_WEBHOOK_UNAVAILABLE,
                VALIDATION_WEBHOOK_UNAVAILABLE,
                WEBHOOK_CA_MISMATCH,
                INJECTION_WEBHOOKS_OVERLAP,
                REVISION_WITHOUT_ISTIOD,
                ISTIOD_VERSIONS_MIXED,
                CUSTOM_RESOURCE_NOT_SERVED,
                SLOW_CONFIGURATION_PUSH,
                PUSH_ERRORS,
                ISTIOD_PENDING,
                LEADER_ELECTION_STALE,
                MESH_CONFIG_NOT_IN_FORCE,
                CERTIFICATE_SIGNING_FAILS,
                ISTIOD_CPU_STARVED,
                JWKS_FETCH_FAILS,
                INJECTION_FAILS,
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
