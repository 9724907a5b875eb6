package dev.meshdx.logs.internal.pattern;

import static dev.meshdx.logs.internal.pattern.Rule.anybody;
import static dev.meshdx.logs.internal.pattern.Rule.details;
import static dev.meshdx.logs.internal.pattern.Rule.envoy;
import static dev.meshdx.logs.internal.pattern.Rule.error;
import static dev.meshdx.logs.internal.pattern.Rule.info;
import static dev.meshdx.logs.internal.pattern.Rule.istio;
import static dev.meshdx.logs.internal.pattern.Rule.raw;
import static dev.meshdx.logs.internal.pattern.Rule.warning;

import java.util.List;

/**
 * What Envoy says of itself: its connection to the control plane, configuration that it refuses, its resources, its end. Sources in
 * Envoy: {@code source/extensions/config_subscription/grpc} ({@code grpc_stream.h}, {@code grpc_subscription_impl.cc},
 * {@code delta_subscription_state.cc}), {@code source/common/listener_manager} ({@code lds_api.cc},
 * {@code filter_chain_manager_impl.cc}), {@code source/common/router/config_impl.cc}, {@code source/common/config/utility.h},
 * {@code source/common/protobuf/utility.cc}, {@code source/common/common/assert.cc}, {@code source/server} ({@code server.cc},
 * {@code guarddog_impl.cc}, {@code overload_manager_impl.cc}, {@code backtrace.h}),
 * {@code source/extensions/filters/common/rbac}, {@code source/extensions/filters/common/lua},
 * {@code source/extensions/common/wasm}; {@code source/common/stream_info}
 * ({@code LocalCloseReasons}); Envoy docs, "Outlier detection" (event log) and "Health checking" (event log).
 */
final class EnvoyPatterns {
    private static final String REJECTED = "meshdx proxy-status POD: the state ERROR, with Envoy's own words";
    private static final String ISTIOD = "meshdx control-plane";
    private static final String RESTARTS = "kubectl describe pod POD: reason and exit code of the last state";
    private static final String PREVIOUS = "kubectl logs POD -c istio-proxy --previous";
    private static final String FILTERS = "kubectl get envoyfilters -A";

    static final List<Rule> RULES = List.of(
            // The connection to the control plane.
            warning(
                            "control-plane-stream-closed",
                            "The connection to the control plane was lost; the proxy keeps what it has and tries again.")
                    .causes(
                            "No istiod runs, or none is ready.",
                            "A NetworkPolicy or firewall between the proxy and port 15012 of istiod.",
                            "istiod was restarted, or ended a connection that was old: then it passes by itself.")
                    .next(ISTIOD, "kubectl -n istio-system get pods -l app=istiod", "meshdx proxy-status POD")
                    .findings("MDX0414", "MDX0101", "MDX0106")
                    .when(
                            line(
                                    "warning",
                                    "config ./source/extensions/config_subscription/grpc/grpc_stream.h:227",
                                    "DeltaAggregatedResources gRPC config stream to xds-grpc closed since 41s ago: 14, connection error: desc = \"transport: Error while dialing: dial tcp 10.96.1.10:15012: connect: connection refused\"{via_upstream}"),
                            envoy("gRPC config stream to xds-grpc closed"),
                            envoy("gRPC config stream closed"),
                            envoy("Unable to establish new stream"),
                            istio("upstream terminated with unexpected error"),
                            istio("failed to connect to upstream")),
            error(
                            "xds-unavailable",
                            "The control plane cannot be reached: nobody answers, or somebody refuses the connection (code 14).")
                    .causes(
                            "No istiod runs, or none is ready.",
                            "A NetworkPolicy or firewall closes port 15012.",
                            "The name of istiod leads to an address that is gone.")
                    .next(
                            ISTIOD,
                            "kubectl -n istio-system get pods,endpointslices -l app=istiod",
                            "kubectl get networkpolicy -A")
                    .findings("MDX0101", "MDX0106", "MDX0414")
                    .when(
                            line(
                                    "warning",
                                    "config ./source/extensions/config_subscription/grpc/grpc_stream.h:227",
                                    "DeltaAggregatedResources gRPC config stream to xds-grpc closed since 56s ago: 14, connection error: desc = \"transport: Error while dialing: dial tcp 10.96.1.10:15012: connect: connection refused\"{via_upstream}"),
                            envoy("xds-grpc closed: 14,"),
                            envoy("config stream closed: 14,"),
                            envoy("gRPC config stream", "s ago: 14,"),
                            istio("upstream terminated with unexpected error", "code = Unavailable"),
                            istio("failed to connect to upstream", "code = Unavailable")),
            error("xds-unauthenticated", "The control plane does not accept who this proxy says it is (code 16).")
                    .causes(
                            "The token of the service account has expired, or is for another audience.",
                            "istiod may not ask the API server about tokens (TokenReview).",
                            "The pod belongs to another cluster or trust domain than istiod expects.")
                    .next(
                            "Look for the reason in istiod's log at the same time.",
                            "kubectl auth can-i create tokenreviews.authentication.k8s.io --as system:serviceaccount:istio-system:istiod")
                    .findings("MDX0106", "MDX0414")
                    .when(
                            line(
                                    "warning",
                                    "config ./source/extensions/config_subscription/grpc/grpc_stream.h:190",
                                    "DeltaAggregatedResources gRPC config stream to xds-grpc closed: 16, authentication failure"),
                            envoy("xds-grpc closed: 16,"),
                            envoy("config stream closed: 16,"),
                            envoy("gRPC config stream", "s ago: 16,"),
                            istio("upstream terminated with unexpected error", "code = Unauthenticated"),
                            istio("failed to connect to upstream", "code = Unauthenticated")),
            error("xds-permission-denied", "The control plane knows this proxy and does not serve it (code 7).")
                    .causes(
                            "The proxy says it is of another namespace or service account than its certificate says.",
                            "The proxy came in through port 15010, without TLS.")
                    .next("Look for unauthorized-proxy in istiod's log.", "meshdx describe pod POD")
                    .findings("MDX0106", "MDX0414")
                    .when(
                            line(
                                    "warning",
                                    "config ./source/extensions/config_subscription/grpc/grpc_stream.h:190",
                                    "DeltaAggregatedResources gRPC config stream to xds-grpc closed: 7, permission denied"),
                            envoy("xds-grpc closed: 7,"),
                            envoy("config stream closed: 7,"),
                            envoy("gRPC config stream", "s ago: 7, "),
                            istio("upstream terminated with unexpected error", "code = PermissionDenied")),
            error(
                            "xds-message-too-large",
                            "The configuration is larger than a gRPC message may be (code 8), so it does not arrive.")
                    .causes(
                            "The proxy is sent the whole mesh: no Sidecar resource limits what it sees.",
                            "Very many EnvoyFilters or routes.")
                    .next(
                            "Write a Sidecar with egress.hosts for the namespace.",
                            "Limit what istiod looks at: discoverySelectors in the mesh config.",
                            "meshdx proxy-status POD")
                    .findings("MDX0104", "MDX0414")
                    .when(
                            line(
                                    "warning",
                                    "config ./source/extensions/config_subscription/grpc/grpc_stream.h:190",
                                    "StreamAggregatedResources gRPC config stream to xds-grpc closed: 8, grpc: received message larger than max (5242880 vs. 4194304)"),
                            envoy("xds-grpc closed: 8,"),
                            envoy("config stream closed: 8,"),
                            envoy("gRPC config stream", "s ago: 8, "),
                            anybody("message larger than max")),
            info(
                            "xds-stream-ended-by-server",
                            "istiod ended the connection (code 0 or 13); where a new one follows at once, that is normal and happens about every 30 minutes.")
                    .causes("The connection reached its greatest age.", "istiod was restarted.")
                    .next("meshdx proxy-status POD: is it connected and SYNCED?")
                    .findings("MDX0414")
                    .when(
                            line(
                                    "warning",
                                    "config ./source/extensions/config_subscription/grpc/grpc_stream.h:190",
                                    "StreamAggregatedResources gRPC config stream to xds-grpc closed: 13, "),
                            envoy("xds-grpc closed: 13,"),
                            envoy("config stream closed: 13,"),
                            envoy("xds-grpc closed: 0,"),
                            envoy("config stream closed: 0,")),
            error("configuration-rejected", "Envoy refused configuration and keeps what it had.")
                    .causes(
                            "An EnvoyFilter makes something that this Envoy does not take.",
                            "The proxy is older than what the configuration needs.",
                            "Two Gateways or VirtualServices make the same host, or the same filter chain, twice.")
                    .next(
                            "Read on in the line: it names listener, cluster or route, and the reason.",
                            REJECTED,
                            FILTERS)
                    .findings("MDX0105", "MDX0304")
                    .when(
                            line(
                                    "warning",
                                    "config source/extensions/config_subscription/grpc/delta_subscription_state.cc:282",
                                    "delta config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) 0.0.0.0_9080: Didn't find a registered implementation for 'example.unknown' with type URL: 'example.does.not.Exist'"),
                            envoy("config for ", "rejected: "),
                            envoy("config rejected: "),
                            envoy("config update rejected")),
            error(
                            "configuration-unknown-extension",
                            "The refused configuration asks for a filter or extension that this Envoy does not have.")
                    .causes(
                            "An EnvoyFilter names a type that is misspelt or not built in.",
                            "The proxy's version is older than the configuration.")
                    .next("Look for the name in the line: " + FILTERS + " -o yaml", REJECTED)
                    .findings("MDX0105", "MDX0304")
                    .when(
                            line(
                                    "warning",
                                    "upstream source/common/listener_manager/lds_api.cc:89",
                                    "lds: listener '0.0.0.0_9080' config rejected: Didn't find a registered implementation for 'example.unknown' with type URL: 'example.does.not.Exist'"),
                            anybody("Didn't find a registered implementation for"),
                            anybody("could not find @type")),
            error("configuration-duplicate-domain", "The refused routes hold one host twice.")
                    .causes(
                            "An EnvoyFilter adds a virtual host that is there already.",
                            "Two services or VirtualServices give the same name for one port.")
                    .next(
                            "Look for the host that the line names: kubectl get virtualservices,serviceentries -A | grep HOST",
                            REJECTED)
                    .findings("MDX0105", "IST0109", "MDX0232")
                    .when(
                            line(
                                    "warning",
                                    "config source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:160",
                                    "gRPC config for type.googleapis.com/envoy.config.route.v3.RouteConfiguration rejected: Only unique values for domains are permitted. Duplicate entry of domain orders.shop.svc.cluster.local in route 8080"),
                            anybody("Only unique values for domains are permitted")),
            error(
                            "configuration-duplicate-filter-chain",
                            "The refused listener holds two filter chains that match the same.")
                    .causes(
                            "Two Gateways claim the same host and port.",
                            "An EnvoyFilter adds a chain with the match of another.")
                    .next("kubectl get gateways -A: the same host at the same port?", REJECTED)
                    .findings("MDX0105", "IST0145", "MDX0239")
                    .when(
                            line(
                                    "warning",
                                    "config source/extensions/config_subscription/grpc/delta_subscription_state.cc:282",
                                    "delta config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) 0.0.0.0_8443: error adding listener '0.0.0.0:8443': filter chain 'shop' has the same matching rules defined as 'orders'"),
                            anybody("has the same matching rules defined as"),
                            anybody("filter chains with the same matching rules")),
            error(
                            "configuration-duplicate-address",
                            "The refused listener has an address that another listener has already.")
                    .causes(
                            "Two ServiceEntries or Gateways make a listener for the same address and port.",
                            "An EnvoyFilter adds one.")
                    .next(REJECTED, "meshdx proxy-config listeners POD")
                    .findings("MDX0105", "MDX0304")
                    .when(
                            line(
                                    "warning",
                                    "config source/extensions/config_subscription/grpc/delta_subscription_state.cc:282",
                                    "delta config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) extra: error adding listener: 'extra' has duplicate address '0.0.0.0:9080' as existing listener"),
                            anybody("has duplicate address")),
            error(
                            "configuration-field-refused",
                            "The refused configuration has a field or a value that this Envoy does not take.")
                    .causes(
                            "An EnvoyFilter with a misspelt field or a value out of its bounds.",
                            "Proxy and istiod are of different versions.")
                    .next("The line names field and value: " + FILTERS + " -o yaml", REJECTED)
                    .findings("MDX0105", "MDX0304")
                    .when(
                            line(
                                    "warning",
                                    "config source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:160",
                                    "gRPC config for type.googleapis.com/envoy.config.cluster.v3.Cluster rejected: Error adding/updating cluster(s) extra: Proto constraint validation failed (ClusterValidationError.Name: value length must be at least 1 characters)"),
                            anybody("Proto constraint validation failed"),
                            envoy("has unknown fields"),
                            anybody(": ACK ERROR ", "has unknown fields")),
            error("configuration-unknown-cluster", "The refused routes lead to a cluster that the proxy does not have.")
                    .causes("An EnvoyFilter names a cluster that does not exist, or no longer.")
                    .next(REJECTED, "meshdx proxy-config clusters POD")
                    .findings("MDX0105", "MDX0302")
                    .when(
                            line(
                                    "warning",
                                    "config source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:160",
                                    "gRPC config for type.googleapis.com/envoy.config.route.v3.RouteConfiguration rejected: route: unknown cluster 'outbound|80||extra.shop.svc.cluster.local'"),
                            anybody("route: unknown cluster"),
                            anybody("route: unknown weighted cluster")),
            error("configuration-fetch-timeout", "Configuration that the proxy waits for was not sent in time.")
                    .causes(
                            "istiod does not answer.",
                            "What it waits for does not exist: often the TLS secret of a gateway, or routes of a Gateway that is gone.")
                    .next(
                            "Read the type in the line: Secret, RouteConfiguration, ClusterLoadAssignment.",
                            "meshdx proxy-config init POD",
                            "meshdx proxy-status POD")
                    .findings("MDX0305", "MDX0507", "MDX0104")
                    .when(
                            line(
                                    "warning",
                                    "config source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:130",
                                    "gRPC config: initial fetch timed out for type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"),
                            envoy("initial fetch timed out")),
            error(
                            "proxy-bootstrap-refused",
                            "Envoy does not start, because it does not take the configuration that it starts with.")
                    .causes(
                            "A custom bootstrap (annotation or EnvoyFilter with applyTo BOOTSTRAP) has a mistake.",
                            "Image and template of the injection are of different versions.")
                    .next("Read on in the line.", "kubectl get pod POD -o yaml | grep -i bootstrap", FILTERS)
                    .findings("MDX0107", "IST0158")
                    .when(
                            line(
                                    "critical",
                                    "main source/server/server.cc:459",
                                    "error initializing config '{\"node\": {}} etc/istio/proxy/envoy-rev.json': Protobuf message (type envoy.config.bootstrap.v3.Bootstrap reason INVALID_ARGUMENT:no such field: extra) has unknown fields"),
                            envoy("error initializing config")),
            error("certificate-unreadable", "A certificate or key that the proxy was given cannot be read.")
                    .causes(
                            "The secret of a gateway holds something else, or an encrypted key.",
                            "A file that a Gateway or DestinationRule names is missing in the pod.")
                    .next(
                            "istioctl proxy-config secret POD",
                            "openssl x509 -noout -text -in tls.crt",
                            "openssl pkey -noout -in tls.key")
                    .findings("MDX0507", "IST0161", "MDX0282")
                    .when(
                            line(
                                    "warning",
                                    "config source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:160",
                                    "gRPC config for type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret rejected: Failed to load certificate chain from <inline>, only P-256, P-384 or P-521 ECDSA certificates are supported"),
                            anybody("Failed to load certificate chain from"),
                            anybody("Failed to load private key from"),
                            anybody("Failed to load trusted CA certificates from")),
            // Its resources, and its end.
            error("port-conflict", "The proxy could not listen on a port that another process of the pod uses.")
                    .causes(
                            "The application listens on a port of the proxy: 15000 to 15090.",
                            "Two containers of a pod with hostNetwork.")
                    .next("Move the application off the ports 15000 to 15090.", "kubectl exec POD -c APP -- ss -ltnp")
                    .findings("MDX0306")
                    .when(
                            line(
                                    "warning",
                                    "config source/extensions/config_subscription/grpc/delta_subscription_state.cc:282",
                                    "delta config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) virtualInbound: cannot bind '0.0.0.0:15006': Address already in use"),
                            envoy("cannot bind"),
                            envoy("failed to bind"),
                            istio("bind: address already in use")),
            error("proxy-crashed", "Envoy ended by itself or was killed.")
                    .causes(
                            "It was killed for its memory: exit code 137, signal: killed.",
                            "A fault in Envoy, or in a Wasm, Lua or native extension.",
                            "A configuration that it cannot start with.")
                    .next(RESTARTS, PREVIOUS, "A backtrace belongs into a report to Istio, with the proxy's version.")
                    .findings("MDX0108", "MDX0107")
                    .when(
                            "2026-01-02T03:04:05.678901Z\terror\tEnvoy exited with error: signal: segmentation fault",
                            istio("Envoy exited with error"),
                            istio("out of memory killed"),
                            envoy("suspect faulting address"),
                            envoy("Caught Segmentation fault"),
                            envoy("Backtrace"),
                            envoy("assert failure"),
                            raw("terminate called").begins("terminate called"),
                            raw("libc++abi").begins("libc++abi")),
            error("proxy-out-of-memory", "The proxy was killed, most likely because it used more memory than it may.")
                    .causes(
                            "The configuration is large: the proxy is sent the whole mesh.",
                            "Too low a limit for the load: large bodies, many connections.",
                            "Very many statistics.")
                    .next(
                            "kubectl describe pod POD: OOMKilled, exit code 137?",
                            "meshdx proxy-config memory POD",
                            "A Sidecar with egress.hosts makes the configuration smaller; or raise the limit.")
                    .findings("MDX0108")
                    .when(
                            "2026-01-02T03:04:05.678901Z\twarn\tEnvoy may have been out of memory killed. Check memory usage and limits.",
                            istio("out of memory killed"),
                            istio("Envoy exited with error", "signal: killed"),
                            raw("std::bad_alloc").begins("terminate called"),
                            envoy("std::bad_alloc")),
            error("proxy-stuck", "A thread of Envoy made no progress for so long that Envoy ended itself.")
                    .causes(
                            "Far too little CPU: throttling by the limit, or an overloaded node.",
                            "A loop in a Wasm or Lua extension.",
                            "The process was stopped (debugger, frozen node).")
                    .next("kubectl top pod POD --containers", PREVIOUS, "meshdx proxy-config stats POD | grep watchdog")
                    .findings("MDX0108", "MDX0107")
                    .when(
                            line(
                                    "critical",
                                    "assert source/server/guarddog_impl.cc:129",
                                    "panic: GuardDog: one thread (42) stuck for more than watchdog_kill_timeout"),
                            envoy("GuardDog: ")),
            warning("envoy-bug", "Envoy noticed something that should not be, and goes on.")
                    .causes("A fault in Envoy.", "Configuration of an EnvoyFilter that nobody expected.")
                    .next("Report it to Istio, with the line and the proxy's version.", FILTERS)
                    .when(
                            line(
                                    "error",
                                    "envoy_bug source/common/http/conn_manager_impl.cc:1203",
                                    "envoy bug failure: !state_.codec_saw_local_complete_. Details: unexpected state"),
                            envoy("envoy bug failure")),
            error("too-many-open-files", "The process may not open more files or connections.")
                    .causes(
                            "Very many connections, or connections that are never closed.",
                            "The container runtime sets a low limit (nofile).")
                    .next(
                            "kubectl exec POD -c istio-proxy -- cat /proc/1/limits",
                            "Raise nofile of the container runtime; spread the load over more replicas.")
                    .findings("MDX0108")
                    .when(
                            line(
                                    "critical",
                                    "assert source/common/network/tcp_listener_impl.cc:70",
                                    "panic: listener accept failure: Too many open files"),
                            anybody("Too many open files"),
                            envoy("listener accept failure")),
            warning(
                            "overload-action",
                            "The overload manager of the proxy took or ended a measure against overload; requests may be refused with flag OM.")
                    .causes("Memory or connections near their limits.")
                    .next(
                            "meshdx proxy-config memory POD",
                            "kubectl top pod POD --containers",
                            "Raise the limit, or add replicas.")
                    .when(
                            line(
                                    "info",
                                    "main source/server/overload_manager_impl.cc:640",
                                    "Overload action envoy.overload_actions.stop_accepting_requests became active"),
                            envoy("Overload action ")),
            warning(
                            "overload-monitor-blind",
                            "The overload manager cannot measure a resource, so it does not protect the proxy.")
                    .causes("A wrong path or limit in its configuration.", "The node's cgroups are not as it expects.")
                    .next("Read the reason in the line.", FILTERS)
                    .when(
                            line(
                                    "info",
                                    "main source/server/overload_manager_impl.cc:740",
                                    "Failed to update resource envoy.resource_monitors.fixed_heap: failed to read memory"),
                            envoy("Failed to update resource envoy.")),
            info(
                            "no-connection-limit",
                            "The proxy has no limit for the number of connections: said at each start, harmless.")
                    .causes("Nobody set one; Istio sets none for sidecars.")
                    .next("Nothing. At a gateway that faces the internet a limit is worth a thought.")
                    .when(
                            line(
                                    "warning",
                                    "main source/server/server.cc:936",
                                    "There is no configured limit to the number of allowed active downstream connections. Configure a limit in `envoy.resource_monitors.downstream_connections` resource monitor."),
                            envoy("no configured limit to the number of allowed active")),
            info("deprecated-option", "The configuration has an option that will go away one day: harmless now.")
                    .causes("istiod or an EnvoyFilter still writes an old field.")
                    .next("If an EnvoyFilter of yours has it: change it before the next upgrade. " + FILTERS)
                    .findings("IST0002")
                    .when(
                            line(
                                    "warning",
                                    "misc source/common/protobuf/message_validator_impl.cc:21",
                                    "Deprecated field: type envoy.config.cluster.v3.Cluster Using deprecated option 'envoy.config.cluster.v3.Cluster.http2_protocol_options' from file cluster.proto."),
                            envoy("deprecated option"),
                            envoy("deprecated runtime key"),
                            envoy("Deprecated field: ")),
            info("proxy-draining", "The proxy was told to end: it takes no new connections and ends the old ones.")
                    .causes("The pod is being deleted, moved, or rolled out.")
                    .next("kubectl get events --field-selector involvedObject.name=POD")
                    .when(
                            "2026-01-02T03:04:05.678901Z\tinfo\tAgent draining proxy for 5s, then waiting 0s before terminating...",
                            istio("Agent draining proxy"),
                            istio("Graceful termination period"),
                            envoy("caught ENVOY_SIGTERM"),
                            envoy("caught SIGTERM")),
            // Why it closed a connection.
            error(
                            "tcp-connection-not-begun",
                            "A TCP connection was accepted, and no server could be found or reached for it.")
                    .causes(
                            "No endpoint of the service is ready.",
                            "The flag after the colon says which failure it was: UH, UF, NC.")
                    .next("meshdx proxy-config endpoints POD", "Read cluster and flag of the line.")
                    .findings("MDX0401", "MDX0402")
                    .when(
                            closed("tcp_initializion_failure:_UH"),
                            details("tcp_initializion_failure"),
                            details("tcp_initialization_failure")),
            warning("http2-connection-dead", "The client's HTTP/2 connection did not answer a ping, and was closed.")
                    .causes("The client is gone, or hangs.", "The network between drops packets.")
                    .next("Look at the client's pod at that time, and at a load balancer in between.")
                    .findings("MDX0411")
                    .when(closed("http2_ping_timeout"), details("http2_ping_timeout")),
            warning("http2-protocol-violation", "The client broke the rules of HTTP/2, and its connection was closed.")
                    .causes("A faulty client or library.", "An attack that floods the proxy with frames.")
                    .next("Read the client's address in the line, and look which client it is.")
                    .when(
                            closed("http2_connection_protocol_violation"),
                            details("http2_connection_protocol_violation")),
            warning("endpoint-became-unhealthy", "A TCP connection was closed, because its server became unhealthy.")
                    .causes("Outlier detection or a health check took the endpoint out.", "The pod is being deleted.")
                    .next("meshdx proxy-config endpoints POD", "kubectl get pods -o wide | grep ADDRESS")
                    .findings("MDX0303", "MDX0309")
                    .when(
                            closed("non_pooled_tcp_connection_host_health_failure"),
                            details("non_pooled_tcp_connection_host_health_failure")),
            info(
                            "connection-drained",
                            "The proxy closed the connection because its listener was changed, or the proxy ends.")
                    .causes("A change of the configuration of that listener.", "A rollout of the pod.")
                    .next("Nothing, unless clients do not connect again: then look at drainDuration.")
                    .when(
                            closed("deferred_close_on_drained_connection"),
                            details("deferred_close_on_drained_connection")),
            info("connection-too-old", "The connection reached the greatest age that is allowed, and was closed.")
                    .causes("maxConnectionDuration of a DestinationRule, or of the listener.")
                    .next("Clients must connect again; if they cannot, raise it.")
                    .when(closed("max_connection_duration_reached"), details("max_connection_duration_reached")),
            info(
                            "client-did-not-close",
                            "The client left the connection open after the proxy had ended it, and it was closed.")
                    .causes("A client that does not read the end of the answer.")
                    .next("Nothing, unless clients complain.")
                    .when(closed("triggered_delayed_close_timeout"), details("triggered_delayed_close_timeout")),
            // Endpoints.
            warning("outlier-ejection", "Outlier detection took an endpoint out, because it failed too often.")
                    .causes(
                            "That pod fails, or is slow: the line says of what kind.",
                            "A limit of the DestinationRule that is too strict.")
                    .next(
                            "meshdx proxy-config endpoints POD",
                            "Read upstream_url: kubectl get pods -A -o wide | grep ADDRESS")
                    .findings("MDX0309", "MDX0303")
                    .when(
                            "{\"type\":\"CONSECUTIVE_5XX\",\"cluster_name\":\"outbound|8080||orders.shop.svc.cluster.local\",\"upstream_url\":\"10.0.1.7:8080\",\"action\":\"EJECT\",\"num_ejections\":1,\"enforced\":true,\"eject_consecutive_event\":{}}",
                            raw("\"action\":\"EJECT\"", "\"upstream_url\":")
                                    .begins("{")
                                    .unless("\"enforced\":false")),
            info("outlier-return", "Outlier detection let an endpoint back in.")
                    .causes("The time of its ejection is over.")
                    .next("Look for outlier-ejection before and after: does it go round?")
                    .findings("MDX0309")
                    .when(
                            "{\"cluster_name\":\"outbound|8080||orders.shop.svc.cluster.local\",\"upstream_url\":\"10.0.1.7:8080\",\"action\":\"UNEJECT\",\"num_ejections\":1,\"enforced\":false}",
                            raw("\"action\":\"UNEJECT\"", "\"upstream_url\":").begins("{")),
            warning("health-check-ejection", "The active health check of a proxy took an endpoint out.")
                    .causes("That pod does not answer the check, or answers with a failure.")
                    .next(
                            "meshdx proxy-config endpoints POD",
                            "Ask the pod what the check asks: an EnvoyFilter defines it. " + FILTERS)
                    .findings("MDX0303", "MDX0402")
                    .when(
                            "{\"health_checker_type\":\"HTTP\",\"host\":{\"socket_address\":{\"address\":\"10.0.1.7\",\"port_value\":8080}},\"cluster_name\":\"outbound|8080||orders.shop.svc.cluster.local\",\"eject_unhealthy_event\":{\"failure_type\":\"ACTIVE\"}}",
                            raw("\"eject_unhealthy_event\":", "\"health_checker_type\":")
                                    .begins("{")),
            // Extensions.
            error("wasm-failed", "A Wasm extension could not be loaded, or failed.")
                    .causes(
                            "It needs another version of the ABI, or a wrong configuration.",
                            "It failed while it worked (a trap).",
                            "Failing closed, it refuses all requests.")
                    .next(
                            "kubectl get wasmplugins -A",
                            "kubectl get wasmplugin NAME -o yaml: pluginConfig, failStrategy")
                    .findings("MDX0105")
                    .when(
                            line(
                                    "critical",
                                    "wasm source/extensions/common/wasm/wasm.cc:471",
                                    "Plugin configured to fail closed failed to load"),
                            envoy("Plugin configured to fail").in("wasm").begins("Plugin configured to fail"),
                            envoy("Wasm VM failed").in("wasm").begins("Wasm VM failed"),
                            envoy("Failed to load Wasm").in("wasm").begins("Failed to load Wasm"),
                            envoy("Failed to initialize Wasm").in("wasm").begins("Failed to initialize Wasm"),
                            envoy("Function: proxy_on_").in("wasm").begins("Function: proxy_on_")),
            error("lua-failed", "A Lua script of an EnvoyFilter failed; that request went on without it.")
                    .causes(
                            "The script asks for a header or value that is not there (nil).",
                            "A mistake in the script.")
                    .next("The line names place and reason.", FILTERS + " -o yaml | grep -n -A20 inlineCode")
                    .when(
                            line(
                                    "error",
                                    "lua source/extensions/filters/http/lua/lua_filter.cc:1005",
                                    "script log: [string \"function envoy_on_request(handle)...\"]:3: attempt to concatenate a nil value"),
                            envoy("script log: [string \"").in("lua").begins("script log: [string \"")),
            // Decisions that are only told at the level debug.
            warning(
                            "rbac-engine-denied",
                            "The proxy's authorization denied a request or connection, and the line says by which policy.")
                    .causes(
                            "A DENY policy matched: it is named.",
                            "none: there are ALLOW policies, and none of them matched.")
                    .next("The line before, checking request, holds what was compared.", "meshdx authz POD")
                    .findings("MDX0408")
                    .when(
                            line(
                                    "debug",
                                    "rbac source/extensions/filters/http/rbac/rbac_filter.cc:252",
                                    "enforced denied, matched policy ns[shop]-policy[deny-admin]-rule[0]"),
                            envoy("enforced denied, matched policy")
                                    .in("rbac")
                                    .begins("enforced denied, matched policy"),
                            envoy("enforced denied, connection").in("rbac").begins("enforced denied, connection")),
            info(
                            "rbac-engine-would-deny",
                            "A policy that is only tried (dry-run) would deny this; nothing was denied by it.")
                    .causes("The AuthorizationPolicy has the annotation istio.io/dry-run.")
                    .next("Read the name in the line before you take dry-run away.")
                    .when(
                            line(
                                    "debug",
                                    "rbac source/extensions/filters/http/rbac/rbac_filter.cc:217",
                                    "shadow denied, matched policy ns[shop]-policy[try]-rule[0]"),
                            envoy("shadow denied, matched policy").in("rbac").begins("shadow denied, matched policy")),
            error("no-filter-chain", "The proxy closed a connection because no filter chain takes it.")
                    .causes(
                            "Plain text to a port with STRICT mutual TLS.",
                            "A server name (SNI) that the gateway does not know, or none.")
                    .next("meshdx proxy-config listeners POD", "meshdx mtls --from POD")
                    .findings("MDX0413", "MDX0501")
                    .when(
                            line(
                                    "debug",
                                    "conn_handler source/common/listener_manager/active_stream_listener_base.cc:50",
                                    "closing connection from 10.0.0.5:36770: no matching filter chain found"),
                            envoy("no matching filter chain found")
                                    .in("conn_handler")
                                    .begins("closing connection")));

    private EnvoyPatterns() {}

    private static String closed(String reason) {
        return "[2026-01-02T03:04:05.678Z] \"- - -\" 0 - downstream_local_disconnect{" + reason
                + "} - \"-\" 0 0 11 - \"-\" \"-\" \"-\" \"-\" \"10.0.1.7:3306\" outbound|3306||db.shop.svc.cluster.local"
                + " 10.0.2.9:51240 10.96.4.2:3306 10.0.2.9:51234 - -";
    }

    private static String line(String level, String source, String message) {
        return "2026-01-02T03:04:05.678901Z\t" + level + "\tenvoy " + source + "\t" + message + "\tthread=22";
    }
}
