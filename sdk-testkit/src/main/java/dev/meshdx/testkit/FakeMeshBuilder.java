package dev.meshdx.testkit;

import dev.meshdx.testkit.internal.ClusterState;
import dev.meshdx.testkit.internal.istiod.Pilot;
import dev.meshdx.testkit.internal.mesh.Cluster;
import dev.meshdx.testkit.internal.mesh.IstiodSpec;
import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.Names;
import dev.meshdx.testkit.internal.mesh.NamespaceSpec;
import dev.meshdx.testkit.internal.mesh.Yaml;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Describes a fake mesh in the terms of the field: namespaces, workloads with or without sidecar, services, Istio's objects,
 * control planes, and requests that were sent.
 *
 * <pre>{@code
 * FakeMesh.builder()
 *         .namespace("production", ns -> ns.injected()
 *                 .workload("web", w -> w.port("http", 8080).replicas(2).version("v1"))
 *                 .service("web", s -> s.port("http", 8080)))
 *         .yaml("""
 *               apiVersion: networking.istio.io/v1
 *               kind: VirtualService
 *               ...""")
 *         .traffic("production/web", t -> t.get("http://reviews:9080/reviews/1").times(3))
 * }</pre>
 *
 * <p>A small control plane of its own turns that into what a real cluster would hold: Kubernetes objects with statuses, Envoy's
 * admin pages for each proxy (with real certificates of one CA), istiod's debug pages, and logs. Its translation follows what
 * istiod was seen to send, for the parts that a diagnosis reads. Of {@code Sidecar} it knows the hosts of {@code egress} and
 * {@code outboundTrafficPolicy}; it knows no {@code EnvoyFilter}, {@code AuthorizationPolicy} and no Gateway API: such objects
 * are served as they are but change no proxy.
 *
 * <p>Everything is derived from the {@linkplain #seed seed} and the {@linkplain #clock(Instant) clock}: the same description
 * gives the same mesh, to the letter. Used by one thread.
 */
public final class FakeMeshBuilder {
    private final MeshSpec spec = new MeshSpec();

    private FakeMeshBuilder() {}

    /** A mesh with one healthy control plane and nothing else. */
    public static FakeMeshBuilder create() {
        return new FakeMeshBuilder();
    }

    /** A namespace. A second call with its name adds to it. */
    public FakeMeshBuilder namespace(String name, Consumer<FakeNamespace> namespace) {
        namespace.accept(new FakeNamespace(spec, spec.namespaces.computeIfAbsent(name, NamespaceSpec::new)));
        return this;
    }

    /**
     * Objects in YAML, one or several documents; namespaced ones without a namespace belong to {@code default}. Deployments get
     * pods, Services get addresses and endpoints, Istio's objects reach the proxies.
     *
     * @throws IllegalArgumentException if it is not YAML or holds a kind that meshdx does not know
     */
    public FakeMeshBuilder yaml(String manifest) {
        spec.objects.addAll(Yaml.objects(manifest));
        return this;
    }

    /**
     * Objects in YAML that were applied eight minutes ago: a proxy that is {@linkplain FakeWorkload#stale() stale}, or whose
     * control plane is {@linkplain FakeIstiod#down down}, does not know them yet.
     *
     * @throws IllegalArgumentException if it is not YAML or holds a kind that meshdx does not know
     */
    public FakeMeshBuilder change(String manifest) {
        spec.changes.addAll(Yaml.objects(manifest));
        return this;
    }

    /** A control plane; without a call there is one healthy istiod. Each further revision needs a call of its own. */
    public FakeMeshBuilder istiod(Consumer<FakeIstiod> istiod) {
        IstiodSpec added = new IstiodSpec();
        istiod.accept(new FakeIstiod(added));
        spec.istiods.removeIf(known -> known.revision.equals(added.revision));
        spec.istiods.add(added);
        return this;
    }

    /** The mesh forbids traffic to unknown hosts ({@code outboundTrafficPolicy: REGISTRY_ONLY}). */
    public FakeMeshBuilder registryOnly() {
        spec.registryOnly = true;
        return this;
    }

    /** The trust domain; {@code cluster.local} unless told. */
    public FakeMeshBuilder trustDomain(String trustDomain) {
        spec.trustDomain = trustDomain;
        return this;
    }

    /**
     * Requests that a workload sent.
     *
     * @param from namespace and workload, such as {@code production/web}; a gateway stands for clients outside of the mesh
     */
    public FakeMeshBuilder traffic(String from, Consumer<FakeTraffic> traffic) {
        traffic.accept(new FakeTraffic(spec, from));
        return this;
    }

    /** A namespace {@code scale} with so many injected workloads, each with one pod and a service of its own. */
    public FakeMeshBuilder workloads(int count) {
        return namespace("scale", namespace -> {
            namespace.injected();
            for (int i = 0; i < count; i++) {
                String name = String.format(Locale.ROOT, "app-%04d", i);
                namespace
                        .workload(name, workload -> workload.port("http", 8080).version("v1"))
                        .service(name, service -> service.port("http", 8080));
            }
        });
    }

    /**
     * A namespace {@code many} with so many services, each with two endpoints, and a workload {@code client} whose proxy knows
     * them all: 5,000 give a config dump of some 19 MB. The services are exported to their own namespace only, so that the
     * proxies of other namespaces stay small.
     */
    public FakeMeshBuilder services(int count) {
        for (int i = 0; i < count; i++) {
            String name = String.format(Locale.ROOT, "service-%05d", i);
            Map<String, Object> metadata = Map.of(
                    "name", name, "namespace", "many", "annotations", Map.of("networking.istio.io/exportTo", "."));
            String third = i / 250 + "." + (i % 250 + 1);
            spec.objects.add(Map.of(
                    "apiVersion",
                    "v1",
                    "kind",
                    "Service",
                    "metadata",
                    metadata,
                    "spec",
                    Map.of(
                            "clusterIP",
                            "10.120." + third,
                            "ports",
                            List.of(Map.of("name", "http", "port", 8080, "targetPort", 8080)))));
            spec.objects.add(Map.of(
                    "apiVersion",
                    "discovery.k8s.io/v1",
                    "kind",
                    "EndpointSlice",
                    "metadata",
                    Map.of("name", name, "namespace", "many", "labels", Map.of("kubernetes.io/service-name", name)),
                    "addressType",
                    "IPv4",
                    "ports",
                    List.of(Map.of("name", "http", "port", 8080, "protocol", "TCP")),
                    "endpoints",
                    List.of(
                            Map.of("addresses", List.of("10.121." + third)),
                            Map.of("addresses", List.of("10.122." + third)))));
        }
        return namespace(
                "many", namespace -> namespace.injected().workload("client", client -> client.port("http", 80)));
    }

    /** When it is now: certificates, ages and logs are counted back from there. The system's time unless told. */
    public FakeMeshBuilder clock(Clock clock) {
        spec.clock = clock;
        return this;
    }

    /** As {@link #clock(Clock)}, standing still. */
    public FakeMeshBuilder clock(Instant now) {
        return clock(Clock.fixed(now, ZoneOffset.UTC));
    }

    /** Another seed gives other names, addresses excepted. */
    public FakeMeshBuilder seed(long seed) {
        spec.seed = seed;
        return this;
    }

    /** Starts the mesh. */
    public FakeMesh start() {
        return FakeMesh.start(build());
    }

    /** What the cluster holds. The dumps are computed when they are read. */
    ClusterState build() {
        Cluster cluster = Cluster.create(spec);
        Pilot.run(cluster);
        return cluster.state();
    }

    /** The object in a namespace, unless it names one. */
    static Map<String, Object> inNamespace(Map<String, Object> object, String namespace) {
        Map<String, Object> copy = new LinkedHashMap<>(object);
        Map<String, Object> metadata = new LinkedHashMap<>();
        if (object.get("metadata") instanceof Map<?, ?> given) {
            given.forEach((key, value) -> metadata.put(String.valueOf(key), value));
        }
        metadata.putIfAbsent("namespace", namespace);
        copy.put("metadata", metadata);
        return copy;
    }

    /** The name of a pod of a mesh with this seed. */
    static String podName(long seed, String namespace, String workload, int replica) {
        return new Names(seed).pod(namespace, workload, replica);
    }
}
