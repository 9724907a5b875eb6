package dev.meshdx.testkit;

import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.NamespaceSpec;
import dev.meshdx.testkit.internal.mesh.ServiceSpec;
import dev.meshdx.testkit.internal.mesh.WorkloadSpec;
import dev.meshdx.testkit.internal.mesh.Yaml;
import java.util.Map;
import java.util.function.Consumer;

/** A namespace of a fake mesh under construction. Used by one thread. */
public final class FakeNamespace {
    private final MeshSpec mesh;
    private final NamespaceSpec spec;

    FakeNamespace(MeshSpec mesh, NamespaceSpec spec) {
        this.mesh = mesh;
        this.spec = spec;
    }

    /** Labels it {@code istio-injection=enabled}: its workloads get a sidecar unless they refuse it. */
    public FakeNamespace injected() {
        return label("istio-injection", "enabled");
    }

    /** Labels it {@code istio.io/rev=REVISION}: its workloads get a sidecar of that control plane. */
    public FakeNamespace revision(String revision) {
        return label("istio.io/rev", revision);
    }

    /** A label. */
    public FakeNamespace label(String name, String value) {
        spec.labels.put(name, value);
        return this;
    }

    /** A PeerAuthentication named {@code default} with this mode. */
    public FakeNamespace mtls(PeerAuthenticationMode mode) {
        spec.mtls = mode.name();
        return this;
    }

    /** A workload: a Deployment, its ReplicaSet, its pods and their service account. A second call with its name adds to it. */
    public FakeNamespace workload(String name, Consumer<FakeWorkload> workload) {
        workload.accept(new FakeWorkload(spec.workloads.computeIfAbsent(name, WorkloadSpec::new)));
        return this;
    }

    /** A Service. Its selector is {@code app=NAME} unless it names one. A second call with its name adds to it. */
    public FakeNamespace service(String name, Consumer<FakeService> service) {
        service.accept(new FakeService(spec.services.computeIfAbsent(name, ServiceSpec::new)));
        return this;
    }

    /**
     * Objects in YAML, one or several documents; those without a namespace belong to this one. Deployments get pods, Services
     * get addresses and endpoints, Istio's objects reach the proxies.
     *
     * @throws IllegalArgumentException if it is not YAML or holds a kind that meshdx does not know
     */
    public FakeNamespace yaml(String manifest) {
        for (Map<String, Object> object : Yaml.objects(manifest)) {
            mesh.objects.add(FakeMeshBuilder.inNamespace(object, spec.name));
        }
        return this;
    }
}
