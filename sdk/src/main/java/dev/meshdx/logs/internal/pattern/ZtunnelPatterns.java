package dev.meshdx.logs.internal.pattern;

import static dev.meshdx.logs.internal.pattern.Rule.error;
import static dev.meshdx.logs.internal.pattern.Rule.info;
import static dev.meshdx.logs.internal.pattern.Rule.istio;
import static dev.meshdx.logs.internal.pattern.Rule.raw;
import static dev.meshdx.logs.internal.pattern.Rule.warning;
import static dev.meshdx.logs.internal.pattern.Rule.ztunnel;

import java.util.List;

/**
 * What ztunnel says of connections and of itself. Of a connection only the reason of its failure is looked at: the other values are
 * partly what the peer says of itself. Sources in ztunnel: {@code src/proxy.rs} (the errors), {@code src/proxy/metrics.rs} (the
 * lines), {@code src/proxy/h2/client.rs}, {@code src/state.rs}, {@code src/xds/client.rs}, {@code src/identity/manager.rs},
 * {@code src/inpod}.
 */
final class ZtunnelPatterns {
    private static final String ENDS =
            "src.addr=10.99.6.10:49002 src.workload=\"frontend-v1\" src.namespace=\"shop\" src.identity=\"spiffe://cluster.local/ns/shop/sa/frontend\" dst.addr=10.99.6.20:15008 dst.hbone_addr=10.99.6.20:9080 dst.service=\"orders.shop.svc.cluster.local\" dst.workload=\"orders-v1\" dst.namespace=\"shop\"";
    private static final String ZTUNNELS = "kubectl -n istio-system get pods -l app=ztunnel -o wide";
    private static final String POLICIES = "istioctl ztunnel-config policies";
    private static final String WORKLOADS = "istioctl ztunnel-config workloads";
    private static final String SERVICES = "istioctl ztunnel-config services";
    private static final String CERTIFICATES = "istioctl ztunnel-config certificates";

    static final List<Rule> RULES = List.of(
            error(
                            "hbone-blocked",
                            "The other node's ztunnel did not answer on port 15008: packets are dropped on the way.")
                    .causes(
                            "A NetworkPolicy of server or client does not allow port 15008.",
                            "A firewall between the nodes.",
                            "The pod is gone, or is not captured.")
                    .next("kubectl get networkpolicy -n NAMESPACE -o yaml: is 15008/TCP allowed?", WORKLOADS)
                    .findings("MDX0401")
                    .when(
                            failed(
                                    "outbound",
                                    "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed"),
                            ztunnel("maybe a NetworkPolicy is blocking HBONE")),
            error(
                            "ztunnel-policy-denied",
                            "ztunnel refused a connection because of an AuthorizationPolicy or PeerAuthentication.")
                    .causes("The reason in the line says which: no ALLOW policy matched, or a policy denies it.")
                    .next(POLICIES, "kubectl get authorizationpolicies,peerauthentications -n NAMESPACE")
                    .findings("MDX0408", "MDX0246")
                    .when(
                            failed(
                                    "inbound",
                                    "connection closed due to policy rejection: allow policies exist, but none allowed"),
                            ztunnel("connection closed due to policy rejection")),
            error(
                            "ztunnel-no-allow-policy-matched",
                            "There are ALLOW policies for the server, and none of them allows this client.")
                    .causes(
                            "The client's identity is not in from.source.principals.",
                            "The policy has HTTP fields: ztunnel cannot see them, and then allows nobody.",
                            "Traffic comes through a waypoint: its identity is the waypoint's.")
                    .next(
                            "Compare src.identity of the line with the policy.",
                            POLICIES,
                            "kubectl get authorizationpolicy NAME -o yaml: conditions")
                    .findings("MDX0408", "MDX0246", "IST0171")
                    .when(
                            failed(
                                    "inbound",
                                    "connection closed due to policy rejection: allow policies exist, but none allowed"),
                            ztunnel("allow policies exist, but none allowed")),
            error("ztunnel-denied-by-policy", "A policy, which the line names, denies this client.")
                    .causes("A DENY policy matches the client.")
                    .next(
                            "kubectl get authorizationpolicy NAME -n NAMESPACE -o yaml",
                            "Compare src.identity and dst.addr of the line with it.")
                    .findings("MDX0408")
                    .when(
                            failed(
                                    "inbound",
                                    "connection closed due to policy rejection: explicitly denied by: shop/orders-no-frontend"),
                            ztunnel("explicitly denied by: ").unless("istio_converted_static_strict")),
            error(
                            "ztunnel-plain-text-refused",
                            "A client without identity was refused, because the server's mode is STRICT.")
                    .causes(
                            "The client is not in the mesh: not enrolled, no sidecar, or on the host network.",
                            "A sidecar client that does not speak HBONE.")
                    .next(
                            "Enrol the client: kubectl label namespace NAMESPACE istio.io/dataplane-mode=ambient",
                            "Or allow plain text: a PeerAuthentication with PERMISSIVE for that port.")
                    .findings("MDX0501", "MDX0413", "MDX0214")
                    .when(
                            failed(
                                    "inbound",
                                    "connection closed due to policy rejection: explicitly denied by: istio-system/istio_converted_static_strict"),
                            ztunnel("explicitly denied by: ", "istio_converted_static_strict")),
            warning(
                            "ztunnel-policy-changed",
                            "A policy changed, and ztunnel cut a connection that it no longer allows.")
                    .causes("An AuthorizationPolicy or PeerAuthentication was written.")
                    .next(
                            "kubectl get authorizationpolicies,peerauthentications -A --sort-by=.metadata.creationTimestamp")
                    .findings("MDX0408")
                    .when(
                            failed("inbound", "connection closed due to policy change"),
                            ztunnel("connection closed due to policy change")),
            error(
                            "ztunnel-peer-denied",
                            "The server's side refused the connection (401): a policy, or the identity of the client.")
                    .causes(
                            "An AuthorizationPolicy at the server or its waypoint.",
                            "The server does not accept the client's certificate.")
                    .next(
                            "Look at the log of the ztunnel on the server's node at the same time: ztunnel-policy-denied.",
                            POLICIES)
                    .findings("MDX0408")
                    .when(
                            failed("outbound", "http status: 401 Unauthorized"),
                            ztunnel("http status: 401"),
                            ztunnel("http status: 403")),
            error(
                            "ztunnel-peer-unavailable",
                            "The server's ztunnel, or the waypoint, could not reach the application (503).")
                    .causes("The application does not listen on that port.", "The waypoint has no endpoint.")
                    .next(
                            "Look at the log of the ztunnel on the server's node, or of the waypoint.",
                            "kubectl exec POD -- ss -ltn")
                    .findings("MDX0401", "MDX0109")
                    .when(
                            failed("outbound", "http status: 503 Service Unavailable"),
                            ztunnel("http status: 503"),
                            ztunnel("http status: 502"),
                            ztunnel("http status: 504")),
            error(
                            "ztunnel-peer-refused-request",
                            "The server's side does not understand or serve what ztunnel asked for (400 or 404).")
                    .causes("The address is no longer that pod's.", "The waypoint does not serve that service or port.")
                    .next(WORKLOADS, SERVICES, "kubectl get gateway -n NAMESPACE")
                    .findings("MDX0250")
                    .when(
                            failed("outbound", "http status: 400 Bad Request"),
                            ztunnel("http status: 400"),
                            ztunnel("http status: 404")),
            error("ztunnel-connection-refused", "Nothing listens where ztunnel wanted to connect.")
                    .causes(
                            "Inbound: the application listens on another port, or on 127.0.0.1 only.",
                            "Outbound to port 15008: the ztunnel of that node does not run, or the pod is not captured.")
                    .next("direction in the line tells which.", "kubectl exec POD -- ss -ltn", ZTUNNELS)
                    .findings("MDX0401", "IST0143", "MDX0262")
                    .when(
                            failed("inbound", "connection failed: Connection refused (os error 111)"),
                            ztunnel("Connection refused (os error")),
            error("ztunnel-connection-timed-out", "The server's address did not answer in time.")
                    .causes(
                            "A NetworkPolicy or firewall drops the packets.",
                            "The pod or its node is gone, and ztunnel was not told.")
                    .next(
                            "kubectl get networkpolicy -n NAMESPACE",
                            "kubectl get pods -A -o wide | grep ADDRESS",
                            WORKLOADS)
                    .findings("MDX0401")
                    .when(
                            failed("inbound", "connection failed: Connection timed out (os error 110)"),
                            ztunnel("Connection timed out (os error"),
                            ztunnel("deadline has elapsed").unless("is blocking HBONE")),
            error("ztunnel-no-route-to-host", "The network knows no way to the server's address.")
                    .causes(
                            "The endpoint is stale: its pod or node is gone.",
                            "The pod is in another network, and no gateway leads there.")
                    .next("kubectl get pods -A -o wide | grep ADDRESS", WORKLOADS)
                    .findings("MDX0401")
                    .when(
                            failed("outbound", "connection failed: No route to host (os error 113)"),
                            ztunnel("No route to host (os error"),
                            ztunnel("Network is unreachable (os error")),
            error(
                            "unknown-waypoint",
                            "The traffic should go through a waypoint that does not exist or has no ready pod.")
                    .causes(
                            "The waypoint's pods do not run.",
                            "The label istio.io/use-waypoint names a waypoint that is not there.")
                    .next(
                            "kubectl get gateways,pods -n NAMESPACE -l gateway.networking.k8s.io/gateway-name",
                            "istioctl waypoint status -n NAMESPACE")
                    .findings("MDX0249", "MDX0109")
                    .when(
                            "2026-01-02T03:04:05.678901Z\twarn\taccess\tconnection failed\tsrc.addr=10.99.6.10:49002 dst.addr=10.96.6.20:9080 direction=\"outbound\" error=\"unknown waypoint: waypoint GatewayAddress { destination: Hostname(NamespacedHostname { namespace: \\\"shop\\\", hostname: \\\"waypoint.shop.svc.cluster.local\\\" }), hbone_mtls_port: 15008 } not found\"",
                            ztunnel("unknown waypoint: ")),
            error("ztunnel-no-endpoints", "The service has no endpoint to which the connection could go.")
                    .causes(
                            "No pod of the service is ready.",
                            "targetPort does not fit the pods.",
                            "Pods exist only in another network or cluster, and no gateway leads there.")
                    .next("kubectl get endpointslices -l kubernetes.io/service-name=SERVICE", SERVICES)
                    .findings("MDX0109", "MDX0402", "MDX0303")
                    .when(
                            failed("outbound", "no healthy upstream: 10.96.6.20:9080"),
                            ztunnel("no healthy upstream"),
                            ztunnel("no endpoints for workload"),
                            ztunnel("no valid target port for workload")),
            error("ztunnel-no-service", "ztunnel knows no service for the address that was called.")
                    .causes(
                            "The Service is new, and istiod has not told ztunnel yet.",
                            "ztunnel has lost its connection to istiod.")
                    .next(SERVICES, "meshdx proxy-status", ZTUNNELS)
                    .findings("MDX0106")
                    .when(
                            failed("outbound", "no service for target address: 10.96.6.20:9080"),
                            ztunnel("no service for target address")),
            error(
                            "ztunnel-local-workload-unknown",
                            "istiod has not told ztunnel of a pod on its own node, so that pod's connections fail.")
                    .causes(
                            "istiod is not reachable, or slow.",
                            "The pod is new, or istiod does not watch its namespace (discoverySelectors).")
                    .next("meshdx control-plane", WORKLOADS)
                    .findings("MDX0106", "MDX0262")
                    .when(
                            failed("outbound", "failed to fetch information about local workload: timed out"),
                            ztunnel("failed to fetch information about local workload")),
            error(
                            "ztunnel-tls-error",
                            "The two ztunnels could not make a TLS connection: a certificate was not accepted.")
                    .causes("A certificate has expired, or was not issued.", "The two clusters have different roots.")
                    .next(CERTIFICATES, "meshdx proxy-config rootca-compare POD OTHER")
                    .findings("MDX0403", "MDX0502", "MDX0504")
                    .when(
                            failed("outbound", "tls error: invalid peer certificate: UnknownIssuer"),
                            ztunnel("tls error: "),
                            ztunnel("invalid peer certificate")),
            error(
                            "ztunnel-identity-error",
                            "ztunnel has no certificate for a pod, or the peer's identity is not the one expected.")
                    .causes(
                            "istiod does not issue the certificate.",
                            "The pod's service account was changed.",
                            "The address belongs to another pod by now.")
                    .next(CERTIFICATES, "Look for certificate lines of ztunnel and istiod at the same time.")
                    .findings("MDX0508", "MDX0506")
                    .when(
                            failed("outbound", "identity error: identity mismatch"),
                            ztunnel("identity error: "),
                            ztunnel("identity mismatch"),
                            ztunnel("unknown source: ")),
            error("ztunnel-certificate-not-issued", "ztunnel could not get the certificate of a pod.")
                    .causes(
                            "istiod is not reachable on port 15012.",
                            "istiod does not let this ztunnel ask for others: CA_TRUSTED_NODE_ACCOUNTS, or the pod is on another node.")
                    .next("meshdx control-plane", "Look for ca-request-refused in istiod's log.", CERTIFICATES)
                    .findings("MDX0508")
                    .when(
                            "2026-01-02T03:04:05.678901Z\twarn\tidentity::manager\tcertificate fetch failed (signing gRPC error), retrying in 4s\tid=spiffe://cluster.local/ns/shop/sa/orders",
                            ztunnel("certificate fetch failed")),
            error("ztunnel-certificate-revoked", "The peer's certificate is on the list of those that were revoked.")
                    .causes("It was revoked on purpose.", "The list (CRL) is wrong or old.")
                    .next(CERTIFICATES, "kubectl -n istio-system get configmaps | grep crl")
                    .findings("MDX0403")
                    .when(failed("inbound", "peer certificate revoked by CRL"), ztunnel("certificate revoked by CRL")),
            error(
                            "ztunnel-handshake-failed",
                            "The connection to port 15008 was made, but the other side does not speak HBONE.")
                    .causes(
                            "The other side is not captured, or is no ztunnel, sidecar or waypoint that speaks HBONE.",
                            "The ztunnel there was stopped in the middle.")
                    .next(WORKLOADS, ZTUNNELS)
                    .findings("MDX0262", "MDX0401")
                    .when(
                            "2026-01-02T03:04:05.678901Z\terror\tproxy::h2::client:proxy{wl=shop/catalog-v1}:outbound{id=1cc590780d57c8f2}\tError in HBONE connection handshake: Error { kind: Io(Kind(ConnectionReset)) }\t",
                            ztunnel("Error in HBONE connection handshake"),
                            ztunnel("http2 handshake failed")),
            error(
                            "ztunnel-loop",
                            "A connection came back to ztunnel itself, or from an address that is not its client's, and was refused.")
                    .causes(
                            "The rules of redirection in the pod are broken, or another CNI plugin changes addresses.",
                            "Somebody pretends to be another pod.")
                    .next("istioctl ztunnel-config connections", "Look at the CNI agent's log of that node.")
                    .findings("MDX0262")
                    .when(
                            failed("outbound", "attempted recursive call to ourselves"),
                            ztunnel("attempted recursive call to ourselves"),
                            ztunnel("ip mismatch: ")),
            warning("ztunnel-connection-cut", "A connection broke while data was on its way.")
                    .causes(
                            "The other side was stopped: a rollout, a crash, a deleted pod.",
                            "A policy or a ztunnel changed in between.")
                    .next("Look at the other node's ztunnel, and at restarts of the pod, at the same time.")
                    .findings("MDX0412")
                    .when(
                            failed(
                                    "outbound",
                                    "send: io error: stream error received: unexpected internal error encountered"),
                            ztunnel("stream error received"),
                            ztunnel("destination disconnected before all data was written"),
                            ztunnel("Connection reset by peer (os error"),
                            ztunnel("Broken pipe (os error")),
            info("ztunnel-client-disconnected", "The client went away before the connection had ended properly.")
                    .causes("The client gave up, or was stopped.")
                    .next("Nothing, unless clients complain: then compare the duration with their timeout.")
                    .findings("MDX0411")
                    .when(
                            failed("outbound", "client disconnected before the connection was made"),
                            ztunnel("client disconnected")),
            warning("ztunnel-dns-failed", "A name to which an endpoint leads could not be resolved.")
                    .causes("The host of a ServiceEntry does not exist.", "The cluster's DNS does not answer.")
                    .next("kubectl get serviceentries -A", "kubectl -n kube-system get pods -l k8s-app=kube-dns")
                    .findings("MDX0401")
                    .when(
                            failed("outbound", "dns lookup: no records found"),
                            ztunnel("dns lookup: "),
                            ztunnel("dns response had no valid IP addresses")),
            info("ztunnel-draining", "ztunnel was told to end, and closed its connections.")
                    .causes("A rollout of ztunnel, or the node is drained.")
                    .next(ZTUNNELS, "kubectl get events -n istio-system | grep ztunnel")
                    .when(
                            failed("inbound", "connection closed due to connection drain"),
                            ztunnel("due to connection drain"),
                            ztunnel("pool draining"),
                            istio("starting shutdown").in("app"),
                            ztunnel("received signal SIGTERM"),
                            istio("received signal SIGTERM")),
            warning(
                            "ztunnel-unknown-policy",
                            "A policy holds for a pod, and ztunnel was not told what it says; it goes on without it.")
                    .causes("The policy is one that only a waypoint can enforce.", "The policy was deleted just now.")
                    .next(POLICIES, "kubectl get authorizationpolicy NAME -n NAMESPACE -o yaml: conditions, targetRefs")
                    .findings("MDX0245", "MDX0246")
                    .when(
                            "2026-01-02T03:04:05.678901Z\twarn\tstate:proxy{wl=shop/orders-v1}\tskipping unknown policy shop/orders-no-delete\t",
                            ztunnel("skipping unknown policy"),
                            istio("skipping unknown policy").in("state")),
            error("ztunnel-xds-lost", "ztunnel has no connection to istiod and keeps what it knows.")
                    .causes(
                            "No istiod is ready.",
                            "A NetworkPolicy closes port 15012.",
                            "istiod refuses ztunnel's token or certificate.")
                    .next("meshdx control-plane", "meshdx proxy-status", ZTUNNELS)
                    .findings("MDX0106", "MDX0101", "MDX0414")
                    .when(
                            "2026-01-02T03:04:05.678901Z\twarn\txds::client:xds{id=3}\tXDS client connection error: gRPC connection error connecting to https://istiod.istio-system.svc:15012: status: Unknown, message: \"client error (Connect)\", retrying in 15s\t",
                            ztunnel("XDS client connection error"),
                            ztunnel("XDS client error"),
                            ztunnel("gRPC connection error")),
            error(
                            "ztunnel-without-cni",
                            "ztunnel has no connection to the CNI agent of its node, so it learns of no new pods.")
                    .causes(
                            "The CNI agent does not run on that node.",
                            "They do not share the folder of the socket (/var/run/ztunnel).")
                    .next("kubectl -n istio-system get pods -l k8s-app=istio-cni-node -o wide", ZTUNNELS)
                    .findings("MDX0262")
                    .when(
                            "2026-01-02T03:04:05.678901Z\twarn\tinpod::workloadmanager\tfailed to connect to the Istio CNI node agent over \"/var/run/ztunnel/ztunnel.sock\", is the node agent running? details: No such file or directory (os error 2)\t",
                            ztunnel("failed to connect to the Istio CNI node agent")),
            error("ztunnel-panicked", "A part of ztunnel failed in a way that nobody expected.")
                    .causes("A fault in ztunnel.")
                    .next("Report it to Istio, with the lines that follow and the version.", ZTUNNELS)
                    .findings("MDX0108")
                    .when(
                            "thread 'tokio-runtime-worker' panicked at src/proxy/outbound.rs:211:18:",
                            raw("panicked at ").begins("thread '")));

    private ZtunnelPatterns() {}

    private static String failed(String direction, String reason) {
        return "2026-01-02T03:04:05.678901Z\terror\taccess\tconnection complete\t" + ENDS + " direction=\"" + direction
                + "\" bytes_sent=0 bytes_recv=0 duration=\"2ms\" error=\"" + reason + "\"";
    }
}
