package dev.meshdx.logs.internal.pattern;

import static dev.meshdx.logs.internal.pattern.Rule.envoy;
import static dev.meshdx.logs.internal.pattern.Rule.error;
import static dev.meshdx.logs.internal.pattern.Rule.info;
import static dev.meshdx.logs.internal.pattern.Rule.istio;
import static dev.meshdx.logs.internal.pattern.Rule.raw;
import static dev.meshdx.logs.internal.pattern.Rule.warning;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the agent beside Envoy says: the way to istiod, certificates, readiness, probes, redirection, its end. Sources in Istio:
 * {@code pkg/istio-agent/xds_proxy.go}, {@code pkg/envoy/agent.go}, {@code security/pkg/nodeagent} ({@code sds}, {@code cache},
 * {@code caclient/providers/citadel/client.go}), {@code pilot/cmd/pilot-agent/status} ({@code server.go},
 * {@code ready/probe.go}), {@code tools/istio-iptables} ({@code pkg/validation}, {@code pkg/dependencies}), {@code pkg/wasm}.
 */
final class AgentPatterns {
    private static final String ISTIOD = "meshdx control-plane";
    private static final String CERTIFICATES = "meshdx certificates POD";
    private static final String STATUS = "meshdx proxy-status POD";

    static final List<Rule> RULES = List.of(
            // The way to istiod.
            error(
                            "agent-cannot-reach-istiod",
                            "The agent cannot connect to istiod, so the proxy gets no configuration.")
                    .causes(
                            "No istiod runs, or none is ready.",
                            "A NetworkPolicy or firewall closes port 15012.",
                            "discoveryAddress names the wrong istiod or revision.")
                    .next(ISTIOD, "kubectl get networkpolicy -A", "kubectl get pod POD -o yaml | grep discoveryAddress")
                    .findings("MDX0106", "MDX0101", "MDX0414")
                    .when(
                            agent(
                                    "error",
                                    "xdsproxy",
                                    "failed to connect to upstream istiod.istio-system.svc:15012: failed to dial upstream: context deadline exceeded\tid=3"),
                            istio("failed to connect to upstream")),
            warning("xds-stream-broken", "The agent's connection to istiod broke off; it tries again.")
                    .causes(
                            "istiod was stopped or restarted.",
                            "A NetworkPolicy, firewall or load balancer cut the connection.")
                    .next(
                            "Is there a line connected to … upstream XDS server after it? Then it passed.",
                            STATUS,
                            ISTIOD)
                    .findings("MDX0414", "MDX0104")
                    .when(
                            agent(
                                    "warn",
                                    "xdsproxy",
                                    "upstream terminated with unexpected error rpc error: code = Unavailable desc = error reading from server: read tcp 10.99.2.20:34322->10.96.1.10:15012: read: connection reset by peer\tid=1"),
                            istio("upstream terminated with unexpected error")),
            error("istiod-name-not-resolved", "The name of istiod cannot be resolved.")
                    .causes(
                            "The revision that the pod was injected for is gone, and its Service too.",
                            "The cluster's DNS does not answer, or a NetworkPolicy closes port 53.")
                    .next(
                            "kubectl -n istio-system get services",
                            "kubectl get pod POD -o yaml | grep discoveryAddress",
                            "kubectl -n kube-system get pods -l k8s-app=kube-dns")
                    .findings("MDX0106", "MDX0295")
                    .when(
                            agent(
                                    "error",
                                    "xdsproxy",
                                    "failed to connect to upstream istiod-old.istio-system.svc:15012: dial tcp: lookup istiod-old.istio-system.svc on 10.96.0.10:53: no such host\tid=1"),
                            istio("lookup istiod", "no such host"),
                            envoy("lookup istiod", "no such host"),
                            istio("lookup istiod", "i/o timeout"),
                            envoy("lookup istiod", "i/o timeout")),
            // Certificates.
            error("certificate-not-issued", "The agent could not get a workload certificate.")
                    .causes(
                            "istiod is not reachable on port 15012.",
                            "istiod refuses the pod's token.",
                            "The root in the ConfigMap istio-ca-root-cert is not istiod's.")
                    .next(
                            "Read on in the line: Unavailable, Unauthenticated or x509 tells which.",
                            CERTIFICATES,
                            ISTIOD)
                    .findings("MDX0508", "MDX0502", "MDX0503")
                    .when(
                            agent(
                                    "error",
                                    "sds",
                                    "failed to warm certificate: failed to generate workload certificate: create certificate: rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial tcp 10.96.1.10:15012: connect: connection refused\""),
                            istio("failed to warm certificate"),
                            istio("failed to generate workload certificate"),
                            istio("failed to sign")),
            error(
                            "root-certificate-not-loaded",
                            "The agent could not get the root certificate, so the proxy trusts nobody.")
                    .causes("istiod is not reachable.", "The ConfigMap istio-ca-root-cert is missing in the namespace.")
                    .next("kubectl get configmap istio-ca-root-cert -n NAMESPACE", CERTIFICATES, ISTIOD)
                    .findings("MDX0505", "MDX0508")
                    .when(
                            agent(
                                    "error",
                                    "sds",
                                    "failed to warm root certificate: failed to generate workload certificate: create certificate: rpc error: code = Unavailable desc = connection error"),
                            istio("failed to warm root certificate")),
            error(
                            "ca-not-trusted",
                            "A certificate comes from a CA that this side does not trust (x509: unknown authority).")
                    .causes(
                            "The pod's ConfigMap istio-ca-root-cert is from another or an older CA.",
                            "istiod was installed again with a new CA.",
                            "The pod asks an istiod of another mesh.")
                    .next(
                            "kubectl get configmap istio-ca-root-cert -n NAMESPACE -o yaml",
                            "meshdx proxy-config rootca-compare POD OTHER",
                            "Restart the pod once the ConfigMap is right.")
                    .findings("MDX0505", "MDX0504")
                    .when(
                            agent(
                                    "error",
                                    "sds",
                                    "failed to warm certificate: failed to generate workload certificate: create certificate: rpc error: code = Unavailable desc = connection error: desc = \"transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority\""),
                            istio("certificate signed by unknown authority").unless("failed calling webhook"),
                            envoy("certificate signed by unknown authority")),
            error(
                            "ca-request-unauthenticated",
                            "istiod refuses to issue a certificate, because it does not accept the pod's token.")
                    .causes(
                            "The token has expired, or is for another audience (istio-ca).",
                            "istiod cannot ask the API server about tokens (TokenReview).",
                            "The pod is of a cluster that this istiod does not know.")
                    .next(
                            "Look for the reason in istiod's log at the same time.",
                            "kubectl auth can-i create tokenreviews.authentication.k8s.io --as system:serviceaccount:istio-system:istiod")
                    .findings("MDX0508")
                    .when(
                            agent(
                                    "error",
                                    "sds",
                                    "failed to warm certificate: failed to generate workload certificate: create certificate: rpc error: code = Unauthenticated desc = request authenticate failure"),
                            istio("failed to generate workload certificate", "Unauthenticated"),
                            istio("failed to sign", "Unauthenticated"),
                            istio("failed to sign", "authentication failure")),
            error("ca-unreachable", "The CA that issues certificates does not answer.")
                    .causes(
                            "No istiod is ready.",
                            "A NetworkPolicy closes port 15012.",
                            "caAddress names something else.")
                    .next(
                            ISTIOD,
                            "kubectl get networkpolicy -A",
                            "Certificates last a day: repair it before they expire. " + CERTIFICATES)
                    .findings("MDX0101", "MDX0508", "MDX0503")
                    .when(
                            agent(
                                    "error",
                                    "citadelclient",
                                    "Failed to connect to endpoint istiod.istio-system.svc:15012: context deadline exceeded"),
                            istio("Failed to connect to endpoint"),
                            istio("failed to generate workload certificate", "code = Unavailable"),
                            istio("failed to sign", "code = Unavailable")),
            // Readiness.
            warning("proxy-not-ready", "The proxy was not ready; while a pod starts that is normal for some seconds.")
                    .causes(
                            "It has no configuration yet, or refused it.",
                            "It waits for a certificate or for routes.",
                            "It is ending.")
                    .next("Read on in the line: there is a pattern for each reason.", STATUS, "kubectl get pod POD")
                    .findings("MDX0107")
                    .when(
                            notReady(
                                    "config not received from XDS server (is Istiod running?): cds updates: 0 successful, 0 rejected; lds updates: 0 successful, 0 rejected"),
                            istio("Envoy proxy is NOT ready")),
            error("proxy-not-ready-no-configuration", "The proxy never got any configuration.")
                    .causes("No istiod is reachable from this pod.", "istiod refuses the pod.")
                    .next("Look for agent-cannot-reach-istiod and certificate-not-issued in this log.", ISTIOD, STATUS)
                    .findings("MDX0107", "MDX0106", "MDX0101")
                    .when(
                            notReady(
                                    "config not received from XDS server (is Istiod running?): cds updates: 0 successful, 0 rejected; lds updates: 0 successful, 0 rejected"),
                            istio("config not received from XDS server")),
            error(
                            "proxy-not-ready-configuration-rejected",
                            "The proxy refused its first configuration and therefore does not become ready.")
                    .causes(
                            "An EnvoyFilter makes something that Envoy does not take.",
                            "The proxy is older than the configuration needs.")
                    .next(
                            "Look for configuration-rejected in this log: it says what and why.",
                            STATUS,
                            "kubectl get envoyfilters -A")
                    .findings("MDX0107", "MDX0105")
                    .when(
                            notReady(
                                    "config received from XDS server, but was rejected: cds updates: 1 successful, 0 rejected; lds updates: 0 successful, 3 rejected"),
                            istio("config received from XDS server, but was rejected")),
            warning(
                            "proxy-not-ready-configuration-incomplete",
                            "The proxy has a part of its configuration and waits for the rest.")
                    .causes("It has just started.", "istiod is slow, or its connection broke in between.")
                    .next(STATUS, "Where it lasts: meshdx proxy-config init POD", ISTIOD)
                    .findings("MDX0107", "MDX0104")
                    .when(
                            notReady(
                                    "config not fully received from XDS server: cds updates: 1 successful, 0 rejected; lds updates: 0 successful, 0 rejected"),
                            istio("config not fully received from XDS server")),
            warning("proxy-not-ready-not-live", "Envoy is still starting, or already ending.")
                    .causes(
                            "DRAINING: the pod is being deleted.",
                            "INITIALIZING: it waits for clusters, routes or certificates.")
                    .next("The line names the state.", "meshdx proxy-config init POD", "kubectl get pod POD")
                    .findings("MDX0107", "MDX0305")
                    .when(
                            notReady("server is not live, current state is: INITIALIZING"),
                            istio("server is not live, current state is")),
            warning(
                            "proxy-not-ready-workers-not-started",
                            "Envoy has its configuration, but its workers wait: a listener is not complete.")
                    .causes(
                            "A certificate does not come (secret of a gateway, or istiod's CA).",
                            "Routes that a listener needs do not come.")
                    .next(
                            "meshdx proxy-config init POD",
                            "istioctl proxy-config secret POD",
                            "Look for configuration-fetch-timeout in this log.")
                    .findings("MDX0107", "MDX0305", "MDX0507")
                    .when(notReady("workers have not yet started"), istio("workers have not yet started")),
            error(
                            "proxy-not-ready-admin-silent",
                            "The agent cannot ask Envoy whether it is ready: its admin port does not answer.")
                    .causes("Envoy has not started yet, or has crashed.", "Envoy hangs.")
                    .next(
                            "Look for proxy-crashed in this log.",
                            "kubectl exec POD -c istio-proxy -- pilot-agent request GET server_info")
                    .findings("MDX0107", "MDX0108")
                    .when(
                            notReady(
                                    "failed to get readiness stats: Get \"http://127.0.0.1:15000/stats?usedonly&filter=^(server.state|listener_manager.workers_started)\": dial tcp 127.0.0.1:15000: connect: connection refused"),
                            istio("failed to get readiness stats")),
            warning(
                            "application-probe-failed",
                            "The kubelet's probe goes through the agent, and the application did not answer it.")
                    .causes(
                            "The application does not listen yet, or on another port or address.",
                            "It is slower than the probe's timeout.",
                            "It has crashed.")
                    .next(
                            "The line names the URL: kubectl exec POD -c APP -- curl -v URL",
                            "kubectl describe pod POD: Unhealthy",
                            "kubectl logs POD -c APP")
                    .findings("MDX0109", "IST0143")
                    .when(
                            agent(
                                    "error",
                                    null,
                                    "Request to probe app failed: Get \"http://10.99.2.20:9080/health\": dial tcp 127.0.0.6:0->10.99.2.20:9080: connect: connection refused, original URL path = /app-health/details/readyz"),
                            istio("Request to probe app failed")),
            warning(
                            "metrics-not-scraped",
                            "The agent could not fetch the metrics that it offers together with its own.")
                    .causes(
                            "prometheus.io/port or path of the pod do not lead to the application's metrics.",
                            "The application answers too slowly, or is not ready.")
                    .next(
                            "kubectl get pod POD -o yaml | grep prometheus",
                            "Without metrics of its own: annotate prometheus.istio.io/merge-metrics: \"false\".")
                    .when(
                            agent(
                                    "error",
                                    null,
                                    "failed scraping application metrics: error scraping http://localhost:9080/metrics: Get \"http://localhost:9080/metrics\": dial tcp 127.0.0.1:9080: connect: connection refused"),
                            istio("failed scraping application metrics"),
                            istio("failed scraping envoy metrics")),
            // Redirection.
            error(
                            "redirection-missing",
                            "The pod's traffic is not redirected to its proxy, so the pod is kept from starting.")
                    .causes(
                            "The pod started before the CNI agent of its node was ready.",
                            "The CNI plugin is not installed on that node, or another plugin replaced its configuration.")
                    .next(
                            "kubectl delete pod POD (its controller makes a new one)",
                            "kubectl -n istio-system get pods -l k8s-app=istio-cni-node -o wide",
                            "Let the CNI agent repair such pods: cni.repair in the values.")
                    .findings("MDX0107")
                    .when(
                            agent(
                                    "error",
                                    null,
                                    "Error connecting to 127.0.0.6:15002: dial tcp 127.0.0.1:0->127.0.0.6:15002: connect: connection refused"),
                            istio("Error connecting to 127.0.0.6:15002"),
                            istio("Error connecting to [::6]:15002"),
                            istio("iptables validation failed")),
            error("iptables-failed", "The rules that redirect a pod's traffic could not be written.")
                    .causes(
                            "The container may not: NET_ADMIN and NET_RAW are missing, or a pod security standard forbids them.",
                            "The node lacks modules of its kernel (iptable_nat, xt_REDIRECT), or has nftables only.")
                    .next(
                            "Use the CNI plugin instead of istio-init.",
                            "kubectl get namespace NAMESPACE -o yaml | grep pod-security",
                            "lsmod | grep -E 'ip_tables|nf_tables' on the node")
                    .findings("MDX0107")
                    .when(
                            agent("error", null, "Failed to execute: iptables-restore --noflush, exit status 1"),
                            istio("Failed to execute: iptables"),
                            istio("Failed to execute: ip6tables"),
                            istio("can't initialize iptables table"),
                            istio("can't initialize ip6tables table"),
                            raw("can't initialize").begins("iptables"),
                            raw("can't initialize").begins("ip6tables"),
                            raw("Permission denied").begins("iptables")),
            // Extensions and the end.
            error("wasm-fetch-failed", "The agent could not fetch a Wasm module.")
                    .causes(
                            "The registry or server refuses, or asks for a secret (imagePullSecret).",
                            "Name, tag or checksum (sha256) are wrong.",
                            "The pod may not reach the registry.")
                    .next(
                            "kubectl get wasmplugins -A",
                            "kubectl get wasmplugin NAME -o yaml: url, sha256, imagePullSecret")
                    .findings("MDX0105")
                    .when(
                            agent(
                                    "error",
                                    "wasm",
                                    "failed to fetch Wasm module oci://registry.example.com/filters/auth:1.2: could not fetch manifest: unauthorized"),
                            istio("failed to fetch").in("wasm"),
                            istio("could not fetch").in("wasm"),
                            istio("cannot fetch").in("wasm"),
                            istio("failed to fetch Wasm module")),
            info(
                            "connections-left-at-shutdown",
                            "The proxy was told to end and waits, because connections are still open.")
                    .causes("Long requests or streams, or clients that keep connections.")
                    .next(
                            "Where they are cut: terminationDrainDuration and terminationGracePeriodSeconds of the pod are too short.")
                    .when(
                            agent("info", null, "There are still 3 active connections"),
                            istio("There are still", "active connections")));

    private AgentPatterns() {}

    private static String agent(String level, @Nullable String scope, String message) {
        return "2026-01-02T03:04:05.678901Z\t" + level + "\t" + (scope == null ? "" : scope + "\t") + message;
    }

    private static String notReady(String reason) {
        return agent("warn", "ready", "Envoy proxy is NOT ready: " + reason);
    }
}
