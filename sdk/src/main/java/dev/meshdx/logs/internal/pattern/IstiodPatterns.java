package dev.meshdx.logs.internal.pattern;

import static dev.meshdx.logs.internal.pattern.Rule.anybody;
import static dev.meshdx.logs.internal.pattern.Rule.envoy;
import static dev.meshdx.logs.internal.pattern.Rule.error;
import static dev.meshdx.logs.internal.pattern.Rule.info;
import static dev.meshdx.logs.internal.pattern.Rule.istio;
import static dev.meshdx.logs.internal.pattern.Rule.raw;
import static dev.meshdx.logs.internal.pattern.Rule.warning;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What istiod says: pushes and refusals, certificates, gateways, other clusters, webhooks, its own life. Sources in Istio:
 * {@code pilot/pkg/xds} ({@code ads.go}, {@code delta.go}, {@code sds.go}, {@code auth.go}), {@code pilot/pkg/model}
 * ({@code gateway.go}, {@code jwks_resolver.go}, {@code push_context.go}), {@code pilot/pkg/networking/core} ({@code gateway.go},
 * {@code listener.go}), {@code pkg/kube/multicluster}, {@code pkg/kube/watcher}, {@code pkg/webhooks},
 * {@code pkg/kube/inject/webhook.go}, {@code pkg/queue}, {@code pilot/pkg/leaderelection}, {@code security/pkg/server/ca},
 * {@code pilot/pkg/bootstrap}; client-go, {@code tools/cache/reflector.go} and {@code tools/leaderelection}; Go,
 * {@code net/http} and {@code runtime}.
 */
final class IstiodPatterns {
    private static final String STATUS = "meshdx proxy-status POD";
    private static final String ISTIOD = "meshdx control-plane";
    private static final String GATEWAYS = "kubectl get gateways.networking.istio.io -A";
    private static final String CLUSTERS = "istioctl remote-clusters";
    private static final String REMOTE = "kubectl -n istio-system get secrets -l istio/multiCluster=true";
    private static final String WEBHOOKS = "kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations";
    private static final String CONFLICT = "the object has been modified";

    static final List<Rule> RULES = List.of(
            // Pushes to proxies.
            error("nack-received", "A proxy refused configuration that istiod sent, and told why.")
                    .causes(
                            "An EnvoyFilter makes something that Envoy does not take.",
                            "The proxy is older than the configuration needs.",
                            "Two resources make the same thing twice.")
                    .next("The line names type, proxy and reason.", STATUS, "kubectl get envoyfilters -A")
                    .findings("MDX0105", "MDX0304")
                    .when(
                            istiod(
                                    "warn",
                                    "delta",
                                    "ADS:LDS: ACK ERROR gadget-v1-rpswq5qfg7-s5pgv.broken-5 Internal:Error adding/updating listener(s) 0.0.0.0_9080: Didn't find a registered implementation for 'example.unknown' with type URL: 'example.does.not.Exist'"),
                            anybody(": ACK ERROR ")),
            warning("proxy-connection-broken", "A proxy's connection to this istiod broke with an error.")
                    .causes("The proxy was killed or hangs.", "The network, or a load balancer, cut the connection.")
                    .next(STATUS, "Often, for many proxies: look for restarts of istiod. " + ISTIOD)
                    .findings("MDX0106", "MDX0414")
                    .when(
                            istiod(
                                    "error",
                                    "delta",
                                    "ADS: \"10.99.2.20:44566\" details-v1-6q27k7gw8d-jksf6.production-11 terminated with error: rpc error: code = Unavailable desc = transport is closing"),
                            istio("terminated with error: ")),
            warning("push-failed", "istiod could not send configuration to a proxy.")
                    .causes(
                            "The proxy went away in the middle.",
                            "The proxy hangs, or its network is slow.",
                            "The configuration is too large.")
                    .next("The line names the proxy: " + STATUS)
                    .findings("MDX0104", "MDX0106")
                    .when(
                            istiod(
                                    "warn",
                                    "delta",
                                    "CDS: Send failure for node:details-v1-6q27k7gw8d-jksf6.production resources:42 size:61.2kB: rpc error: code = Canceled desc = context canceled"),
                            istio("Send failure for node:"),
                            istio("Send failure for ", "resources:")),
            warning("push-timed-out", "A proxy did not take the configuration in time.")
                    .causes(
                            "The proxy hangs or has too little CPU.",
                            "The network is slow.",
                            "The configuration is very large.")
                    .next(STATUS, "kubectl top pod POD --containers")
                    .findings("MDX0104")
                    .when(
                            istiod(
                                    "info",
                                    "ads",
                                    "Timeout writing details-v1-6q27k7gw8d-jksf6.production-11: context deadline exceeded"),
                            istio("Timeout writing ")),
            warning("istiod-rate-limited", "istiod let a proxy wait, because too many connect or ask at once.")
                    .causes("All proxies connect again: after a restart of istiod.", "Too few istiods for the mesh.")
                    .next(ISTIOD, "kubectl -n istio-system get hpa", "PILOT_MAX_REQUESTS_PER_SECOND of istiod")
                    .findings("MDX0104")
                    .when(
                            istiod(
                                    "info",
                                    "ads",
                                    "ADS: \"10.99.2.20:44566\" exceeded rate limit: context deadline exceeded"),
                            istio("exceeded rate limit")),
            info("push-ended-by-shutdown", "istiod stopped in the middle of a push; the proxy asks the next istiod.")
                    .causes("A rollout or restart of istiod.")
                    .next(ISTIOD)
                    .when(
                            istiod(
                                    "info",
                                    "ads",
                                    "Push to client details-v1-6q27k7gw8d-jksf6.production-11 aborted due to server shutdown"),
                            istio("aborted due to server shutdown")),
            info(
                            "service-lost-endpoints",
                            "A service has no endpoint in one cluster; normal while it is scaled down or started.")
                    .causes("No pod of it is ready, or it was scaled to zero.")
                    .next("kubectl get endpointslices -l kubernetes.io/service-name=SERVICE")
                    .findings("MDX0109")
                    .when(
                            istiod(
                                    "info",
                                    "model",
                                    "Incremental push, service ratings.production.svc.cluster.local at shard Kubernetes/Kubernetes has no endpoints"),
                            istio("Incremental push, service", "has no endpoints"),
                            istio("Full push, service", "has no endpoints")),
            info(
                            "proxy-version-unknown",
                            "A proxy did not say its version; istiod treats it as the newest. Always so for some ztunnels.")
                    .causes("A ztunnel, or a proxy that Istio did not build.")
                    .next("Nothing, unless it is a sidecar: then look at its image.")
                    .when(
                            istiod(
                                    "warn",
                                    "model",
                                    "Istio Version is not found in metadata for ztunnel-rzfkz.istio-system, which may have undesirable side effects"),
                            istio("Istio Version is not found in metadata")),
            // Who may have what.
            error(
                            "unauthorized-proxy",
                            "A proxy says it is of another namespace or service account than its certificate says, and gets nothing.")
                    .causes(
                            "The pod's service account was changed without a restart.",
                            "A gateway or VM is set up with another identity.",
                            "Somebody pretends to be another.")
                    .next(
                            "Compare the identities in the line with the pod's service account.",
                            "kubectl get pod POD -o yaml | grep serviceAccountName")
                    .findings("MDX0106")
                    .when(
                            istiod(
                                    "warn",
                                    "ads",
                                    "Unauthorized XDS: 10.99.2.20:44566 with identity [spiffe://cluster.local/ns/shop/sa/default]: no identities matched production/details"),
                            istio("Unauthorized XDS: ")),
            error(
                            "client-not-authenticated",
                            "istiod could not authenticate somebody who wants configuration or a certificate.")
                    .causes(
                            "The token has expired, or is for another audience.",
                            "istiod may not ask the API server about tokens (TokenReview).",
                            "The token is of a cluster that istiod does not know.")
                    .next(
                            "Read the reason in the line.",
                            "kubectl auth can-i create tokenreviews.authentication.k8s.io --as system:serviceaccount:istio-system:istiod")
                    .findings("MDX0106", "MDX0508")
                    .when(
                            istiod(
                                    "error",
                                    "security",
                                    "Failed to authenticate client from 10.99.2.20:44566: Authenticator ClientCertificate: no verified chain is found; Authenticator KubeJWTAuthenticator: failed to validate the JWT from cluster \"Kubernetes\": the token is not authenticated"),
                            istio("Failed to authenticate client from"),
                            istio("failed to validate the JWT from cluster"),
                            istio("the token is not authenticated")),
            error("ca-request-refused", "istiod did not sign a certificate that somebody asked for.")
                    .causes(
                            "The request asks for an identity that its sender does not have.",
                            "It asks for a longer life than istiod allows.",
                            "istiod's own CA certificate is unusable or about to expire.")
                    .next(
                            "Read the reason in the line.",
                            ISTIOD,
                            "kubectl -n istio-system get secrets cacerts istio-ca-secret")
                    .findings("MDX0508")
                    .when(
                            istiod(
                                    "error",
                                    "serverca",
                                    "CSR signing error: requested TTL 2160h0m0s is greater than the max allowed TTL 24h0m0s"),
                            istio("CSR signing error")),
            error("istiod-ca-unusable", "istiod cannot use the CA that it should sign certificates with.")
                    .causes(
                            "Key, certificate and chain in the Secret cacerts do not belong together.",
                            "The CA's certificate has expired.",
                            "istiod may not read or write its Secret.")
                    .next(
                            "kubectl -n istio-system get secret cacerts -o jsonpath='{.data.ca-cert\\.pem}' | base64 -d | openssl x509 -noout -text",
                            ISTIOD)
                    .findings("MDX0504", "MDX0101")
                    .when(
                            istiod(
                                    "error",
                                    null,
                                    "failed to create discovery service: failed to create CA: failed to create an istiod CA: failed to create CA KeyCertBundle (failed to verify the cert with the chain: x509: certificate has expired or is not yet valid)"),
                            istio("failed to create an istiod CA"),
                            istio("failed to create a self-signed istiod CA"),
                            istio("Failed to update new Plug-in CA certs"),
                            raw("failed to create an istiod CA").begins("Error: ")),
            error(
                            "certificate-of-other-namespace",
                            "A gateway asked for a TLS secret of another namespace, and may not have it.")
                    .causes(
                            "The secret is not in the namespace of the gateway's pods.",
                            "Gateway API: the ReferenceGrant is missing.")
                    .next(
                            "Copy the secret into the namespace of the gateway's pods, or write a ReferenceGrant.",
                            "kubectl get secret NAME -n NAMESPACE")
                    .findings("MDX0507", "MDX0281")
                    .when(
                            istiod(
                                    "warn",
                                    "ads",
                                    "proxy istio-ingressgateway-7d9f.istio-system attempted to access unauthorized certificates kubernetes-gateway://shop/orders-cert: cross namespace secret reference requires ReferenceGrant"),
                            istio("attempted to access unauthorized certificates")),
            error(
                            "gateway-secret-missing",
                            "The TLS secret that a gateway needs is missing, or holds no usable certificate.")
                    .causes(
                            "credentialName has a mistake, or the secret is in another namespace than the gateway's pods.",
                            "The secret lacks tls.crt, tls.key or ca.crt.",
                            "istiod may not read secrets there.")
                    .next(
                            "kubectl get secret NAME -n NAMESPACE-OF-THE-GATEWAY",
                            GATEWAYS + " -o yaml | grep credentialName")
                    .findings("MDX0507", "IST0101", "IST0161")
                    .when(
                            istiod(
                                    "warn",
                                    "ads",
                                    "failed to fetch key and certificate for kubernetes://bookinfo-credential-2: secret istio-system/bookinfo-credential-2 not found"),
                            istio("failed to fetch key and certificate for"),
                            istio("failed to fetch ca certificate for")),
            error(
                            "secrets-over-plain-text",
                            "A gateway asks for secrets over an unprotected connection, and does not get them.")
                    .causes("The proxy is connected to port 15010 instead of 15012.")
                    .next("kubectl get pod POD -o yaml | grep discoveryAddress: it must end in :15012")
                    .findings("MDX0507")
                    .when(
                            istiod(
                                    "warn",
                                    "ads",
                                    "proxy istio-ingressgateway-7d9f.istio-system is not authorized to receive credscontroller. Ensure you are connecting over TLS port and are authenticated."),
                            istio("is not authorized to receive")),
            // Other clusters, and the API server.
            error(
                            "remote-cluster-failed",
                            "istiod cannot read another cluster, so it does not know that cluster's endpoints.")
                    .causes(
                            "The address of the API server in the remote secret is wrong, or not reachable from istiod.",
                            "The token in it is no longer accepted.",
                            "The API server's certificate is from a CA that the secret does not name.")
                    .next(CLUSTERS, REMOTE, "The line watch error in cluster says why.")
                    .findings("MDX0303")
                    .when(
                            istiod("error", null, "remote cluster west failed to sync after 30s"),
                            istio("remote cluster ", "failed to sync"),
                            istio("create remote cluster failed"),
                            istio("Failed to add remote cluster"),
                            istio("error adding remote config")),
            warning(
                            "cluster-watch-failed",
                            "istiod could not read a kind of resource from a cluster; it tries again and works with what it has.")
                    .causes(
                            "The API server is not reachable.",
                            "istiod may not read that, or its token is no longer accepted.")
                    .next(
                            "Read the reason in the line.",
                            CLUSTERS,
                            "kubectl auth can-i list namespaces --as system:serviceaccount:istio-system:istiod")
                    .when(
                            istiod(
                                    "error",
                                    null,
                                    "watch error in cluster west: failed to list *v1.Namespace: Get \"https://198.51.100.99:6443/api/v1/namespaces?limit=500&resourceVersion=0\": dial tcp 198.51.100.99:6443: connect: network is unreachable"),
                            istio("watch error in cluster")),
            error("api-list-denied", "The API server does not let istiod (or the agent) read a kind of resource.")
                    .causes(
                            "Unauthorized: the token is no longer accepted; in a remote secret it was made long ago, or its account is gone.",
                            "forbidden: the ClusterRole lacks the kind, often after an upgrade.")
                    .next(
                            "kubectl auth can-i list KIND --as system:serviceaccount:istio-system:istiod",
                            REMOTE,
                            "istioctl create-remote-secret makes a new one.")
                    .when(
                            istiod(
                                    "error",
                                    null,
                                    "watch error in cluster west: failed to list *v1.Namespace: Unauthorized"),
                            istio("failed to list ", "Unauthorized"),
                            istio("failed to list ", "is forbidden"),
                            istio("failed to watch ", "is forbidden")),
            error("api-server-unreachable", "The API server does not answer.")
                    .causes(
                            "A NetworkPolicy or firewall between istiod and it.",
                            "A wrong address in the remote secret.",
                            "The API server is down.")
                    .next("The line names the address: can istiod reach it?", CLUSTERS)
                    .findings("MDX0101")
                    .when(
                            istiod(
                                    "error",
                                    null,
                                    "watch error in cluster west: failed to list *v1.Namespace: Get \"https://198.51.100.99:6443/api/v1/namespaces?limit=500&resourceVersion=0\": dial tcp 198.51.100.99:6443: connect: network is unreachable"),
                            istio("failed to list ", "dial tcp "),
                            istio("failed to list ", "i/o timeout"),
                            istio("failed to list ", "tls: failed to verify certificate")),
            error("cluster-id-clash", "Two clusters have the same name, so istiod leaves one of them out.")
                    .causes(
                            "The remote secret was made with the name of the local cluster.",
                            "Two clusters were installed with the same global.multiCluster.clusterName.")
                    .next(
                            REMOTE + " -o yaml: the key is the cluster's name",
                            "istioctl create-remote-secret --name OTHER")
                    .findings("MDX0303")
                    .when(
                            istiod(
                                    "info",
                                    null,
                                    "ignoring cluster as it would overwrite the config cluster\tcluster=east config=istio-system/istio-remote-secret-west"),
                            istio("would overwrite the config cluster"),
                            istio("cluster has already been registered")),
            warning("cache-sync-failed", "A part of istiod did not get its first data in time.")
                    .causes(
                            "The API server, or that of another cluster, is slow or unreachable.",
                            "istiod was stopped in between.")
                    .next("Look for cluster-watch-failed and remote-cluster-failed in this log.", ISTIOD)
                    .when(
                            istiod(
                                    "error",
                                    null,
                                    "sync failed\tname=cluster[west] synced attempt=310 time=30.605866511s"),
                            istio("sync failed")),
            // Gateways.
            warning(
                            "gateway-host-conflict",
                            "Two Gateways have the same host on the same port: one of them is left out.")
                    .causes("A Gateway was copied, or two teams use the same host.")
                    .next("The line names gateway and hosts.", GATEWAYS)
                    .findings("IST0145", "MDX0239")
                    .when(
                            istiod(
                                    "warn",
                                    "model",
                                    "skipping server on gateway shop/second, duplicate host names: [orders.example.com]"),
                            istio("skipping server on gateway", "duplicate host names")),
            warning(
                            "gateway-port-conflict",
                            "Two Gateways use one port for different protocols: the older one wins, the other is left out.")
                    .causes(
                            "HTTP and TLS on the same port of the same pods.",
                            "Two HTTPS servers with the same port name.")
                    .next("The line names gateway and port.", GATEWAYS)
                    .findings("IST0145", "MDX0239")
                    .when(
                            istiod(
                                    "info",
                                    "model",
                                    "skipping server on gateway shop/second port https.443.HTTPS: conflict with existing server on port 443"),
                            istio("skipping server on gateway", "conflict with existing server"),
                            istio("skipping server on gateway", "non unique port name")),
            warning("gateway-without-listeners", "A gateway's proxy has nothing to listen on.")
                    .causes(
                            "No Gateway selects its pods: wrong labels or namespace.",
                            "All its servers were left out because of conflicts.")
                    .next(GATEWAYS + " -o yaml | grep -A3 selector", "kubectl get pods -n NAMESPACE --show-labels")
                    .findings("IST0101")
                    .when(
                            istiod(
                                    "warn",
                                    "ads",
                                    "gateway has zero listeners for node istio-ingressgateway-7d9f.istio-system"),
                            istio("gateway has zero listeners")),
            warning(
                            "gateway-without-routes",
                            "A gateway listens on a port for which no VirtualService has routes: every request gets 404.")
                    .causes(
                            "No VirtualService names the Gateway, or it names it without its namespace.",
                            "Their hosts do not fit each other.")
                    .next("kubectl get virtualservices -A", "meshdx proxy-config routes POD")
                    .findings("MDX0404", "IST0132")
                    .when(
                            istiod(
                                    "warn",
                                    "ads",
                                    "constructed http route config for route http.8080 on port 80 with no vhosts; Setting up a default 404 vhost"),
                            istio("with no vhosts; Setting up a default 404 vhost")),
            warning("gateway-missing", "A proxy asked for the routes of a Gateway that does not exist (any more).")
                    .causes(
                            "The Gateway was just deleted: then it passes.",
                            "The proxy has an old listener, because it refused a newer one.")
                    .next("Where it lasts: " + STATUS, GATEWAYS)
                    .findings("MDX0308")
                    .when(
                            istiod(
                                    "warn",
                                    "ads",
                                    "Gateway missing for route http.8080. This is normal if gateway was recently deleted."),
                            istio("Gateway missing for route")),
            warning("port-reserved", "An application's port was left out, because the proxy needs it for itself.")
                    .causes("The application or its Service uses a port from 15000 to 15090.")
                    .next("The line names port and pod: give the application another port.")
                    .when(
                            istiod(
                                    "warn",
                                    "ads",
                                    "buildInboundListeners: skipping sidecar port 15090 for node orders-v1.shop as it conflicts with static listener"),
                            istio("as it conflicts with static listener")),
            warning("privileged-port", "A port below 1024 was left out, because the proxy may not listen on it.")
                    .causes(
                            "The gateway's pods do not run as root, and the Gateway names the Service's port instead of a higher targetPort.")
                    .next(
                            "Let the Service lead 80 to 8080 and 443 to 8443 (targetPort).",
                            "Or allow it: sysctl net.ipv4.ip_unprivileged_port_start=0 in the pod's securityContext.")
                    .findings("IST0104")
                    .when(
                            istiod(
                                    "warn",
                                    "ads",
                                    "buildGatewayListeners: skipping privileged gateway port 80 for node istio-ingressgateway-7d9f.istio-system as it is an unprivileged pod"),
                            istio("skipping privileged gateway port"),
                            istio("skipping privileged service port")),
            error("jwks-fetch-failed", "The keys of a token issuer could not be fetched, so its tokens are refused.")
                    .causes(
                            "The issuer's address is wrong or not reachable from istiod (egress, proxy, DNS).",
                            "Its certificate is from a CA that istiod does not trust.")
                    .next(
                            "The line names the address: curl -v ADDRESS from a pod in istio-system",
                            "Or write the keys into the RequestAuthentication: jwks.")
                    .when(
                            istiod(
                                    "warn",
                                    "model",
                                    "JWKS fetch failed for issuer https://login.example.com (https://login.example.com/keys), using public-only JWKS"),
                            istio("JWKS fetch failed for issuer"),
                            istio("Failed to fetch public key from"),
                            istio("Failed to refresh JWT public key from"),
                            istio("Failed to fetch jwt public key"),
                            istio("Failed to look up Envoy cluster"),
                            envoy("Jwks async fetching")),
            // Webhooks and injection.
            error(
                            "webhook-ca-not-trusted",
                            "The API server does not accept istiod's certificate: webhooks fail, and with them injection and writing configuration.")
                    .causes(
                            "caBundle of the webhook is from another or an older CA.",
                            "Two control planes own the same webhook.")
                    .next(
                            WEBHOOKS,
                            "Compare caBundle with istiod's root: kubectl get configmap istio-ca-root-cert -n istio-system -o yaml",
                            "kubectl -n istio-system rollout restart deployment istiod")
                    .findings("IST0139")
                    .when(
                            istiod(
                                    "info",
                                    "klog",
                                    "http: TLS handshake error from 10.96.0.1:41200: remote error: tls: bad certificate"),
                            istio("http: TLS handshake error from", "bad certificate"),
                            istio("http: TLS handshake error from", "unknown certificate authority"),
                            istio("failed calling webhook", "certificate signed by unknown authority")),
            error("webhook-patch-failed", "istiod could not write its CA into a webhook.")
                    .causes(
                            "istiod may not change webhooks (ClusterRole).",
                            "Something else, such as GitOps, writes it back each time.",
                            "The webhook of that name does not exist.")
                    .next(
                            WEBHOOKS,
                            "kubectl auth can-i patch mutatingwebhookconfigurations --as system:serviceaccount:istio-system:istiod")
                    .findings("IST0139")
                    .when(
                            istiod(
                                    "error",
                                    "webhooks",
                                    "patching webhook istio-sidecar-injector failed: mutatingwebhookconfigurations.admissionregistration.k8s.io \"istio-sidecar-injector\" is forbidden"),
                            istio("patching webhook ", "failed: ").unless(CONFLICT),
                            istio("fail to update webhook").unless(CONFLICT),
                            istio("failed to update webhook").unless(CONFLICT)),
            error(
                            "webhook-unreachable",
                            "The API server cannot call a webhook of Istio: pods cannot be made, or configuration cannot be written.")
                    .causes(
                            "No istiod is ready.",
                            "A firewall between API server and port 15017 of istiod (private clusters).",
                            "The webhook belongs to a revision that is gone.")
                    .next(ISTIOD, WEBHOOKS, "kubectl -n istio-system get endpointslices -l app=istiod")
                    .findings("MDX0101", "IST0139")
                    .when(
                            istiod(
                                    "error",
                                    "status",
                                    "failed to update status: Internal error occurred: failed calling webhook \"rev.validation.istio.io\": failed to call webhook: Post \"https://istiod.istio-system.svc:443/validate?timeout=10s\": dial tcp 10.96.1.10:15017: connect: connection refused"),
                            istio("failed calling webhook"),
                            istio("no endpoints available for service")),
            warning(
                            "configuration-refused-by-webhook",
                            "Istio's validation refused a resource that somebody wanted to write.")
                    .causes("The resource has a mistake: the line says which.")
                    .next("kubectl apply --dry-run=server -f FILE shows the same text.", "meshdx analyze FILE")
                    .findings("IST0106")
                    .when(
                            istiod(
                                    "info",
                                    "validationServer",
                                    "configuration is invalid: virtual service must have at least one destination"),
                            istio("configuration is invalid: ")),
            error("injection-failed", "istiod was asked to inject a proxy into a pod, and could not.")
                    .causes(
                            "A template of the injection, or an annotation of the pod, has a mistake.",
                            "The pod asks for a template that does not exist.")
                    .next(
                            "Read the reason in the line.",
                            "kubectl describe replicaset NAME: FailedCreate",
                            "kubectl -n istio-system get configmap istio-sidecar-injector -o yaml")
                    .findings("IST0103", "IST0125")
                    .when(
                            istiod(
                                    "error",
                                    null,
                                    "Pod injection failed: failed to run injection template: requested template \"special\" not found; have sidecar, gateway"),
                            istio("Pod injection failed"),
                            istio("failed to run injection template")),
            info(
                            "injection-templates-empty",
                            "istiod has no injection templates, so it injects nothing; normal where proxies are not injected.")
                    .causes("The ConfigMap istio-sidecar-injector is empty or of an older version.")
                    .next(
                            "If pods should be injected: kubectl -n istio-system get configmap istio-sidecar-injector -o yaml")
                    .findings("IST0103")
                    .when(
                            istiod(
                                    "warn",
                                    null,
                                    "injection templates are empty. This may be caused by using an injection template from an older version of Istio. Please ensure the template is correct; mismatch template versions can lead to unexpected results, including pods not being injected."),
                            istio("injection templates are empty")),
            // Its own life.
            info(
                            "istiod-starting",
                            "istiod says that it is not ready yet; normal for the first seconds after its start.")
                    .causes("It reads resources, or waits for its webhook.")
                    .next("Where it lasts: " + ISTIOD)
                    .findings("MDX0102")
                    .when(
                            istiod("warn", null, "discovery is not ready"),
                            istio("discovery is not ready"),
                            istio("sidecar injector is not ready"),
                            istio("webhook is not ready, retry")),
            info("write-conflict", "Two writers changed the same object at once; istiod tries again.")
                    .causes("Several istiods, or istiod and something else, write it.")
                    .next("Nothing, unless it goes on for minutes: then look who else writes the object.")
                    .when(
                            istiod(
                                    "error",
                                    "validationController",
                                    "failed to updated: Operation cannot be fulfilled on validatingwebhookconfigurations.admissionregistration.k8s.io \"istio-validator-istio-system\": the object has been modified; please apply your changes to the latest version and try again\tname=istio-validator-istio-system resource version=4711"),
                            istio("the object has been modified; please apply your changes")),
            info(
                            "controller-retries",
                            "A step of one of istiod's controllers failed and is tried again; it says so if it gives up.")
                    .causes("Read the reason in the line: most pass by themselves while istiod starts.")
                    .next("Look for controller-gave-up.")
                    .when(
                            istiod(
                                    "error",
                                    "controllers",
                                    "error handling istio-remote, retrying (retry count: 1): gatewayclasses.gateway.networking.k8s.io \"istio\" already exists\tcontroller=gateway class"),
                            istio("error handling ", "retrying (retry count")),
            error("controller-gave-up", "A controller of istiod failed too often and leaves this object as it is.")
                    .causes("istiod may not write it.", "The object cannot be as istiod wants it: the line says why.")
                    .next(
                            "Read the reason in the line.",
                            "kubectl -n istio-system rollout restart deployment istiod, once it is repaired")
                    .when(
                            istiod(
                                    "error",
                                    "controllers",
                                    "error handling istio-validator-istio-system, and retry budget exceeded: validatingwebhookconfigurations.admissionregistration.k8s.io is forbidden\tcontroller=validation"),
                            istio("retry budget exceeded")),
            info("leader-lost", "This istiod gave a leader's task up; another one, or it itself, takes it over.")
                    .causes("A restart, a slow API server, or a pause of the process.")
                    .next(
                            "Is there a line leader election lock obtained after it, here or in another istiod? Else nobody writes status and webhooks.",
                            ISTIOD)
                    .findings("MDX0102")
                    .when(
                            istiod("info", null, "leader election lock lost: istio-leader"),
                            istio("leader election lock lost"),
                            istio("failed to renew lease")),
            info("leader-lock-not-read", "istiod could not read or release a leader's lock.")
                    .causes("The API server was slow or not reachable for a moment.", "istiod was stopping.")
                    .next("Often: look at the API server's load and at istiod's CPU limit.", ISTIOD)
                    .when(
                            istiod(
                                    "error",
                                    "klog",
                                    "error retrieving resource lock istio-system/istio-leader: Get \"https://10.98.0.2:6445/api/v1/namespaces/istio-system/configmaps/istio-leader\": context deadline exceeded"),
                            istio("error retrieving resource lock"),
                            istio("Failed to release lock")),
            error("istiod-cannot-start", "istiod cannot start.")
                    .causes("Its CA, its mesh config or its access to the API server: the line says which.")
                    .next(
                            "Read the reason in the line.",
                            "kubectl -n istio-system logs deployment/istiod --previous",
                            ISTIOD)
                    .findings("MDX0101", "MDX0102")
                    .when(
                            "Error: failed to create discovery service: failed to create kube client: unable to load in-cluster configuration",
                            istio("failed to create discovery service"),
                            raw("failed to create discovery service").begins("Error: ")),
            error("go-panic", "A program of Istio failed in a way that nobody expected, and most likely ended.")
                    .causes(
                            "A fault in Istio, often with a resource of an unusual form.",
                            "concurrent map: a fault; out of memory: a limit.")
                    .next(
                            "Report it to Istio, with the lines that follow and the version.",
                            "kubectl describe pod POD: restarts, exit code 2",
                            "What was changed just before it?")
                    .findings("MDX0102", "MDX0108")
                    .when(
                            "panic: runtime error: invalid memory address or nil pointer dereference",
                            raw("panic: runtime error").begins("panic: "),
                            raw("fatal error: ").begins("fatal error: "),
                            istio("panic: runtime error"),
                            istio("fatal error: all goroutines are asleep"),
                            istio("fatal error: concurrent map"),
                            istio("fatal error: runtime: out of memory"),
                            istio("goroutine ", " [running]:"),
                            istio("Observed a panic")));

    private IstiodPatterns() {}

    private static String istiod(String level, @Nullable String scope, String message) {
        return "2026-01-02T03:04:05.678901Z\t" + level + "\t" + (scope == null ? "" : scope + "\t") + message;
    }
}
