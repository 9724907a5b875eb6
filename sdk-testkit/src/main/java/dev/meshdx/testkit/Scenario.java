package dev.meshdx.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Fake meshes in known states, each with the diagnosis that must come out. All are the same small bookshop: a client
 * {@code web} that calls {@code reviews} (v1, v2) and {@code payments}, {@code reviews} calls {@code ratings}, customers come
 * through an ingress gateway; {@code production} accepts plain text too, {@code payments} demands mutual TLS.
 *
 * <p>{@link #builder()} gives the mesh, ready to be started or changed further:
 *
 * <pre>{@code
 * Scenario.byName("mtls-conflict").builder().clock(Instant.parse("2026-03-01T12:00:00Z"))
 * }</pre>
 */
public enum Scenario {
    /** Everything works. */
    HEALTHY(
            "healthy",
            "Everything works",
            "All proxies are in sync, all requests are answered. A diagnosis must stay silent.",
            "production",
            "web",
            Set.of(),
            List.of()) {
        @Override
        void describe(FakeMeshBuilder mesh) {}
    },

    /** A path that differs from the route in case. */
    PATH_CASE(
            "path-case",
            "A path that differs from the route only in case",
            "The only route of VirtualService production/reviews matches the prefix /api/v1/Reviews; the client asks for"
                    + " /api/v1/reviews and gets 404, because path matching is case-sensitive.",
            "production",
            "web",
            Set.of("MDX0301"),
            List.of("/api/v1/reviews", "/api/v1/Reviews", "case")) {
        @Override
        void describe(FakeMeshBuilder mesh) {
            mesh.yaml("""
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata:
                      name: reviews
                      namespace: production
                    spec:
                      hosts: [reviews]
                      http:
                        - name: api
                          match:
                            - uri:
                                prefix: /api/v1/Reviews
                          route:
                            - destination:
                                host: reviews
                    """);
            mesh.traffic("production/web", traffic -> {
                traffic.get("http://reviews:9080/api/v1/Reviews/7");
                traffic.get("http://reviews:9080/api/v1/reviews/7").times(6);
            });
        }
    },

    /** A route to a subset that no DestinationRule defines. */
    MISSING_SUBSET(
            "missing-subset",
            "A route to a subset that nobody defines",
            "VirtualService production/reviews sends everything to subset v3; DestinationRule production/reviews defines v1"
                    + " and v2 only. The cluster does not exist, and requests get 503.",
            "production",
            "web",
            Set.of("MDX0302", "IST0101"),
            List.of("v3", "reviews", "subset")) {
        @Override
        void describe(FakeMeshBuilder mesh) {
            mesh.yaml("""
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata:
                      name: reviews
                      namespace: production
                    spec:
                      hosts: [reviews]
                      http:
                        - route:
                            - destination:
                                host: reviews
                                subset: v3
                    """);
            mesh.traffic(
                    "production/web",
                    traffic -> traffic.get("http://reviews:9080/reviews/1").times(6));
        }
    },

    /** A route to a host that does not exist. */
    HOST_UNKNOWN(
            "host-unknown",
            "A route to a host that does not exist",
            "VirtualService production/ratings routes to ratings-v2, for which there is neither a Service nor a"
                    + " ServiceEntry.",
            "production",
            "web",
            Set.of("MDX0302", "IST0101"),
            List.of("ratings-v2")) {
        @Override
        void describe(FakeMeshBuilder mesh) {
            mesh.yaml("""
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata:
                      name: ratings
                      namespace: production
                    spec:
                      hosts: [ratings]
                      http:
                        - route:
                            - destination:
                                host: ratings-v2
                    """);
            mesh.traffic(
                    "production/web",
                    traffic -> traffic.get("http://ratings:9080/ratings/1").times(6));
        }
    },

    /** The client sends plain text to a server that demands mutual TLS. */
    MTLS_CONFLICT(
            "mtls-conflict",
            "The client sends plain text to a STRICT server",
            "PeerAuthentication payments/default is STRICT, but DestinationRule production/payments-plain turns TLS off for"
                    + " the clients of production. Their requests end with 503 UC, and the server logs"
                    + " filter_chain_not_found.",
            "production",
            "web",
            Set.of("MDX0501", "IST0113"),
            List.of("STRICT", "payments", "DISABLE")) {
        @Override
        void describe(FakeMeshBuilder mesh) {
            mesh.yaml("""
                    apiVersion: networking.istio.io/v1
                    kind: DestinationRule
                    metadata:
                      name: payments-plain
                      namespace: production
                    spec:
                      host: payments.payments.svc.cluster.local
                      trafficPolicy:
                        tls:
                          mode: DISABLE
                    """);
            mesh.traffic(
                    "production/web",
                    traffic ->
                            traffic.get("http://payments.payments:8080/pay/1").times(6));
        }
    },

    /** A service without endpoints. */
    NO_HEALTHY_UPSTREAM(
            "no-healthy-upstream",
            "A service without a ready pod",
            "The only pod of production/ratings is in CrashLoopBackOff, so Service ratings has no ready endpoint and"
                    + " requests get 503 'no healthy upstream'.",
            "production",
            "web",
            Set.of("MDX0303", "MDX0402"),
            List.of("ratings", "endpoint")) {
        @Override
        void describe(FakeMeshBuilder mesh) {
            mesh.namespace(
                    "production",
                    namespace -> namespace.workload("ratings-v1", workload -> workload.down("CrashLoopBackOff")));
            mesh.traffic(
                    "production/web",
                    traffic -> traffic.get("http://ratings:9080/ratings/1").times(6));
        }

        @Override
        boolean ratingsWork() {
            return false;
        }
    },

    /** A server with an expired certificate. */
    CERTIFICATE_EXPIRED(
            "certificate-expired",
            "A server with an expired workload certificate",
            "The certificate of production/ratings expired two days ago and was not renewed; clients refuse it with"
                    + " CERTIFICATE_VERIFY_FAILED.",
            "production",
            "ratings-v1",
            Set.of("MDX0502"),
            List.of("ratings", "expired")) {
        @Override
        void describe(FakeMeshBuilder mesh) {
            mesh.namespace(
                    "production",
                    namespace -> namespace.workload(
                            "ratings-v1", workload -> workload.certificateExpired(Duration.ofDays(2))));
            mesh.traffic(
                    "production/web",
                    traffic -> traffic.get("http://ratings:9080/ratings/1").times(6));
        }

        @Override
        boolean ratingsWork() {
            return false;
        }
    },

    /** No control plane runs. */
    ISTIOD_DOWN(
            "istiod-down",
            "The control plane is gone",
            "No istiod runs (CrashLoopBackOff). Proxies keep their last configuration and traffic flows, but the"
                    + " VirtualService production/reviews that was applied since does not reach them.",
            "production",
            "web",
            Set.of("MDX0101"),
            List.of("istiod", "CrashLoopBackOff")) {
        @Override
        void describe(FakeMeshBuilder mesh) {
            mesh.istiod(istiod -> istiod.down("CrashLoopBackOff"));
            mesh.change(REVIEWS_TO_V2);
        }
    },

    /** A proxy that does not acknowledge its configuration. */
    STALE_PROXY(
            "stale-proxy",
            "A proxy that no longer acknowledges configuration",
            "The proxy of production/web lost its connection to istiod, which has not noticed: the change of VirtualService"
                    + " production/reviews was sent but never acknowledged (STALE), and the client still sends to v1.",
            "production",
            "web",
            Set.of("MDX0104"),
            List.of("STALE", "web")) {
        @Override
        void describe(FakeMeshBuilder mesh) {
            mesh.namespace("production", namespace -> namespace.workload("web", FakeWorkload::stale));
            mesh.change(REVIEWS_TO_V2);
        }
    },

    /** A proxy that rejects its configuration. */
    PROXY_NACK(
            "proxy-nack",
            "A proxy that rejects its configuration",
            "The proxy of production/web refuses the last push of listeners (NACK) and keeps the old ones.",
            "production",
            "web",
            Set.of("MDX0105"),
            List.of("refuses", "listener")) {
        @Override
        void describe(FakeMeshBuilder mesh) {
            mesh.namespace(
                    "production",
                    namespace -> namespace.workload(
                            "web",
                            workload -> workload.rejectsListeners("Didn't find a registered implementation for"
                                    + " 'example.filter' with type URL: 'example.filters.Missing'")));
        }
    };

    private static final String REVIEWS_TO_V2 = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: reviews-v2
              namespace: production
            spec:
              hosts: [reviews]
              http:
                - name: to-v2
                  route:
                    - destination:
                        host: reviews
                        subset: v2
            """;

    private final String id;
    private final String title;
    private final String description;
    private final String namespace;
    private final String workload;

    @SuppressWarnings("ImmutableEnumChecker") // Set.copyOf
    private final Set<String> codes;

    @SuppressWarnings("ImmutableEnumChecker") // List.copyOf
    private final List<String> words;

    Scenario(
            String id,
            String title,
            String description,
            String namespace,
            String workload,
            Set<String> codes,
            List<String> words) {
        this.id = id;
        this.title = title;
        this.description = description;
        this.namespace = namespace;
        this.workload = workload;
        this.codes = Set.copyOf(codes);
        this.words = List.copyOf(words);
    }

    /** All scenarios, the healthy one first. */
    public static List<Scenario> all() {
        return List.of(values());
    }

    /**
     * A scenario by name.
     *
     * @throws IllegalArgumentException if there is none; the message lists those that there are
     */
    public static Scenario byName(String name) {
        return Arrays.stream(values())
                .filter(scenario -> scenario.id.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no scenario " + name + "; there are "
                        + String.join(", ", all().stream().map(Scenario::id).toList())));
    }

    /** Its name, such as {@code path-case}. */
    public String id() {
        return id;
    }

    /** A line about it. */
    public String title() {
        return title;
    }

    /** What is wrong and how it shows: the right diagnosis in words. */
    public String description() {
        return description;
    }

    /** The namespace of the pod to diagnose. */
    public String namespace() {
        return namespace;
    }

    /** The workload of the pod to diagnose. */
    public String workload() {
        return workload;
    }

    /** The pod to diagnose, for the default seed. */
    public String pod() {
        return FakeMeshBuilder.podName(1, namespace, workload, 0);
    }

    /** Codes of findings that a diagnosis of that pod must have; empty where it must have none. */
    public Set<String> expectedCodes() {
        return codes;
    }

    /** Words that the diagnosis of the root cause must contain, in any case. */
    public List<String> expectedWords() {
        return words;
    }

    /** The mesh in this state, which may be changed further. */
    public FakeMeshBuilder builder() {
        FakeMeshBuilder mesh = FakeMeshBuilder.create();
        bookshop(mesh);
        describe(mesh);
        return mesh;
    }

    /** Its name, as {@link #id()}. */
    @Override
    public String toString() {
        return id;
    }

    abstract void describe(FakeMeshBuilder mesh);

    /** Whether requests for ratings belong to the traffic that works. */
    boolean ratingsWork() {
        return true;
    }

    private void bookshop(FakeMeshBuilder mesh) {
        mesh.namespace(
                "production",
                namespace -> namespace
                        .injected()
                        .workload(
                                "web",
                                workload -> workload.version("v1")
                                        .port("http", 8080)
                                        .replicas(2))
                        .workload(
                                "reviews-v1",
                                workload -> workload.app("reviews")
                                        .version("v1")
                                        .serviceAccount("reviews")
                                        .port("http", 9080))
                        .workload(
                                "reviews-v2",
                                workload -> workload.app("reviews")
                                        .version("v2")
                                        .serviceAccount("reviews")
                                        .port("http", 9080)
                                        .nativeSidecar())
                        .workload(
                                "ratings-v1",
                                workload -> workload.app("ratings")
                                        .version("v1")
                                        .serviceAccount("ratings")
                                        .port("http", 9080))
                        .service("web", service -> service.port("http", 8080))
                        .service("reviews", service -> service.port("http", 9080))
                        .service("ratings", service -> service.port("http", 9080)));
        mesh.namespace(
                "payments",
                namespace -> namespace
                        .injected()
                        .mtls(PeerAuthenticationMode.STRICT)
                        .workload("payments", workload -> workload.version("v1").port("http", 8080))
                        .service("payments", service -> service.port("http", 8080)));
        mesh.namespace(
                "ingress",
                namespace -> namespace
                        .injected()
                        .workload(
                                "ingressgateway",
                                workload ->
                                        workload.gateway().port("http", 8080).label("istio", "ingressgateway"))
                        .service("ingressgateway", service -> service.port("http2", 80, 8080)));
        mesh.yaml("""
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata:
                  name: reviews
                  namespace: production
                spec:
                  host: reviews
                  subsets:
                    - name: v1
                      labels: {version: v1}
                    - name: v2
                      labels: {version: v2}
                ---
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata:
                  name: shop
                  namespace: ingress
                spec:
                  selector:
                    istio: ingressgateway
                  servers:
                    - port: {number: 80, name: http, protocol: HTTP}
                      hosts: [shop.example.com]
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata:
                  name: shop
                  namespace: production
                spec:
                  hosts: [shop.example.com]
                  gateways: [ingress/shop]
                  http:
                    - name: web
                      route:
                        - destination:
                            host: web
                """);
        mesh.traffic(
                "ingress/ingressgateway",
                traffic -> traffic.get("http://shop.example.com/").times(3));
        if (this != MTLS_CONFLICT) {
            mesh.traffic(
                    "production/web",
                    traffic ->
                            traffic.get("http://payments.payments:8080/pay/1").times(3));
        }
        if (this != PATH_CASE && this != MISSING_SUBSET) {
            mesh.traffic(
                    "production/web",
                    traffic -> traffic.get("http://reviews:9080/reviews/1").times(4));
        }
        if (ratingsWork() && this != HOST_UNKNOWN) {
            mesh.traffic(
                    "production/reviews-v1",
                    traffic -> traffic.get("http://ratings:9080/ratings/1").times(3));
        }
    }
}
